"""A request as the front sees it."""

import asyncio
from typing import Self

from aiohttp import HttpVersion, HttpVersion10, HttpVersion11, StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage


class BadBody(web.RequestPayloadError):
    """A body whose end cannot be known, since it is framed wrongly."""


class Request(web.BaseRequest):
    """A request that is answered in a version of HTTP that the front speaks.

    aiohttp repeats the version that a client wrote, such as 0.9 or 2.0 (RFC 9110, section 2.5).
    """

    @classmethod
    def arrived(
        cls,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: "asyncio.Task[None]",
    ) -> Self:
        """Return the request whose head has arrived; in the event loop."""
        return cls(message, payload, protocol, writer, task, asyncio.get_running_loop())

    @property
    def version(self) -> HttpVersion:
        """The version in which the request is answered."""
        return max(HttpVersion10, min(super().version, HttpVersion11))

    @property
    def is_spoken(self) -> bool:
        """Whether the front speaks the version that the client wrote."""
        return super().version in (HttpVersion10, HttpVersion11)
