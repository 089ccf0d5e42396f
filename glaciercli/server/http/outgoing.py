"""An answer on its way to a client; no thread is held while the client takes its time."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Self

from aiohttp import web

from glaciercli.ports import WireResponse
from glaciercli.server.http.refusals import SERVER

#: An answer of up to this size is made in one go, and sent with its head.
_WHOLE_BYTES = 64 * 1024

#: How much is handed to the connection at once: it copies what the client does not take, and
#: waits for the client only after more than 64 KiB.
_WRITE_BYTES = 96 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An answer of the application, with its body where that is short."""

    answer: WireResponse
    whole: bytes | None

    @classmethod
    def of(cls, answer: WireResponse) -> Self:
        """Return an answer with its body read if it is short; for a thread."""
        length = int(answer.headers.get("Content-Length", "0"))
        if length > _WHOLE_BYTES or answer.in_pieces:
            return cls(answer=answer, whole=None)
        try:
            return cls(answer=answer, whole=b"".join(answer.body))
        finally:
            answer.close()


class Outgoing:
    """One answer that is being sent."""

    def __init__(self, request: web.BaseRequest, made: Made, *, last: bool) -> None:
        self._request = request
        self._made = made
        self._last = last
        self._piece = b""
        #: Whether the head is on its way, so that nothing else can be answered.
        self.begun = made.whole is not None
        self.sent_bytes = 0

    async def send(self, readers: Executor, *, stall_s: float) -> web.StreamResponse:
        """Send all of it, unless the client goes away or reads nothing for so long."""
        answer, whole = self._made.answer, self._made.whole
        headers = {**answer.headers, "Server": SERVER}
        if whole is not None:
            # aiohttp sends it when it is returned, and knows which answers have no body.
            response: web.StreamResponse = web.Response(
                status=answer.status, headers=headers, body=whole
            )
            self.sent_bytes = len(whole)
        else:
            response = web.StreamResponse(status=answer.status, headers=headers)
        if self._last:
            response.force_close()
        if whole is None:
            await self._stream(response, readers, stall_s)
        return response

    async def _stream(
        self, response: web.StreamResponse, readers: Executor, stall_s: float
    ) -> None:
        loop, answer = asyncio.get_running_loop(), self._made.answer
        pieces = iter(answer.body)
        try:
            # Before the head: what cannot be read at all is still refused cleanly.
            has_more = await loop.run_in_executor(readers, self._read, pieces)
            self.begun = True
            await response.prepare(self._request)
            while has_more:
                await self._write(response, stall_s)
                has_more = await loop.run_in_executor(readers, self._read, pieces)
            await response.write_eof()
        except ConnectionAbortedError:
            self._drop()  # The application wants it so.
        except ConnectionError:
            pass  # A client that has gone away is nobody's fault, and nobody is left to tell.
        except TimeoutError:
            self._drop()
        finally:
            await loop.run_in_executor(readers, answer.close)

    def _read(self, pieces: Iterator[bytes]) -> bool:
        # Kept here and not returned: a future that crossed threads is part of a cycle, and would
        # keep the piece in memory until the collector comes by.
        self._piece = next(pieces, b"")
        return bool(self._piece)

    async def _write(self, response: web.StreamResponse, stall_s: float) -> None:
        view = memoryview(self._piece)
        while view:
            async with asyncio.timeout(stall_s):
                await response.write(view[:_WRITE_BYTES])
            self.sent_bytes += len(view[:_WRITE_BYTES])
            view = view[_WRITE_BYTES:]

    def _drop(self) -> None:
        if self._request.transport:
            self._request.transport.abort()
