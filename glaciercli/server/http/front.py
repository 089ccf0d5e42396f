"""The HTTP front: aiohttp speaks HTTP, threads run the application, bodies stream both ways.

This is the only module that knows aiohttp.  It decides nothing about Glacier.
"""

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, BinaryIO, Self, TypeVar, cast

from aiohttp import web

from glaciercli.errors import GlacierCliError
from glaciercli.ports import WireApplication, WireRequest, WireResponse
from glaciercli.server import identifiers
from glaciercli.server.http.stream import BodyStream
from glaciercli.server.wire import ErrorCode, WireError, error_answer

_LOG = logging.getLogger(__name__)

_T = TypeVar("_T")

#: How much of a body waits in memory for a slow disk or a slow client.
_BUFFER_BYTES = 1024 * 1024

#: How much of a body is handed to a thread at once.
_PIECE_BYTES = 512 * 1024

#: How many requests run at once; the others wait, unread.
_THREADS = 32

#: How long a client may send nothing before its request is given up.
_STALL_S = 60.0

#: How long the rest of a refused body is read, so that the client sees why it was refused.
_LINGER_S = 30.0

_KEEP_ALIVE_S = 75.0
#: How long requests under way may take when the front stops, and idle connections after that.
_STOP_S = 5.0
_CLOSE_S = 1.0


class HttpFront:
    """An application on an HTTP port, from entering to leaving the context."""

    def __init__(
        self,
        application: WireApplication,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        stop_s: float = _STOP_S,
    ) -> None:
        self._application = application
        self._host = host
        self._port = port
        self._stop_s = stop_s
        # Not a threading.Event: a signal handler runs in the middle of the waiting thread, where
        # the event's lock may be held already.
        self._stop_reader, self._stop_writer = socket.socketpair()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="http-front", daemon=True)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="request")
        self._under_way = 0
        self._stopping = False
        self._finished = asyncio.Event()
        self._server: web.Server | None = None
        self._listener: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The URL that clients use as their endpoint."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def __enter__(self) -> Self:
        """Start to listen; raise ``GlacierCliError`` where the address cannot be used."""
        self._thread.start()
        try:
            self._port = self._call(self._listen())
        except (OSError, OverflowError, UnicodeError) as error:
            self._end()
            raise GlacierCliError(
                f"cannot listen on {self._host} port {self._port}: {_reason(error)}"
            ) from error
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop listening, let requests under way finish for a few seconds, and end."""
        self._call(self._shut_down())
        self._end()

    def wait(self) -> None:
        """Return once ``stop`` was called."""
        self._stop_reader.recv(1)

    def stop(self) -> None:
        """Make ``wait`` return; fit to be called from a signal handler."""
        with contextlib.suppress(OSError):
            self._stop_writer.send(b"x", socket.MSG_DONTWAIT)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _call(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _listen(self) -> int:
        server = web.Server(self._handle)
        self._server = server
        self._listener = await self._loop.create_server(
            lambda: _Connection(server, loop=self._loop), self._host, self._port
        )
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    async def _shut_down(self) -> None:
        if self._listener:
            self._listener.close()
        await self._let_finish()
        if self._server:
            self._server.pre_shutdown()
            await self._server.shutdown(_CLOSE_S)

    async def _let_finish(self) -> None:
        # aiohttp reads nothing more from a connection that it is told to close, so a body that
        # is still arriving must have arrived before.
        self._stopping = True
        if self._under_way:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._finished.wait(), self._stop_s)

    def _end(self) -> None:
        # The threads first: one that waits for a body is woken by the loop.
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._stop_reader.close()
        self._stop_writer.close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self._under_way += 1
        try:
            return await self._answer(request)
        finally:
            self._under_way -= 1
            if self._stopping and not self._under_way:
                self._finished.set()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        arriving = _Arriving(request, self._loop)
        with BodyStream(arriving.next_piece, stall_s=_STALL_S) as body:
            answer = await self._in_thread(self._application.handle, _wire(request, body))
            try:
                last = self._stopping or not arriving.invited
                return await self._send(request, answer, last=last)
            finally:
                await self._in_thread(answer.close)

    async def _send(
        self, request: web.BaseRequest, answer: WireResponse, *, last: bool
    ) -> web.StreamResponse:
        response = web.StreamResponse(status=answer.status, headers={**answer.headers})
        if last:
            # Whether the client still sends the body that it was not asked for is unknown.
            response.force_close()
        pieces = iter(answer.body)
        # A client that has gone away is nobody's fault, and nobody is left to tell.
        with contextlib.suppress(ConnectionError):
            await response.prepare(request)
            while (piece := await self._in_thread(next, pieces, None)) is not None:
                await response.write(piece)
            await response.write_eof()
        return response

    async def _in_thread(self, function: Any, *arguments: Any) -> Any:
        return await self._loop.run_in_executor(self._pool, function, *arguments)


class _Connection(web.RequestHandler):
    """A connection that refuses what is no HTTP in the words of the service."""

    __slots__ = ()

    def __init__(self, server: web.Server, *, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            server,
            loop=loop,
            auto_decompress=False,
            keepalive_timeout=_KEEP_ALIVE_S,
            lingering_time=_LINGER_S,
            read_bufsize=_BUFFER_BYTES,
        )

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return a JSON refusal, after which the connection is closed."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is under way already")
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            _LOG.error("a request failed in the front", exc_info=exc)
            error = WireError(ErrorCode.UNAVAILABLE, "Service unavailable.")
        else:
            _LOG.info("a request was no valid HTTP: %s", message)
            error = WireError(ErrorCode.BAD_REQUEST, "The request is not valid HTTP.")
        answer = error_answer(error)
        headers = {**answer.headers, "x-amzn-RequestId": identifiers.new_request_id()}
        response = web.Response(status=answer.status, headers=headers, body=b"".join(answer.body))
        response.force_close()
        return response


class _Arriving:
    """The body of one request, asked for piece by piece from a thread."""

    def __init__(self, request: web.BaseRequest, loop: asyncio.AbstractEventLoop) -> None:
        self._request = request
        self._loop = loop
        self.invited = request.headers.get("Expect", "").lower() != "100-continue"

    def next_piece(self) -> "Future[bytearray]":
        """Return the promise of the next piece; it is empty at the end."""
        return asyncio.run_coroutine_threadsafe(self._next_piece(), self._loop)

    async def _next_piece(self) -> bytearray:
        if not self.invited:
            # Only now, when the application wants the body: a request that is refused by its
            # headers alone is answered before the client has sent anything.
            self.invited = True
            assert self._request.transport
            self._request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # In big pieces: each one costs two changes of thread.
        content = self._request.content
        gathered = bytearray(await content.readany())
        while len(gathered) < _PIECE_BYTES and not content.at_eof():
            gathered += await content.readany()
        return gathered


def _wire(request: web.BaseRequest, body: BodyStream) -> WireRequest:
    # The raw bytes, one character each: signatures are checked over what was sent.
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers
    )
    return WireRequest(
        method=request.method,
        target=request.raw_path.encode("utf-8", "surrogateescape").decode("latin-1"),
        headers=headers,
        body=cast("BinaryIO", body),
        body_bytes=_length(request),
    )


def _length(request: web.BaseRequest) -> int | None:
    with contextlib.suppress(ValueError):
        return int(request.headers.get("Content-Length", ""))
    return None


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
