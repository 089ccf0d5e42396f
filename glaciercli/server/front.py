"""The HTTP front: aiohttp speaks HTTP, threads run the application, bodies stream both ways.

This is the only module that knows aiohttp.  It decides nothing about Glacier.
"""

import asyncio
import contextlib
import functools
import threading
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, BinaryIO, Self, TypeVar, cast

from aiohttp import web

from glaciercli.errors import GlacierCliError
from glaciercli.ports import WireApplication, WireRequest, WireResponse
from glaciercli.server.stream import BodyStream

_T = TypeVar("_T")

#: How much of a body waits in memory for a slow disk or a slow client.
_BUFFER_BYTES = 1024 * 1024

#: How many requests run at once; the others wait, unread.
_THREADS = 32

#: How long a client may send nothing before its request is given up.
_STALL_S = 60.0

#: How long the rest of a refused body is read, so that the client sees why it was refused.
_LINGER_S = 30.0

_KEEP_ALIVE_S = 75.0
_STOP_S = 5.0


class HttpFront:
    """An application on an HTTP port, from entering to leaving the context."""

    def __init__(
        self, application: WireApplication, *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self._application = application
        self._host = host
        self._port = port
        self._stopped = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="http-front", daemon=True)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="request")
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
        # A wait without a timeout would keep a signal's handler from running.
        while not self._stopped.wait(timeout=1.0):
            pass

    def stop(self) -> None:
        """Make ``wait`` return; fit to be called from a signal handler."""
        self._stopped.set()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _call(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _listen(self) -> int:
        self._server = web.Server(
            self._handle,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=_KEEP_ALIVE_S,
            lingering_time=_LINGER_S,
            read_bufsize=_BUFFER_BYTES,
        )
        self._listener = await self._loop.create_server(self._server, self._host, self._port)
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    async def _shut_down(self) -> None:
        if self._listener:
            self._listener.close()
        if self._server:
            self._server.pre_shutdown()
            await self._server.shutdown(_STOP_S)

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._loop.close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = BodyStream(functools.partial(self._receive, request), stall_s=_STALL_S)
        try:
            answer = await self._in_thread(self._application.handle, _wire(request, body))
            try:
                return await self._send(request, answer)
            finally:
                await self._in_thread(answer.close)
        finally:
            body.close()

    def _receive(self, request: web.BaseRequest) -> "Future[bytes]":
        return asyncio.run_coroutine_threadsafe(_next_piece(request), self._loop)

    async def _send(self, request: web.BaseRequest, answer: WireResponse) -> web.StreamResponse:
        response = web.StreamResponse(status=answer.status, headers={**answer.headers})
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


async def _next_piece(request: web.BaseRequest) -> bytes:
    await _invite_body(request)
    return await request.content.readany()


async def _invite_body(request: web.BaseRequest) -> None:
    # Only now, when the application wants the body: a request that is refused by its headers
    # alone is answered before the client has sent anything.
    if request.get("invited"):
        return
    request["invited"] = True
    if request.headers.get("Expect", "").lower() == "100-continue":
        assert request.transport
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


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
