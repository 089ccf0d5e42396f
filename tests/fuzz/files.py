"""Readers of files: databases, configurations, fault plans."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from glaciercli import errors
from glaciercli.config.choosing import load
from glaciercli.config.environment import Environment
from glaciercli.core.foreign_stores import recognition
from glaciercli.core.foreign_stores.records import MalformedStore
from glaciercli.keymap.foreign_databases import open_foreign
from glaciercli.server.faults.reading import read_plan
from tests.fuzz.parser import Parser

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


def read_configuration(path: str) -> object:
    """Read the file of settings."""
    return load({"config": path}, Environment({"HOME": "/nowhere"}))


def read_aws_configuration(path: str) -> object:
    """Read the file in which AWS keeps the region of a profile."""
    variables = {"HOME": "/nowhere", "AWS_CONFIG_FILE": path}
    return load({}, Environment(variables)).store.region


def parsers(place: Path) -> list[Parser]:
    """Return the parsers, whose files are in a directory."""
    read = Files(place=place).reader
    no_store = (MalformedStore, errors.BadUsage, errors.Busy, errors.FileProblem)
    usage = (errors.BadUsage,)
    databases = ("glacier-cli", "bakthat", "synology")
    return [
        *(
            Parser(name=f"{one}-database", read=read(read_database), declared=no_store, cases=150)
            for one in databases
        ),
        Parser(name="config", read=read(read_configuration), declared=usage, cases=300),
        Parser(name="aws-config", read=read(read_aws_configuration), declared=usage, cases=300),
        Parser(name="fault-plan", read=read(read_plan), declared=usage, cases=300),
    ]
