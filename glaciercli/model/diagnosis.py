"""What is found out about this machine and the far side, and how bad it is."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Status(Enum):
    """How bad a finding is."""

    OK = "ok"
    #: Something to know.
    NOTE = "note"
    #: Something to do before it becomes a problem.
    WARNING = "warning"
    #: Something does not work.
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one look found, and what to do about it."""

    #: A stable word for what was looked at.
    check: str
    status: Status
    message: str
    advice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One short question to the service, and what came back."""

    endpoint: str
    region: str
    #: The time of day by the service's answer, ``None`` where it said none.
    served_at: datetime | None
    #: What went wrong, and what to do about it; ``None`` where all was well.
    problem: str | None
    hint: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whose credentials are used."""

    #: The last characters of the access key's ID.
    key_end: str
    #: Where the credentials come from, in botocore's word.
    source: str
    #: Who that is, ``None`` where nobody could be asked.
    arn: str | None


class Verdict(Enum):
    """What a harmless try of an operation shows."""

    ALLOWED = "allowed"
    DENIED = "denied"
    #: The answer says neither.
    UNCLEAR = "unclear"
    #: It cannot be tried without changing something.
    NOT_TRIED = "not_tried"
