"""What a reader of foreign bytes is to the fuzzer."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

#: Reads bytes to their end.  It asserts what has to be true of whatever comes out.
Read = Callable[[bytes], object]


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A packing around what a reader reads, so that changes get behind it."""

    #: Returns what is inside, or nothing where it cannot be opened.
    opened: Callable[[bytes], bytes | None]
    sealed: Callable[[bytes, Random], bytes]


@dataclass(frozen=True, kw_only=True)
class Parser:
    """A reader with the errors that it may raise; any other is a defect."""

    name: str
    read: Read
    declared: tuple[type[Exception], ...] = ()
    envelope: Envelope | None = None
    #: Samples that are made anew each time; the others stand in tests/data/corpus.
    made: tuple[bytes, ...] = ()
    #: How many cases are part of every run of the tests.
    cases: int = 1000
