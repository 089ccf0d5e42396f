"""What a retrieval is going to cost: shown before anything is asked for, and held to a budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from glaciercli import errors
from glaciercli.core.pricing import Cost, PriceList, Retrieval, retrieving, transferring
from glaciercli.core.pricing_quote import Load, Quote, quotes
from glaciercli.core.retrieval_plan import Step
from glaciercli.model.jobs import Tier
from glaciercli.operations import retrieve_room
from glaciercli.operations.billing import Billing
from glaciercli.operations.context import Context
from glaciercli.operations.results import DONE_IN_PART
from glaciercli.operations.retrieve_plan import RetrievePlan, RetrieveRequest, Wanted
from glaciercli.operations.retrieve_room import Room
from glaciercli.operations.retrieve_schedule import Schedule, asked_jobs, jobs_to_come, schedule

#: What was asked for in that time counts as spent by the same line: a month on the bill.
_SPENT_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrieveOffer:
    """A plan with its schedule and its price."""

    plan: RetrievePlan
    schedule: Schedule
    #: How many jobs each archive takes from now on, most likely, by their keys.
    jobs_to_come: Mapping[int, int]
    #: What is left to do, in each tier.
    quotes: tuple[Quote, ...]
    #: What asking for the same archives has cost already, within 30 days, with the transfer of
    #: those that are here.
    spent: Cost
    #: How many archives of unknown size are to be asked for; they count as empty.
    unmeasured: int
    #: What the target has room for, and what all that is left to do needs; ``None`` if nothing is.
    room: Room | None
    #: Why nothing can be asked for now, where there is no room even for that.
    lack: errors.DiskFull | None
    max_usd: Decimal | None
    billed: bool

    @property
    def quote(self) -> Quote:
        """What is left to do, in the tier that was chosen."""
        return next(one for one in self.quotes if one.tier is self.plan.tier)

    @property
    def total(self) -> Cost:
        """What the line costs from its first run to its last."""
        return self.spent + self.quote.cost

    @property
    def fits(self) -> bool:
        """Whether the budget surely holds; without one, or with nothing left to pay, it does."""
        left = self.quote.cost
        if self.max_usd is None or not (left.charges or left.missing or self.unmeasured):
            return True
        usd = self.total.usd
        return usd is not None and not self.unmeasured and usd <= self.max_usd

    @property
    def needs_consent(self) -> bool:
        """Whether somebody has to say yes: a budget is a yes up to that amount."""
        return self.billed and self.max_usd is None and bool(self.schedule.to_ask)

    @property
    def brings_more(self) -> bool:
        """Whether there is something to do besides asking."""
        steps = (step for _, step in self.plan.steps)
        return any(one is None or one.step is not Step.START for one in steps)

    @property
    def exit_code(self) -> int:
        """The exit code of showing it."""
        if not self.fits:
            return errors.OverBudget.exit_code
        refused = len(self.schedule.refused)
        if not refused:
            return self.plan.exit_code
        alone = refused == len(self.plan.steps) and not self.plan.left_alone
        return errors.OverBudget.exit_code if alone else DONE_IN_PART


def offer(context: Context, request: RetrieveRequest, planned: RetrievePlan) -> RetrieveOffer:
    """Return what a plan asks for when, and what that costs."""
    prices, found = context.billing.prices, schedule(context, request, planned.steps)
    jobs = list(jobs_to_come(context, found, planned.steps))
    moved = [one for one, _ in jobs]
    return RetrieveOffer(
        plan=planned,
        schedule=found,
        jobs_to_come={one.archive.key: count for one, count in jobs},
        quotes=quotes(prices, _loads(jobs, [] if context.billing.same_region else moved)),
        spent=Cost() if request.max_usd is None else _spent(context, planned),
        room=retrieve_room.room_for(context, moved),
        lack=retrieve_room.lack(retrieve_room.room_for(context, found.now)),
        unmeasured=sum(one.archive.known_size_bytes is None for one in found.to_ask),
        max_usd=request.max_usd,
        billed=context.billing.billed,
    )


def hold_to_budget(offered: RetrieveOffer) -> None:
    """Raise ``OverBudget`` where an offer does not surely fit its budget."""
    if not offered.fits:
        raise _over_budget(offered)


def hold_to_room(offered: RetrieveOffer) -> None:
    """Raise ``DiskFull`` where there is no room for what is asked for now, and nothing else to do.

    What is ready must not wait for that: it is fetched before it expires.
    """
    if offered.lack is not None and not offered.brings_more:
        raise offered.lack


def _over_budget(offered: RetrieveOffer) -> errors.OverBudget:
    limit, total = offered.max_usd, offered.total
    if total.missing:
        message = f"no price is known of {', '.join(total.missing)}, so --max-cost cannot be kept"
        hint = "set it in the configuration, as docs/cost.md shows"
    elif offered.unmeasured:
        message = f"nobody told the sizes of {offered.unmeasured} of the archives"
        hint = "glaciercli inventory refresh asks the service"
    else:
        spent = offered.spent.known_usd
        before = f" with the ${spent:.6f} spent before" if spent else ""
        message = f"it costs ${total.known_usd:.6f}{before}, and --max-cost allows ${limit}"
        hint = _cheaper(offered) or "glaciercli cost shows what each tier costs"
    return errors.OverBudget(message, hint=hint)


def _cheaper(offered: RetrieveOffer) -> str | None:
    """Return which tier fits the budget, where another one does."""
    assert offered.max_usd is not None
    for one in offered.quotes:
        usd = (offered.spent + one.cost).usd
        if usd is not None and usd <= offered.max_usd:
            return f"--tier {one.tier.value.lower()} costs ${usd:.6f}"
    return None


def _loads(jobs: Sequence[tuple[Wanted, int]], moved: Sequence[Wanted]) -> tuple[Load, ...]:
    regions = dict.fromkeys(one.vault.identity.region for one, _ in jobs)
    return tuple(_load(region, jobs, moved) for region in regions)


def _load(region: str, jobs: Sequence[tuple[Wanted, int]], moved: Sequence[Wanted]) -> Load:
    here = [(one, count) for one, count in jobs if one.vault.identity.region == region]
    return Load(
        region=region,
        requests=sum(count for _, count in here),
        asked_bytes=sum(count * one.archive.size_bytes for one, count in here),
        moved_bytes=sum(_sizes_in(region, moved)),
    )


def _sizes_in(region: str, some: Sequence[Wanted]) -> list[int]:
    """Return the sizes of the archives in a region."""
    return [one.archive.size_bytes for one in some if one.vault.identity.region == region]


def _spent(context: Context, planned: RetrievePlan) -> Cost:
    """Return what this key map spent on the archives of a plan, and on those brought before."""
    since = context.clock.now() - _SPENT_WITHIN
    tiers: dict[str | None, list[Tier]] = {}
    for _, job in asked_jobs(context, since):
        # Jobs that somebody else started are not of this line.
        if job.tag is not None:
            tiers.setdefault(job.archive_id, []).append(job.tier or Tier.STANDARD)
    asked: dict[tuple[str, Tier], list[int]] = {}
    for one in (*(wanted for wanted, _ in planned.steps), *planned.brought_before):
        for tier in tiers.get(one.archive.archive_id, ()):
            key = (one.vault.identity.region, tier)
            asked.setdefault(key, []).append(one.archive.size_bytes)
    paid = [one for one in planned.brought_before if one.archive.archive_id in tiers]
    return _preparing(context.billing.prices, asked) + _transfer(context.billing, paid)


def asking_cost(prices: PriceList, some: Sequence[Wanted], tier: Tier) -> Cost:
    """Return what it costs to ask for some archives, before they are fetched."""
    asked: dict[tuple[str, Tier], list[int]] = {}
    for one in some:
        asked.setdefault((one.vault.identity.region, tier), []).append(one.archive.size_bytes)
    return _preparing(prices, asked)


def _preparing(prices: PriceList, asked: Mapping[tuple[str, Tier], Sequence[int]]) -> Cost:
    cost = Cost()
    for (region, tier), sizes in asked.items():
        done = Retrieval(region=region, tier=tier, count=len(sizes), size_bytes=sum(sizes))
        cost += retrieving(prices, done)
    return cost


def _transfer(billing: Billing, some: Sequence[Wanted]) -> Cost:
    cost = Cost()
    if not billing.same_region:
        for region in dict.fromkeys(one.vault.identity.region for one in some):
            size_bytes = sum(_sizes_in(region, some))
            cost += transferring(billing.prices, region, size_bytes=size_bytes)
    return cost
