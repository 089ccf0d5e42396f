"""A key map on its way out: its lines, as of one moment, into a file or a stream."""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import zip_longest

from glaciercli.keymap import backup, exchange, files, sources
from glaciercli.keymap.sources import Heard
from glaciercli.model.care import Holdings

#: A file of that name is compressed.
PACKED_SUFFIX = ".gz"
_PACKING_LEVEL = 6


@contextmanager
def lines(path: str, *, heard: Heard) -> Iterator[tuple[Holdings, Iterator[bytes]]]:
    """Yield what a key map holds, and its lines; other runs may write meanwhile.

    They are read from a copy: a slow reader of a pipe would keep every run from committing.
    """
    with files.fresh(path) as made:
        held = backup.copy(path, made, heard=heard)
        with sources.source(made) as opened:
            yield held, (line.encode() for line in exchange.lines(opened))


def write(path: str, target: str, *, overwrite: bool, heard: Heard) -> Holdings:
    """Write the lines of a key map to a file, whole before it has its name."""
    files.refuse_taken(target, overwrite=overwrite)
    with lines(path, heard=heard) as (held, given), files.fresh(target) as made:
        _fill(made, given, packed=target.endswith(PACKED_SUFFIX))
        files.put_in_place(made, target, overwrite=overwrite)
    return held


def tell_the_same(one: str, other: str, *, besides: str) -> bool:
    """Tell whether two compressed files of lines say the same.

    Rows of names that begin with ``besides`` are passed over; that has to be plain.
    """
    begin = f'"name":"{besides}'.encode()
    with files.file_problems(one):
        try:
            with gzip.open(one) as these, gzip.open(other) as those:
                pairs = zip_longest(_compared(these, begin), _compared(those, begin))
                return all(this == that for this, that in pairs)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            return False


def _compared(given: Iterable[bytes], begin: bytes) -> Iterator[bytes]:
    """Yield the lines that count: all but those rows, and how many rows there are."""
    return (line for line in given if begin not in line and not line.startswith(b'{"rows":'))


def _fill(made: str, given: Iterable[bytes], *, packed: bool) -> None:
    with files.file_problems(made), open(made, "wb") as file:
        if not packed:
            file.writelines(given)
            return
        # Without name and time: the same key map gives the same file.
        with gzip.GzipFile("", "wb", _PACKING_LEVEL, file, mtime=0) as into:
            into.writelines(given)
