"""The configuration file: read, and refused where nothing would read what it says."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from glaciercli import errors
from glaciercli.config.environment import Environment

if TYPE_CHECKING:
    from decimal import Decimal

#: A longer file is no configuration; parsing it could take minutes.
_LARGEST_FILE = 256 * 1024

_TEXT, _NUMBER, _SWITCH, _TABLE = "a text", "a whole number", "true or false", "a table"

_TOP_KEYS = {
    "store": _TEXT,
    "key_map": _TEXT,
    "output": _TEXT,
    "jobs": _NUMBER,
    "snapshot_limit": _NUMBER,
    "stores": _TABLE,
    "prices": _TABLE,
    "defaults": _TABLE,
}
_STORE_KEYS = {
    "kind": _TEXT,
    "region": _TEXT,
    "profile": _TEXT,
    "endpoint_url": _TEXT,
    "account_id": _TEXT,
    "data": _TEXT,
    "billed": _SWITCH,
    "same_region": _SWITCH,
}
_KINDS = ("glacier", "local")


_MANUAL = "the manual page glaciercli-config says what may stand there"
_ELSEWHERE = "--config FILE and GLACIERCLI_CONFIG name the one that counts"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """What the file says; one that does not exist says nothing."""

    path: str
    exists: bool = True
    text: str = ""
    table: Mapping[str, Any] = field(default_factory=dict)

    def get(self, *keys: str) -> Any:
        """Return what stands under keys, each in the table of the one before; or ``None``."""
        found: Any = self.table
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def place(self, *keys: str) -> str:
        """Return the file, and the line on which something in it is given."""
        from glaciercli.config.lines import line_of

        line = line_of(self.text, keys)
        return f'"{self.path}"' if line is None else f'"{self.path}", line {line}'

    def wrong(self, keys: tuple[str, ...], words: str) -> errors.BadUsage:
        """Return the error for what stands under keys and cannot."""
        return errors.BadUsage(f"{self.place(*keys)}: {words}", hint=_MANUAL)

    def unknown(self, keys: tuple[str, ...], known: tuple[str, ...]) -> errors.BadUsage:
        """Return the error for keys of which nothing is called the last."""
        from difflib import get_close_matches

        near = get_close_matches(keys[-1], known, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(known)}"
        return errors.BadUsage(f'{self.place(*keys)}: nothing is called "{keys[-1]}"', hint=hint)


def read(named: str | None, environment: Environment) -> ConfigFile:
    """Return the configuration; only one that was asked for by name has to be there.

    Raises ``BadUsage`` where it cannot be read, is no TOML, or holds what nothing reads.
    """
    path = place(named, environment)
    try:
        if os.path.getsize(path) > _LARGEST_FILE:
            raise errors.BadUsage(f'"{path}" is too large to be a configuration', hint=_ELSEWHERE)
        with open(path, "rb") as opened:
            raw = opened.read()
    except FileNotFoundError:
        if named or environment.get("GLACIERCLI_CONFIG"):
            raise errors.BadUsage(f'there is no configuration "{path}"', hint=_ELSEWHERE) from None
        return ConfigFile(path=path, exists=False)
    except OSError as error:
        raise errors.BadUsage(f'"{path}": {error.strerror}', hint=_ELSEWHERE) from error
    file = _parsed(path, raw)
    _check(file)
    return file


def place(named: str | None, environment: Environment) -> str:
    """Return where the configuration is, or would be."""
    return expanded(named) if named else environment.config_file()


def expanded(path: str) -> str:
    """Return a path as the file system takes it."""
    return os.path.abspath(os.path.expanduser(path))


def _parsed(path: str, raw: bytes) -> ConfigFile:
    import tomli

    try:
        text = raw.decode("utf-8")
        table = tomli.loads(text, parse_float=_exact)
    except (ArithmeticError, ValueError, RecursionError) as error:
        # Those that tomli does not declare are of numbers of thousands of digits.
        raise errors.BadUsage(f'"{path}" is no valid TOML: {error}', hint=_MANUAL) from error
    return ConfigFile(path=path, text=text, table=table)


def _exact(text: str) -> "Decimal":
    """Return a number as it was written: money is no float."""
    from decimal import Decimal

    return Decimal(text)


def _check(file: ConfigFile) -> None:
    """Refuse keys that nothing reads, and values of another kind."""
    _check_table(file, (), _TOP_KEYS)
    for name, store in file.table.get("stores", {}).items():
        if not isinstance(store, dict):
            raise file.wrong(("stores", name), "stores are tables, as in [stores.NAME]")
        _check_table(file, ("stores", name), _STORE_KEYS)
        if store.get("kind", "glacier") not in _KINDS:
            raise errors.BadUsage(
                f'{file.place("stores", name, "kind")}: store "{name}" is of an unknown kind',
                hint=f"the kinds are {', '.join(_KINDS)}",
            )


def _check_table(file: ConfigFile, keys: tuple[str, ...], known: Mapping[str, str]) -> None:
    table = file.get(*keys) if keys else file.table
    for key, value in table.items():
        if key not in known:
            raise file.unknown((*keys, key), tuple(known))
        if not _is_a(value, known[key]):
            raise file.wrong((*keys, key), f'"{key}" is {known[key]}')


def _is_a(value: object, kind: str) -> bool:
    match kind:
        case "a text":
            return isinstance(value, str)
        case "a whole number":
            return isinstance(value, int) and not isinstance(value, bool)
        case "true or false":
            return isinstance(value, bool)
        case _:
            return isinstance(value, dict)
