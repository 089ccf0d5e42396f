"""What a day's limit still has room for, whatever other runs ask for meanwhile."""

from glaciercli.operations import retrieve_schedule
from glaciercli.operations.context import Context


class DayRoom:
    """The room that is left of a limit of bytes in any 24 hours; ``None`` is no limit.

    It is asked within the transaction that writes down what is asked for.
    """

    def __init__(self, context: Context, most: int | None) -> None:
        self._context = context
        self._most = most
        self._asked_bytes = 0
        #: The key map as it was when that was summed up: changes of other runs tell.
        self._seen_version: int | None = None

    def has_room_for(self, size_bytes: int) -> bool:
        """Tell whether as much may be asked for now."""
        if self._most is None:
            return True
        version = self._context.key_map.jobs.version()
        if version != self._seen_version:
            asked = retrieve_schedule.asked_last_day(self._context)
            self._asked_bytes = sum(one.size_bytes for one in asked)
            self._seen_version = version
        return self._asked_bytes + size_bytes <= self._most

    def take(self, size_bytes: int) -> None:
        """Count as much as asked for."""
        self._asked_bytes += size_bytes
