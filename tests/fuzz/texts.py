"""Readers of texts: inventories, descriptions, other tools' stores, policies, patterns, prices."""

import binascii
import zlib
from base64 import b64decode, b64encode, b85decode, b85encode, urlsafe_b64encode
from collections.abc import Iterator
from random import Random

from glaciercli.core import inventory, policies
from glaciercli.core.description import decode, is_key_map, is_plain, parse_job_tag
from glaciercli.core.filters import PatternRules
from glaciercli.core.foreign_stores import recognition
from glaciercli.core.foreign_stores.records import MalformedStore, StoreFormat, StoreRecord
from glaciercli.core.listed import ListedRow, MalformedInventory
from glaciercli.core.packing import UNPACKED_MOST_BYTES
from glaciercli.core.parts import MAX_ARCHIVE_BYTES
from glaciercli.core.pricing_table import read_table
from glaciercli.core.text import printable
from glaciercli.core.treehash import DIGEST_BYTES
from glaciercli.errors import BadUsage
from tests.fuzz.parser import Envelope, Parser

_MOST = 2**63 - 1

#: What is asked of patterns, whatever they are.
_NAMES = (b"a", b"a/b.txt", b"build/", "é/\udcff".encode("utf-8", "surrogateescape"), b"a" * 200)


def pieces(text: str, data: bytes) -> Iterator[str]:
    """Yield a text in pieces of a size that follows from the bytes alone."""
    size = (7, 100, 5000, 10**6)[zlib.crc32(data) % 4]
    if len(text) // size > 500:
        size = 5000
    return (text[at : at + size] for at in range(0, len(text), size))


def read_inventory(data: bytes) -> object:
    """Read an inventory of either form; what comes out is what a key map can hold."""
    opened = inventory.open_inventory(pieces(data.decode("utf-8", "replace"), data))
    for rows in inventory.in_rows(opened):
        for row in rows:
            _check_row(row)
    return opened.head


def _check_row(row: ListedRow) -> None:
    archive_id, description, created_ms, size_bytes, tree_hash = row
    assert archive_id
    assert archive_id.isascii()
    assert isinstance(description, str)
    assert -_MOST <= created_ms <= _MOST
    assert 0 <= size_bytes <= MAX_ARCHIVE_BYTES
    assert len(tree_hash) == DIGEST_BYTES


def read_description(data: bytes) -> object:
    """Read a description and the mark of a job; nothing may go wrong at all."""
    text = data.decode("utf-8", "surrogateescape")
    said = decode(text)
    assert said.name != ""
    if said.format in {"plain", "undecodable"}:
        assert said.name == text
    elif said.name is not None:
        assert len(said.name) <= max(len(text), UNPACKED_MOST_BYTES)
    if is_plain(text):
        assert (said.name, said.format) == (text, "plain")
    shown = printable(said.name or "")
    assert printable(shown) == shown
    assert not any(char in "\x1b\x07\x9b\n\u202e" for char in shown)
    return is_key_map(text), parse_job_tag(text)


def read_store(data: bytes, store: StoreFormat | None = None) -> object:
    """Read the store of another tool, one that was named or one that is recognised."""
    text = data.decode("utf-8", "surrogateescape")
    head = text[: recognition.HEAD_CHARACTERS]
    found = store or recognition.recognise(head)
    if found is StoreFormat.INVENTORY:
        return None
    return sum(map(_check_record, recognition.read(found, head, pieces(text, data))))


def _check_record(record: StoreRecord) -> int:
    assert record.size_bytes is None or 0 < record.size_bytes <= MAX_ARCHIVE_BYTES
    assert record.tree_hash is None or len(record.tree_hash) == DIGEST_BYTES
    assert record.archive_id.isascii()
    assert record.at is None or record.at.tzinfo is not None
    assert record.naming.name != ""
    return 1


def read_policy(data: bytes) -> object:
    """Read a policy as the service may send it, and as a user's file holds it."""
    text = data.decode("utf-8", "replace")
    shown = [*policies.words(text), policies.indented(text)]
    policies.check(text, source="the policy")
    return shown


def read_patterns(data: bytes) -> object:
    """Read a file of patterns and ask it of some names."""
    rules = PatternRules()
    rules.add(b"", data.decode("utf-8", "surrogateescape").splitlines())
    return [rules.excludes(name) for name in _NAMES]


def read_prices(data: bytes) -> object:
    """Read a table of prices."""
    found = list(read_table(data.decode("utf-8", "replace").splitlines()))
    assert all(one.usd.is_finite() for one in found)
    return found


def _after(prefix: bytes) -> Envelope:
    """Return the packing of base64 behind a word."""

    def opened(data: bytes) -> bytes | None:
        word, _, packed = data.partition(b" ")
        try:
            return b64decode(packed + b"==", b"-_") if word == prefix else None
        except binascii.Error:
            return None

    return Envelope(opened=opened, sealed=lambda inner, _: prefix + b" " + _url_safe(inner))


def _url_safe(inner: bytes) -> bytes:
    return urlsafe_b64encode(inner).rstrip(b"=")


def _open_packed(data: bytes) -> bytes | None:
    try:
        return zlib.decompress(b85decode(data.removeprefix(b"gc1z ").strip()))
    except (ValueError, zlib.error):
        return None


def _seal_packed(inner: bytes, rng: Random) -> bytes:
    return b"gc1z " + b85encode(zlib.compress(inner, rng.choice((1, 9))))


def _open_tags(data: bytes) -> bytes | None:
    _, found, rest = data.partition(b"<p>")
    try:
        return b64decode(rest.partition(b"</p>")[0]) if found else None
    except binascii.Error:
        return None


def _seal_tags(inner: bytes, rng: Random) -> bytes:
    version = b"%d" % rng.choice((2, 3, 4))
    return (
        b"<m><v>" + version + b"</v><p>" + b64encode(inner) + b"</p><lm>20120821T170824Z</lm></m>"
    )


_PACKED = Envelope(opened=_open_packed, sealed=_seal_packed)
_TAGS = Envelope(opened=_open_tags, sealed=_seal_tags)

#: The texts that other tools keep, and that are no databases.
_STORES = {
    "mt-journal": StoreFormat.MT_AWS_GLACIER,
    "sagu": StoreFormat.SAGU,
    "glacier-cmd": StoreFormat.GLACIER_CMD,
    "glacier-interface": StoreFormat.GLACIER_INTERFACE,
    "own-export": StoreFormat.GLACIERCLI,
}

_UNREADABLE = (MalformedInventory,)
_NO_STORE = (MalformedStore, BadUsage)


def _store(name: str, store: StoreFormat) -> Parser:
    return Parser(name=name, read=lambda data: read_store(data, store), declared=_NO_STORE)


PARSERS = (
    Parser(name="inventory-json", read=read_inventory, declared=_UNREADABLE),
    Parser(name="inventory-csv", read=read_inventory, declared=_UNREADABLE),
    Parser(name="description-own", read=read_description, envelope=_PACKED),
    Parser(name="description-mt1", read=read_description, envelope=_after(b"mt1")),
    Parser(name="description-mt2", read=read_description, envelope=_after(b"mt2")),
    Parser(name="description-fastglacier", read=read_description, envelope=_TAGS),
    Parser(name="description-json", read=read_description),
    Parser(name="description-plain", read=read_description),
    *(_store(name, store) for name, store in _STORES.items()),
    Parser(name="any-store", read=read_store, declared=_NO_STORE),
    Parser(name="policy", read=read_policy, declared=(BadUsage,)),
    Parser(name="patterns", read=read_patterns, declared=(BadUsage,), cases=100),
    Parser(name="prices", read=read_prices, declared=(ValueError,)),
)
