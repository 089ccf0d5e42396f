"""A TCP line between a client and a service that goes wrong where a test says so."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit

_PIECE_BYTES = 16 * 1024


class Trouble(Enum):
    """What happens to one direction of a connection."""

    #: The connection is reset: both sides are told that it broke.
    RESET = "reset"
    #: The connection is closed as if all had been said.
    CUT = "cut"
    #: Nothing comes through any more, and nobody is told.
    STALL = "stall"
    #: What comes, comes slowly.
    SLOW = "slow"
    #: One bit is another one.
    FLIP = "flip"


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What happens to one connection: after so many bytes towards one side."""

    trouble: Trouble
    after_bytes: int
    #: Whether it is about what the client sends, or about what it gets.
    upstream: bool = False
    bytes_per_s: int = 64 * 1024


@dataclass(kw_only=True)
class Proxy:
    """A line to a service; the fates are those of the next connections, one each."""

    url: str
    target: tuple[str, int]
    fates: list[Fate | None] = field(default_factory=list)
    #: How many connections there were.
    connections: int = 0
    #: Set at the end, so that nothing goes on to stall.
    ended: threading.Event = field(default_factory=threading.Event)

    def next_fate(self) -> Fate | None:
        self.connections += 1
        return self.fates.pop(0) if self.fates else None


@contextmanager
def proxied(url: str) -> Iterator[Proxy]:
    """Lend a line to a service on the loopback address."""
    parts = urlsplit(url)
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        proxy = Proxy(
            url=f"http://127.0.0.1:{listener.getsockname()[1]}",
            target=(parts.hostname or "", parts.port or 80),
        )
        stack.callback(proxy.ended.set)
        # Closing alone would not wake the thread that accepts.
        stack.callback(listener.shutdown, socket.SHUT_RDWR)
        threading.Thread(target=_accept, args=(listener, proxy), daemon=True).start()
        yield proxy


def _accept(listener: socket.socket, proxy: Proxy) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_connect, args=(client, proxy), daemon=True).start()


def _connect(client: socket.socket, proxy: Proxy) -> None:
    fate = proxy.next_fate()
    with client, socket.create_connection(proxy.target) as service:
        up = fate if fate and fate.upstream else None
        down = fate if fate and not fate.upstream else None
        sending = threading.Thread(target=_pump, args=(client, service, up, proxy), daemon=True)
        sending.start()
        _pump(service, client, down, proxy)
        sending.join()


def _pump(source: socket.socket, sink: socket.socket, fate: Fate | None, proxy: Proxy) -> None:
    """Hand on what one side says, until its end or its fate."""
    passed = 0
    with suppress(OSError):
        while piece := source.recv(_PIECE_BYTES):
            if fate and passed + len(piece) > fate.after_bytes:
                piece = _befallen(piece, fate, max(0, fate.after_bytes - passed), sink)
                if not _goes_on(fate, source, sink, proxy):
                    return
            sink.sendall(piece)
            passed += len(piece)
            if fate and fate.trouble is Trouble.FLIP and passed > fate.after_bytes:
                fate = None
        sink.shutdown(socket.SHUT_WR)


def _befallen(piece: bytes, fate: Fate, place: int, sink: socket.socket) -> bytes:
    """Return what becomes of the piece in which the trouble begins."""
    match fate.trouble:
        case Trouble.FLIP:
            return piece[:place] + bytes([piece[place] ^ 1]) + piece[place + 1 :]
        case Trouble.SLOW:
            time.sleep(len(piece) / fate.bytes_per_s)  # noqa: TID251 - the line is slow
            return piece
        case _:
            sink.sendall(piece[:place])
            return b""


def _goes_on(fate: Fate, source: socket.socket, sink: socket.socket, proxy: Proxy) -> bool:
    """Let the trouble come, and tell whether anything comes through after it."""
    match fate.trouble:
        case Trouble.FLIP | Trouble.SLOW:
            return True
        case Trouble.STALL:
            proxy.ended.wait()
        case Trouble.RESET:
            for one in (source, sink):
                # Without it a close would say that all is well.
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                # The other thread waits in this socket, which would hold the close back.
                one.shutdown(socket.SHUT_RD)
        case Trouble.CUT:
            pass
    for one in (source, sink):
        with suppress(OSError):
            if fate.trouble is not Trouble.RESET:
                one.shutdown(socket.SHUT_RDWR)
        one.close()
    return False
