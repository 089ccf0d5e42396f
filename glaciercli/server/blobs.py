"""Content files: received while they are hashed, durable before anybody hears of them.

A file is never changed once it has its name, and names are random: nothing that a client
chooses reaches the file system.
"""

import os
import secrets
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Self

from glaciercli.core import treehash
from glaciercli.errors import GlacierCliError
from glaciercli.server.catalogue.records import NewBlob

#: How much of a body is taken at once.
_WINDOW_BYTES = 1024 * 1024

#: How much of a file is read at once: it is what each slow reader of an output keeps in memory.
_STRETCH_BYTES = 256 * 1024

_NAME_BYTES = 16

#: How the names of marks begin; alone it is the mark of the first versions.
_MARK = "in-use"

_FAN_OUT = 2


class ShortBody(Exception):
    """A body ended, broke off or stalled before all of it was there."""


class Incoming:
    """A file that is being written and goes away unless it is kept."""

    def __init__(self, store: "BlobStore", name: str) -> None:
        self._store = store
        self._name = name
        self._path = store.incoming / name
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._file = os.fdopen(os.open(self._path, flags, 0o600), "wb", buffering=0)
        self._kept = False
        self._linear = sha256()
        self._leaves = treehash.TreeHasher()

    def __enter__(self) -> Self:
        """Return itself; leaving drops what was not kept."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close the file, and drop it unless it was kept."""
        self._file.close()
        if not self._kept:
            self._store.remove(self._path)
            # It may have moved already, if its new place could not be made durable.
            self._store.discard([self._name])

    def write(self, piece: bytes) -> None:
        """Append a piece and hash it."""
        self._linear.update(piece)
        self._leaves.update(piece)
        view = memoryview(piece)
        while view:
            view = view[self._file.write(view) :]

    def receive(self, source: BinaryIO, size_bytes: int) -> None:
        """Append exactly so many bytes of a stream; raise ``ShortBody`` where it has fewer."""
        left = size_bytes
        while left:
            piece = _read(source, min(left, _WINDOW_BYTES))
            self.write(piece)
            left -= len(piece)
            # Nothing is kept while the next piece is waited for, which may be long.
            del piece

    def linear_digest(self) -> bytes:
        """Return the plain SHA-256 of what was written, 32 bytes."""
        return self._linear.digest()

    def tree_digest(self) -> bytes:
        """Return the tree hash of what was written, 32 bytes."""
        return self._leaves.tree_digest()

    def keep(self) -> NewBlob:
        """Make the file durable under its own name and return it."""
        os.fsync(self._file.fileno())
        self._store.adopt(self._path, self._name)
        self._kept = True
        leaves = self._leaves.leaves()
        return NewBlob(
            file=self._name,
            size_bytes=self._leaves.size_bytes,
            tree_hash=treehash.combine(leaves),
            leaves=b"".join(leaves),
        )


class BlobStore:
    """The content files of one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self.incoming = data_dir / "incoming"
        self._blobs = data_dir / "blobs"
        self._data_dir = data_dir
        #: Stands while the directory is in use: whoever finds it left over has to tidy.  Each
        #: process has its own, so that one that ends in order does not wipe out another's crash.
        self._in_use = data_dir / f"{_MARK}-{secrets.token_hex(_NAME_BYTES)}"
        self._untidy = False
        self._durable_places: set[Path] = set()
        for directory in (self.incoming, self._blobs):
            directory.mkdir(mode=0o700, exist_ok=True)

    def is_empty(self) -> bool:
        """Tell whether there is no content at all."""
        return next(self._blobs.iterdir(), None) is None

    def new(self) -> Incoming:
        """Return a new file to write to."""
        return Incoming(self, secrets.token_hex(_NAME_BYTES))

    def adopt(self, path: Path, name: str) -> None:
        """Move a finished file to its place, durably."""
        place = self._place(name)
        if place.parent not in self._durable_places:
            # Another may have made it a moment ago and not have made it durable yet.
            place.parent.mkdir(mode=0o700, exist_ok=True)
            sync_directory(self._blobs)
            self._durable_places.add(place.parent)
        path.rename(place)
        sync_directory(place.parent)

    def open(self, name: str) -> BinaryIO:
        """Open a content file for reading."""
        return self._place(name).open("rb", buffering=0)

    def size_of(self, name: str) -> int | None:
        """Return the size of a content file in bytes, ``None`` where there is no such file."""
        try:
            return self._place(name).stat().st_size
        except FileNotFoundError:
            return None

    def discard(self, names: list[str]) -> None:
        """Remove files that the catalogue no longer knows."""
        for name in names:
            self.remove(self._place(name))

    def remove(self, path: Path) -> None:
        """Remove a file that nobody needs any more; what the disk does not let go is swept later.

        That is no failure of what was asked for: it was done, or was refused for its own reason.
        """
        try:
            path.unlink(missing_ok=True)
        except OSError:
            self.leave_to_sweep()

    def leave_to_sweep(self) -> None:
        """Keep what may or may not be in the catalogue until a sweep can tell."""
        self._untidy = True

    def mark_in_use(self) -> None:
        """Leave a durable mark, so that a crash from here on is noticed, of the machine too."""
        self._in_use.touch(mode=0o600)
        sync_directory(self._in_use.parent)

    def unmark(self) -> None:
        """Take the mark away if everything was finished in order."""
        if not self._untidy:
            # A mark that stays only makes the next start look.
            self.remove(self._in_use)

    @property
    def needs_sweep(self) -> bool:
        """Whether an earlier use ended without finishing in order; for the only user."""
        return next(self._marks(), None) is not None

    def sweep(self, known: set[str]) -> None:
        """Remove half-written files, and content that the catalogue does not know.

        Only for the one who uses the directory alone: another's upload looks the same.
        """
        for path in self.incoming.iterdir():
            path.unlink()
        for path in self._blobs.glob("*/*"):
            if path.name not in known:
                path.unlink()
        for path in self._marks():
            path.unlink()

    def _marks(self) -> Iterator[Path]:
        return self._data_dir.glob(f"{_MARK}*")

    def _place(self, name: str) -> Path:
        return self._blobs / name[:_FAN_OUT] / name


def read_stretch(file: BinaryIO, start: int, stop: int) -> Iterator[bytes]:
    """Yield a stretch of a content file in pieces of bounded size."""
    file.seek(start)
    left = stop - start
    while left:
        piece = file.read(min(left, _STRETCH_BYTES))
        if not piece:
            raise OSError("a content file is shorter than the catalogue says")
        yield piece
        left -= len(piece)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(source: BinaryIO, size: int) -> bytes:
    try:
        piece = source.read(size)
    except (OSError, GlacierCliError) as error:
        # Whoever sends and breaks off sends too little, a client in the same process as well.
        raise ShortBody from error
    if not piece:
        raise ShortBody
    return piece
