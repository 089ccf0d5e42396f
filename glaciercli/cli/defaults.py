"""Defaults of a command's options, as the configuration gives them: ``[defaults.retrieve]``."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from glaciercli.cli.commands import ALIASES, COMMANDS
from glaciercli.config.environment import process_environment

if TYPE_CHECKING:
    from glaciercli.config.file import ConfigFile

#: What stands on the line or nowhere: a yes for all that will ever be asked is none.
_SPOKEN = ("yes", "confirm", "dry-run")


class Context(click.Context):
    """A context that looks up what a line leaves open in the configuration."""

    _configured: Mapping[str, Any] | None = None

    # Click's own is overloaded for callables, which a configuration never holds.
    def lookup_default(self, name: str, call: bool = True) -> Any:  # noqa: ARG002, FBT001, FBT002 - Click's signature
        """Return what the configuration says of a parameter, or ``None``.

        By now ``--config`` has been read, wherever on the line it stood: it is eager, and Click
        takes what a line gives before what it leaves open.
        """
        words = _words(self)
        # A broken configuration hinders neither completion nor looking after it.
        if self.resilient_parsing or words[:1] == ["config"]:
            return None
        if self._configured is None:
            self._configured = of_command(self.command, words, self.find_root().obj or {})
        return self._configured.get(name)


def check_all(flags: Mapping[str, Any]) -> None:
    """Raise ``BadUsage`` where the configuration gives any command what it does not take."""
    from glaciercli.config.file import read

    file = read(flags.get("config"), process_environment())
    for name in _commands(file):
        module, _ = COMMANDS[name]
        _check(import_module(f"glaciercli.cli.commands.{module}").command, (name,), file)


def of_command(
    command: click.Command, words: Sequence[str], flags: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what the configuration says of a command's options, by the names of parameters.

    Raises ``BadUsage`` for a command or an option that there is not, or a value of another kind.
    """
    from glaciercli.config.file import read

    file = read(flags.get("config"), process_environment())
    _commands(file)
    return _values(command, words, file)


def _commands(file: "ConfigFile") -> Mapping[str, Any]:
    """Return the tables of the commands, each of which there is."""
    tables: Mapping[str, Any] = file.get("defaults") or {}
    for name in tables:
        if name not in COMMANDS:
            raise file.unknown(("defaults", name), tuple(COMMANDS))
    return tables


def _check(command: click.Command, words: tuple[str, ...], file: "ConfigFile") -> None:
    if not isinstance(command, click.Group):
        _values(command, words, file)
        return
    for name in _table(words, file):
        if name not in command.commands:
            raise file.unknown(("defaults", *words, name), tuple(command.commands))
        _check(command.commands[name], (*words, name), file)


def _table(words: Sequence[str], file: "ConfigFile") -> Mapping[str, Any]:
    table = file.get("defaults", *words) or {}
    if not isinstance(table, dict):
        keys = ("defaults", *words)
        raise file.wrong(keys, f"defaults are tables, as in [{'.'.join(keys)}]")
    return table


def _values(command: click.Command, words: Sequence[str], file: "ConfigFile") -> dict[str, Any]:
    table = _table(words, file)
    found = {}
    for key, value in table.items():
        keys = ("defaults", *words, key)
        option = _option(command, file, keys)
        assert option.name is not None
        found[option.name] = _given(option, value, file, keys)
    return found


def _words(context: click.Context) -> list[str]:
    """Return the words of a command, without the program's."""
    words = []
    at: click.Context | None = context
    while at is not None and at.parent is not None:
        name = at.command.name or ""
        words.append(ALIASES.get(name, name))
        at = at.parent
    return words[::-1]


def _option(command: click.Command, file: "ConfigFile", keys: tuple[str, ...]) -> click.Option:
    """Return the option of a name without its dashes."""
    own = getattr(command, "own_params", ())
    options = {
        spelling.removeprefix("--"): one
        for one in own
        if isinstance(one, click.Option)
        for spelling in one.opts
        if spelling.startswith("--")
    }
    name = keys[-1]
    if name in _SPOKEN and name in options:
        raise file.wrong(keys, f"--{name} is said on the line, each time anew")
    if name not in options:
        raise file.unknown(keys, tuple(sorted(set(options) - set(_SPOKEN))))
    return options[name]


def _given(option: click.Option, value: object, file: "ConfigFile", keys: tuple[str, ...]) -> Any:
    """Return a value in the form in which Click takes it from a line."""
    if option.is_flag:
        if isinstance(value, bool):
            return value
        raise file.wrong(keys, f'"{keys[-1]}" is true or false')
    several = value if isinstance(value, list) else [value]
    is_odd = any(isinstance(one, bool | dict | list) for one in several)
    if is_odd or (isinstance(value, list) and not option.multiple):
        kind = "a list of texts" if option.multiple else "a text or a number"
        raise file.wrong(keys, f'"{keys[-1]}" is {kind}')
    texts = [str(one) for one in several]
    return texts if option.multiple else texts[0]
