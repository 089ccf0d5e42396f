r"""The CSV form of a vault inventory, read as a stream.

It is a form of its own: a quote is written ``\"`` and a backslash is never escaped, so that no
common reader understands it.  But only the description is free text, so a line can be cut from
both of its ends.
"""

from collections.abc import Iterable, Iterator

from glaciercli.core import listed
from glaciercli.core.listed import (
    RECORD_MOST_CHARACTERS,
    InventoryHead,
    ListedArchive,
    MalformedInventory,
)

_HEADER = ["ArchiveId", "ArchiveDescription", "CreationDate", "Size", "SHA256TreeHash"]

#: The fields behind the description.
_LAST_FIELDS = 3


class CsvInventory:
    """The archives of one inventory, which can be iterated over once.

    This form has no end mark: one that was cut off between two lines cannot be told from a whole
    one.
    """

    def __init__(self, chunks: Iterable[str]) -> None:
        self._chunks = chunks

    @property
    def head(self) -> InventoryHead:
        """Nothing: this form does not name its vault and date."""
        return InventoryHead(vault_arn=None, inventory_date=None)

    @property
    def has_whole_head(self) -> bool:
        """Whether nothing of the head is to follow."""
        return True

    def __iter__(self) -> Iterator[ListedArchive]:
        """Yield the archives in the order of the inventory."""
        lines = _lines(self._chunks)
        offset, header = next(lines, (0, ""))
        if [_unquoted(field) for field in header.lstrip("\ufeff").split(",")] != _HEADER:
            raise MalformedInventory("the heading is not that of an inventory", offset=offset)
        for offset, line in lines:
            yield _archive(line, offset)


def _lines(chunks: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank, each with its offset."""
    offset, rest = 0, ""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split("\n")
        for line in whole:
            yield from _line(line, offset)
            offset += len(line) + 1
        if len(rest) > RECORD_MOST_CHARACTERS:
            break
    yield from _line(rest, offset)


def _line(line: str, offset: int) -> Iterator[tuple[int, str]]:
    """Yield a line without its end, unless it is blank."""
    if len(line) > RECORD_MOST_CHARACTERS:
        message = f"a line is longer than {RECORD_MOST_CHARACTERS:,} characters"
        raise MalformedInventory(message, offset=offset)
    if line.strip():
        yield offset, line.removesuffix("\r")


def _archive(line: str, offset: int) -> ListedArchive:
    """Return the archive of one line."""
    archive_id, comma, rest = line.partition(",")
    fields = rest.rsplit(",", _LAST_FIELDS)
    if not comma or len(fields) != 1 + _LAST_FIELDS:
        raise MalformedInventory("a line has too few fields", offset=offset)
    description, created_at, size, tree_hash = fields
    return ListedArchive(
        archive_id=listed.read_id(_unquoted(archive_id), offset=offset),
        description=_unquoted(description),
        created_at=listed.read_date(_unquoted(created_at), offset=offset),
        size_bytes=listed.read_size(_number(_unquoted(size)), offset=offset),
        tree_hash=listed.read_hash(_unquoted(tree_hash), offset=offset),
    )


def _unquoted(field: str) -> str:
    """Return a field without the quotes around it, if there are any."""
    if len(field) > 1 and field.startswith('"') and field.endswith('"'):
        return field[1:-1].replace('\\"', '"')
    return field


def _number(text: str) -> int | str:
    """Return a number, or the text if it is none."""
    # As many digits as any size has, and no more: int() takes signs, blanks and other scripts.
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(2**63))
    return int(text) if plain else text
