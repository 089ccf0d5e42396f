"""The key map given out, and others taken in."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from glaciercli import errors
from glaciercli.keymap import incoming, outgoing, sources
from glaciercli.model.care import Holdings, MergeCounts
from glaciercli.operations.context import Context
from glaciercli.operations.key_map_progress import told
from glaciercli.reporting import Reporter
from glaciercli.transfer.own import NOTHING, OwnFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """A key map that was given out."""

    path: str
    holdings: Holdings
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """An export that was taken in as it is, or would be."""

    source: str
    holdings: Holdings
    dry_run: bool
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeReport:
    """Another key map that was united with this one, or would be."""

    source: str
    counts: MergeCounts
    dry_run: bool
    exit_code: int = 0


def export_file(
    path: str, target: str, *, overwrite: bool, reporter: Reporter, own: OwnFiles = NOTHING
) -> ExportReport:
    """Write the lines of the key map to a file, compressed if its name ends in ``.gz``.

    Raises ``FileProblem`` where the target is taken or one of our own files.
    """
    own.refuse_target(target)
    with told(reporter, "exporting the key map", path) as heard:
        held = outgoing.write(path, target, overwrite=overwrite, heard=heard)
    return ExportReport(path=os.path.abspath(target), holdings=held)


def export_stream(path: str, stream: BinaryIO, *, reporter: Reporter) -> None:
    """Write the lines of the key map to a stream."""
    with (
        told(reporter, "exporting the key map", path) as heard,
        outgoing.lines(path, heard=heard) as (_, lines),
    ):
        stream.writelines(lines)
        stream.flush()


def import_file(
    context: Context, path: str, *, dry_run: bool, stdin: BinaryIO | None = None
) -> ImportReport:
    """Take in an export as it is; raise ``InvalidRequest`` where the key map is not empty.

    It comes from ``stdin`` where that is given.
    """
    if not context.key_map.merger.is_empty():
        raise errors.InvalidRequest(
            f'the key map "{context.key_map.path}" is not empty',
            hint=f"glaciercli keymap merge {path} unites the two",
        )
    with _ready(context, path, stdin) as made:
        if not dry_run:
            context.key_map.merger.fill(made)
        return ImportReport(source=path, holdings=sources.holdings_of(made), dry_run=dry_run)


def merge(
    context: Context, path: str, *, dry_run: bool, stdin: BinaryIO | None = None
) -> MergeReport:
    """Unite another key map, or an export of one, with this one, in one transaction.

    It comes from ``stdin`` where that is given.
    """
    with _ready(context, path, stdin) as made, told(context.reporter, "merging", made) as heard:
        counts = context.key_map.merger.merge(
            made, now=context.clock.now(), dry_run=dry_run, heard=heard
        )
    return MergeReport(source=path, counts=counts, dry_run=dry_run)


@contextmanager
def _ready(context: Context, path: str, stdin: BinaryIO | None) -> Iterator[str]:
    place = context.key_map.path
    with ExitStack() as stack:
        found = path
        if stdin is None:
            context.own.refuse(path)
        else:
            # It is read twice, and a stream cannot be.
            found = stack.enter_context(incoming.arrived(stdin, beside=place))
        heard = stack.enter_context(told(context.reporter, "reading the other key map", found))
        now = context.clock.now()
        yield stack.enter_context(
            incoming.ready(found, beside=place, now=now, heard=heard, called=path)
        )
