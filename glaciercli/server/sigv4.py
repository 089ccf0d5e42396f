"""AWS Signature Version 4, checked: pure functions over what was sent.

Rules: "Signing Requests" in the Amazon Glacier developer guide and "Signature Version 4" in the
AWS general reference.  What real clients sign was measured with botocore.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote_to_bytes

from glaciercli.server.wire import ErrorCode, Headers, Target, WireError

ALGORITHM = "AWS4-HMAC-SHA256"
_SERVICE = "glacier"
_TERMINATOR = "aws4_request"
_BASIC_DATE = "%Y%m%dT%H%M%SZ"
_HEX_DIGEST = re.compile(r"[0-9a-f]{64}")
_REGION = re.compile(r"[a-z0-9-]{1,64}")
_SCOPE_FIELDS = 5

_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """The parts of an ``Authorization`` header."""

    access_key_id: str
    date: str
    region: str
    signed_headers: tuple[str, ...]
    signature: str

    @property
    def scope(self) -> str:
        """The credential scope, which every signing key is bound to."""
        return f"{self.date}/{self.region}/{_SERVICE}/{_TERMINATOR}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """What a signature covers."""

    method: str
    target: Target
    headers: Headers
    payload_hash: str


def refuse(message: str = _MISMATCH) -> WireError:
    """Return the refusal of a signature."""
    return WireError(ErrorCode.INVALID_SIGNATURE, message)


def parse_authorization(headers: Headers) -> Authorization:
    """Return the parts of the ``Authorization`` header; refuse a request without a usable one."""
    value = headers.filled("authorization")
    if value is None:
        raise WireError(ErrorCode.MISSING_AUTHENTICATION, "Request is missing Authentication Token")
    algorithm, _, rest = value.partition(" ")
    if algorithm != ALGORITHM:
        raise refuse(f"Unsupported signing algorithm: {algorithm}")
    fields = dict(_fields(rest))
    return _authorization(fields)


def _fields(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        yield name, value.strip()


def _authorization(fields: dict[str, str]) -> Authorization:
    scope = fields.get("Credential", "").split("/")
    complete = len(scope) == _SCOPE_FIELDS and fields.get("SignedHeaders")
    if not complete or "Signature" not in fields:
        raise refuse("The Authorization header is incomplete")
    key, date, region, service, terminator = scope
    if (service, terminator) != (_SERVICE, _TERMINATOR) or not _REGION.fullmatch(region):
        raise refuse("Credential should be scoped to correct service: 'glacier'.")
    return Authorization(
        access_key_id=key,
        date=date,
        region=region,
        signed_headers=tuple(fields["SignedHeaders"].lower().split(";")),
        signature=fields["Signature"],
    )


def request_time(headers: Headers) -> datetime:
    """Return when the request says it was made: ``x-amz-date`` first, ``Date`` otherwise."""
    value = headers.filled("x-amz-date") or headers.filled("date")
    moment = _parse_date(value) if value else None
    if moment is None:
        raise refuse("The request needs a valid x-amz-date or Date header")
    return moment


def _parse_date(value: str) -> datetime | None:
    for parse in (_parse_basic, datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(value)
            aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return aware.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def _parse_basic(value: str) -> datetime:
    return datetime.strptime(value, _BASIC_DATE).replace(tzinfo=UTC)


def check_time(made_at: datetime, now: datetime, skew: timedelta | None) -> None:
    """Refuse a request whose date is too far from now."""
    if skew is not None and abs(now - made_at) > skew:
        made, current = made_at.strftime(_BASIC_DATE), now.strftime(_BASIC_DATE)
        raise refuse(
            f"Signature expired or not yet current: {made} is not within reach of {current}"
        )


def check(request: SignedRequest, authorization: Authorization, secret: str) -> None:
    """Refuse a request whose signature is not the one that its secret makes."""
    if "host" not in authorization.signed_headers:
        raise refuse("'Host' must be a 'SignedHeader' in the AWS Authorization.")
    made_at = request_time(request.headers)
    if made_at.strftime("%Y%m%d") != authorization.date:
        raise refuse("Date in Credential scope does not match the date of the request")
    key = signing_key(secret, authorization)
    stamp = made_at.strftime(_BASIC_DATE)
    for canonical in canonical_requests(request, authorization.signed_headers):
        expected = sign(key, string_to_sign(stamp, authorization.scope, canonical))
        if hmac.compare_digest(expected.encode(), authorization.signature.encode("latin-1")):
            return
    raise refuse()


def signing_key(secret: str, authorization: Authorization) -> bytes:
    """Return the key that is bound to one day, region and service."""
    key = f"AWS4{secret}".encode()
    for part in authorization.scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def sign(key: bytes, text: str) -> str:
    """Return a signature in hexadecimal."""
    return hmac.digest(key, text.encode(), "sha256").hex()


def string_to_sign(stamp: str, scope: str, canonical: bytes) -> str:
    """Return the text that is signed for a canonical request."""
    return "\n".join((ALGORITHM, stamp, scope, hashlib.sha256(canonical).hexdigest()))


def canonical_requests(request: SignedRequest, signed: tuple[str, ...]) -> Iterator[bytes]:
    """Yield the canonical forms that clients in the field sign; they differ in the path only."""
    lines = b"".join(_canonical_header(request.headers, name) for name in signed)
    for path in canonical_paths(request.target.path):
        yield b"\n".join(
            (
                request.method.encode(),
                path.encode("latin-1", "replace"),
                canonical_query(request.target.query).encode(),
                lines,
                ";".join(signed).encode("latin-1"),
                request.payload_hash.encode("latin-1"),
            )
        )


def canonical_paths(path: str) -> tuple[str, ...]:
    """Return the ways in which a path is signed, the usual one first.

    The path is encoded once more as it stands.  Clients remove dot segments first, with or
    without the blank last segment that RFC 3986 leaves; some sign the path as it is sent.
    """
    plain = _without_dots(path)
    candidates = (plain, plain.rstrip("/") + "/", path)
    encoded = [quote(one, safe="/~", encoding="latin-1", errors="replace") for one in candidates]
    return tuple(dict.fromkeys([*encoded, path]))


def _without_dots(path: str) -> str:
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del kept[-1:]
        elif part not in ("", "."):
            kept.append(part)
    tail = "/" if path.endswith("/") and kept else ""
    return "/" + "/".join(kept) + tail


def canonical_query(query: str) -> str:
    """Return a query with its parameters encoded anew and sorted."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    encoded = sorted((_encode_anew(name), _encode_anew(value)) for name, _, value in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded)


def _encode_anew(text: str) -> str:
    # By bytes: a client may send what it should have encoded, and sign it as if it had.
    return quote(unquote_to_bytes(text.encode("latin-1", "replace")), safe="-_.~")


def _canonical_header(headers: Headers, name: str) -> bytes:
    # Over the raw bytes: a blank is what ASCII calls a blank, whatever Unicode thinks of it.
    values = (b" ".join(value.encode("latin-1").split()) for value in headers.all(name))
    return name.encode("latin-1") + b":" + b",".join(values) + b"\n"


def is_digest(text: str) -> bool:
    """Tell whether a text is a SHA-256 in lower-case hexadecimal."""
    return _HEX_DIGEST.fullmatch(text) is not None
