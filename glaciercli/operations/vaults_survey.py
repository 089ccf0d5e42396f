"""How far the removal of a vault is: the facts that ``core.vault_removal`` decides by."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from glaciercli import errors
from glaciercli.core import vault_removal
from glaciercli.core.doom import CANCELLED, CONFIRMED
from glaciercli.core.pricing import OVERHEAD_BYTES
from glaciercli.core.times import CLOCKS_APART, format_time
from glaciercli.core.vault_removal import Facts, Step
from glaciercli.keymap.journal import Milestone
from glaciercli.model.archives import ArchiveState
from glaciercli.model.questions import ArchiveFilter, Question
from glaciercli.model.sums import ArchiveSums
from glaciercli.model.vault_descriptions import Vault
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import cost, inventory, unfinished
from glaciercli.operations.context import Context
from glaciercli.operations.deletion_fee import DeletionFee
from glaciercli.operations.vaults_emptying import EMPTIED, LIVE

DELETED = "vault deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """How far a removal is, and what is to be asked about."""

    vault: Vault
    known: KnownVault
    facts: Facts
    step: Step
    #: What was not asked about yet, and what it costs to delete it now.
    unasked: ArchiveSums
    uploads: unfinished.AbortPlan
    fee: DeletionFee
    #: The last row of the key map that this may count: what was put in later is not in it.
    last_key: int
    #: What was asked about and is not deleted yet.
    doomed: ArchiveSums
    #: When the next step can be taken; ``None`` is now.
    at: datetime | None = None
    dry_run: bool = False
    exit_code: int = 0


def survey(context: Context, name: str, *, refused: bool = False) -> Removal:
    """Gather the facts about a vault, and return what follows from them.

    ``refused`` tells that the service did not agree just now that the vault is empty.  Raises
    ``InvalidRequest`` where this machine's clock is far behind.
    """
    vault = context.service.describe_vault(name)
    _check_clock(context, vault)
    known = context.remember(vault)
    past = _history(context, vault, known)
    yes = past.yes
    # Before the sums: what another run puts in between is asked about again, and not passed over.
    last_key = context.key_map.archives.last_key()
    unasked = _sums(context, known, LIVE)
    doomed = _sums(context, known, (ArchiveState.DELETING,))
    uploads = _uploads(context, name, yes)
    facts = Facts(
        created_at=vault.created_at,
        last_inventory_at=vault.last_inventory_at,
        listed_archives=vault.archive_count,
        knows_last=_knows_last(context, vault, known, past, unasked.with_more(doomed)),
        doomed=doomed.count,
        unasked=unasked.count,
        unasked_uploads=0 if yes else len(uploads.uploads),
        confirmed_at=None if yes is None else yes.at,
        emptied_at=past.emptied_at,
        relisted=_relisted(context, vault, known),
        refused=refused,
    )
    return Removal(
        vault=vault,
        known=known,
        facts=facts,
        step=vault_removal.next_step(facts),
        unasked=unasked,
        uploads=uploads,
        fee=cost.fee_of(
            context.billing.prices, vault.region, unasked, billed=context.billing.billed
        ),
        last_key=last_key,
        doomed=doomed,
    )


def _check_clock(context: Context, vault: Vault) -> None:
    """Make sure that this machine's clock is not behind: what was said yes to depends on dates."""
    behind = vault.created_at - context.clock.now()
    if behind > CLOCKS_APART:
        raise errors.InvalidRequest(
            f'vault "{vault.name}" was made {behind.total_seconds():,.0f} s in the future, says '
            "this machine's clock",
            hint="set the clock, for example `timedatectl set-ntp true`; nothing was done",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """When the user said yes to this removal, and when the vault was empty after that."""

    yes: Milestone | None = None
    emptied_at: datetime | None = None


def _history(context: Context, vault: Vault, known: KnownVault) -> _Past:
    emptied_at = None
    for one in _of_this_removal(context, vault, known):
        if one.event == CONFIRMED:
            return _Past(yes=one, emptied_at=emptied_at)
        if one.event == EMPTIED:
            emptied_at = emptied_at or one.at
    return _Past()


def said_yes_at(context: Context, vault: Vault, known: KnownVault) -> frozenset[datetime]:
    """Return each time when the user said yes in the removal that is under way."""
    past = _of_this_removal(context, vault, known)
    return frozenset(one.at for one in past if one.event == CONFIRMED)


def _of_this_removal(context: Context, vault: Vault, known: KnownVault) -> Iterator[Milestone]:
    """Yield what was done since the vault was made, or a removal given up, the newest first."""
    for one in context.key_map.journal.milestones(known.key):
        if one.event in {CANCELLED, DELETED} or one.at < vault.created_at - CLOCKS_APART:
            return
        yield one


def _knows_last(
    context: Context, vault: Vault, known: KnownVault, past: _Past, held: ArchiveSums
) -> bool:
    """Tell whether the key map knows all that the service's last inventory lists.

    Where it knows just as many archives with as many bytes, that inventory has nothing to tell,
    and hours are saved; a stranger would show in the next one.
    """
    last = vault.last_inventory_at
    if last is None:
        return True
    whole = held.size_bytes + held.count * OVERHEAD_BYTES
    if (held.count, whole) == (vault.archive_count, vault.size_bytes):
        return True
    if past.yes is not None and past.yes.detail.startswith(f"{format_time(last)} "):
        return True
    return inventory.has_last(context, known, last)


def _uploads(context: Context, name: str, yes: Milestone | None) -> unfinished.AbortPlan:
    found = unfinished.plan(context, unfinished.AbortRequest(vault=name))
    if yes is None:
        return found
    # Those that began later may be another machine's, at work right now.
    before = [one for one in found.uploads if one.upload.created_at <= yes.at]
    return unfinished.AbortPlan(uploads=before)


def _sums(context: Context, known: KnownVault, states: tuple[ArchiveState, ...]) -> ArchiveSums:
    wanted = ArchiveFilter(states=frozenset(states), all_versions=True)
    asked = Question(vault=known, wanted=wanted)
    return cost.sums_of(context.key_map, asked, now=context.clock.now())


def _relisted(context: Context, vault: Vault, known: KnownVault) -> int:
    """Return how many deleted archives are listed all the same, by an inventory made later."""
    if not vault.archive_count:
        return 0
    return context.key_map.archives.count_relisted(known, now=context.clock.now())
