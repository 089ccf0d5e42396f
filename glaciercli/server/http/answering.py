"""One request at a time, from its head to the end of its answer."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, cast

from aiohttp import web

from glaciercli.ports import WireApplication, WireRequest
from glaciercli.server.http import refusals
from glaciercli.server.http.access_log import Exchange, Note
from glaciercli.server.http.arriving import Arriving
from glaciercli.server.http.connection import Connection
from glaciercli.server.http.limits import Limits
from glaciercli.server.http.outgoing import Made, Outgoing
from glaciercli.server.http.request import Request
from glaciercli.server.http.stream import BodyStream
from glaciercli.server.http.threads import Threads


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """What is needed to answer requests; lives in the event loop."""

    application: WireApplication
    threads: Threads
    loop: asyncio.AbstractEventLoop
    limits: Limits
    note: Note
    #: Tells whether the front is stopping, so that no connection should stay open.
    is_stopping: Callable[[], bool]

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, and note it."""
        connection = request.protocol
        assert isinstance(connection, Connection)
        assert isinstance(request, Request)
        error = refusals.flaw(request)
        if error:
            return connection.refusal(error, request)
        begun, client = self.loop.time(), refusals.client_of(request.transport)
        arriving = Arriving(request, self.loop, self.limits)
        made = await self._carry_out(request, arriving)
        if arriving.malformed:
            return connection.refusal(refusals.not_http(), request)
        if arriving.failed:
            connection.hurry()
        last = self.is_stopping() or _leaves_in_doubt(request, arriving)
        outgoing = Outgoing(request, made, last=last)
        try:
            return await outgoing.send(self.threads.readers, stall_s=self.limits.read_s)
        finally:
            if outgoing.begun:
                self.note(
                    Exchange(
                        client=client,
                        request_id=made.answer.headers.get(refusals.REQUEST_ID, "-"),
                        method=request.method,
                        target=_target(request),
                        status=made.answer.status,
                        received_bytes=arriving.received_bytes,
                        sent_bytes=outgoing.sent_bytes,
                        duration_s=self.loop.time() - begun,
                    )
                )

    async def _carry_out(self, request: web.BaseRequest, arriving: Arriving) -> Made:
        is_whole = await arriving.begin()
        pool = self.threads.operations if is_whole else self.threads.uploads
        with BodyStream(arriving.receive) as body:
            wire = _wire(request, body)
            return await self.loop.run_in_executor(
                pool, lambda: Made.of(self.application.handle(wire))
            )


def _leaves_in_doubt(request: web.BaseRequest, arriving: Arriving) -> bool:
    """Tell whether it is unknown where the next request on the connection begins."""
    # A client may still send the body that it was not asked for, and aiohttp does not read what
    # comes at once after an offer to speak another protocol.
    return arriving.failed or not arriving.invited or "Upgrade" in request.headers


def _wire(request: web.BaseRequest, body: BodyStream) -> WireRequest:
    # The raw bytes, one character each: signatures are checked over what was sent.
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers
    )
    return WireRequest(
        method=request.method,
        target=_target(request),
        headers=headers,
        body=cast("BinaryIO", body),
        body_bytes=_length(request),
    )


def _target(request: web.BaseRequest) -> str:
    return request.raw_path.encode("utf-8", "surrogateescape").decode("latin-1")


def _length(request: web.BaseRequest) -> int | None:
    with contextlib.suppress(ValueError):
        return int(request.headers.get("Content-Length", ""))
    return None
