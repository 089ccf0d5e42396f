"""The body of a request as it arrives in the event loop, and the patience with a slow client."""

import asyncio
from concurrent.futures import Future

from aiohttp import web

from glaciercli.server.http.limits import Limits

#: How much of a body is waited for before a thread takes the request.  Nearly every request but
#: an upload is whole by then, and so never keeps a thread waiting for its client.
_FIRST_BYTES = 64 * 1024

#: How much of a body is handed to a thread at once: each time costs two changes of thread.
_PIECE_BYTES = 512 * 1024

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
        self._first = b""
        self._failure: OSError | None = None
        self.received_bytes = 0
        self.invited = not _waits_for_an_invitation(request)

    @property
    def failed(self) -> bool:
        """Whether the body stalled or broke off."""
        return self._failure is not None

    async def begin(self) -> bool:
        """Wait for the first bytes; tell whether nothing more is to be waited for."""
        if not self.invited:
            return False
        try:
            self._first = await self._gather(_FIRST_BYTES)
        except OSError:
            return True
        return self._content.at_eof()

    def next_piece(self) -> "Future[bytes]":
        """Return the promise of the next piece, which is empty at the end.

        Called from a thread; the promise fails with ``OSError`` where the body does.
        """
        if self._first or self._failure or self._content.at_eof():
            return self._at_hand()
        return asyncio.run_coroutine_threadsafe(self._next_piece(), self._loop)

    def _at_hand(self) -> "Future[bytes]":
        future: Future[bytes] = Future()
        if self._failure:
            future.set_exception(self._failure)
        else:
            future.set_result(self._first)
            self._first = b""
        return future

    async def _next_piece(self) -> bytes:
        if not self.invited:
            # Only now, when the application wants the body: a request that is refused by its
            # headers alone is answered before the client has sent anything.
            self.invited = True
            if self._request.transport:
                self._request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._content.set_read_chunk_size(_BUFFER_BYTES)
        return await self._gather(_PIECE_BYTES)

    async def _gather(self, wanted_bytes: int) -> bytes:
        pieces, size = [], 0
        while size < wanted_bytes and not self._content.at_eof():
            piece = await self._more()
            pieces.append(piece)
            size += len(piece)
        self.received_bytes += size
        return b"".join(pieces)

    async def _more(self) -> bytes:
        try:
            return await self._in_time()
        except TimeoutError:
            self._failure = OSError("the body came too slowly")
        except Exception as error:  # noqa: BLE001 - whatever aiohttp makes of a broken connection
            self._failure = OSError(f"the body broke off: {error}")
        raise self._failure

    async def _in_time(self) -> bytes:
        # Only the time spent here counts, not that of a slow disk: patience goes down while
        # nothing comes, and up by what came, but never above where it began.
        begun = self._loop.time()
        async with asyncio.timeout(self._patience_s):
            piece = await self._content.readany()
        waited = self._loop.time() - begun
        earned = len(piece) / self._limits.body_bytes_per_s
        self._patience_s = min(self._patience_s - waited + earned, self._limits.body_s)
        return piece


def _waits_for_an_invitation(request: web.BaseRequest) -> bool:
    # RFC 9110, section 10.1.1: what HTTP/1.0 says of this is to be ignored.
    return request.version >= (1, 1) and request.headers.get("Expect", "") != ""
