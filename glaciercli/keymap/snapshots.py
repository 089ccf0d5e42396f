"""Copies of the key map from the last days, made by themselves before much changes.

They are whole copies: a hard link would change with the file, which is written in place.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from glaciercli import errors
from glaciercli.keymap import backup, beside, files
from glaciercli.keymap.sources import Heard

_KEPT = 7
_EVERY = timedelta(days=1)
_STAMP = "%Y%m%dT%H%M%SZ"
_PREFIX, _SUFFIX = "key-map-", ".sqlite3"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSnapshot:
    """A copy of the key map beside it."""

    path: str
    taken_at: datetime
    size_bytes: int


def listed(path: str) -> list[LocalSnapshot]:
    """Return the snapshots of a key map, the newest first."""
    directory = beside.snapshots(path)
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise errors.FileProblem(f'"{directory}": {error.strerror}') from error
    found = (_snapshot(directory, name) for name in names)
    return sorted(
        (one for one in found if one is not None), key=lambda one: one.taken_at, reverse=True
    )


def take(path: str, *, now: datetime, most_bytes: int, always: bool, heard: Heard) -> str | None:
    """Copy the key map if it was not copied within a day, or ``always``; drop the oldest copies.

    Returns why there is none although one was due: that is no reason to stop.
    """
    try:
        taken = listed(path)
        size = os.path.getsize(path)
        # A copy from the future, by a clock that was wrong, does not count.
        young = any(timedelta(0) <= now - one.taken_at < _EVERY for one in taken)
        if young and not always:
            return None
        if size > most_bytes:
            return f"it is larger than the snapshot_limit of {most_bytes} bytes"
        _make(path, now=now, heard=heard)
    except FileNotFoundError:
        # No key map yet.
        return None
    except errors.GlacierCliError as error:
        return error.message
    return None


def _make(path: str, *, now: datetime, heard: Heard) -> None:
    name = f"{_PREFIX}{now:{_STAMP}}{_SUFFIX}"
    target = os.path.join(beside.snapshots(path), name)
    # Another run may have made one in the same second.
    if not os.path.lexists(target):
        backup.backup(path, target, overwrite=True, heard=heard)
    for old in listed(path)[_KEPT:]:
        with files.file_problems(old.path):
            files.remove(old.path)


def _snapshot(directory: str, name: str) -> LocalSnapshot | None:
    path = os.path.join(directory, name)
    if not (name.startswith(_PREFIX) and name.endswith(_SUFFIX)):
        return None
    with suppress(ValueError, FileNotFoundError):
        stamp = name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
        taken_at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
        return LocalSnapshot(path=path, taken_at=taken_at, size_bytes=os.path.getsize(path))
    return None
