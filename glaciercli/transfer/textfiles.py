"""Large texts: read in chunks from files, and kept in files that nobody else sees."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from glaciercli import errors
from glaciercli.transfer.files import os_errors

_CHUNK_CHARACTERS = 256 * 1024


class Scratch:
    """A temporary file without a name."""

    def __init__(self, directory: str | None) -> None:
        self._directory = directory or tempfile.gettempdir()
        with os_errors(self._directory):
            self._file = tempfile.TemporaryFile(dir=self._directory, buffering=0)  # noqa: SIM115

    def fill(self, pieces: Iterable[bytes]) -> int:
        """Replace what the file holds and return how many bytes that is."""
        size = 0
        with os_errors(self._directory):
            self._file.seek(0)
            self._file.truncate()
        for piece in pieces:
            view = memoryview(piece)
            size += len(view)
            with os_errors(self._directory):
                while view:
                    view = view[self._file.write(view) :]
        return size

    @property
    def size_bytes(self) -> int:
        """How much the file holds."""
        with os_errors(self._directory):
            return os.fstat(self._file.fileno()).st_size

    def chunks(self) -> Iterator[str]:
        """Yield what the file holds, from its start."""
        self._file.seek(0)
        with _opened(os.dup(self._file.fileno()), self._directory) as text:
            yield from _decoded(text, self._directory)

    def close(self) -> None:
        """Free the space."""
        self._file.close()


@contextmanager
def scratch(directory: str | None) -> Iterator[Scratch]:
    """Give a scratch file for as long as it is needed."""
    made = Scratch(directory)
    try:
        yield made
    finally:
        made.close()


def head(path: str, size: int) -> bytes:
    """Return the first bytes of a file."""
    with os_errors(path), open(path, "rb") as file:
        return file.read(size)


@contextmanager
def chunks(path: str, *, undecodable: str = "strict") -> Iterator[Iterator[str]]:
    """Open a UTF-8 text and give its chunks.

    What is no UTF-8 is refused, or kept as lone surrogates where ``undecodable`` says
    "surrogateescape".
    """
    with os_errors(path):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    with _opened(descriptor, path, undecodable) as text:
        yield _decoded(text, path)


def _opened(descriptor: int, path: str, undecodable: str = "strict") -> TextIO:
    """Return a descriptor's text, which owns it from now on."""
    try:
        with os_errors(path):
            return open(descriptor, encoding="utf-8-sig", errors=undecodable, newline="")
    except errors.FileProblem:
        # A directory.
        os.close(descriptor)
        raise


def _decoded(text: TextIO, path: str) -> Iterator[str]:
    while True:
        try:
            with os_errors(path):
                chunk = text.read(_CHUNK_CHARACTERS)
        except UnicodeDecodeError as error:
            # What could not be decoded is the last that was read.
            place = text.buffer.tell() - len(error.object) + error.start
            message = f'"{path}" is no UTF-8 text at byte {place}: {error.reason}'
            raise errors.FileProblem(message) from error
        if not chunk:
            return
        yield chunk


def small(path: str | None, given: BinaryIO | None, *, most_bytes: int) -> str:
    """Return a whole UTF-8 text of a file, or of a stream where there is no path.

    Raises ``FileProblem`` where it is no text, or longer than makes sense.
    """
    name = "standard input" if path is None else path
    with os_errors(name):
        raw = _bounded(path, given, most_bytes + 1)
    if len(raw) > most_bytes:
        raise errors.FileProblem(f'"{name}" is too long: {most_bytes:,} bytes are the most')
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise errors.FileProblem(f'"{name}" is no UTF-8 text: {error.reason}') from error


def _bounded(path: str | None, given: BinaryIO | None, most_bytes: int) -> bytes:
    if path is None:
        assert given is not None
        return given.read(most_bytes)
    with open(path, "rb") as file:
        return file.read(most_bytes)
