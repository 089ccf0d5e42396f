"""How much of everything a client may take: time, connections, memory."""

import resource
from dataclasses import dataclass

#: More than this helps nobody, and where there is no hard limit a number is needed all the same.
_MOST_OPEN_FILES = 65_536

#: For the catalogue, the listener, the log, and whatever the process opened before.
_OWN_FILES = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one front; the defaults suit the real world, tests take shorter ones."""

    #: How many connections there may be; the next one is refused.  Each may need a file as well.
    connections: int = 2048
    #: How long a client may take to send the head of a request, and to send none at all.
    head_s: float = 30.0
    #: How long a body may fall behind the least rate before the request is given up.
    body_s: float = 60.0
    #: The least rate, far below what a shared modem line does.
    body_bytes_per_s: int = 1024
    #: How long a client may read nothing of an answer.
    read_s: float = 300.0
    #: How long the rest of a refused body is read, so that the client sees why it was refused.
    linger_s: float = 30.0
    #: How long requests under way may take when the front stops.
    stop_s: float = 60.0


def raise_open_files() -> None:
    """Let this process open as many files as it may; the usual 1,024 would be 400 clients."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def affordable(connections: int) -> int:
    """Return how many connections the open files allow, each with a file beside it."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return connections
    return max(1, min(connections, (soft - _OWN_FILES) // 2))
