"""What an operation tells while it runs: event values, and who hears them.

A reporter may be called from any thread, never blocks for long, and never raises.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class TransfersPlanned:
    """What a command is about to move in all, told before the first transfer begins."""

    count: int
    total_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferSpared:
    """A planned transfer turned out not to be needed."""

    name: str
    total_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferStarted:
    """Bytes begin to move; ``total_bytes`` is ``None`` for a stream of unknown length."""

    name: str
    total_bytes: int | None
    #: Tells transfers of one name apart, such as the versions of an archive.
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAdvanced:
    """How many bytes of a transfer are done so far: a total, so that a retry takes nothing back."""

    name: str
    done_bytes: int
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFinished:
    """A transfer is over, well or not."""

    name: str
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that a user should know while the command runs."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """Something for those who asked to hear more."""

    message: str


Event = (
    TransfersPlanned
    | TransferSpared
    | TransferStarted
    | TransferAdvanced
    | TransferFinished
    | Notice
    | Detail
)


class Reporter(Protocol):
    """Hears events."""

    def report(self, event: Event) -> None:
        """Take one event."""
        ...
