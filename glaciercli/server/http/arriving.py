"""The body of a request as it arrives in the event loop, and the patience with a slow client."""

import asyncio
import contextlib
from concurrent.futures import CancelledError

from aiohttp import web

from glaciercli.server.http.limits import Limits
from glaciercli.server.http.request import BadBody

#: How much of a body is waited for before a thread takes the request.  Nearly every request but
#: an upload is whole by then, and so never keeps a thread waiting for its client.
_FIRST_BYTES = 64 * 1024

#: How much of a body is handed to a thread at once: each time costs two changes of thread.
_PIECE_BYTES = 512 * 1024

#: How long a thread waits for more once there is something: what a slow client sent goes to the
#: disk rather than stay in memory.
_PIECE_S = 5.0

#: How much aiohttp may hold while a thread is busy; twice this is where it stops reading.
_BUFFER_BYTES = 256 * 1024


class Arriving:
    """The body of one request; a body that stalls or breaks off has failed for good."""

    def __init__(
        self, request: web.BaseRequest, loop: asyncio.AbstractEventLoop, limits: Limits
    ) -> None:
        self._request = request
        self._content = request.content
        self._loop = loop
        self._limits = limits
        self._patience_s = limits.body_s
        self._piece = b""
        self._failure: OSError | None = None
        self.received_bytes = 0
        self.invited = not _waits_for_an_invitation(request)

    @property
    def failed(self) -> bool:
        """Whether the body stalled or broke off."""
        return self._failure is not None

    @property
    def malformed(self) -> bool:
        """Whether the body was framed wrongly."""
        return self._failure is not None and isinstance(self._failure.__cause__, BadBody)

    async def begin(self) -> bool:
        """Wait for the first bytes; tell whether nothing more is to be waited for."""
        if not self.invited:
            return False
        pieces: list[bytes] = []
        try:
            await self._gather(pieces, _FIRST_BYTES)
        except OSError:
            return True
        self._piece = b"".join(pieces)
        return self._content.at_eof()

    def receive(self) -> bytes:
        """Return the next piece, which is empty at the end; for a thread, which waits.

        Raise ``OSError`` where the body stalls or breaks off.
        """
        if not (self._piece or self._failure or self._content.at_eof()):
            self._wait()
        if self._failure:
            raise self._failure
        # Handed over here and not as the future's result: a future that crossed threads is part
        # of a cycle, and would keep the piece in memory until the collector comes by.
        piece, self._piece = self._piece, b""
        return piece

    def _wait(self) -> None:
        # The loop bounds the time that a body may take, and ends every wait when it stops.
        try:
            asyncio.run_coroutine_threadsafe(self._next_piece(), self._loop).result()
        except (CancelledError, RuntimeError) as error:
            self._failure = OSError(f"the front is stopping: {error}")

    async def _next_piece(self) -> None:
        if not self.invited:
            # Only now, when the application wants the body: a request that is refused by its
            # headers alone is answered before the client has sent anything.
            self.invited = True
            if self._request.transport:
                self._request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._content.set_read_chunk_size(_BUFFER_BYTES)
        pieces: list[bytes] = []
        with contextlib.suppress(OSError):
            pieces.append(await self._more())
            await self._fill(pieces)
        self._piece = b"".join(pieces)

    async def _fill(self, pieces: list[bytes]) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PIECE_S):
                await self._gather(pieces, _PIECE_BYTES)

    async def _gather(self, pieces: list[bytes], wanted_bytes: int) -> None:
        size = sum(map(len, pieces))
        while size < wanted_bytes and not self._content.at_eof():
            pieces.append(await self._more())
            size += len(pieces[-1])

    async def _more(self) -> bytes:
        try:
            return await self._in_time()
        except TimeoutError:
            self._failure = OSError("the body came too slowly")
        except Exception as error:  # noqa: BLE001 - whatever aiohttp makes of a broken connection
            self._failure = OSError(f"the body broke off: {error}")
            self._failure.__cause__ = error
        raise self._failure

    async def _in_time(self) -> bytes:
        # Only the time spent here counts, not that of a slow disk: patience goes down while
        # nothing comes, and up by what came, but never above where it began.
        begun = self._loop.time()
        async with asyncio.timeout(self._patience_s):
            piece = await self._content.readany()
        waited = self._loop.time() - begun
        self.received_bytes += len(piece)
        earned = len(piece) / self._limits.body_bytes_per_s
        self._patience_s = min(self._patience_s - waited + earned, self._limits.body_s)
        return piece


def _waits_for_an_invitation(request: web.BaseRequest) -> bool:
    # RFC 9110, section 10.1.1: what HTTP/1.0 says of this is to be ignored.
    return request.version >= (1, 1) and request.headers.get("Expect", "") != ""
