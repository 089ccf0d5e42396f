"""How fast archives are fetched: measured by each run, remembered in the journal."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from glaciercli.operations.context import Context

_EVENT = "fetched"
_DETAIL = re.compile(r"([0-9]+) bytes in ([0-9]+) ms")

#: What is smaller measures how long an answer takes, and not how fast bytes come.
_LEAST_BYTES = 32 * 1024 * 1024

#: How many measurements count: the line of today, not that of last year.
_MEASUREMENTS = 10


@dataclass(slots=True, kw_only=True)
class Fetched:
    """What was brought here whole."""

    size_bytes: int = 0


@contextmanager
def measured(context: Context, vault_key: int) -> Iterator[Fetched]:
    """Measure what is fetched inside, also where that is cut off.

    What was brought whole is to be added; what was begun is seen in the key map.
    """
    clock, downloads = context.clock, context.key_map.downloads
    begun, held, fetched = clock.monotonic(), downloads.held_bytes(), Fetched()
    try:
        yield fetched
    finally:
        elapsed_ms = int((clock.monotonic() - begun) * 1000)
        # The ranges of what is whole have gone.
        moved = fetched.size_bytes + downloads.held_bytes() - held
        if moved >= _LEAST_BYTES and elapsed_ms > 0:
            context.key_map.journal.write(
                _EVENT,
                at=clock.now(),
                vault_key=vault_key,
                detail=f"{moved} bytes in {elapsed_ms} ms",
            )


def bytes_per_s(context: Context) -> int | None:
    """Return how fast the last downloads from this store were; ``None`` before the first."""
    vaults = [one.key for one in context.key_map.vaults.in_store(context.store)]
    found = context.key_map.journal.newest_details(_EVENT, vaults, most=_MEASUREMENTS)
    read = [one for detail in found if (one := _DETAIL.fullmatch(detail))]
    if not read:
        return None
    moved, elapsed_ms = (sum(int(one[group]) for one in read) for group in (1, 2))
    return max(moved * 1000 // max(elapsed_ms, 1), 1)
