"""JSON records packed into printable ASCII: compressed by zlib, then base85.

A description has room for 1,024 characters, so a long name of many scripts needs every byte.  The
JSON is UTF-8 or UTF-16, whichever packs better, and the fields beside the name may stand in a
block of their own, since few symbols in common make the name's code table smaller.
"""

import json
import re
import zlib
from base64 import b85decode, b85encode
from collections.abc import Iterator, Mapping
from typing import Any

#: Far more than any record of ours unpacks to; a hostile one may claim gigabytes.
UNPACKED_MOST_BYTES = 64 * 1024

#: Half characters that JSON's escapes, and UTF-16, would join to one when they are read back.
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")

#: What a zlib stream of the best compression starts with (RFC 1950).
_ZLIB_HEADER = b"\x78\xda"


def has_half_pair(text: str) -> bool:
    """Tell whether two half characters stand side by side, which escapes would join."""
    return _PAIR.search(text) is not None


def compact(record: Mapping[str, str | int], *, ascii_only: bool = True) -> str:
    """Return a record as compact JSON."""
    return json.dumps(record, separators=(",", ":"), ensure_ascii=ascii_only)


def pack(record: Mapping[str, str | int], *, name_key: str) -> str:
    """Return the shortest packed form of a record, whose name may be long."""
    return b85encode(min(_packings(record, name_key), key=len)).decode("ascii")


def unpack(text: str) -> dict[str, Any] | None:
    """Return the record that was packed, or None if it is damaged or far too large."""
    unpacker = zlib.decompressobj()
    try:
        payload = unpacker.decompress(b85decode(text), UNPACKED_MOST_BYTES)
    except (ValueError, zlib.error):
        return None
    return load_object(payload) if unpacker.eof else None


def load_object(text: str | bytes) -> dict[str, Any] | None:
    """Return a JSON object, or None for anything else; bytes may be UTF-8 or UTF-16."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _packings(record: Mapping[str, str | int], name_key: str) -> Iterator[bytes]:
    """Yield the forms of a record that may turn out the shortest."""
    payload = compact(record, ascii_only=False)
    yield from _deflated(payload.encode("utf-8", "surrogatepass"))
    yield from _deflated_apart(record, name_key)
    if not has_half_pair(payload):
        yield from _deflated(payload.encode("utf-16-le", "surrogatepass"))
        yield from _deflated(compact(record).encode("ascii"))


def _deflated(payload: bytes) -> Iterator[bytes]:
    """Yield a payload as zlib streams."""
    for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY):
        packer = zlib.compressobj(9, strategy=strategy)
        yield packer.compress(payload) + packer.flush()


def _deflated_apart(record: Mapping[str, str | int], name_key: str) -> Iterator[bytes]:
    """Yield zlib streams whose name is in a block of its own."""
    others = {key: value for key, value in record.items() if key != name_key}
    opening = compact(others)[:-1] + ("," if others else "") + json.dumps(name_key) + ":"
    name = json.dumps(record[name_key], ensure_ascii=False) + "}"
    head, tail = opening.encode("ascii"), name.encode("utf-8", "surrogatepass")
    first = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, strategy=zlib.Z_FIXED)
    start = _ZLIB_HEADER + first.compress(head) + first.flush(zlib.Z_SYNC_FLUSH)
    checksum = zlib.adler32(head + tail).to_bytes(4, "big")
    for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY):
        second = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, strategy=strategy)
        yield start + second.compress(tail) + second.flush() + checksum
