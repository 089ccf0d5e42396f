"""What a fault makes of an answer."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from glaciercli.ports import WireResponse
from glaciercli.server.faults.plan import Deed, Fault, Strike
from glaciercli.server.wire import JSON_TYPE, compact_json

_LENGTH = "Content-Length"
_TREE_HASH = "x-amz-sha256-tree-hash"

#: How often a second a slow body goes on.
_STEPS_PER_S = 4

Sleep = Callable[[float], None]


def instead(fault: Fault) -> WireResponse:
    """Return the answer that a fault gives by itself."""
    if fault.body is None:
        blame = "Client" if fault.status < 500 else "Server"  # noqa: PLR2004
        document = {"code": fault.code, "message": fault.message, "type": blame}
        body, kind = compact_json(document), JSON_TYPE
    else:
        body, kind = fault.body.encode(), fault.content_type
    headers = {"Content-Type": kind, _LENGTH: str(len(body))}
    if fault.retry_after_s is not None:
        headers["Retry-After"] = f"{fault.retry_after_s:.0f}"
    return WireResponse(
        status=fault.status, headers=_set(headers, fault.headers), body=iter((body,))
    )


def severed() -> WireResponse:
    """Return what closes the connection in place of an answer."""
    return WireResponse(status=500, headers={}, body=_breaking(iter(())), in_pieces=True)


def spoiled(answer: WireResponse, strike: Strike, sleep: Sleep) -> WireResponse:
    """Return an answer of the service with a fault in it."""
    fault = strike.fault
    place = int(_length(answer) * fault.at)
    match fault.deed:
        case Deed.TRUNCATE:
            headers = _set(answer.headers, {_LENGTH: str(place)})
            return replace(answer, headers=headers, body=_start(answer, place))
        case Deed.FLIP:
            return replace(answer, body=_flipped(answer, strike.chance))
        case Deed.WRONG_HASH:
            return replace(answer, headers=_with_wrong_hash(answer.headers, strike.chance))
        case Deed.HEADERS:
            return replace(answer, headers=_set(answer.headers, fault.headers))
        case _:
            return replace(answer, body=_paced(answer, fault, place, sleep), in_pieces=True)


def _paced(answer: WireResponse, fault: Fault, place: int, sleep: Sleep) -> Iterator[bytes]:
    """Return a body that takes its time, or breaks off."""
    match fault.deed:
        case Deed.CUT:
            return _breaking(_start(answer, place))
        case Deed.STALL:
            return _stalling(answer.body, place, lambda: sleep(fault.pause.total_seconds()))
        case _:
            return _trickling(answer.body, fault.bytes_per_s, sleep)


def _set(headers: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    lower = {name.lower() for name in changes}
    kept = {name: value for name, value in headers.items() if name.lower() not in lower}
    return {**kept, **{name: value for name, value in changes.items() if value}}


def _length(answer: WireResponse) -> int:
    return int(answer.headers.get(_LENGTH, "0"))


def _start(answer: WireResponse, most: int) -> Iterator[bytes]:
    """Yield the first bytes of a body."""
    left = most
    for piece in answer.body:
        if left <= 0:
            return
        yield piece[:left]
        left -= len(piece)


def _breaking(pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield from pieces
    raise ConnectionAbortedError("a fault of the plan")


def _stalling(pieces: Iterator[bytes], place: int, pause: Callable[[], None]) -> Iterator[bytes]:
    left = place
    for piece in pieces:
        if 0 <= left < len(piece):
            if left:
                yield piece[:left]
            pause()
            yield piece[left:]
        else:
            yield piece
        left -= len(piece)


def _trickling(pieces: Iterator[bytes], bytes_per_s: int, sleep: Sleep) -> Iterator[bytes]:
    step = max(1, bytes_per_s // _STEPS_PER_S)
    for piece in pieces:
        for start in range(0, len(piece), step):
            part = piece[start : start + step]
            # Before it and for as long as it takes: nobody waits for what comes after the last.
            sleep(len(part) / bytes_per_s)
            yield part


def _flipped(answer: WireResponse, chance: random.Random) -> Iterator[bytes]:
    place = chance.randrange(max(1, _length(answer)))
    bit = 1 << chance.randrange(8)
    for piece in answer.body:
        if 0 <= place < len(piece):
            yield piece[:place] + bytes([piece[place] ^ bit]) + piece[place + 1 :]
        else:
            yield piece
        place -= len(piece)


def _with_wrong_hash(headers: Mapping[str, str], chance: random.Random) -> dict[str, str]:
    if not any(name.lower() == _TREE_HASH for name in headers):
        return dict(headers)
    return _set(headers, {_TREE_HASH: chance.randbytes(32).hex()})
