"""Whether there is room for what a retrieval brings: looked at before anything is paid for.

What a file replaces stays until the new one is proved, so it makes no room.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from glaciercli import errors
from glaciercli.core.sizes import format_size
from glaciercli.operations.context import Context
from glaciercli.operations.retrieve_plan import Wanted
from glaciercli.operations.retrieve_schedule import left_bytes
from glaciercli.transfer import targets


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What is to be written below a directory, and what there is room for."""

    root: str
    #: How much; archives of unknown size count as empty.
    needed_bytes: int
    #: ``None`` where the file system does not tell.
    free_bytes: int | None

    @property
    def is_enough(self) -> bool:
        """Whether all of it fits, as far as that can be told."""
        return self.free_bytes is None or self.needed_bytes <= self.free_bytes


def room_for(context: Context, some: Sequence[Wanted]) -> Room | None:
    """Return what some archives need beyond what was written of them; ``None`` if there are none.

    All of one line go below the same directory.
    """
    if not some:
        return None
    root = some[0].place.root
    return Room(
        root=root,
        needed_bytes=sum(left_bytes(context, one) for one in some),
        free_bytes=targets.free_bytes_below(root),
    )


def lack(room: Room | None) -> errors.DiskFull | None:
    """Return why something must not be asked for, where there is no room for it."""
    if room is None or room.is_enough:
        return None
    return errors.DiskFull(
        f'no room left for what would be asked for: "{room.root}" has room for '
        f"{format_size(room.free_bytes or 0)}, and it needs {format_size(room.needed_bytes)}",
        hint="free some space, or ask for less at a time with --max-bytes-per-day SIZE",
    )
