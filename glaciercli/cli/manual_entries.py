"""What the manual says of each command, gathered from the commands themselves."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from glaciercli.cli.commands import ALIASES
from glaciercli.cli.framework import EXIT_CODES, Command, Group, global_options
from glaciercli.cli.main import cli

#: What the program reads from the environment, apart from what boto3 reads for itself.
ENVIRONMENT = (
    ("GLACIERCLI_STORE", "The store to use where --store names none."),
    ("GLACIERCLI_CONFIG", "The configuration to use where --config names none."),
    ("GLACIERCLI_KEY_MAP", "The key map to use where --key-map names none."),
    ("GLACIERCLI_OUTPUT", "The form of the result where --output names none."),
    ("AWS_PROFILE", "The AWS profile where --profile names none."),
    ("AWS_REGION, AWS_DEFAULT_REGION", "The AWS region where --region names none."),
    (
        "AWS_ENDPOINT_URL_GLACIER, AWS_ENDPOINT_URL",
        "Another endpoint of the service, where --endpoint-url names none.",
    ),
    ("AWS_CONFIG_FILE", "Where the region of an AWS profile is looked up."),
    ("NO_COLOR", "If set, colours are left out."),
    ("TERM", "If it is dumb, no progress bar is drawn."),
    ("XDG_DATA_HOME, XDG_CONFIG_HOME", "Where the files below are, if not in their usual place."),
)

FILES = (
    ("~/.local/share/glaciercli/key-map.sqlite3", "The key map."),
    ("~/.local/share/glaciercli/local-store", "The data of the store local."),
    ("~/.config/glaciercli/config.toml", "The configuration."),
    ("PREFIX/share/glaciercli/schemas", "JSON Schemas of what -o json and -o jsonl print."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionEntry:
    """One option: its spellings, the value it takes, and its help."""

    names: tuple[str, ...]
    value: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentEntry:
    """One argument: what stands for it in a synopsis, and its help."""

    metavar: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One command as the manual shows it; a group has the entries below it."""

    words: tuple[str, ...]
    arguments: tuple[ArgumentEntry, ...]
    paragraphs: tuple[str, ...]
    options: tuple[OptionEntry, ...]
    examples: tuple[str, ...]
    codes: tuple[tuple[str, str], ...]
    aliases: tuple[str, ...]
    below: tuple["Entry", ...]

    @property
    def line(self) -> str:
        """The command as it is typed."""
        return " ".join(("glaciercli", *self.words))

    @property
    def page(self) -> str:
        """The name of the command's own page."""
        return "-".join(("glaciercli", *self.words))

    @property
    def summary(self) -> str:
        """What the command does, in a sentence."""
        return self.paragraphs[0]

    def leaves(self) -> Iterator["Entry"]:
        """Yield the commands that do something: this one, or those below it."""
        if not self.below:
            yield self
        for one in self.below:
            yield from one.leaves()


def program() -> Entry:
    """Return the whole program, every command below it."""
    with click.Context(cli, info_name="glaciercli") as context:
        return _entry(cli, context, ())


def shared_options() -> tuple[OptionEntry, ...]:
    """Return the options that every command takes."""
    with click.Context(cli, info_name="glaciercli") as context:
        return tuple(_option(one, context) for one in global_options())


def _entry(command: click.Command, context: click.Context, words: tuple[str, ...]) -> Entry:
    below = []
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            with click.Context(found, parent=context, info_name=name) as inner:
                below.append(_entry(found, inner, (*words, name)))
    own = command.own_params if isinstance(command, Command | Group) else command.params
    return Entry(
        words=words,
        arguments=tuple(_argument(one, context) for one in own if isinstance(one, click.Argument)),
        paragraphs=_paragraphs(command.help or ""),
        options=tuple(_option(one, context) for one in own if isinstance(one, click.Option)),
        examples=tuple(getattr(command, "examples", ())),
        codes=_codes(command, below),
        aliases=tuple(name for name, meant in ALIASES.items() if words == (meant,)),
        below=tuple(below),
    )


def _argument(argument: click.Argument, context: click.Context) -> ArgumentEntry:
    return ArgumentEntry(metavar=argument.make_metavar(context), text=argument.help or "")


def _option(option: click.Option, context: click.Context) -> OptionEntry:
    record = option.get_help_record(context)
    flag = option.is_flag or option.count
    metavar = "" if flag else option.make_metavar(context)
    return OptionEntry(
        names=tuple(sorted(option.opts, key=len)),
        value=metavar if option.metavar else metavar.strip("[]"),
        text="" if record is None else record[1].replace("  [", " ["),
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    """Return paragraphs, each on one line."""
    return tuple(re.sub(r"\s+", " ", one).strip() for one in text.split("\n\n"))


def _codes(command: click.Command, below: Sequence[Entry]) -> tuple[tuple[str, str], ...]:
    """Return the exit codes of a command; those of a group are all of those below it."""
    known = set(getattr(command, "codes", ()))
    known.update(code for entry in below for code, _ in entry.codes)
    return tuple(row for row in EXIT_CODES if row[0] in known)
