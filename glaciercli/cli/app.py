"""The composition root: builds what a command needs, when it needs it."""

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, TypeVar

import click

from glaciercli import errors
from glaciercli.cli import terminal
from glaciercli.cli.clock import SystemClock
from glaciercli.config.choosing import load
from glaciercli.config.environment import Environment, process_environment
from glaciercli.config.settings import Settings
from glaciercli.core.refs import Ref
from glaciercli.model.vaults import StoreIdentity
from glaciercli.render.output import View, write

if TYPE_CHECKING:
    from glaciercli.keymap.store import KeyMapReader
    from glaciercli.operations.billing import Billing
    from glaciercli.operations.context import Context
    from glaciercli.ports import ArchiveService
    from glaciercli.render.bars import TerminalReporter
    from glaciercli.reporting import Reporter
    from glaciercli.transfer.own import OwnFiles

_Function = TypeVar("_Function", bound=Callable[..., Any])


class App:
    """One run of the program."""

    def __init__(self, flags: dict[str, Any]) -> None:
        self._flags = flags
        self._environment = process_environment()
        self._closing = ExitStack()
        self._bar: TerminalReporter | None = None
        self.clock = SystemClock()

    def close(self) -> None:
        """Close whatever was opened."""
        self._closing.close()

    @cached_property
    def settings(self) -> Settings:
        """The settings of this run."""
        settled = load(self._flags, self._environment)
        # An error at the end is told in this form, too.
        self._flags["form"] = settled.output
        return settled

    def set_configuration_aside(self) -> str:
        """Settle everything without the configuration, and return where it is, or would be."""
        from glaciercli.config.file import ConfigFile, place

        path = place(self._flags.get("config"), self._environment)
        self.__dict__["settings"] = load(
            self._flags, self._environment, file=ConfigFile(path=path, exists=False)
        )
        return path

    def check_defaults(self) -> None:
        """Raise ``BadUsage`` where the configuration gives a command what it does not take."""
        from glaciercli.cli.defaults import check_all

        check_all(self._flags)

    @property
    def store(self) -> StoreIdentity:
        """Where the vaults of this run are."""
        chosen = self.settings.store
        return StoreIdentity(endpoint=chosen.endpoint, region=chosen.region, account=chosen.account)

    @property
    def billing(self) -> "Billing":
        """Who writes the bill of this run, and by which prices."""
        from glaciercli.operations.billing import Billing

        store = self.settings.store
        return Billing(
            own=self.settings.prices, billed=store.is_billed, same_region=store.same_region
        )

    @property
    def own(self) -> "OwnFiles":
        """What this run works on itself."""
        from glaciercli.operations import own_files

        return own_files.of(self.settings.key_map, self.settings.store.data)

    @cached_property
    def reader(self) -> "KeyMapReader":
        """The key map, for questions."""
        from glaciercli.keymap.store import open_reader

        opened = open_reader(
            self.settings.key_map, now=self.clock.now(), before_migration=self._before_migration
        )
        self._closing.callback(opened.close)
        return opened

    def context(
        self,
        *refs: Ref,
        jobs: int | None = None,
        limit_rate: int | None = None,
        snapshot: bool = False,
    ) -> "Context":
        """Return the world for an operation; references may name the store.

        ``jobs`` requests may run at once, and move ``limit_rate`` bytes a second; ``snapshot``
        tells that the key map is going to change much.
        """
        from glaciercli.cli.signals import stop_as_on_interrupt
        from glaciercli.keymap.store import open_key_map
        from glaciercli.operations.context import Context

        stop_as_on_interrupt()
        self.use_store_of(refs)
        key_map = open_key_map(
            self.settings.key_map, now=self.clock.now(), before_migration=self._before_migration
        )
        self._closing.callback(key_map.close)
        if snapshot:
            self._take_snapshot(always=False)
        workers = jobs or self.settings.jobs
        return Context(
            key_map=key_map,
            store=self.store,
            clock=self.clock,
            reporter=self.reporter,
            connect=partial(self._connect, workers, limit_rate),
            new_tag=_new_tag,
            jobs=workers,
            spool_directory=self._spool_directory(),
            billing=self.billing,
            own=self.own,
        )

    def _before_migration(self) -> None:
        self._take_snapshot(always=True)

    def _take_snapshot(self, *, always: bool) -> None:
        """Keep a copy of the key map; a failure is only told."""
        from glaciercli.operations.key_map_copies import snapshot

        snapshot(
            self.settings.key_map,
            now=self.clock.now(),
            most_bytes=self.settings.snapshot_bytes,
            always=always,
            reporter=self.reporter,
        )

    def use_store_of(self, refs: "tuple[Ref, ...]") -> None:
        """Use the store that references name; raise ``BadUsage`` where they disagree."""
        named = {ref.store for ref in refs if ref.store is not None}
        given = self._flags.get("store")
        if given is not None:
            named.add(given)
        if len(named) > 1:
            raise errors.BadUsage(
                f"one line works in one store, and this names {' and '.join(sorted(named))}"
            )
        if named:
            self._flags["store"] = named.pop()
            self.__dict__.pop("settings", None)

    @cached_property
    def reporter(self) -> "Reporter":
        """What hears the events of this run."""
        from glaciercli.render import progress

        quiet, verbose = bool(self._flags.get("quiet")), bool(self._flags.get("verbose"))
        if self.settings.output == "jsonl" and verbose:
            return progress.JsonReporter(sys.stderr, quiet=quiet)
        if quiet or self._flags.get("no_progress") or not _draws(sys.stderr, self._environment):
            return progress.LineReporter(sys.stderr, quiet=quiet, verbose=verbose)
        from glaciercli.render.bars import TerminalReporter

        self._bar = TerminalReporter(sys.stderr, verbose=verbose)
        self._closing.callback(self._bar.close)
        return self._bar

    @property
    def stdout(self) -> TextIO:
        """Standard output; raise ``FileProblem`` where the shell closed it."""
        return _open_stream(sys.stdout, "standard output")

    def stdin(self) -> BinaryIO:
        """Return standard input as bytes; raise ``FileProblem`` where the shell closed it."""
        return _open_stream(sys.stdin, "standard input").buffer

    @property
    def data_directory(self) -> str:
        """Where the program keeps what must not be lost."""
        return self._environment.data_directory()

    @property
    def inventory_lag(self) -> timedelta:
        """How long the store's service may take to list what was uploaded."""
        from glaciercli.core.reconcile import DEFAULT_LAG

        return timedelta(0) if self.settings.store.kind == "local" else DEFAULT_LAG

    @property
    def on_terminal(self) -> bool:
        """Whether the result is text that people read on a terminal."""
        return self.settings.output == "text" and self.stdout.isatty()

    def show(self, result: Any, view: View, *, text_as: str = "text", paged: bool = False) -> int:
        """Write a result to standard output and return its exit code.

        ``text_as`` is the form of a command whose text is for machines, ``paged`` lets long text
        go through a pager.  Items that failed are told on standard error, unless the form holds
        them.
        """
        self._end_progress()
        form = text_as if self.settings.output == "text" else self.settings.output
        if paged and self.on_terminal:
            self._page(result, view)
        else:
            write(result, view, self.stdout, form=form, width=self._width)
        if form == "text":
            self._tell_failures(result)
        return int(result.exit_code)

    def report(
        self, result: Any, view: View, *, summary: Callable[[Any], Iterable[str]] | None = None
    ) -> int:
        """Show what a command did; ``--quiet`` leaves out what went well, all but a summary."""
        if not (self._flags.get("quiet") and self.settings.output == "text"):
            return self.show(result, view)
        self._end_progress()
        for line in summary(result) if summary is not None else ():
            click.echo(line, file=self.stdout)
        self._tell_failures(result)
        return int(result.exit_code)

    def explain(self, result: Any, view: View) -> int:
        """Say on standard error what became of a command whose output is an archive."""
        self._end_progress()
        code = int(result.exit_code)
        if code:
            write(result, view, sys.stderr, form=self.settings.output)
            self._tell_failures(result)
        return code

    @property
    def _width(self) -> int | None:
        return terminal.columns(self.stdout, self._environment)

    def _page(self, result: Any, view: View) -> None:
        """Write text to the terminal, through a pager where it is long and there is one."""
        from glaciercli.cli.paging import paged, pager_command

        pager = pager_command(self._environment)
        if pager is None:
            write(result, view, self.stdout, form="text", width=self._width)
            return
        with paged(self.stdout, pager) as stream:
            write(result, view, stream, form="text", width=self._width)

    def _tell_failures(self, result: Any) -> None:
        failed = getattr(result, "failed", ())
        if failed:
            from glaciercli.render.words import failures

            for line in failures(failed):
                click.echo(line, err=True)

    def confirm(
        self,
        plan: Any,
        view: View,
        *,
        question: str,
        assume_yes: bool,
        why: str = "this cannot be undone",
    ) -> None:
        """Show what is going to happen and ask; ``why`` says why it is asked about.

        Raises ``BadUsage`` where nobody can be asked, ``click.Abort`` on a no.
        """
        if assume_yes:
            return
        self._show_plan(plan, view)
        if sys.stdin is None or not sys.stdin.isatty():
            raise errors.BadUsage(
                f"{why}, and there is no terminal to ask on",
                hint="--yes says that it is meant, --dry-run only shows it",
            )
        click.confirm(question, abort=True, err=True)

    def confirm_by_name(
        self, plan: Any, view: View, *, name: str, given: str | None, how: str | None = None
    ) -> None:
        """Show what is going to happen for ever, and have a name typed out.

        ``given`` is the name from the line, ``how`` the option that says it.  Raises ``BadUsage``
        where it is another one, or nobody can be asked, ``click.Abort`` where something else is
        typed.
        """
        if given is not None and given != name:
            raise errors.BadUsage(
                f'"{given}" is confirmed, and "{name}" is meant', hint="nothing was done"
            )
        if given is None or not self._flags.get("quiet"):
            self._show_plan(plan, view)
        if given is None and (sys.stdin is None or not sys.stdin.isatty()):
            raise errors.BadUsage(
                "this can never be undone, and there is no terminal to ask on",
                hint=f"{how or f'--confirm {name}'} says that it is meant, --dry-run only shows it",
            )
        if given is None and click.prompt(f'Type "{name}" to do it', err=True) != name:
            raise click.Abort

    def _show_plan(self, plan: Any, view: View) -> None:
        width = terminal.columns(sys.stderr, self._environment)
        write(plan, view, sys.stderr, form="text", width=width)

    def _end_progress(self) -> None:
        """Take the progress bar away, if there is one."""
        if self._bar is not None:
            self._bar.close()

    def _connect(self, workers: int, limit_rate: int | None) -> "ArchiveService":
        """Make the service of this run's store."""
        from glaciercli.cli.connect import Speed, connect

        return connect(
            self.settings.store,
            clock=self.clock,
            speed=Speed(jobs=workers, bytes_per_s=limit_rate),
            reporter=self.reporter,
            closing=self._closing,
        )

    def _spool_directory(self) -> str:
        from glaciercli.keymap import beside
        from glaciercli.transfer.files import os_errors

        directory = beside.spool(self.settings.key_map)
        with os_errors(directory):
            os.makedirs(directory, mode=0o700, exist_ok=True)
        return directory


def _new_tag() -> str:
    import secrets

    return secrets.token_urlsafe(12)


def _open_stream(stream: TextIO | None, name: str) -> TextIO:
    # Python's name for a stream that was closed when the program started is None.
    if stream is None:
        raise errors.FileProblem(f"{name} is closed")
    return stream


def _draws(stream: TextIO, environment: Environment) -> bool:
    return stream.isatty() and environment.get("TERM") != "dumb"


def pass_app(function: _Function) -> _Function:
    """Give a command the app of its run, and close it afterwards."""
    from functools import update_wrapper

    def with_app(*args: Any, **kwargs: Any) -> Any:
        app = App(click.get_current_context().find_root().obj)
        try:
            return function(app, *args, **kwargs)
        except (errors.VaultNotFound, errors.ArchiveNotFound) as error:
            from glaciercli.cli.suggesting import suggest

            suggest(error, app)
            raise
        finally:
            app.close()

    return update_wrapper(with_app, function)  # type: ignore[return-value]
