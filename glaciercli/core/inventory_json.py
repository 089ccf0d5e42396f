"""The JSON form of a vault inventory, read as a stream.

Form: "Vault Inventory Output" in the Amazon Glacier developer guide.  An inventory may be
gigabytes long, so a window slides over the text and each archive is decoded by itself.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from glaciercli.core import listed
from glaciercli.core.listed import (
    RECORD_MOST_CHARACTERS,
    InventoryHead,
    ListedArchive,
    MalformedInventory,
)

_BLANKS = " \t\r\n"

_LIST = "ArchiveList"
_ARN = "VaultARN"
_DATE = "InventoryDate"

#: How much is read ahead, so that the window moves seldom.
_AHEAD_CHARACTERS = 16 * RECORD_MOST_CHARACTERS


class JsonInventory:
    """The archives of one inventory, which can be iterated over once.

    ``head`` may be asked for at any time: it holds what stands before the list of archives, which
    is all of it in the service's own order, and after the iteration whatever stood behind it too.
    Only an iteration that came to its end has seen that the inventory is complete.
    """

    def __init__(self, chunks: Iterable[str]) -> None:
        self._window = _Window(chunks)
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

    def __iter__(self) -> Iterator[ListedArchive]:
        """Yield the archives in the order of the inventory."""
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

    def _archives(self) -> Iterator[ListedArchive]:
        """Yield the elements of the list."""
        window = self._window
        more = window.peek() != "]"
        while more:
            offset = window.offset
            yield _archive(window.value(), offset)
            more = window.peek() != "]"
            if more:
                window.expect(",")
                window.peek()
        window.expect("]")

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


class _Window:
    """A piece of a long text that moves on as it is read."""

    def __init__(self, chunks: Iterable[str]) -> None:
        self._chunks = iter(chunks)
        self._text = ""
        self._at = 0
        self._dropped = 0
        self._ended = False
        self._decoder = json.JSONDecoder(parse_constant=_no_number)

    @property
    def offset(self) -> int:
        """How many characters were read."""
        return self._dropped + self._at

    def peek(self) -> str:
        """Return the next character that is no blank, or nothing at the end."""
        while True:
            text, at = self._text, self._at
            while at < len(text) and text[at] in _BLANKS:
                at += 1
            self._at = at
            if at < len(text):
                return text[at]
            if self._ended:
                return ""
            self._fill()

    def skip(self, character: str) -> None:
        """Pass over a character, if it is the next one."""
        if self.peek() == character:
            self._at += 1

    def expect(self, character: str) -> None:
        """Pass over a character, which has to be the next one."""
        found = self.peek()
        if found != character:
            self.fail(f'"{character}" was expected' if found else "it ends too early")
        self._at += 1

    def value(self) -> Any:
        """Return the next JSON value."""
        self.peek()
        self._fill()
        try:
            value, stop = self._decoder.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            self._fail_to_decode(error)
        except (ValueError, RecursionError):
            self.fail("a value is none that an inventory holds")
        if stop - self._at > RECORD_MOST_CHARACTERS:
            self.fail(f"a record is longer than {RECORD_MOST_CHARACTERS:,} characters")
        self._at = stop
        return value

    def fail(self, reason: str, *, offset: int | None = None) -> NoReturn:
        """Say what is wrong here."""
        raise MalformedInventory(reason, offset=self.offset if offset is None else offset)

    def _fail_to_decode(self, error: json.JSONDecodeError) -> NoReturn:
        """Say why there is no value here."""
        open_string = error.msg.startswith("Unterminated")
        if not self._ended and (open_string or error.pos - self._at > RECORD_MOST_CHARACTERS):
            self.fail(f"a record is longer than {RECORD_MOST_CHARACTERS:,} characters")
        if self._ended and (open_string or error.pos >= len(self._text.rstrip(_BLANKS))):
            self.fail("it ends too early", offset=self._dropped + len(self._text))
        self.fail(error.msg[0].lower() + error.msg[1:], offset=self._dropped + error.pos)

    def _fill(self) -> None:
        """Have a whole record in the window, if the text goes on that long."""
        if self._ended or len(self._text) - self._at > RECORD_MOST_CHARACTERS:
            return
        self._dropped += self._at
        pieces, length = [self._text[self._at :]], len(self._text) - self._at
        for chunk in self._chunks:
            pieces.append(chunk)
            length += len(chunk)
            if length >= _AHEAD_CHARACTERS:
                break
        else:
            self._ended = True
        self._text, self._at = "".join(pieces), 0


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


def _no_number(name: str) -> NoReturn:
    """Refuse NaN and the infinities, which are no JSON."""
    raise ValueError(name)
