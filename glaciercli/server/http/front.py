"""The HTTP front: aiohttp speaks HTTP, threads run the application, bodies stream both ways.

It decides nothing about Glacier.  This module starts and stops it; ``answering`` has the way of
one request through it.
"""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

from aiohttp import web

from glaciercli.errors import GlacierCliError
from glaciercli.ports import WireApplication
from glaciercli.server.http.access_log import Note
from glaciercli.server.http.answering import Answering
from glaciercli.server.http.connection import Connection
from glaciercli.server.http.limits import Limits, affordable
from glaciercli.server.http.refusals import Crowded
from glaciercli.server.http.request import Request
from glaciercli.server.http.threads import Threads

_T = TypeVar("_T")

_DEFAULTS = Limits()

#: How many connections the kernel holds until they are accepted.
_BACKLOG = 1024

#: How long connections may take to close once their requests have been answered.
_CLOSE_S = 1.0


class HttpFront:
    """An application on an HTTP port, from entering to leaving the context.

    Each request that was answered is told to ``note``, in the thread of the front.
    """

    def __init__(
        self,
        application: WireApplication,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits = _DEFAULTS,
        note: Note = lambda _: None,
    ) -> None:
        self._host = host
        self._port = port
        self._limits = limits
        self._note = note
        self._most = affordable(limits.connections)
        # Not a threading.Event: a signal handler runs in the middle of the waiting thread, where
        # the event's lock may be held already.
        self._stop_reader, self._stop_writer = socket.socketpair()
        self._stop_writer.settimeout(0)
        self._is_over = self._wakes = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="http-front", daemon=True)
        self._threads = Threads(most_uploads=self._most)
        self._answering = Answering(
            application=application,
            threads=self._threads,
            loop=self._loop,
            limits=limits,
            note=note,
            is_stopping=lambda: self._stopping,
        )
        self._busy: set[web.RequestHandler] = set()
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
                f"cannot listen on {self._host} port {self._port}: {_reason(error)}",
                hint="--host and --port say where; port 0 takes one that is free",
            ) from error
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop listening, let requests under way finish for a while, and end."""
        self._call(self._shut_down())
        self._end()

    def wake_by_signals(self) -> None:
        """Let every signal wake ``wait``; for the main thread of a program that has handlers.

        A signal that comes just before the thread begins to wait would otherwise be handled only
        after the waiting, which has no end.
        """
        signal.set_wakeup_fd(self._stop_writer.fileno(), warn_on_full_buffer=False)
        self._wakes = True

    def wait(self) -> None:
        """Return once ``stop`` was called."""
        while not self._is_over:
            self._stop_reader.recv(1)

    def stop(self) -> None:
        """Make ``wait`` return; fit to be called from a signal handler."""
        self._is_over = True
        with contextlib.suppress(OSError):
            self._stop_writer.send(b"x")

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _call(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _listen(self) -> int:
        server = web.Server(self._handle, request_factory=Request.arrived)
        self._server = server
        self._listener = await self._loop.create_server(
            lambda: self._connection(server), self._host, self._port, backlog=_BACKLOG
        )
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    def _connection(self, server: web.Server) -> asyncio.Protocol:
        if len(server.connections) >= self._most:
            return Crowded(self._note)
        return Connection(server, loop=self._loop, limits=self._limits, note=self._note)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self._busy.add(request.protocol)
        try:
            return await self._answering.answer(request)
        finally:
            self._busy.discard(request.protocol)
            if self._stopping and not self._busy:
                self._finished.set()

    async def _shut_down(self) -> None:
        if self._listener:
            self._listener.close()
        if self._server:
            await self._let_finish(self._server)
            self._server.pre_shutdown()
            await self._server.shutdown(_CLOSE_S)
        await _cancel_rest()

    async def _let_finish(self, server: web.Server) -> None:
        # aiohttp reads nothing more from a connection that it is told to close, so a body that
        # is still arriving must have arrived before.
        self._stopping = True
        for connection in server.connections:
            if connection not in self._busy:
                connection.close()
        if self._busy:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._finished.wait(), self._limits.stop_s)

    def _end(self) -> None:
        # The threads first: one that waits for a body is woken by the loop.
        self._threads.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self._wakes:
            signal.set_wakeup_fd(-1)
        self._stop_reader.close()
        self._stop_writer.close()


async def _cancel_rest() -> None:
    # aiohttp forgets the task of a client that has left, which may still wait for the rest of a
    # body that nobody wants.
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    if rest:
        await asyncio.wait(rest, timeout=_CLOSE_S)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
