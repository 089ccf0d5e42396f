"""Where messages go: to a file, one a line, or to a URL, as Amazon SNS sends them.

The form of a POST is that of "raw message delivery" in the Amazon SNS developer guide.
"""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp

from glaciercli.errors import BadUsage, FileProblem
from glaciercli.server.blobs import sync_directory
from glaciercli.server.notices.messages import Notice

#: How long an endpoint may take for one message, from the look-up of its name to its answer.
_ANSWER_S = 10.0


class NotDelivered(Exception):
    """A message has not arrived, or may not have; the text never holds the URL."""


class Receiver(Protocol):
    """Takes messages, one or several at a time."""

    async def deliver(self, notice: Notice) -> None:
        """Return once a message has arrived for good; raise ``NotDelivered`` where it has not."""
        ...


def receiver(target: str) -> Receiver:
    """Return the receiver that a user names: an HTTP or HTTPS URL, or a file.

    Raise ``BadUsage`` for what is no such URL, and ``FileProblem`` where the file cannot be used.
    """
    if "://" in target:
        return UrlReceiver(_checked_url(target))
    return LogFile(target)


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        # The URL is not repeated: it may hold a password.
        raise BadUsage(
            "notifications go to a URL with http or https and a host, or to a file",
            hint="write for instance http://127.0.0.1:9000/done",
        )
    return url


class UrlReceiver:
    """An HTTP endpoint, which has a message once it answers with success."""

    def __init__(self, url: str, *, answer_s: float = _ANSWER_S) -> None:
        self._url = url
        self._timeout = aiohttp.ClientTimeout(total=answer_s)

    async def deliver(self, notice: Notice) -> None:
        """Send a message; raise ``NotDelivered`` where the answer is none, late or no success."""
        try:
            status = await self._post(notice)
        except TimeoutError as error:
            raise NotDelivered("no answer in time") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotDelivered(type(error).__name__) from error
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise NotDelivered(f"HTTP status {status}")

    async def _post(self, notice: Notice) -> int:
        # A redirection is no success: it might lead a message to where nobody meant it to go.
        async with (
            aiohttp.ClientSession(timeout=self._timeout) as session,
            session.post(
                self._url, data=notice.body, headers=_headers(notice), allow_redirects=False
            ) as answer,
        ):
            return answer.status


def _headers(notice: Notice) -> dict[str, str]:
    return {
        "Content-Type": "text/plain; charset=UTF-8",
        "User-Agent": "glaciercli",
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-message-id": notice.message_id,
        "x-amz-sns-topic-arn": notice.topic,
        "x-amz-sns-rawdelivery": "true",
    }


class LogFile:
    """A file that grows by a line a message; it may be moved away at any time."""

    def __init__(self, name: str) -> None:
        """Make sure that the file can be written; raise ``FileProblem`` where it cannot."""
        self._path = Path(name)
        try:
            with self._opened():
                pass
        except OSError as error:
            raise FileProblem(f'cannot write to "{name}": {error.strerror or error}') from error

    async def deliver(self, notice: Notice) -> None:
        """Append a message and wait until it is on the disk."""
        try:
            with self._opened() as descriptor:
                _append(descriptor, notice.body + b"\n")
        except OSError as error:
            raise NotDelivered(error.strerror or "the file cannot be written") from error

    @contextmanager
    def _opened(self) -> Iterator[int]:
        is_new = not self._path.exists()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o600)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError("it is no regular file")
            if is_new:
                sync_directory(self._path.parent)
            yield descriptor
        finally:
            os.close(descriptor)


def _append(descriptor: int, line: bytes) -> None:
    # Another service may write to the same file; closing the descriptor frees the lock.
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    size = os.fstat(descriptor).st_size
    torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
    try:
        _write_all(descriptor, b"\n" + line if torn else line)
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
