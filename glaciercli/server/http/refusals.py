"""What the front refuses itself, in the words of the service: what is no HTTP, what is too much."""

import asyncio
from email.utils import formatdate

from aiohttp import HttpVersion11

from glaciercli import __version__
from glaciercli.ports import WireResponse
from glaciercli.server import identifiers
from glaciercli.server.http.access_log import Exchange, Note
from glaciercli.server.http.request import Request
from glaciercli.server.wire import ErrorCode, WireError, error_answer

#: On every answer, so that an operator sees who answered.
SERVER = f"glaciercli/{__version__}"

REQUEST_ID = "x-amzn-RequestId"

#: How long a refused connection stays, so that the client can read why.
_REFUSED_S = 1.0


def not_http(message: str = "The request is not valid HTTP.") -> WireError:
    """Return the refusal of a request that is framed wrongly."""
    return WireError(ErrorCode.BAD_REQUEST, message)


def unavailable() -> WireError:
    """Return the refusal of what the service cannot do now; clients try again."""
    return WireError(ErrorCode.UNAVAILABLE, "Service unavailable.")


def flaw(request: Request) -> WireError | None:
    """Return why a request is refused by its head, or ``None`` where its framing is sound.

    Rules: RFC 9112, sections 2.3, 3.2 and 6.1, and RFC 9110, section 10.1.1.
    """
    if not request.is_spoken:
        return not_http("The version of HTTP is not supported.")
    modern = request.version >= HttpVersion11
    coding = [value.strip().lower() for value in request.headers.getall("Transfer-Encoding", [])]
    if coding and (coding != ["chunked"] or not modern):
        return not_http("The transfer encoding is not supported.")
    if len(request.headers.getall("Host", [])) != 1 and modern:
        return not_http("The request needs exactly one Host header.")
    expectation = request.headers.get("Expect", "").lower()
    if modern and expectation not in ("", "100-continue"):
        return not_http("The expectation is not supported.")
    return None


def answer_to(error: WireError) -> WireResponse:
    """Return the whole answer that refuses a request."""
    answer = error_answer(error)
    fields = {REQUEST_ID: identifiers.new_request_id(), "Date": formatdate(usegmt=True)}
    return WireResponse(
        status=answer.status, headers={**answer.headers, **fields}, body=answer.body
    )


def client_of(transport: asyncio.BaseTransport | None) -> str:
    """Return the address of a client, or ``-`` where it is gone."""
    peer = transport.get_extra_info("peername") if transport else None
    return str(peer[0]) if peer else "-"


class Crowded(asyncio.Protocol):
    """A connection too many: it is told so, and closed."""

    def __init__(self, note: Note) -> None:
        self._note = note

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Refuse whatever will be asked, before it is asked."""
        assert isinstance(transport, asyncio.Transport)
        answer = answer_to(unavailable())
        body = b"".join(answer.body)
        fields = {**answer.headers, "Server": SERVER, "Connection": "close"}
        head = [f"HTTP/1.1 {answer.status} Internal Server Error"]
        head += [f"{name}: {value}" for name, value in fields.items()]
        self._note(
            Exchange(
                client=client_of(transport),
                request_id=answer.headers[REQUEST_ID],
                status=answer.status,
                sent_bytes=len(body),
            )
        )
        transport.write("\r\n".join([*head, "", ""]).encode("latin-1") + body)
        transport.write_eof()
        asyncio.get_running_loop().call_later(_REFUSED_S, transport.abort)
