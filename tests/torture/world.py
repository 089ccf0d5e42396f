"""The world that the program works on: its files, its key map, and the service, read by SQL."""

import hashlib
import json
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from glaciercli.server.catalogue import schema
from tests.torture import states
from tests.torture.digests import Digests
from tests.torture.kept import Kept, copy_tree, mark_of
from tests.torture.program import Program

VAULT = "photos"

#: An empty file has an archive too, since the service keeps none of 0 bytes.
_LIVE = {"uploaded", "confirmed", "empty"}

#: What the service keeps besides archives, but for moments and for what is made up by chance.
_SETTINGS = (
    "SELECT 'vault', name FROM vaults",
    "SELECT 'tag', name, key, value FROM tags JOIN vaults ON id = vault",
    "SELECT 'policy', name, policy FROM access_policies JOIN vaults ON id = vault",
    "SELECT 'topic', name, topic, events FROM notifications JOIN vaults ON id = vault",
    "SELECT 'lock', name, policy, expires_at IS NULL FROM vault_locks JOIN vaults ON id = vault",
    "SELECT 'retrieval policy', strategy, bytes_per_hour FROM retrieval_policies",
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A live archive as the key map lists it."""

    name: str
    archive_id: str | None
    state: str


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What can be seen of a world at one moment."""

    #: The digest of each live archive at the service, by its ID.
    stored: dict[str, str]
    rows: list[Row]
    #: The digest of each file in the work directory.
    files: dict[str, str]
    #: What the service ever took, paid for or not.
    archives_ever: int
    blobs_ever: int
    retrievals_ever: int
    #: The units of capacity, which cost much.
    units: int
    open_uploads: int
    #: All that is set of vaults and of the account, in words.
    settings: frozenset[str]

    @property
    def named(self) -> Counter[tuple[str, str]]:
        """Each name with the digest of its content; what the service lacks has none.

        What may have been sent and never showed stays in the key map as missing, without an ID.
        """
        return Counter(
            (row.name, self.stored.get(row.archive_id or "", row.state))
            for row in self.rows
            if row.archive_id or row.state != "missing"
        )

    @property
    def known_ids(self) -> list[str]:
        """The IDs of the rows that say that the service has them."""
        return [row.archive_id for row in self.rows if row.archive_id and row.state in _LIVE]

    def __str__(self) -> str:
        """Return what fits in a message."""
        rows = [f"{row.name} {row.state} {(row.archive_id or '-')[:6]}" for row in self.rows]
        stored = [f"{one[:6]} {digest[:6]}" for one, digest in self.stored.items()]
        ever = f"{self.archives_ever}/{self.blobs_ever}/{self.retrievals_ever}"
        return (
            f"rows {rows}, stored {stored}, files {sorted(self.files)}, ever {ever},"
            f" open uploads {self.open_uploads}, settings {sorted(self.settings)}"
        )


class World:
    """A home below a directory, which can be put back to what it once was."""

    def __init__(self, place: Path) -> None:
        self.home = place / "home"
        self.work = self.home / "work"
        self._data = self.home / "data" / "glaciercli"
        self._kept = Kept(self.home, place / "kept")
        self._aside = place / "aside"
        self._digests = Digests()

    def begin(self) -> None:
        """Make an empty home."""
        shutil.rmtree(self.home, ignore_errors=True)
        self.work.mkdir(parents=True)

    def keep(self) -> None:
        """Remember the home as it is."""
        self._kept.keep()

    def put_back(self) -> None:
        """Make the home what was kept."""
        self._kept.put_back()

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Undo at the end whatever is done to the home meanwhile."""
        # What stays is the files themselves: an upload goes on only with the very file.
        self.home.rename(self._aside)
        copy_tree(self._aside, self.home)
        try:
            yield
        finally:
            shutil.rmtree(self.home)
            self._aside.rename(self.home)

    @property
    def key_map(self) -> Path:
        return self._data / "key-map.sqlite3"

    def look(self, program: Program) -> Seen:
        """Return what can be seen now."""
        # Before anything is opened here: what a run needs it is to open by itself.
        rows, files = _rows(program), self._files()
        store = self._data / "local-store"
        if not (store / "catalogue.sqlite3").exists():
            return _nothing(rows, files)
        with closing(sqlite3.connect(store / "catalogue.sqlite3")) as opened:
            catalogue = _Catalogue(opened, store, self._digests)
            if not catalogue.is_made():
                return _nothing(rows, files)
            return Seen(
                stored=catalogue.stored(),
                rows=rows,
                files=files,
                archives_ever=catalogue.ever("archives"),
                blobs_ever=catalogue.ever("blobs"),
                retrievals_ever=catalogue.retrievals(),
                units=catalogue.units(),
                open_uploads=catalogue.open_uploads(),
                settings=catalogue.settings(),
            )

    def state(self) -> str:
        """Return the same as of another moment where every run would go as it would have then."""
        return states.state(self.home, self._kept, self._digests)

    def _files(self) -> dict[str, str]:
        found = {}
        for directory, below, names in os.walk(self.work):
            for name in [*names, *below]:
                path = Path(directory, name)
                if path.is_symlink():
                    found[str(path.relative_to(self.work))] = f"to {path.readlink()}"
                elif path.is_file():
                    digest = self._digests.of(path, mark_of(path))
                    found[str(path.relative_to(self.work))] = digest
        return found


class _Catalogue:
    def __init__(self, opened: sqlite3.Connection, place: Path, digests: Digests) -> None:
        self._opened = opened
        self._place = place
        self._digests = digests

    def is_made(self) -> bool:
        # It is made step by step, and a run may end between two of them.
        return self._number("PRAGMA user_version") == schema.VERSION

    def stored(self) -> dict[str, str]:
        found: dict[str, list[Path]] = {}
        for archive_id, file in self._opened.execute(
            "SELECT archives.archive_id, blobs.file FROM archives"
            " JOIN segments ON segments.archive = archives.id"
            " JOIN blobs ON blobs.id = segments.blob"
            " WHERE deleted_at IS NULL ORDER BY archives.id, start"
        ):
            (path,) = self._place.glob(f"blobs/*/{file}")
            found.setdefault(archive_id, []).append(path)
        return {one: self._digest(*pieces) for one, pieces in found.items()}

    def _digest(self, *pieces: Path) -> str:
        if len(pieces) == 1:
            return self._digests.of(pieces[0], mark_of(pieces[0]))
        return hashlib.sha256(b"".join(piece.read_bytes() for piece in pieces)).hexdigest()

    def ever(self, table: str) -> int:
        """How many rows a table ever had: its numbers are never given twice."""
        return self._number("SELECT max(seq) FROM sqlite_sequence WHERE name = ?", table)

    def retrievals(self) -> int:
        return self._number("SELECT count(*) FROM jobs WHERE archive IS NOT NULL")

    def units(self) -> int:
        return self._number("SELECT count(*) FROM capacity")

    def settings(self) -> frozenset[str]:
        found = chain(*(self._opened.execute(question) for question in _SETTINGS))
        return frozenset(" ".join(map(str, row)) for row in found)

    def open_uploads(self) -> int:
        return self._number("SELECT count(*) FROM uploads WHERE state = 'open'")

    def _number(self, question: str, *given: str) -> int:
        return int(self._opened.execute(question, given).fetchone()[0] or 0)


def _nothing(rows: list[Row], files: dict[str, str]) -> Seen:
    """Return what can be seen where the service was never asked."""
    return Seen(
        stored={},
        rows=rows,
        files=files,
        archives_ever=0,
        blobs_ever=0,
        retrievals_ever=0,
        units=0,
        open_uploads=0,
        settings=frozenset(),
    )


def _rows(program: Program) -> list[Row]:
    listed = program.run("list", "--all-versions", "-o", "json")
    assert listed.code == 0, listed.err
    return [
        Row(name=one["name"], archive_id=one["archive_id"], state=one["state"])
        for one in json.loads(listed.out)["archives"]
    ]
