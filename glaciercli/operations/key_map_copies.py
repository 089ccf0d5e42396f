"""Copies of the key map: made, listed, and put in its place again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from glaciercli import errors
from glaciercli.keymap import backup as copies
from glaciercli.keymap import incoming, restore, snapshots, sources
from glaciercli.keymap.snapshots import LocalSnapshot
from glaciercli.model.care import Holdings
from glaciercli.operations.key_map_progress import size_of, told
from glaciercli.reporting import Notice, Reporter
from glaciercli.transfer.own import NOTHING, OwnFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupReport:
    """A copy that was made, or would be."""

    path: str
    size_bytes: int
    holdings: Holdings
    dry_run: bool = False
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorePlan:
    """A key map that is to take the place of the present one."""

    path: str
    source: str
    #: What there is now; ``None`` where there is nothing, or nothing that can be read.
    here: Holdings | None
    there: Holdings
    #: The proved copy that takes the place.
    made: str
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreReport:
    """A key map that took the place of another."""

    path: str
    source: str
    here: Holdings | None
    there: Holdings
    #: Where the key map is that was there before.
    kept_as: str | None
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotList:
    """The snapshots of the last days, the newest first."""

    snapshots: tuple[LocalSnapshot, ...]
    exit_code: int = 0


def backup(
    path: str,
    target: str,
    *,
    overwrite: bool,
    dry_run: bool,
    reporter: Reporter,
    own: OwnFiles = NOTHING,
) -> BackupReport:
    """Copy the key map, whole and proved, while other runs may write to it.

    Raises ``FileProblem`` where the target is taken or one of our own files, and
    ``KeyMapDamaged``.
    """
    own.refuse_target(target)
    target = os.path.abspath(target)
    if dry_run:
        held = sources.holdings_of(path)
        return BackupReport(path=target, size_bytes=size_of(path), holdings=held, dry_run=True)
    with told(reporter, "copying the key map", path) as heard:
        copied = copies.backup(path, target, overwrite=overwrite, heard=heard)
    return BackupReport(path=target, size_bytes=copied.size_bytes, holdings=copied.holdings)


@contextmanager
def restoring(
    path: str, source: str, *, now: datetime, reporter: Reporter
) -> Iterator[RestorePlan]:
    """Yield what is to take the place of the key map, proved; the copy is gone at the end.

    Raises ``FileProblem``, ``KeyMapDamaged`` and ``KeyMapTooNew`` where it must not.
    """
    with (
        told(reporter, "reading the copy", source) as heard,
        incoming.ready(
            source, beside=os.path.realpath(path), now=now, heard=heard, called=source
        ) as made,
    ):
        yield RestorePlan(
            path=path,
            source=source,
            here=_holdings_or_nothing(path),
            there=sources.holdings_of(made),
            made=made,
        )


def put(planned: RestorePlan, *, now: datetime) -> RestoreReport:
    """Put a planned key map in its place; raise ``Busy`` while another run uses the present one."""
    kept = restore.replace(planned.made, planned.path, now=now)
    return RestoreReport(
        path=planned.path,
        source=planned.source,
        here=planned.here,
        there=planned.there,
        kept_as=kept,
    )


def snapshot(
    path: str, *, now: datetime, most_bytes: int, always: bool, reporter: Reporter
) -> None:
    """Keep a copy of the key map if none is a day old, or ``always``.

    That there is none is told, and fails nothing; ``most_bytes`` of 0 means that none is wanted.
    """
    if not most_bytes:
        return
    reason = snapshots.take(
        path, now=now, most_bytes=most_bytes, always=always, heard=lambda _done, _total: None
    )
    if reason is not None:
        reporter.report(Notice(message=f"no snapshot of the key map was made: {reason}"))


def snapshot_list(path: str) -> SnapshotList:
    """Return the snapshots that were made before much changed."""
    return SnapshotList(snapshots=tuple(snapshots.listed(path)))


def _holdings_or_nothing(path: str) -> Holdings | None:
    try:
        return sources.holdings_of(path)
    except errors.GlacierCliError:
        return None
