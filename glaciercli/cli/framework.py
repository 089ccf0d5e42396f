"""Click, as this program uses it: lazy commands, and global options on every level."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from glaciercli.cli import process, terminal
from glaciercli.cli.commands import ALIASES, COMMANDS
from glaciercli.cli.defaults import Context
from glaciercli.cli.params import STORE
from glaciercli.config.environment import process_environment

#: What every command's help ends with.
EXIT_CODES = (
    ("0", "done"),
    ("1", "failed; see the message"),
    ("2", "usage"),
    ("3", "done in part: some items failed"),
    ("10", "no such vault"),
    ("11", "no such archive"),
    ("12", "locked by another run"),
    ("13", "no credentials, or refused"),
    ("14", "refused by policy, limit or capacity"),
    ("15", "checksum mismatch"),
    ("16", "key map damaged, or newer than the program"),
    ("17", "far side not reachable"),
    ("75", "not ready yet: run the same line again"),
    ("130", "interrupted"),
    ("143", "ended by SIGTERM or SIGHUP"),
)

_GLOBAL = "Global options"


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep a global option wherever on the line it stood; the last one given counts."""
    source = context.get_parameter_source(parameter.name or "")
    if source is click.core.ParameterSource.COMMANDLINE:
        context.find_root().obj[parameter.name] = value


def _option(*names: str, **settings: Any) -> click.Option:
    return click.Option(names, expose_value=False, callback=_keep, **settings)


def _output_of(words: Sequence[str]) -> str | None:
    """Return the last value of ``--output`` on a line that Click refused."""
    from glaciercli.cli.completion import table
    from glaciercli.cli.completion.line import Line

    return Line(table.load(), words).settings.get("output")


def global_options() -> list[click.Option]:
    """Return the options that every command takes, before it and after it."""
    return [*_far_side(), *_here()]


def _far_side() -> list[click.Option]:
    """Return the options about where vaults are."""
    return [
        _option(
            "--store",
            metavar="NAME",
            type=STORE,
            help="Where the vaults are: aws, local, or a store of the configuration.",
        ),
        _option(
            "--local",
            "store",
            flag_value="local",
            help="Use the embedded service, in process; the same as --store local.",
        ),
        _option("--profile", metavar="NAME", help="The profile of the AWS tools to use."),
        _option("--region", metavar="REGION", help="The region of the vaults, such as eu-west-1."),
        _option(
            "--endpoint-url",
            metavar="URL",
            help="The URL of another service, such as that of `serve`.",
        ),
        _option("--account-id", metavar="ID", help="The account of the vaults, if not your own."),
    ]


def _here() -> list[click.Option]:
    """Return the options about this machine, and about what is said."""
    return [
        _option(
            "--key-map",
            metavar="FILE",
            type=click.Path(),
            help="The key map to use; `keymap path` tells which.",
        ),
        # Eager: what it says is a default of all others.
        _option(
            "--config",
            metavar="FILE",
            type=click.Path(),
            is_eager=True,
            help="The configuration to use; `config path` tells which.",
        ),
        _option(
            "-o",
            "--output",
            type=click.Choice(["text", "json", "jsonl", "csv"]),
            help="The form of the result: for people, or for programs.",
        ),
        _option("-q", "--quiet", is_flag=True, help="Say nothing but results and errors."),
        _option("-v", "--verbose", is_flag=True, help="Say what is done, and what is tried again."),
        _option("--no-progress", is_flag=True, help="Draw no progress bar."),
        _option("--debug", is_flag=True, help="Show where in the program an error arose."),
    ]


_SETTINGS = {"help_option_names": ["-h", "--help"]}

#: How wide help is at most, where the terminal is wider, and where there is none.
_WIDEST, _USUAL = 100, 80


class Command(click.Command):
    """A command with global options, examples and exit codes in its help."""

    context_class = Context

    def __init__(self, *args: Any, examples: str = "", codes: str = "", **settings: Any) -> None:
        settings.setdefault("context_settings", {}).update(_SETTINGS)
        super().__init__(*args, **settings)
        self.examples = [line for line in examples.strip().splitlines() if line]
        self.codes = codes.split()
        self.own_params = list(self.params)
        self.params.extend(global_options())

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, for however long it takes."""
        process.settle()
        return super().invoke(ctx)

    def get_help(self, ctx: click.Context) -> str:
        """Return the help, as wide as the terminal is."""
        return _help(self, ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options, then the global ones; Click wrote the arguments."""
        own = {id(one) for one in self.own_params}
        records = [
            (id(parameter) not in own and not self._is_help(parameter), record)
            for parameter in self.get_params(ctx)
            if not isinstance(parameter, click.Argument)
            and (record := parameter.get_help_record(ctx)) is not None
        ]
        for title, is_global in (("Options", False), (_GLOBAL, True)):
            chosen = [record for which, record in records if which is is_global]
            if chosen:
                with formatter.section(title):
                    formatter.write_dl(chosen)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples and the exit codes."""
        _write_epilog(self.examples, self.codes, formatter)
        super().format_epilog(ctx, formatter)

    def to_info_dict(self, ctx: click.Context) -> dict[str, Any]:
        """Return the command as data, for the manual."""
        return {
            **super().to_info_dict(ctx),
            "examples": self.examples,
            "codes": self.codes,
            "own": [parameter.name for parameter in self.own_params],
        }

    @staticmethod
    def _is_help(parameter: click.Parameter) -> bool:
        return "--help" in parameter.opts


class _HelpFormatter(click.HelpFormatter):
    """Click's, with room for words on a narrow terminal too."""

    def write_dl(self, rows: Iterable[tuple[str, str]], *args: Any, **settings: Any) -> None:
        """Write a list of terms; their column takes no more than two fifths."""
        settings.setdefault("col_max", min(30, self.width * 2 // 5))
        super().write_dl(rows, *args, **settings)


def _help(command: click.Command, context: click.Context) -> str:
    environment = process_environment()
    told = terminal.told_columns(environment) or terminal.columns(sys.stdout, environment)
    formatter = _HelpFormatter(width=min(told or _USUAL, _WIDEST) - 2)
    command.format_help(context, formatter)
    return formatter.getvalue().rstrip("\n")


def _write_epilog(examples: list[str], codes: list[str], formatter: click.HelpFormatter) -> None:
    if examples:
        with formatter.section("Examples"):
            for line in examples:
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
    chosen = [(code, words) for code, words in EXIT_CODES if code in codes]
    if chosen:
        with formatter.section("Exit codes"):
            formatter.write_dl(chosen)


class Group(click.Group):
    """A command with commands below it."""

    command_class = Command

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.setdefault("context_settings", {}).update(_SETTINGS)
        super().__init__(*args, **settings)
        self.own_params = list(self.params)
        self.params.extend(global_options())

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read what comes before the command; nothing at all gets the help."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(2)
        return super().parse_args(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        """Return the help, as wide as the terminal is."""
        return _help(self, ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands first, then the options."""
        self.format_commands(ctx, formatter)
        own = [self.get_help_option(ctx), *self.own_params]
        for title, parameters in (("Options", own), (_GLOBAL, global_options())):
            records = [
                record
                for one in parameters
                if one is not None and (record := one.get_help_record(ctx)) is not None
            ]
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands, each with its whole sentence."""
        found = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(one)) for name, one in found if one is not None])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; a mistyped one gets the nearest names as a hint."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.list_commands(ctx), n=2)
            if not near or "Did you mean" in error.format_message():
                raise
            meant = f"no such command '{args[0]}'; did you mean {' or '.join(near)}?"
            raise click.UsageError(meant, ctx) from error


def _summary(command: click.Command) -> str:
    """Return what a command does, in a sentence."""
    return " ".join((command.help or "").partition("\n\n")[0].split())


class ReaderGone(Exception):
    """Whoever read standard output has gone."""


@contextmanager
def _noticing_a_reader_that_goes() -> Iterator[None]:
    """Raise ``ReaderGone`` where Click would exit without a word."""
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGone from error


class LazyGroup(Group):
    """The whole program: its commands are loaded when they are asked for."""

    def make_context(self, *args: Any, **settings: Any) -> click.Context:
        """Read the line up to the command, which may be to print the help."""
        with _noticing_a_reader_that_goes():
            return super().make_context(*args, **settings)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        with _noticing_a_reader_that_goes():
            return super().invoke(ctx)

    def main(self, *args: Any, **settings: Any) -> Any:
        """Run a command line."""
        try:
            return super().main(*args, **settings)
        except click.UsageError:
            # The line was not read to its end, where the form of the answer may stand.
            line = settings.get("args") or sys.argv[1:]
            settings.get("obj", {}).setdefault("output", _output_of(line))
            raise

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        """Return the names of the commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load one command."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return None
        module = import_module(f"glaciercli.cli.commands.{COMMANDS[name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table of commands without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in sorted(COMMANDS.items())])
