"""Readers of files: databases, key maps and their exports, configurations, fault plans."""

import os
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from glaciercli import errors
from glaciercli.config.choosing import load
from glaciercli.config.environment import Environment
from glaciercli.core.foreign_stores import recognition
from glaciercli.core.foreign_stores.records import MalformedStore
from glaciercli.keymap import check, incoming, sources, store
from glaciercli.keymap.foreign_databases import open_foreign
from glaciercli.model.archives import ArchiveState
from glaciercli.server.faults.reading import read_plan
from tests.fuzz.parser import Parser
from tests.keymap import records

NOW = datetime(2026, 1, 2, tzinfo=UTC)

#: What opening a key map may end in.
_KEY_MAP = (
    errors.KeyMapDamaged,
    errors.KeyMapTooNew,
    errors.KeyMapReadOnly,
    errors.FileProblem,
    errors.Busy,
)

#: What stands beside an SQLite file.
_BESIDE = ("-journal", "-wal", "-shm")


@dataclass(frozen=True, kw_only=True)
class Files:
    """Readers of one file, which each case fills anew."""

    place: Path

    @property
    def path(self) -> str:
        """The file."""
        return str(self.place / "file")

    def reader(self, read: Callable[[str], object]) -> Callable[[bytes], object]:
        """Return a reader of bytes for a reader of files."""

        def read_bytes(data: bytes) -> object:
            Path(self.path).write_bytes(data)
            try:
                return read(self.path)
            finally:
                self._clear()

        return read_bytes

    def _clear(self) -> None:
        for ending in _BESIDE:
            with suppress(FileNotFoundError):
                os.unlink(self.path + ending)


def read_database(path: str) -> object:
    """Read the database of another tool."""
    with open_foreign(path, None) as database:
        record = recognition.of_row(database.store)
        owners = database.owners("photos")
        return [record(row, place) for place, row in database.rows(owners)]


def read_key_map(path: str) -> object:
    """Open a key map, ask it everything, and check it; the file stays what it was."""
    before = Path(path).read_bytes()
    found: list[object] = []
    try:
        with closing(store.open_reader(path, now=NOW)) as reader:
            for vault in reader.vaults.in_store(records.STORE):
                found.extend(reader.archives.live(vault))
    finally:
        assert Path(path).read_bytes() == before
    with sources.source(path) as opened:
        return found, [*check.findings(opened, full=True, heard=_ignore)]


def read_other_key_map(path: str) -> object:
    """Read a key map, or an export of one, as `keymap merge` and `keymap recover` do."""
    beside = f"{path}-own"
    with incoming.ready(path, beside=beside, now=NOW, heard=_ignore, called=path) as made:
        return sources.holdings_of(made)


def read_configuration(path: str) -> object:
    """Read the file of settings."""
    return load({"config": path}, Environment({"HOME": "/nowhere"}))


def read_aws_configuration(path: str) -> object:
    """Read the file in which AWS keeps the region of a profile."""
    variables = {"HOME": "/nowhere", "AWS_CONFIG_FILE": path}
    return load({}, Environment(variables)).store.region


def _ignore(_done: int, _total: int) -> None:
    pass


def _key_map_bytes(place: Path) -> bytes:
    """Return a small key map."""
    path = str(place / "sample")
    with closing(store.open_key_map(path, now=NOW)) as key_map:
        vault = records.meet(key_map)
        for number, state in enumerate(ArchiveState):
            if state not in {ArchiveState.DELETING, ArchiveState.DELETED}:
                records.add(key_map, vault, f"name {number}", archive_id=f"ID{number}")
    return Path(path).read_bytes()


def parsers(place: Path) -> list[Parser]:
    """Return the parsers, whose files are in a directory."""
    read = Files(place=place).reader
    sample = (_key_map_bytes(place),) if place.is_dir() else ()
    no_store = (MalformedStore, errors.BadUsage, errors.Busy, errors.FileProblem)
    usage = (errors.BadUsage,)
    databases = ("glacier-cli", "bakthat", "synology")
    return [
        *(
            Parser(name=f"{one}-database", read=read(read_database), declared=no_store, cases=150)
            for one in databases
        ),
        Parser(name="key-map", read=read(read_key_map), declared=_KEY_MAP, made=sample, cases=30),
        Parser(
            name="key-map-snapshot",
            read=read(read_other_key_map),
            declared=_KEY_MAP,
            made=sample,
            cases=30,
        ),
        Parser(name="key-map-export", read=read(read_other_key_map), declared=_KEY_MAP, cases=30),
        Parser(name="config", read=read(read_configuration), declared=usage, cases=300),
        Parser(name="aws-config", read=read(read_aws_configuration), declared=usage, cases=300),
        Parser(name="fault-plan", read=read(read_plan), declared=usage, cases=300),
    ]
