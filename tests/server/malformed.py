"""Requests that are wrong in ways nobody thought of: sound ones, of which something is broken.

Everything comes from one ``random.Random``, so that a seed gives the same requests again.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import Any

from tests.server.payloads import tree_hash

MIB = 1024 * 1024

NUMBERS = (
    "", "0", "-0", "-1", "+1", "00", "1", "7", "10", "50", "51", "1e3", "1.5", "0x10", "1_000",
    "٣", "²", " 1 ", "1\t", "NaN", "true", "null", "1048575", "1048576", "1048577", "2147483648",
    "4294967296", "4294967297", "9223372036854775807", "9223372036854775808",
    "18446744073709551616", "9" * 18, "9" * 400, "9" * 5000,
)  # fmt: skip
RANGES = (
    "", "bytes=0-", "bytes=-", "bytes=-1", "bytes=--1", "bytes=5-2", "bytes=0-0,2-3", "bytes=0-4",
    "bytes 0-4/*", "bytes 0-4/5", "bytes 0-6/*", "bytes 4-0/*", "bytes 0-1048575/*", "0-1048575",
    "bytes 1048576-1048582/*", "1048576-2097151", "0-", "-5", "5", "0-0", "items 0-4/*",
    "bytes 0-99999999999999999999/*", f"bytes={'9' * 400}-", f"{'9' * 18}-{'9' * 18}",
    f"bytes {'9' * 15}-{'9' * 15}/*", "bytes=٣-٤", "bytes=0-4\x00",
)  # fmt: skip
DATES = (
    "", "now", "2026-01-01", "2026-01-02T03:04:05Z", "2026-13-01T00:00:00Z", "20260102T030405Z",
    "0000-00-00T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
    "2026-W01-1", "Fri, 02 Jan 2026 03:04:05 GMT", "Fri, 02 Jan 2026 03:04:05 -9999",
    "Fri, 32 Foo 99999 25:61:61 XYZ", "٣-٣-٣", "99999999T999999Z", "2026-01-02T03:04:05+99:99",
)  # fmt: skip
TEXTS = (
    "", " ", "a", "a  b", ".", "..", "../../../etc/passwd", "/etc/passwd", "a/b", "a\\b", "~root",
    "a\x00b", "a\nb", "a\r\nX: y", "\x7f", "é", "\u202e", "😀", "'; DROP TABLE vaults; --", "%00",
    "%s%n", "{0}", "${x}", "*", "x" * 256, "x" * 1024, "x" * 1025, "x" * 20_000, "null",
    "aws:x", "arn:aws:sns:us-east-1:000000000000:t", "arn:aws:glacier:us-east-1:0:vaults/v",
)  # fmt: skip
SEGMENTS = (
    "", ".", "..", "%2e%2e", "%2E.", "%2F", "..%2f..%2fetc%2fpasswd", "%00", "%ff%fe", "%zz", "%",
    "%2", "a%20b", "%E2%82%AC", "é", "\\..\\", "a;b", "~", "*", "a" * 138, "-" * 138, "a" * 92,
    "x" * 3000, "%252e%252e", "'%20OR%201=1--", "\x7f", "-", "000000000000", "111122223333",
    "vaults", "tags", "output", "policies", "LOCK-POLICY", "+", "a:b", "@", "[::1]",
)  # fmt: skip
HEADERS = (
    "x-amz-glacier-version", "x-amz-date", "date", "host", "range", "content-range", "expect",
    "x-amz-part-size", "x-amz-archive-size", "x-amz-archive-description", "content-length",
    "x-amz-sha256-tree-hash", "x-amz-content-sha256", "x-amz-security-token", "content-type",
    "transfer-encoding", "connection", "content-encoding",
)  # fmt: skip
PARAMETERS = ("limit", "marker", "completed", "statuscode", "operation", "x", "")
METHODS = ("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS", "TRACE", "get", "X", "")
MEMBERS = (
    "Type", "ArchiveId", "Description", "Format", "Tier", "SNSTopic", "RetrievalByteRange",
    "InventoryRetrievalParameters", "StartDate", "EndDate", "Limit", "Marker", "jobParameters",
    "Policy", "Rules", "Strategy", "BytesPerHour", "Tags", "TagKeys", "Events", "SelectParameters",
    "OutputLocation", "Statement", "Effect", "Principal", "Action", "Resource", "Condition", "Sid",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63 - 1, 2**63, 2**64, 10**400, 0.5, 1e308, [], {}, [[]],
    [None], {"": None}, {"a": {"a": {}}}, "\ud800", "\x00", [1, "a", {}], {"Rules": []},
    "archive-retrieval", "inventory-retrieval", "select", "CSV", "JSON", "Bulk", "Expedited",
    "FreeTier", "BytesPerHour", "None", {str(number): "x" for number in range(60)},
    [f"k{number}" for number in range(11)],
)  # fmt: skip


@dataclass(kw_only=True)
class Known:
    """What there is to ask for, as path segments."""

    vaults: list[str]
    archives: list[str] = field(default_factory=lambda: ["a" * 138])
    uploads: list[str] = field(default_factory=lambda: ["a" * 92])
    jobs: list[str] = field(default_factory=lambda: ["a" * 92])
    locks: list[str] = field(default_factory=lambda: ["a" * 24])
    markers: list[str] = field(default_factory=lambda: ["x"])


@dataclass(kw_only=True)
class Sending:
    """A request that is being made; text has one character for each byte."""

    method: str
    segments: list[str]
    query: list[str]
    headers: list[tuple[str, str]]
    body: bytes = b""
    document: Any = None
    declared: int | None = 0

    @property
    def target(self) -> str:
        path = "/" + "/".join(self.segments)
        return path + ("?" + "&".join(self.query) if self.query else "")


def as_bytes(text: str) -> str:
    """Return text as it goes over the wire: one character for each byte of UTF-8."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def sound(rng: Random, known: Known, operation: tuple[str, str]) -> Sending:
    """Return a request for a method and path that would most likely succeed."""
    method, pattern = operation
    path, _, query = pattern.partition("?")
    names = {
        "accountId": rng.choice(("-", "000000000000")),
        "vaultName": rng.choice(known.vaults),
        "archiveId": rng.choice(known.archives),
        "uploadId": rng.choice(known.uploads),
        "jobId": rng.choice(known.jobs),
        "lockId": rng.choice(known.locks),
    }
    segments = path.format_map(names).split("/")[1:]
    sending = Sending(method=method, segments=segments, query=[query] if query else [], headers=[])
    _fill(rng, known, sending, pattern)
    return sending


def _fill(rng: Random, known: Known, sending: Sending, pattern: str) -> None:
    """Add the headers and the body that an operation takes."""
    ending = f"{sending.method} {pattern.rpartition('{vaultName}')[2]}"
    if ending in ("POST /archives", "PUT /multipart-uploads/{uploadId}"):
        sending.body = rng.choice((b"content", b"x", b"y" * 1000))
        sending.headers += _hashes(sending.body)
        sending.headers.append(("Content-Range", f"bytes 0-{len(sending.body) - 1}/*"))
        sending.headers.append(("x-amz-archive-description", "words"))
    elif ending == "POST /multipart-uploads":
        sending.headers.append(("x-amz-part-size", str(MIB << rng.randrange(13))))
    elif ending == "POST /multipart-uploads/{uploadId}":
        sending.headers.append(("x-amz-archive-size", "7"))
        sending.headers.append(("x-amz-sha256-tree-hash", tree_hash(b"content")))
    elif ending == "GET /jobs/{jobId}/output":
        sending.headers.append(("Range", "bytes=0-3"))
    else:
        sending.document = _document(rng, known, ending)


def _hashes(body: bytes) -> list[tuple[str, str]]:
    linear = sha256(body).hexdigest()
    return [("x-amz-content-sha256", linear), ("x-amz-sha256-tree-hash", tree_hash(body))]


def _document(rng: Random, known: Known, ending: str) -> Any:
    policy = json.dumps(_policy(rng))
    topic = {"SNSTopic": "arn:aws:sns:us-east-1:000000000000:topic"}
    rule = {"Strategy": "BytesPerHour", "BytesPerHour": 2**40}
    documents = {
        "POST /jobs": _job(rng, known),
        "PUT /access-policy": {"Policy": policy},
        "POST /lock-policy": {"Policy": policy},
        "PUT /notification-configuration": {**topic, "Events": ["ArchiveRetrievalCompleted"]},
        "POST /tags?operation=add": {"Tags": {"colour": "red", "a b": ""}},
        "POST /tags?operation=remove": {"TagKeys": ["colour"]},
        "PUT /{accountId}/policies/data-retrieval": {"Policy": {"Rules": [rule]}},
    }
    return documents.get(ending)


def _job(rng: Random, known: Known) -> Any:
    if rng.random() < 0.5:
        return {"Type": "archive-retrieval", "ArchiveId": rng.choice(known.archives)}
    wanted = {"StartDate": "2026-01-01T00:00:00Z", "Limit": "2"}
    return {"Type": "inventory-retrieval", "InventoryRetrievalParameters": wanted, "Format": "CSV"}


def _policy(rng: Random) -> Any:
    condition = {
        rng.choice(("NumericLessThan", "StringLike", "Bool", "DateGreaterThan", "Nonsense")): {
            rng.choice(("glacier:ArchiveAgeInDays", "glacier:ResourceTag/a", "aws:x")): "1"
        }
    }
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        # Not of the operations that the rest of a run needs.
        "Action": "glacier:ListTagsForVault",
        "Resource": f"arn:aws:glacier:us-east-1:000000000000:vaults/{rng.choice(('v', '*'))}",
        "Condition": condition,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def break_one(rng: Random, known: Known, sending: Sending) -> None:
    """Break one thing of a request."""
    breaks = (*_ANYWHERE, *(_IN_DOCUMENTS * 3 if sending.document is not None else ()))
    rng.choice(breaks)(rng, known, sending)


def _method(rng: Random, _known: Known, sending: Sending) -> None:
    sending.method = rng.choice(METHODS)


def _segment(rng: Random, known: Known, sending: Sending) -> None:
    # Mostly where a name is; elsewhere it is just no operation.
    at = rng.choice((rng.randrange(len(sending.segments)), *range(0, len(sending.segments), 2)))
    others = known.vaults + known.archives + known.uploads + known.jobs
    junk = rng.choice((*SEGMENTS, rng.choice(others)))
    if rng.random() < 0.9:
        sending.segments[at] = as_bytes(junk)
    else:
        sending.segments.insert(at, as_bytes(junk))


def _query(rng: Random, known: Known, sending: Sending) -> None:
    values = (*NUMBERS, *TEXTS, *known.markers * 10, "true", "Failed", "Succeeded", "InProgress")
    value = as_bytes(rng.choice(values))
    if rng.random() < 0.8:
        value = "".join(
            one if one.isalnum() and one.isascii() else f"%{ord(one):02X}" for one in value
        )
    joint = rng.choice(("=", "=", "=", "", "=="))
    sending.query.append(rng.choice(PARAMETERS) + joint + value.replace("&", ""))


def _header(rng: Random, _known: Known, sending: Sending) -> None:
    value = as_bytes(rng.choice((*NUMBERS, *RANGES, *DATES, *TEXTS, "0" * 64, "UNSIGNED-PAYLOAD")))
    named = [name for name, _ in sending.headers]
    name = rng.choice((*HEADERS, *named * 4))
    if rng.random() < 0.7:
        sending.headers = [one for one in sending.headers if one[0] != name]
    if rng.random() < 0.9:
        sending.headers.append((rng.choice((name, name.upper(), name.title())), value))


def _fitting_header(rng: Random, _known: Known, sending: Sending) -> None:
    """Replace a value by one of the same kind, which gets further than any other."""
    kinds = {"range": RANGES, "content-range": RANGES, "x-amz-archive-description": TEXTS}
    changed = []
    for name, value in sending.headers:
        fitting = rng.choice(kinds.get(name.lower(), NUMBERS))
        changed.append((name, as_bytes(fitting) if rng.random() < 0.3 else value))
    sending.headers = changed


def _content(rng: Random, _known: Known, sending: Sending) -> None:
    sending.document = None
    sending.body = rng.choice(
        (b"", b"x", b"{", b"[]", b"null", b"\xef\xbb\xbf{}", b"\xff\xfe", b"[" * 50_000, b"{}" * 9,
         b'{"Type":1e999}', b'{"Type":NaN}', b'{"a":1,"a":2}', b"x" * 3000, rng.randbytes(50))
    )  # fmt: skip


def _length(rng: Random, _known: Known, sending: Sending) -> None:
    lengths = (None, 0, 1, len(sending.body) + 1, 2**32, 2**32 + 1, 2**63)
    sending.declared = rng.choice(lengths)


def _document_value(rng: Random, known: Known, sending: Sending) -> None:
    junk = rng.choice((*VALUES, *TEXTS, *NUMBERS, *RANGES, *DATES, *known.markers))
    sending.document = _replaced(rng, sending.document, junk)


def _replaced(rng: Random, node: Any, junk: Any) -> Any:
    if isinstance(node, str) and node.startswith('{"') and rng.random() < 0.8:
        # A policy is a document in a string.
        return json.dumps(_replaced(rng, json.loads(node), junk))
    if isinstance(node, dict) and node and rng.random() < 0.9:
        key = rng.choice((*node, rng.choice(MEMBERS)))
        return {**node, key: _replaced(rng, node.get(key), junk)}
    if isinstance(node, list) and node and rng.random() < 0.8:
        at = rng.randrange(len(node))
        return [*node[:at], _replaced(rng, node[at], junk), *node[at + 1 :]]
    return junk


def _document_member(rng: Random, _known: Known, sending: Sending) -> None:
    if isinstance(sending.document, dict) and sending.document:
        sending.document = dict(sending.document)
        del sending.document[rng.choice(tuple(sending.document))]


_Break = Callable[[Random, Known, Sending], None]
_ANYWHERE: tuple[_Break, ...] = (
    _method, *(_segment, _length, _content) * 2, *(_query, _header, _fitting_header) * 4,
)  # fmt: skip
_IN_DOCUMENTS: tuple[_Break, ...] = (_document_value, _document_value, _document_member)
