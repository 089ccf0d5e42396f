"""Writes a vault's inventory, as JSON or CSV, in constant memory.

Real documents differ from the samples of the developer guide: whole seconds, an empty text for
a missing description, and a CSV that escapes quotes with a backslash and backslashes not at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from glaciercli.server import markers, times
from glaciercli.server.blobs import BlobStore, Incoming
from glaciercli.server.catalogue import archives
from glaciercli.server.catalogue.database import Database
from glaciercli.server.catalogue.records import ArchiveRecord, InventoryOutput, Snapshot
from glaciercli.server.wire import compact_json

_PAGE_ROWS = 1000
_CSV_HEADER = b"ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\n"

#: Before the first archive of any vault.
_START = (-(2**62), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Which part of a vault's inventory is wanted."""

    vault_row: int
    vault_arn: str
    snapshot: Snapshot
    start_ms: int | None
    end_ms: int | None
    limit: int | None
    #: The creation date and row of the last archive of the page before.
    after: tuple[int, int] | None


def parse_marker(marker: str) -> tuple[int, int] | None:
    """Return where a page ended; ``None`` where the marker is not one of ours."""
    numbers = markers.decode("inventory", marker, count=2)
    return (numbers[0], numbers[1]) if numbers else None


def write(
    catalogue: Database, blobs: BlobStore, extent: Extent, *, as_csv: bool
) -> InventoryOutput:
    """Write an inventory to a durable file and return what it became."""
    rows = _Rows(catalogue, extent)
    pieces = _csv(rows) if as_csv else _json(rows, extent)
    with blobs.new() as incoming:
        _write_pieces(incoming, pieces)
        kept = incoming.keep()
    return InventoryOutput(file=kept.file, size_bytes=kept.size_bytes, next_marker=rows.marker())


def _write_pieces(incoming: Incoming, pieces: Iterator[bytes]) -> None:
    buffered = bytearray()
    for piece in pieces:
        buffered += piece
        if len(buffered) >= _PAGE_ROWS * 256:
            incoming.write(bytes(buffered))
            buffered.clear()
    incoming.write(bytes(buffered))


class _Rows:
    """The archives of one inventory, a page of the catalogue at a time."""

    def __init__(self, catalogue: Database, extent: Extent) -> None:
        self._catalogue = catalogue
        self._extent = extent
        self._last: ArchiveRecord | None = None
        self._more = False

    def __iter__(self) -> Iterator[ArchiveRecord]:
        limit = self._extent.limit
        for count, archive in enumerate(self._all()):
            if count == limit:
                self._more = True
                return
            self._last = archive
            yield archive

    def marker(self) -> str | None:
        """Return where the next page starts; ``None`` where everything was listed."""
        if not self._more or self._last is None:
            return None
        return markers.encode("inventory", self._last.created_ms, self._last.row)

    def _all(self) -> Iterator[ArchiveRecord]:
        after = self._first()
        while page := self._page(after):
            for archive in page:
                if self._extent.end_ms is not None and archive.created_ms >= self._extent.end_ms:
                    return
                yield archive
            after = (page[-1].created_ms, page[-1].row)

    def _first(self) -> tuple[int, int]:
        # The start date is inclusive: no row has the number 0.
        start = _START if self._extent.start_ms is None else (self._extent.start_ms, 0)
        return max(start, self._extent.after or _START)

    def _page(self, after: tuple[int, int]) -> list[ArchiveRecord]:
        # A transaction a page: a long inventory must not keep others from writing.  The
        # snapshot names the last write that counts, so later ones change nothing here.
        with self._catalogue.reading() as tx:
            return archives.listed(
                tx, self._extent.vault_row, self._extent.snapshot, after=after, limit=_PAGE_ROWS
            )


def _json(rows: _Rows, extent: Extent) -> Iterator[bytes]:
    head = {
        "VaultARN": extent.vault_arn,
        "InventoryDate": times.inventory_date(extent.snapshot.date_ms),
    }
    yield compact_json(head)[:-1] + b',"ArchiveList":['
    for number, archive in enumerate(rows):
        yield (b"," if number else b"") + compact_json(_entry(archive))
    yield b"]}"


def _entry(archive: ArchiveRecord) -> dict[str, str | int]:
    return {
        "ArchiveId": archive.archive_id,
        "ArchiveDescription": archive.description,
        "CreationDate": times.inventory_date(archive.created_ms),
        "Size": archive.size_bytes,
        "SHA256TreeHash": archive.tree_hash.hex(),
    }


def _csv(rows: _Rows) -> Iterator[bytes]:
    yield _CSV_HEADER
    for archive in rows:
        description = archive.description.replace('"', '\\"')
        created = times.inventory_date(archive.created_ms)
        size, digest = archive.size_bytes, archive.tree_hash.hex()
        yield f'{archive.archive_id},"{description}",{created},{size},{digest}\n'.encode()
