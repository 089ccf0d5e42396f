"""Long work on the key map, told as a transfer of its bytes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from glaciercli.keymap.sources import Heard
from glaciercli.reporting import (
    Reporter,
    TransferAdvanced,
    TransferFinished,
    TransfersPlanned,
    TransferStarted,
)


@contextmanager
def told(reporter: Reporter, deed: str, path: str) -> Iterator[Heard]:
    """Yield what hears how much of the work on a file is done, in steps of any size."""
    with told_of(reporter, deed, size_of(path)) as heard:
        yield heard


@contextmanager
def told_of(reporter: Reporter, deed: str, size: int) -> Iterator[Heard]:
    """Yield what hears how much of some bytes is done, in steps of any size."""
    reporter.report(TransfersPlanned(count=1, total_bytes=size))
    reporter.report(TransferStarted(name=deed, total_bytes=size))

    def heard(done: int, total: int) -> None:
        share = size * done // total if total else size
        reporter.report(TransferAdvanced(name=deed, done_bytes=share))

    try:
        yield heard
    finally:
        reporter.report(TransferFinished(name=deed))


def size_of(path: str) -> int:
    """Return the size of a file in bytes, 0 where it cannot be told."""
    with suppress(OSError):
        return os.path.getsize(path)
    return 0
