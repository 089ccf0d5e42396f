"""What became of a purchase whose answer was not heard: units of capacity are paid for at once."""

from collections.abc import Sequence
from datetime import datetime

from glaciercli.core.times import CLOCKS_APART
from glaciercli.model.vault_settings import CapacityUnit

#: What the journal says of a purchase before it is asked for, and once that was answered.
ASKED_FOR, BOUGHT, REFUSED = "capacity asked for", "capacity bought", "capacity refused"


def unheard(
    history: Sequence[tuple[str, datetime, str]], units: Sequence[CapacityUnit]
) -> CapacityUnit | None:
    """Return the unit that a run bought and did not hear of, if there is one.

    ``history`` is what the journal says, the newest first: events, their times, and the IDs of
    what was bought.
    """
    if not history or history[0][0] != ASKED_FOR:
        return None
    since = history[0][1] - CLOCKS_APART
    known = {capacity_id for event, _, capacity_id in history if event == BOUGHT}
    new = (one for one in units if one.capacity_id not in known and one.started_at >= since)
    return next(new, None)
