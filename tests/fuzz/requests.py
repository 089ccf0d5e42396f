"""The reader of HTTP requests: a connection of the embedded service without a socket."""

import asyncio
import logging
from typing import Any

from aiohttp import web

from glaciercli.server.http import refusals
from glaciercli.server.http.access_log import Exchange
from glaciercli.server.http.connection import Connection
from glaciercli.server.http.limits import Limits
from glaciercli.server.http.request import Request
from tests.fuzz.parser import Parser

#: How many turns of the event loop a case gets: one request takes a few.
_TURNS = 12


class _Line(asyncio.Transport):
    """A connection that keeps what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = bytearray()
        self._closing = False

    def write(self, data: "bytes | bytearray | memoryview[Any]") -> None:
        self.sent += data

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        self._closing = True

    abort = close

    def pause_reading(self) -> None:
        """Do nothing: everything has arrived."""

    resume_reading = pause_reading


class _Watch(logging.Handler):
    """Remembers what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(f"{record.getMessage()} {record.exc_info}")


async def _answer(request: web.BaseRequest) -> web.StreamResponse:
    connection = request.protocol
    assert isinstance(connection, Connection)
    assert isinstance(request, Request)
    flaw = refusals.flaw(request)
    if flaw is not None:
        return connection.refusal(flaw, request)
    try:
        await request.read()
    except (ConnectionError, web.RequestPayloadError):
        return connection.refusal(refusals.not_http(), request)
    return web.Response()


def _note(_exchange: Exchange) -> None:
    pass


def read_requests(data: bytes) -> object:
    """Take a connection's bytes; what is sent back is whole answers, none of them a failure."""
    watch = _Watch()
    log = logging.getLogger("glaciercli.server.http")
    log.addHandler(watch)
    try:
        sent = asyncio.run(_serve(data, watch))
    finally:
        log.removeHandler(watch)
    assert watch.heard == []
    assert not sent or sent.startswith(b"HTTP/1."), sent
    assert b"HTTP/1.1 500" not in sent, sent
    return sent


async def _serve(data: bytes, watch: _Watch) -> bytes:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, context: watch.heard.append(repr(context)))
    server = web.Server(_answer, request_factory=Request.arrived)
    line = _Line()
    connection = Connection(server, loop=loop, limits=Limits(), note=_note)
    connection.connection_made(line)
    connection.data_received(data)
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    connection.connection_lost(None)
    await server.shutdown()
    return bytes(line.sent)


PARSERS = (Parser(name="requests", read=read_requests, cases=250),)
