"""A client's side of AWS Signature Version 4, written apart from the one that is tested."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from urllib.parse import quote, unquote

Fields = Sequence[tuple[str, str]]

EMPTY_HASH = sha256(b"").hexdigest()


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Credentials, and the region that they are used in."""

    access_key_id: str
    secret: str
    region: str = "us-east-1"

    def authorization(
        self, method: str, target: str, fields: Fields, *, payload_hash: str, at: datetime
    ) -> str:
        """Return the ``Authorization`` header of a request whose header fields are all signed."""
        canonical = sha256(canonical_request(method, target, fields, payload_hash)).hexdigest()
        stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/{self.region}/glacier/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{canonical}"
        signature = hmac.digest(_key(self.secret, scope), text.encode(), "sha256").hex()
        return (
            f"AWS4-HMAC-SHA256 Credential={self.access_key_id}/{scope},"
            f" SignedHeaders={_names(fields)}, Signature={signature}"
        )


def canonical_request(method: str, target: str, fields: Fields, payload_hash: str) -> bytes:
    """Return what is signed; header values have a character for each byte."""
    path, _, query = target.partition("?")
    gathered: dict[str, list[str]] = {}
    for name, value in fields:
        gathered.setdefault(name.lower(), []).append(" ".join(value.split()))
    lines = "".join(f"{name}:{','.join(gathered[name])}\n" for name in sorted(gathered))
    parts = (method, quote(_undotted(path), safe="/~", encoding="latin-1"), _query(query), lines)
    return "\n".join((*parts, _names(fields), payload_hash)).encode("latin-1")


@cache
def _key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _names(fields: Fields) -> str:
    return ";".join(sorted({name.lower() for name, _ in fields}))


def _query(query: str) -> str:
    pairs = (part.partition("=") for part in query.split("&") if part)
    encoded = sorted((_encoded_anew(name), _encoded_anew(value)) for name, _, value in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded)


def _encoded_anew(text: str) -> str:
    # By bytes: what is encoded need not be UTF-8.
    return quote(unquote(text, "latin-1"), safe="~", encoding="latin-1")


def _undotted(path: str) -> str:
    kept: list[str] = []
    for part in path.split("/")[1:]:
        if part == "..":
            del kept[-1:]
        elif part not in ("", "."):
            kept.append(part)
    tail = "/" if path.endswith("/") and kept else ""
    return "/" + "/".join(kept) + tail
