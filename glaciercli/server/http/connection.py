"""One connection: aiohttp's protocol, with limits, and with refusals that the service could say."""

import asyncio
import logging
from http import HTTPStatus
from typing import Any

from aiohttp import EMPTY_PAYLOAD, StreamReader, web
from aiohttp.http import RawRequestMessage

from glaciercli.server.http import refusals
from glaciercli.server.http.access_log import Exchange, Note
from glaciercli.server.http.limits import Limits
from glaciercli.server.http.request import BadBody
from glaciercli.server.wire import WireError

_LOG = logging.getLogger(__name__)

#: How much aiohttp holds of a body before a thread takes it; twice this is where it stops reading.
_BUFFER_BYTES = 64 * 1024

#: What stands behind the head of a request, and how often it is looked for in one packet.
_END_OF_HEAD = b"\r\n\r\n"
_MOST_HEADS = 16

#: How long what a too slow client sends is still read, so that the refusal reaches it.
_SHORT_LINGER_S = 1.0


class Connection(web.RequestHandler):
    """A connection that refuses what is no HTTP in the words of the service."""

    __slots__ = ("_body", "_note")

    def __init__(
        self, server: web.Server, *, loop: asyncio.AbstractEventLoop, limits: Limits, note: Note
    ) -> None:
        super().__init__(
            server,
            loop=loop,
            auto_decompress=False,
            # aiohttp counts from the last answer, or the start, to the end of the next head.
            keepalive_timeout=limits.head_s,
            lingering_time=limits.linger_s,
            read_bufsize=_BUFFER_BYTES,
            logger=_LOG,
        )
        self._note = note
        #: What comes next belongs to this one, unless it has ended.
        self._body: StreamReader = EMPTY_PAYLOAD

    def data_received(self, data: bytes) -> None:
        """Take what came, a head at a time.

        Of a packet that ends with junk aiohttp would drop the sound requests before it as well.
        """
        rest = data
        for _ in range(_MOST_HEADS):
            head, end, rest = rest.partition(_END_OF_HEAD)
            self._take(head + end)
            if not rest:
                return
        self._take(rest)

    def _take(self, data: bytes) -> None:
        super().data_received(data)
        if not self._messages:
            return
        message, body = self._messages[-1]
        if isinstance(message, RawRequestMessage):
            self._body = body
        elif not self._body.is_eof():
            # aiohttp would let whoever waits for this body wait on.
            self._body.set_exception(BadBody("the body is framed wrongly"))

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return a JSON refusal, after which the connection is closed."""
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            _LOG.error("a request failed in the front", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is under way already")
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            return self.refusal(refusals.unavailable(), request)
        _LOG.info("a request was no valid HTTP: %s", message)
        return self.refusal(refusals.not_http(), None)

    def refusal(self, error: WireError, request: web.BaseRequest | None) -> web.StreamResponse:
        """Return an answer of the front's own, after which the connection is closed."""
        answer = refusals.answer_to(error)
        body = b"".join(answer.body)
        # Said aloud, since aiohttp answers in HTTP/1.0 what it could not read.
        headers = {**answer.headers, "Server": refusals.SERVER, "Connection": "close"}
        response = web.Response(status=answer.status, headers=headers, body=body)
        response.force_close()
        self._note(
            Exchange(
                client=refusals.client_of(self.transport),
                request_id=answer.headers[refusals.REQUEST_ID],
                method=request.method if request else "-",
                target=request.raw_path if request else "-",
                status=answer.status,
                sent_bytes=len(body),
            )
        )
        return response

    def log_exception(self, *args: Any, **more: Any) -> None:
        """Say quietly that a client broke off, which is no fault; anything else aloud."""
        if isinstance(more.get("exc_info"), ConnectionError | web.RequestPayloadError):
            _LOG.info("a client broke off: %s", more["exc_info"])
        else:
            super().log_exception(*args, **more)

    def hurry(self) -> None:
        """Do not read for long what the client still has to send."""
        self._lingering_time = _SHORT_LINGER_S
