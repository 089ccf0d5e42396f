"""Another key map, made ready to be taken in: a copy of our own, proved, in the newest format."""

import gzip
import os
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO

from glaciercli import errors
from glaciercli.keymap import backup, check, exchange, files, sources
from glaciercli.keymap.sources import Heard

#: How every SQLite file begins, https://sqlite.org/fileformat2.html.
_SQLITE = b"SQLite format 3\0"
_GZIP = b"\x1f\x8b"

#: A longer line is none of a key map.
_LONGEST_LINE = 16 * 1024 * 1024


@contextmanager
def arrived(stream: IO[bytes], *, beside: str) -> Iterator[str]:
    """Yield a file with all that a stream gives; it is gone at the end."""
    with files.fresh(beside) as made:
        with files.file_problems(made), open(made, "wb") as file:
            shutil.copyfileobj(stream, file)
        yield made


@contextmanager
def ready(path: str, *, beside: str, now: datetime, heard: Heard, called: str) -> Iterator[str]:
    """Yield a copy of the key map in a file, an export too; the copy is gone at the end.

    Raises ``FileProblem``, ``KeyMapDamaged`` and ``KeyMapTooNew``, in which the file is ``called``
    so; it is never changed.
    """
    with files.fresh(beside) as made:
        if _is_database(path):
            backup.copy(path, made, heard=heard)
            sources.index_anew(made)
        else:
            with files.file_problems(path), open(path, "rb") as file:
                lines = _lines(file, path=path, heard=heard)
                exchange.fill(made, lines, path=called, now=now)
        sources.bring_up_to_date(made, now=now)
        with sources.source(made) as opened:
            check.refuse_unsound(opened, path=called)
        yield made


def _is_database(path: str) -> bool:
    with files.file_problems(path), open(path, "rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _lines(file: IO[bytes], *, path: str, heard: Heard) -> Iterator[bytes]:
    """Yield the lines of an export, a compressed one too; the last may lack its line feed."""
    total = os.fstat(file.fileno()).st_size
    packed = file.read(len(_GZIP)) == _GZIP
    file.seek(0)
    source: IO[bytes] = gzip.GzipFile(fileobj=file) if packed else file  # type: ignore[assignment]
    try:
        while line := source.readline(_LONGEST_LINE):
            yield line
            heard(file.tell(), total)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise errors.FileProblem(
            f'"{path}" is damaged: {str(error).lower()}', hint="nothing was changed"
        ) from error
