"""The end of the road: argv in, exit code out; errors become words here and nowhere else."""

import errno
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import click

from glaciercli import __version__, errors
from glaciercli.cli.framework import LazyGroup, ReaderGone

#: What any call may meet with on a machine that is short of something, or whose disk fails.
_SHORTAGES = frozenset(
    {
        errno.EDQUOT,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.ENOSPC,
        errno.EROFS,
    }
)

#: What to do where a line makes no sense and nothing better can be said.
_HELP = "--help behind a command shows how it is used"


@click.group(cls=LazyGroup, name="glaciercli")
@click.version_option(__version__, message="glaciercli %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Keep archives in Amazon Glacier under names of your own.

    A vault's archives are pointed at as VAULT/NAME, where NAME may be a glob such as
    photos/2024/*.jpg or id: and the start of an archive ID.  Every line may be run again: it
    continues where it was stopped.
    """
    context.ensure_object(dict)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    flags: dict[str, Any] = {"words": words}
    try:
        result = cli.main(
            args=words,
            prog_name="glaciercli",
            standalone_mode=False,
            obj=flags,
        )
        # Here a full disk is still told in words; the interpreter's own flush would not.
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except ReaderGone:
        # Say nothing, as other filters do.
        _discard_output()
        return 0
    except Exception as error:  # noqa: BLE001 - the end of the road
        return _explain(error, flags)
    except KeyboardInterrupt as interrupt:
        return _say(_stopped(interrupt, flags), flags)
    return result if isinstance(result, int) else 0


def _explain(error: Exception, flags: dict[str, Any]) -> int:
    """Say what went wrong, and return the exit code."""
    if flags.get("debug"):
        import traceback

        traceback.print_exception(error)
    match error:
        case errors.GlacierCliError():
            return _say(error, flags)
        case click.ClickException():
            return _say(_usage(error), flags)
        case click.Abort():
            # Click's word for Ctrl-C, and for a question that was answered with no.
            return _say(_stopped(error.__context__, flags), flags)
        case OSError() if (told := _refused_by_machine(error)) is not None:
            return _say(told, flags)
        case _:
            return _report_bug(error)


def _refused_by_machine(error: OSError) -> errors.FileProblem | None:
    """Return what to say of an error that can strike anywhere; ``None`` where it is no such one."""
    if error.filename is None and error.errno is not None:
        # Standard output is full or was closed.
        _discard_output()
        return errors.FileProblem(f"cannot write the result: {error.strerror}")
    if error.errno not in _SHORTAGES:
        return None
    # A module that is imported late may meet with it, too.
    words = f'"{error.filename}": {(error.strerror or "").lower()}'
    return errors.FileProblem(words, hint="see to the machine and run the same line again")


def _stopped(interrupt: BaseException | None, flags: dict[str, Any]) -> errors.Interrupted:
    import shlex

    from glaciercli.cli.signals import Termination

    if interrupt is None:
        return errors.Interrupted("nothing was done")
    kind = errors.Terminated if isinstance(interrupt, Termination) else errors.Interrupted
    line = shlex.join(["glaciercli", *flags["words"]])
    return kind("stopped", hint=f"run the same line again, it goes on: {line}")


def _usage(error: click.ClickException) -> errors.BadUsage:
    hint = None
    context = getattr(error, "ctx", None)
    if context is not None:
        hint = f"{context.command_path} --help shows how it is used"
        if isinstance(error, click.NoSuchOption) and not error.option_name.startswith("--"):
            hint = f"{hint}; an ID that begins with a hyphen goes behind --"
    words = error.format_message().rstrip(".")
    return errors.BadUsage(words[:1].lower() + words[1:], hint=hint)


def _say(error: errors.GlacierCliError, flags: dict[str, Any]) -> int:
    """Write an error to standard error in the form that was asked for."""
    hint = error.hint or (_HELP if isinstance(error, errors.BadUsage) else None)
    if _wants_json(flags):
        import json

        said = {"code": error.code, "message": error.message, "hint": hint}
        _tell(json.dumps({"error": said}))
        return error.exit_code
    from glaciercli.core.text import printable

    _tell(f"glaciercli: error: {printable(error.message)}")
    if hint:
        _tell(f"glaciercli: hint: {printable(hint)}")
    return error.exit_code


def _tell(line: str) -> None:
    """Write a line to standard error, where there is room."""
    # Where there is none, the exit code alone tells what happened.
    with suppress(OSError):
        sys.stderr.write(f"{line}\n")


def _wants_json(flags: dict[str, Any]) -> bool:
    from glaciercli.config.environment import process_environment

    chosen = flags.get("form") or flags.get("output")
    return (chosen or process_environment().get("GLACIERCLI_OUTPUT")) in {"json", "jsonl"}


def _report_bug(error: Exception) -> int:
    import traceback

    traceback.print_exception(error)
    sys.stderr.write(
        "glaciercli: error: this is a fault of the program, not yours\n"
        "glaciercli: hint: report it with the lines above; what was committed is safe\n"
    )
    return 1


def _discard_output() -> None:
    """Point standard output nowhere, so that the interpreter's own flush cannot fail."""
    import os

    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
