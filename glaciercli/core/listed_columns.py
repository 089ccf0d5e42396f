"""Many records of an inventory turned into rows at once, column by column.

It takes only what is plainly right, and answers None for the rest: whoever asks then goes through
the records one by one, with the checks of ``core.listed``, which find out what is wrong and where.
What is taken comes out just as it would there.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from glaciercli.core.listed import ListedRow
from glaciercli.core.parts import MAX_ARCHIVE_BYTES
from glaciercli.core.times import FIRST, LAST, format_time
from glaciercli.core.treehash import DIGEST_BYTES

#: What an ID is made of: whatever is printable ASCII but the blank.
_ID_CHARACTERS = bytes(range(0x21, 0x7F))

#: A date as the service writes it, and what makes the same of each; ``fromisoformat`` takes more.
_DATE = b"0000-00-00T00:00:00Z"
_FIRST, _LAST = map(format_time, (FIRST, LAST))
_DIGITS_AS_0 = bytes.maketrans(b"0123456789", b"0" * 10)


def rows(records: Sequence[Any]) -> list[ListedRow] | None:
    """Return the rows of some decoded records, None if any of them needs a closer look."""
    try:
        ids = [record["ArchiveId"] for record in records]
        descriptions = [record["ArchiveDescription"] for record in records]
        dates = [record["CreationDate"] for record in records]
        sizes = [record["Size"] for record in records]
        hashes = [record["SHA256TreeHash"] for record in records]
        if not (_are_ids(ids) and _are_texts(descriptions) and _are_sizes(sizes)):
            return None
        return list(zip(ids, descriptions, _moments(dates), sizes, _digests(hashes), strict=True))
    except (KeyError, TypeError, ValueError):
        return None


def _are_ids(ids: Sequence[str]) -> bool:
    return all(ids) and not "".join(ids).encode("ascii").translate(None, _ID_CHARACTERS)


def _are_texts(values: Iterable[Any]) -> bool:
    return set(map(type, values)) <= {str}


def _are_sizes(values: Sequence[Any]) -> bool:
    # A truth value is an int too, and 3.0 equals 3.
    whole = set(map(type, values)) <= {int}
    return whole and min(values, default=0) >= 0 and max(values, default=0) <= MAX_ARCHIVE_BYTES


def _moments(dates: Sequence[str]) -> Iterable[int]:
    """Return whole seconds as milliseconds since 1970; raise ``ValueError`` for what is none."""
    if "".join(dates).encode("ascii").translate(_DIGITS_AS_0) != _DATE * len(dates):
        raise ValueError
    if not set(map(len, dates)) <= {len(_DATE)}:
        raise ValueError
    if dates and not (min(dates) >= _FIRST and max(dates) <= _LAST):
        raise ValueError
    # A whole number of seconds of those years is exact as a float.
    seconds = map(datetime.timestamp, map(datetime.fromisoformat, dates))
    return [int(one) * 1000 for one in seconds]


def _digests(hashes: Sequence[str]) -> Iterable[bytes]:
    """Return digests; raise ``ValueError`` for what is none."""
    together = bytes.fromhex("".join(hashes))
    # fromhex reads over blanks, so both lengths count.
    if len(together) != len(hashes) * DIGEST_BYTES or not set(map(len, hashes)) <= {
        2 * DIGEST_BYTES
    }:
        raise ValueError
    return [together[at : at + DIGEST_BYTES] for at in range(0, len(together), DIGEST_BYTES)]
