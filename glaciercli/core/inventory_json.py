"""The JSON form of a vault inventory, read as a stream.

Form: "Vault Inventory Output" in the Amazon Glacier developer guide.  An inventory may be
gigabytes long, so a window slides over the text, and what it holds is decoded at once.
"""

from collections.abc import Iterable, Iterator

from glaciercli.core import listed, listed_columns
from glaciercli.core.json_window import JsonWindow
from glaciercli.core.listed import InventoryHead, ListedArchive, ListedRow, MalformedInventory

_LIST = "ArchiveList"
_ARN = "VaultARN"
_DATE = "InventoryDate"


class JsonInventory:
    """The archives of one inventory, which can be iterated over once.

    ``head`` may be asked for at any time: it holds what stands before the list of archives, which
    is all of it in the service's own order, and after the iteration whatever stood behind it too.
    Only an iteration that came to its end has seen that the inventory is complete.
    """

    def __init__(self, chunks: Iterable[str]) -> None:
        self._window = JsonWindow(chunks, refuse=_refusal)
        self._fields: dict[str, object] = {}
        self._at_list = False

    @property
    def head(self) -> InventoryHead:
        """What the inventory has said of itself so far."""
        self._find_list()
        arn, date = self._fields.get(_ARN), self._fields.get(_DATE)
        offset = self._window.offset
        return InventoryHead(
            vault_arn=arn if isinstance(arn, str) else None,
            inventory_date=None if date is None else listed.read_date(date, offset=offset),
        )

    @property
    def has_whole_head(self) -> bool:
        """Whether all of the head stands before the archives, so that nothing is to follow."""
        self._find_list()
        return _ARN in self._fields and _DATE in self._fields

    def __iter__(self) -> Iterator[ListedArchive]:
        """Yield the archives in the order of the inventory."""
        return (listed.from_row(row) for rows in self.rows() for row in rows)

    def rows(self) -> Iterator[list[ListedRow]]:
        """Yield the archives in the order of the inventory, many at a time."""
        self._find_list()
        yield from self._archives()
        self._find_end()

    def _find_list(self) -> None:
        """Read up to the list of archives, once."""
        if self._at_list:
            return
        self._window.skip("\ufeff")
        self._window.expect("{")
        if self._window.peek() == "}":
            self._window.fail("there is no list of archives")
        while not self._at_list:
            self._read_field()
            if not self._at_list:
                self._next_field()

    def _next_field(self) -> None:
        """Go on to the next field; before the list of archives there has to be one."""
        if self._window.peek() == "}":
            self._window.fail("there is no list of archives")
        self._window.expect(",")

    def _read_field(self) -> None:
        """Read one field of the document; of the list of archives only the start."""
        window = self._window
        offset = window.offset
        key = window.value()
        if not isinstance(key, str):
            window.fail("a key is no text", offset=offset)
        if key in self._fields:
            window.fail("a key occurs twice", offset=offset)
        window.expect(":")
        if key == _LIST:
            window.expect("[")
            self._at_list = True
            self._fields[key] = None
        else:
            value = window.value()
            self._fields[key] = value if key in {_ARN, _DATE} else None

    def _archives(self) -> Iterator[list[ListedRow]]:
        """Yield the elements of the list."""
        window = self._window
        more = window.peek() != "]"
        while more:
            yield self._some()
            more = window.peek() != "]"
            if more:
                window.expect(",")
                window.peek()
        window.expect("]")

    def _some(self) -> list[ListedRow]:
        """Return the next elements of the list, one at least."""
        records = self._window.values()
        rows = listed_columns.rows(records)
        if rows is None:
            self._window.reread()
        if rows:
            return rows
        self._window.peek()
        offset = self._window.offset
        return [listed.as_row(_archive(self._window.value(), offset))]

    def _find_end(self) -> None:
        """Read what stands behind the list."""
        window = self._window
        while window.peek() != "}":
            window.expect(",")
            self._read_field()
        window.expect("}")
        self._check_head()
        if window.peek() == "{" and not _is_aws_cli_answer(window.value()):
            window.fail("something follows the inventory")
        if window.peek():
            window.fail("something follows the inventory")

    def _check_head(self) -> None:
        """Refuse a document without its own fields, or with wrong ones."""
        for key in (_ARN, _DATE):
            if key not in self._fields:
                self._window.fail(f"{key} is missing")
            value = self._fields[key]
            if value is not None and not isinstance(value, str):
                self._window.fail(f"{key} is no text")
        _ = self.head


def _archive(record: object, offset: int) -> ListedArchive:
    """Return one archive of the list."""
    if not isinstance(record, dict):
        raise MalformedInventory("an archive is no object", offset=offset)
    for key in ("ArchiveId", "CreationDate", "Size", "SHA256TreeHash"):
        if key not in record:
            raise MalformedInventory(f"an archive has no {key}", offset=offset)
    return ListedArchive(
        archive_id=listed.read_id(record["ArchiveId"], offset=offset),
        description=listed.read_description(record.get("ArchiveDescription"), offset=offset),
        created_at=listed.read_date(record["CreationDate"], offset=offset),
        size_bytes=listed.read_size(record["Size"], offset=offset),
        tree_hash=listed.read_hash(record["SHA256TreeHash"], offset=offset),
    )


def _is_aws_cli_answer(value: object) -> bool:
    """Tell whether a value is what `aws glacier get-job-output ... /dev/stdout` prints at last."""
    return isinstance(value, dict) and type(value.get("status")) is int


def _refusal(reason: str, offset: int) -> MalformedInventory:
    return MalformedInventory(reason, offset=offset)
