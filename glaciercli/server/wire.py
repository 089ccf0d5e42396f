"""What goes over the wire: the request as handlers see it, answers, and each error code once.

Header values arrive as text with one character for each byte, so that a signature can be
checked over the very bytes that were sent.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import unquote_to_bytes

from glaciercli.ports import WireRequest, WireResponse

#: The media type of every JSON answer, without a charset: boto 2 compares it as a whole.
JSON_TYPE = "application/json"


class ErrorCode(Enum):
    """The error codes of the developer guide's "Error Responses": name, status, who is to blame."""

    ACCESS_DENIED = ("AccessDeniedException", 403, "Client")
    BAD_REQUEST = ("BadRequest", 400, "Client")
    INSUFFICIENT_CAPACITY = ("InsufficientCapacityException", 503, "Server")
    INVALID_VALUE = ("InvalidParameterValueException", 400, "Client")
    INVALID_SIGNATURE = ("InvalidSignatureException", 403, "Client")
    LIMIT_EXCEEDED = ("LimitExceededException", 400, "Client")
    MISSING_AUTHENTICATION = ("MissingAuthenticationTokenException", 400, "Client")
    MISSING_VALUE = ("MissingParameterValueException", 400, "Client")
    NO_LONGER_SUPPORTED = ("NoLongerSupportedException", 400, "Client")
    NOT_FOUND = ("ResourceNotFoundException", 404, "Client")
    POLICY_ENFORCED = ("PolicyEnforcedException", 400, "Client")
    REQUEST_TIMEOUT = ("RequestTimeoutException", 408, "Client")
    SERIALIZATION = ("SerializationException", 400, "Client")
    THROTTLING = ("ThrottlingException", 400, "Client")
    UNAVAILABLE = ("ServiceUnavailableException", 500, "Server")
    #: The same, and it is sure that nothing was done (RFC 9110, 15.6.4).
    NOT_TAKEN = ("ServiceUnavailableException", 503, "Server")
    UNKNOWN_CLIENT = ("UnrecognizedClientException", 400, "Client")


class WireError(Exception):
    """A refusal that the client is told about."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> WireError:
    """Return the refusal of a wrong value."""
    return WireError(ErrorCode.INVALID_VALUE, message)


def missing(name: str) -> WireError:
    """Return the refusal of a request that lacks something required."""
    return WireError(ErrorCode.MISSING_VALUE, f"Required parameter missing: {name}")


def not_found(message: str) -> WireError:
    """Return the refusal of a request for something that is not there."""
    return WireError(ErrorCode.NOT_FOUND, message)


@dataclass(frozen=True, slots=True)
class Headers:
    """The header fields of a request, found by lower-case name."""

    fields: tuple[tuple[str, str], ...]

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a field, as sent."""
        return tuple(value for key, value in self.fields if key.lower() == name)

    def get(self, name: str) -> str | None:
        """Return the first value of a field, or ``None``."""
        return next(iter(self.all(name)), None)

    def filled(self, name: str) -> str | None:
        """Return the first value without blanks around it; an empty one counts as absent."""
        return (self.get(name) or "").strip() or None

    def required(self, name: str) -> str:
        """Return the first value; refuse the request where there is none."""
        value = self.filled(name)
        if value is None:
            raise missing(name)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A request target, taken apart but still percent-encoded."""

    path: str
    query: str

    def segments(self) -> tuple[str, ...]:
        """Return the path's segments, each decoded once."""
        return tuple(_decoded(part) for part in self.path.split("/")[1:])

    def query_pairs(self) -> tuple[tuple[str, str], ...]:
        """Return the query's names and values, decoded, in the order sent."""
        pairs = (part.partition("=") for part in self.query.split("&") if part)
        return tuple((_decoded(name), _decoded(value)) for name, _, value in pairs)

    def parameter(self, name: str) -> str | None:
        """Return a query parameter; an empty one counts as absent."""
        found = (value for key, value in self.query_pairs() if key == name)
        return next(found, "") or None


def _decoded(text: str) -> str:
    # By bytes: a client may send UTF-8 that it should have encoded.
    return unquote_to_bytes(text.encode("latin-1", "replace")).decode("utf-8", "replace")


def parse_target(raw: str) -> Target:
    """Return the path and query of a raw request target, without touching either."""
    if raw[:7].lower() == "http://":
        # A client that believes it talks to a proxy sends the whole URL.
        raw = "/" + raw[7:].partition("/")[2]
    path, _, query = raw.partition("?")
    return Target(path=path, query=query)


def vault_arn(region: str, account: str, name: str) -> str:
    """Return the ARN of a vault."""
    return f"arn:aws:glacier:{region}:{account}:vaults/{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that has been let in: whose it is, which resource it names, what it carries."""

    #: The name of the operation, as policies spell it behind ``glacier:``.
    operation: str
    account: str
    region: str
    #: The names in the path, by what they stand for: ``vault``, ``archive``, ``lock`` ...
    names: Mapping[str, str]
    target: Target
    headers: Headers
    request: WireRequest
    #: The whole body of a call that carries a document, empty for a call that carries a payload.
    document: bytes

    @property
    def vault(self) -> str:
        """The vault's name as it stands in the path."""
        return self.names["vault"]

    def vault_arn(self, name: str | None = None) -> str:
        """Return the ARN of the vault of this call, or of another vault beside it."""
        return vault_arn(self.region, self.account, name or self.vault)

    def location(self, *below: str) -> str:
        """Return a relative path for ``Location``; it always has the numeric account."""
        return "/".join(("", self.account, "vaults", self.vault, *below))


def compact_json(document: object) -> bytes:
    """Return a document as the real service writes it: without blanks, in the order given."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "replace"
    )


def json_answer(document: Mapping[str, Any], *, status: int = 200) -> WireResponse:
    """Return an answer with a JSON body."""
    body = compact_json(document)
    headers = {"Content-Type": JSON_TYPE, "Content-Length": str(len(body))}
    return WireResponse(status=status, headers=headers, body=iter((body,)))


def empty_answer(status: int, headers: Mapping[str, str] | None = None) -> WireResponse:
    """Return an answer that says everything in its headers."""
    # RFC 9110, section 8.6: a 204 has no Content-Length.
    length = {} if status == 204 else {"Content-Length": "0"}  # noqa: PLR2004
    return WireResponse(status=status, headers={**(headers or {}), **length}, body=_nothing())


def error_answer(error: WireError) -> WireResponse:
    """Return an answer that refuses a request."""
    name, status, blame = error.code.value
    document = {"code": name, "message": error.message, "type": blame}
    return json_answer(document, status=status)


def _nothing() -> Iterator[bytes]:
    return iter(())
