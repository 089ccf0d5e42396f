"""Checks of a directory that were begun."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCheck:
    """A check under way, as far as it has come."""

    key: int
    begun_at: datetime
    #: Up to which name, in bytes and included, everything was looked at; nothing yet is empty.
    reached: bytes
    #: How many files were proved, and how large they are together.
    proved: int
    proved_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFinding:
    """What a check found, in its own words."""

    finding: str
    name: str
    reason: str
