"""What an inventory lists, and the checks that both of its forms share."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from glaciercli.core.parts import MAX_ARCHIVE_BYTES
from glaciercli.core.text import printable
from glaciercli.core.times import EPOCH, parse_time
from glaciercli.core.treehash import DIGEST_BYTES
from glaciercli.errors import GlacierCliError

#: Far more than any record takes; more is no inventory.
RECORD_MOST_CHARACTERS = 64 * 1024

_SHOWN_CHARACTERS = 60

_MILLISECOND = timedelta(milliseconds=1)

#: One archive where there are very many: its ID, description, moment of creation in milliseconds
#: since 1970, size in bytes, and tree hash of 32 bytes.
ListedRow: TypeAlias = tuple[str, str, int, int, bytes]


class MalformedInventory(GlacierCliError):
    """An inventory is cut off, or is none."""

    code = "malformed_inventory"

    def __init__(self, reason: str, *, offset: int) -> None:
        super().__init__(
            f"the inventory is malformed at character {offset}: {reason}",
            hint="fetch it again: nothing of it was used",
        )
        self.offset = offset


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryHead:
    """What an inventory says of itself; the CSV form says nothing."""

    vault_arn: str | None
    #: The moment of the snapshot.
    inventory_date: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedArchive:
    """One archive of an inventory."""

    archive_id: str
    description: str
    created_at: datetime
    size_bytes: int
    #: 32 bytes.
    tree_hash: bytes


def as_row(one: ListedArchive) -> ListedRow:
    """Return an archive as a row; its time is rounded down."""
    created_ms = (one.created_at - EPOCH) // _MILLISECOND
    return one.archive_id, one.description, created_ms, one.size_bytes, one.tree_hash


def from_row(row: ListedRow) -> ListedArchive:
    """Return the archive of a row."""
    archive_id, description, created_ms, size_bytes, tree_hash = row
    return ListedArchive(
        archive_id=archive_id,
        description=description,
        created_at=EPOCH + created_ms * _MILLISECOND,
        size_bytes=size_bytes,
        tree_hash=tree_hash,
    )


def read_date(text: object, *, offset: int) -> datetime:
    """Return the moment that an inventory writes."""
    try:
        return parse_time(_text(text, "a date", offset=offset))
    except ValueError as error:
        raise MalformedInventory(f'"{_shown(text)}" is no date', offset=offset) from error


def read_hash(text: object, *, offset: int) -> bytes:
    """Return the tree hash that an inventory writes, 32 bytes."""
    digits = _text(text, "a tree hash", offset=offset)
    try:
        digest = bytes.fromhex(digits)
    except ValueError:
        digest = b""
    # fromhex reads over blanks, so the digits are counted too.
    if len(digest) != DIGEST_BYTES or len(digits) != 2 * DIGEST_BYTES:
        raise MalformedInventory(f'"{_shown(digits)}" is no tree hash', offset=offset)
    return digest


def read_size(number: object, *, offset: int) -> int:
    """Return the size that an inventory writes."""
    if type(number) is not int or not 0 <= number <= MAX_ARCHIVE_BYTES:
        raise MalformedInventory(f'"{_shown(number)}" is no size', offset=offset)
    return number


def read_id(text: object, *, offset: int) -> str:
    """Return the archive ID that an inventory writes."""
    archive_id = _text(text, "an archive ID", offset=offset)
    if not archive_id:
        raise MalformedInventory("an archive has no ID", offset=offset)
    # The service makes IDs of letters, digits, "-" and "_"; nothing else can be asked for.
    if not (archive_id.isascii() and archive_id.isprintable()) or " " in archive_id:
        raise MalformedInventory(f'"{_shown(archive_id)}" is no archive ID', offset=offset)
    return archive_id


def read_description(text: object, *, offset: int) -> str:
    """Return the description that an inventory writes; an archive may have none."""
    return "" if text is None else _text(text, "a description", offset=offset)


def _text(value: object, what: str, *, offset: int) -> str:
    """Return a value that has to be a text."""
    if isinstance(value, str):
        return value
    raise MalformedInventory(f'"{_shown(value)}" is no text, but {what} has to be', offset=offset)


def _shown(value: object) -> str:
    """Return the start of a value, for a message."""
    return printable(str(value)[:_SHOWN_CHARACTERS])
