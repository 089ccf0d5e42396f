"""Readers of key maps, their snapshots and exports; what was taken in is looked at as well."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from glaciercli import errors
from glaciercli.keymap import check, database, exchange, incoming, schema, sources, store
from glaciercli.keymap.store import KeyMap, KeyMapReader
from glaciercli.model.questions import ArchiveFilter, Question
from glaciercli.model.sums import Span
from glaciercli.model.vaults import KnownVault
from tests.fuzz.campaign import CORPUS
from tests.fuzz.files import Files
from tests.fuzz.key_map_rows import Rows, format_of
from tests.fuzz.parser import Envelope, Parser
from tests.keymap import old_formats, records
from tests.keymap.records import NOW

_SPAN = Span(length_ms=90 * 24 * 3600 * 1000, added_bytes=0)

#: So small that the whole of a key map is in a case.
_PAGE_BYTES = 512

#: How many samples have the newest format for one that has not.
_NEWEST_OF_EARLY = 9

_DECLARED = (
    errors.KeyMapDamaged,
    errors.KeyMapTooNew,
    errors.KeyMapReadOnly,
    errors.FileProblem,
    errors.Busy,
)


@dataclass(frozen=True, kw_only=True)
class _Samples:
    """Key maps with rows in every table: of the newest format, and of an early one."""

    newest: bytes
    early: bytes
    #: One that takes in others.
    empty: bytes


def _samples(place: Path) -> _Samples:
    lines = (CORPUS / "key-map-export" / "all-tables.jsonl").read_bytes().splitlines(keepends=True)
    (place / "empty").unlink(missing_ok=True)
    store.open_key_map(str(place / "empty"), now=NOW).close()
    return _Samples(
        newest=_made(place, lines),
        early=_made(place, old_formats.in_words(lines)),
        empty=(place / "empty").read_bytes(),
    )


def _made(place: Path, lines: Iterable[bytes]) -> bytes:
    whole, small = place / "whole", place / "small"
    for path in (whole, small):
        path.write_bytes(b"")
    exchange.fill(str(whole), lines, path="lines", now=NOW)
    with closing(database.connect(str(whole))) as opened:
        opened.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        opened.execute("VACUUM INTO ?", (str(small),))
    with closing(database.connect(str(small))) as opened:
        database.make_durable(opened)
    return small.read_bytes()


@dataclass(frozen=True, kw_only=True)
class _Readers:
    """Readers of key maps in files."""

    empty: bytes

    def read_key_map(self, path: str) -> object:
        """Open a key map, ask it much, and check it; the file stays what it was."""
        before = Path(path).read_bytes()
        # One of an earlier format is brought to the newest.
        is_newest = format_of(before) >= len(schema.MIGRATIONS)
        try:
            with closing(store.open_reader(path, now=NOW)) as reader:
                found = [*_all_of(reader)]
        except errors.KeyMapDamaged:
            assert not is_newest or _is_found_damaged(path), "a check finds nothing wrong with it"
            raise
        finally:
            assert not is_newest or Path(path).read_bytes() == before
        with sources.source(path) as opened:
            return found, [*check.findings(opened, full=True, heard=_ignore)]

    def read_other(self, path: str) -> object:
        """Take in a key map, or an export of one; what came of it must be sound."""
        own = f"{path}-own"
        with incoming.ready(path, beside=own, now=NOW, heard=_ignore, called=path) as made:
            Path(own).write_bytes(self.empty)
            opened = database.connect(own)
            # As in a key map that is in use.
            opened.execute("PRAGMA foreign_keys=ON")
            with closing(KeyMap(opened)) as key_map:
                key_map.merger.merge(made, now=NOW, dry_run=False, heard=_ignore)
                return _all_that_was_taken_in(key_map)


def _is_found_damaged(path: str) -> bool:
    try:
        with sources.source(path) as opened:
            return any(check.findings(opened, full=True, heard=_ignore))
    except errors.KeyMapDamaged:
        return True


def _all_that_was_taken_in(key_map: KeyMap) -> list[object]:
    try:
        found = [*_all_of(key_map), *_all_else_of(key_map)]
        with sources.source(key_map.path) as opened:
            check.refuse_unsound(opened, path="our own")
    except errors.KeyMapDamaged as error:
        raise AssertionError(f"it damages the key map that takes it in: {error}") from error
    return found


def _all_of(reader: KeyMapReader) -> Iterator[object]:
    """Yield what can be asked of a key map by whoever may not change it."""
    for vault in _vaults(reader):
        yield vault
        yield from reader.archives.every(vault)
        yield reader.archives.totals(vault)
        yield from reader.jobs.known(vault.key)
        asked = [Question(vault=vault, wanted=ArchiveFilter(all_versions=True))]
        yield from reader.listings.by_name(asked[0])
        yield reader.totals.of(asked, span=_SPAN, now=NOW)
        yield reader.duplicates.count(asked, limit=None)
        yield from reader.duplicates.found(asked)


def _all_else_of(key_map: KeyMap) -> Iterator[object]:
    for vault in _vaults(key_map):
        for entry in key_map.uploads.under_way(vault.key):
            yield entry, key_map.uploads.parts(entry.key)
        yield from key_map.inventories.dates(vault.key)
        yield key_map.inventories.newest(vault.key)
        yield key_map.journal.milestones(vault.key)


def _vaults(reader: KeyMapReader) -> list[KnownVault]:
    return reader.vaults.in_store(records.STORE)


def _ignore(_done: int, _total: int) -> None:
    pass


def parsers(place: Path) -> list[Parser]:
    """Return the parsers, whose files are in a directory; without it only their names are true."""
    samples = _samples(place) if place.is_dir() else _Samples(newest=b"", early=b"", empty=b"")
    # One that has to be brought up to date takes five times as long.
    made = (*[samples.newest] * _NEWEST_OF_EARLY, samples.early)
    rows = Rows(made)
    packed = Envelope(opened=rows.opened, sealed=rows.sealed)
    readers, read = _Readers(empty=samples.empty), Files(place=place).reader
    key_map, other = read(readers.read_key_map), read(readers.read_other)
    return [
        Parser(
            name="key-map",
            read=key_map,
            declared=_DECLARED,
            envelope=packed,
            made=made,
            cases=60,
        ),
        Parser(
            name="key-map-snapshot",
            read=other,
            declared=_DECLARED,
            envelope=packed,
            made=made,
            cases=30,
        ),
        Parser(name="key-map-export", read=other, declared=_DECLARED, cases=30),
    ]
