"""Cases by the thousand against one parser, and what they must not do."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.fuzz.mutation import Mutator
from tests.fuzz.parser import Parser

CORPUS = Path(__file__).parent.parent / "data" / "corpus"

#: How much time of the processor 64 KiB may take.
_MOST_S = 1.0
_STEP_BYTES = 64 * 1024

#: How often what fails is tried again with less of it.
_TRIES = 300


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Bytes that a parser did not read as it should."""

    data: bytes
    reason: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.data[:300]!r} ({len(self.data)} bytes)"


def samples(parser: Parser) -> list[bytes]:
    """Return what a parser is known to meet: real samples, and what once broke it."""
    kept = sorted((CORPUS / parser.name).glob("*"))
    return [*parser.made, *(path.read_bytes() for path in kept)]


def failures(parser: Parser, *, count: int, seed: int) -> Iterator[Failure | None]:
    """Carry cases out; yield what became of each, nothing where all was well."""
    for data in cases(parser, seed=seed, count=count):
        yield failure_of(parser, data)


def cases(parser: Parser, *, seed: int, count: int) -> Iterator[bytes]:
    """Yield cases: half of them changed inside their envelope, where there is one."""
    rng = Random(f"{parser.name}/{seed}")  # noqa: S311 - to be repeated, not secret
    whole = samples(parser)
    outer = Mutator(whole, rng)
    inner = _inside(parser, whole, rng)
    for _ in range(count):
        if inner is not None and parser.envelope is not None and rng.random() < 0.5:
            yield parser.envelope.sealed(inner.case(), rng)
        else:
            yield outer.case()


def failure_of(parser: Parser, data: bytes) -> Failure | None:
    """Return what is wrong with how a parser reads some bytes."""
    reason = _reason(parser, data)
    return None if reason is None else Failure(data=data, reason=reason)


def shrunk(parser: Parser, failure: Failure) -> Failure:
    """Return a failure of the same kind with fewer bytes."""
    kind, data, size, tries = failure.reason.partition(":")[0], failure.data, len(failure.data), 0
    while size > 1 and tries < _TRIES:
        size = (size + 1) // 2
        at = 0
        while at < len(data) and tries < _TRIES:
            tries += 1
            less = data[:at] + data[at + size :]
            again = failure_of(parser, less)
            if again is not None and again.reason.partition(":")[0] == kind:
                data, failure = less, again
            else:
                at += size
    return failure


def _reason(parser: Parser, data: bytes) -> str | None:
    try:
        with _at_most(_MOST_S * max(1, len(data) / _STEP_BYTES)):
            parser.read(data)
    except parser.declared:
        return None
    except Exception as error:  # noqa: BLE001 - whatever is not declared is the finding
        return f"{type(error).__name__}: {str(error)[:200]}"
    return None


class TooSlow(Exception):
    """Some bytes take longer than any may."""


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Break off what takes more of the processor's time; what waits is not counted."""

    def break_off(_number: int, _frame: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, break_off)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _inside(parser: Parser, whole: Sequence[bytes], rng: Random) -> Mutator | None:
    if parser.envelope is None:
        return None
    opened = map(parser.envelope.opened, whole)
    return Mutator([one for one in opened if one is not None], rng)
