"""Downloads that were begun and have not reached their final name."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """An archive on its way into a file."""

    key: int
    archive_key: int
    target: str
    #: The temporary file beside the target.
    partial: str
    range_bytes: int
