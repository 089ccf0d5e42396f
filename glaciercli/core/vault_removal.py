"""The removal of a vault as a plan over days: facts in, the next step out.

The service removes a vault only when its last inventory lists nothing and nothing was written
since; it makes an inventory about once a day ("Deleting a Vault" in the Amazon Glacier developer
guide).  So a vault goes in one such day after its last archive, if nothing was overlooked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

#: How often the service makes an inventory where something was written.
_INVENTORY_EVERY = timedelta(hours=24)

#: When to look again where the service is late.
_LATE = timedelta(hours=1)


class Step(Enum):
    """What is to be done next; the value is its word in documents."""

    #: Take in the service's inventory: it lists what the key map may not know.
    INVENTORY = "inventory"
    #: Ask about what would be deleted and was not asked about yet.
    CONFIRM = "confirm"
    #: Delete what was asked about.
    DELETE = "delete"
    #: Remove the vault itself.
    VAULT = "vault"
    #: Wait for the inventory that shows the service that the vault is empty.
    WAIT = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the next step follows from."""

    created_at: datetime
    #: The date of the service's last inventory, ``None`` before the first, and what it lists.
    last_inventory_at: datetime | None
    listed_archives: int
    #: Whether the key map knows all that this one lists.
    knows_last: bool
    #: How many archives were asked about and are not deleted yet.
    doomed: int
    #: How many archives, and unfinished uploads, were not asked about.
    unasked: int
    unasked_uploads: int
    #: When the user said yes, if that was about this vault.
    confirmed_at: datetime | None
    #: When the last archive was deleted, as far as that is known.
    emptied_at: datetime | None
    #: How many deleted archives are listed all the same, by an inventory made after that.
    relisted: int = 0
    #: Whether the service refused to remove the vault just now.
    refused: bool = False


def next_step(facts: Facts) -> Step:
    """Return what to do next."""
    if facts.confirmed_at is not None and facts.doomed:
        return Step.DELETE
    if _is_unread(facts):
        return Step.INVENTORY
    if facts.confirmed_at is not None and facts.relisted:
        return Step.DELETE
    if facts.doomed or facts.unasked or facts.unasked_uploads or facts.relisted:
        return Step.CONFIRM
    return Step.WAIT if facts.refused else Step.VAULT


def is_early(facts: Facts) -> bool:
    """Tell whether the service surely has no inventory yet that shows the vault as empty."""
    last = facts.last_inventory_at
    return facts.emptied_at is not None and (last is None or last <= facts.emptied_at)


def next_useful(facts: Facts, *, now: datetime) -> datetime:
    """Return when the service should have the inventory that shows the vault as empty."""
    written = facts.emptied_at or now
    first = facts.last_inventory_at or facts.created_at
    days = max(1, (written - first) // _INVENTORY_EVERY + 1)
    due = first + days * _INVENTORY_EVERY
    return due if due > now else now + _LATE


def _is_unread(facts: Facts) -> bool:
    """Tell whether the service's last inventory lists what the key map may not know."""
    there = facts.last_inventory_at is not None and facts.listed_archives > 0
    return there and not facts.knows_last
