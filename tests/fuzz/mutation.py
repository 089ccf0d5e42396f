"""Samples made hostile: bytes, words, lines and JSON members changed by chance.

Most changes are blind; those of JSON keep the document well-formed, so that what reads its members
is reached too.
"""

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

#: What a case grows to at most.
MOST_BYTES = 64 * 1024

#: Pieces that readers stumble over.
HOSTILE = (
    b"", b"\0", b"\n", b"\r\n", b"\r", b"\t", b" ", b"\x1b[2J", b"\x7f", b"\xff", b"\x80",
    b"\xed\xa0\x80", b"\xed\xb0\x80", b"\xef\xbb\xbf", b"\xc2\x9b", b"\xe2\x80\xae",
    b"\xe2\x80\xa8", b"\\ud800", b"\\udc80", b"\\u0000", b'"', b'""', b'\\"', b"\\", b"\\\\",
    b"'", b"{", b"}", b"[", b"]", b"{}", b"[]", b"},{", b"},", b",", b":", b";", b"|", b" | ",
    b"---", b"- ", b"#", b"!", b"*", b"**", b"[", b"[!]", b"[[:alpha:]]", b"[z-a]", b"<", b"</",
    b"<m>", b"</m>", b"<p>", b"</p>", b"<!ENTITY a 'aaaa'>", b"&a;", b"0", b"-0", b"-1", b"+1",
    b"1e400", b"-1e400", b"1e-400", b"0x1", b"1_000", b"NaN", b"Infinity", b"-Infinity", b"null",
    b"true", b"false", b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809",
    b"18446744073709551616", b"9" * 40, b"9" * 5000, b"0.1", b"1.5", b"00", b"\xd9\xa3",
    b"\xc2\xb2", b"..", b"../..", b"/", b"//", b"C:\\", b"~", b"0000-00-00T00:00:00Z",
    b"9999-12-31T23:59:59Z", b"0001-01-01T00:00:00+23:59", b"2024-02-30T00:00:00Z",
    b"2024-01-01T24:00:00Z", b"20240101T000000Z", b"99999999999999",
    b"1970-01-01T00:00:00." + b"9" * 400 + b"Z", b"gc1 ", b"gc1z ", b"mt1 ", b"mt2 ", b"=1+1",
    b"%00", b"%", b"+AF8-", b"+AF", b"=", b"====", b"A" * 300, b"\xf0\x9f\x8f\x94",
    b"SQLite format 3\0",
)  # fmt: skip

#: Values that stand where a JSON document has others.
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**40, 1.5, -0.0, 1e308,
    "", " ", "0", "-1", "a", "\0", "\n", "\ud800", "\udc80\udc81", "\ufeff", "\u202e", "x" * 2000,
    "é", "🏔", "..", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "\ud83c\udfd4", [],
    {}, [[]], [{}], [None], {"": None}, {"a": {"a": []}}, "{}", "[]", '"', "a/b", "0-0", "bytes",
)  # fmt: skip

_WORD = re.compile(rb"[A-Za-z0-9_.:+-]+")

Change = Callable[[bytes, Random], bytes]


class Mutator:
    """Makes cases of the samples of one format."""

    def __init__(self, samples: Sequence[bytes], rng: Random) -> None:
        assert samples
        self._samples = samples
        self._rng = rng

    def case(self) -> bytes:
        """Return a sample after one or some changes."""
        rng = self._rng
        data = rng.choice(self._samples)
        if rng.random() < 0.3:
            data = changed_json(data, rng)
            if rng.random() < 0.5:
                return data[:MOST_BYTES]
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 6))):
            data = self._spliced(data) if rng.random() < 0.05 else rng.choice(_CHANGES)(data, rng)
        return data[:MOST_BYTES]

    def _spliced(self, data: bytes) -> bytes:
        other = self._rng.choice(self._samples)
        return data[: _place(data, self._rng)] + other[_place(other, self._rng) :]


def changed_json(data: bytes, rng: Random) -> bytes:
    """Return a JSON document, or JSON lines, with one member changed; other bytes as they are."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    at = rng.randrange(len(lines))
    for start, stop in ((0, len(lines)), (at, at + 1)):
        try:
            document = json.loads(b"".join(lines[start:stop]))
        except (ValueError, RecursionError):
            continue
        spelled = json.dumps(_with_change(document, rng), ensure_ascii=rng.random() < 0.7)
        made = spelled.encode("utf-8", "surrogatepass") + b"\n"
        return b"".join([*lines[:start], made, *lines[stop:]])
    return data


def _with_change(value: Any, rng: Random) -> Any:
    """Return a value with one node somewhere in it changed."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        return _with_changed_member(value, rng)
    if isinstance(value, list) and value and rng.random() < 0.9:
        at, kept = rng.randrange(len(value)), list(value)
        match rng.randrange(4):
            case 0:
                del kept[at]
            case 1:
                kept.insert(at, rng.choice((kept[at], rng.choice(_VALUES))))
            case _:
                kept[at] = _with_change(kept[at], rng)
        return kept
    return rng.choice(_VALUES)


def _with_changed_member(value: dict[str, Any], rng: Random) -> dict[str, Any]:
    key, kept = rng.choice(list(value)), dict(value)
    match rng.randrange(8):
        case 0:
            del kept[key]
        case 1:
            kept[rng.choice(("", "x", "\ud800", key + "x"))] = rng.choice(_VALUES)
        case 2:
            other = rng.choice(list(value))
            kept[key], kept[other] = kept[other], kept[key]
        case _:
            kept[key] = _with_change(kept[key], rng)
    return kept


def _place(data: bytes, rng: Random) -> int:
    return rng.randrange(len(data) + 1)


def _span(data: bytes, rng: Random) -> tuple[int, int]:
    """Return a span, a short one as often as a long one."""
    start = _place(data, rng)
    most = rng.choice((1, 4, 16, 64, len(data)))
    return start, min(len(data), start + rng.randrange(most + 1))


def _flip(data: bytes, rng: Random) -> bytes:
    if not data:
        return data
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def _overwrite(data: bytes, rng: Random) -> bytes:
    start, stop = _span(data, rng)
    return data[:start] + rng.randbytes(stop - start) + data[stop:]


def _cut_out(data: bytes, rng: Random) -> bytes:
    start, stop = _span(data, rng)
    return data[:start] + data[stop:]


def _cut_off(data: bytes, rng: Random) -> bytes:
    return data[: _place(data, rng)]


def _insert(data: bytes, rng: Random) -> bytes:
    at = _place(data, rng)
    return data[:at] + rng.choice(HOSTILE) + data[at:]


def _exchange_word(data: bytes, rng: Random) -> bytes:
    words = list(_WORD.finditer(data[:4096]))
    if not words:
        return _insert(data, rng)
    start, stop = rng.choice(words).span()
    return data[:start] + rng.choice(HOSTILE) + data[stop:]


def _double(data: bytes, rng: Random) -> bytes:
    start, stop = _span(data, rng)
    at = _place(data, rng)
    return data[:at] + data[start:stop] + data[at:]


def _bury(data: bytes, rng: Random) -> bytes:
    """Repeat a piece so often that what takes the square of its length takes for ever."""
    start, stop = _span(data, rng)
    piece = rng.choice((data[start:stop], rng.choice(HOSTILE), b"[", b'{"a":'))
    if not piece or rng.random() < 0.8:
        return data[:stop] + piece * rng.randrange(8) + data[stop:]
    times = rng.choice((100, 1000, MOST_BYTES)) // len(piece) + 1
    return data[:start] + piece * times + data[start:]


def _move_lines(data: bytes, rng: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    if not lines:
        return data
    taken = lines.pop(rng.randrange(len(lines)))
    for _ in range(rng.randrange(3)):
        lines.insert(rng.randrange(len(lines) + 1), taken)
    return b"".join(lines)


_CHANGES: tuple[Change, ...] = (
    _flip, _flip, _overwrite, _cut_out, _cut_off, _insert, _insert, _exchange_word, _exchange_word,
    _exchange_word, _double, _bury, _move_lines,
)  # fmt: skip
