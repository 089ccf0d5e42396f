"""The way out of a vault: what is in it, what it costs, and what it takes to move it to S3."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from glaciercli.core.pricing import Cost, retrieving, storing
from glaciercli.core.pricing import Retrieval as Asked
from glaciercli.core.pricing_quote import Load, Quote, quotes
from glaciercli.core.pricing_s3 import (
    INSTANT_LEAST_BYTES,
    LARGEST_OBJECT_BYTES,
    LARGEST_PUT_BYTES,
    LONGEST_KEY_BYTES,
    Stock,
    StorageClass,
    months_to_break_even,
    putting,
    storing_in,
)
from glaciercli.model.archives import ArchiveState
from glaciercli.model.breakdowns import Bounds, Folders, Share
from glaciercli.model.jobs import Tier
from glaciercli.model.questions import ArchiveFilter, Question
from glaciercli.model.sums import ArchiveSums
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.cost import fee_of, sums_of
from glaciercli.operations.deletion_fee import DeletionFee
from glaciercli.operations.report_blockers import Blocker, blockers

#: What the service holds: what it surely lists, what is new, and what is probably there.
_HELD = (
    ArchiveState.UPLOADED,
    ArchiveState.CONFIRMED,
    ArchiveState.UNSETTLED,
    ArchiveState.EMPTY,
)

#: How many folders a report names.
_FOLDERS = 15

_KIB, _MIB, _GIB, _TIB = (1024**power for power in range(1, 5))

#: Where one class of sizes ends and the next begins.
_SIZE_EDGES = (
    32 * _KIB,
    _MIB,
    16 * _MIB,
    256 * _MIB,
    _GIB,
    16 * _GIB,
    256 * _GIB,
    LARGEST_OBJECT_BYTES,
)

_YEAR = timedelta(days=365)

#: Where one class of ages ends and the next begins.
_AGE_EDGES = (timedelta(days=90), _YEAR, 2 * _YEAR, 3 * _YEAR, 5 * _YEAR, 10 * _YEAR)

_BOUNDS = Bounds(
    name_bytes=LONGEST_KEY_BYTES,
    large_bytes=LARGEST_PUT_BYTES,
    huge_bytes=LARGEST_OBJECT_BYTES,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeClass:
    """The archives from one size on and below another; ``None`` is no bound."""

    least_bytes: int
    below_bytes: int | None
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeClass:
    """The archives of one age and more, and younger than another; ``None`` is no bound."""

    least: timedelta
    below: timedelta | None
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassOffer:
    """What a storage class of S3 would cost."""

    storage: StorageClass
    storing: Cost
    #: Once: bulk retrieval, and the requests that put the objects there.
    moving: Cost
    months_to_break_even: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultReport:
    """Everything that a report says."""

    vault: KnownVault
    made_at: datetime
    #: The date of the last inventory that was taken in.
    inventory_date: datetime | None
    count: int
    size_bytes: int
    unmeasured: int
    missing: int
    folders: Folders
    sizes: Sequence[SizeClass]
    ages: Sequence[AgeClass]
    storing: Cost
    classes: Sequence[ClassOffer]
    #: What it costs to bring everything here.
    quotes: Sequence[Quote]
    deleting: DeletionFee
    blockers: Sequence[Blocker]
    exit_code: int = 0

    @property
    def region(self) -> str:
        """Where the vault is."""
        return self.vault.identity.region


def report(context: Context, name: str) -> VaultReport:
    """Return the report of a vault, from the key map, and from the service as far as it answers.

    Raises ``VaultNotFound`` where the key map knows no vault of that name.
    """
    vault, now = context.recall(name), context.clock.now()
    region, prices = vault.identity.region, context.billing.prices
    held, groups = _question(vault, *_HELD), context.key_map.breakdowns
    sums = sums_of(context.key_map, held, now=now)
    empty = sums_of(context.key_map, _question(vault, ArchiveState.EMPTY), now=now)
    lost = sums_of(context.key_map, _question(vault, ArchiveState.MISSING), now=now)
    here = storing(prices, region, count=sums.count, size_bytes=sums.size_bytes)
    stock = _stock(context, held, sums)
    oddities = groups.oddities(held, _BOUNDS)
    return VaultReport(
        vault=vault,
        made_at=now,
        inventory_date=_inventory_date(context, vault),
        count=sums.count,
        size_bytes=sums.size_bytes,
        unmeasured=sums.unknown_sizes,
        missing=lost.count,
        folders=groups.by_folder(held, most=_FOLDERS),
        sizes=_sizes(context, held),
        ages=_ages(context, held, now),
        storing=here,
        classes=[_offer(context, region, one, stock, here) for one in StorageClass],
        quotes=_bringing(context, region, requests=sums.count - empty.count, sums=sums),
        deleting=fee_of(prices, region, sums, billed=context.billing.billed),
        blockers=blockers(
            context, vault, oddities, unmeasured=sums.unknown_sizes, missing=lost.count
        ),
    )


def _inventory_date(context: Context, vault: KnownVault) -> datetime | None:
    newest = context.key_map.inventories.newest(vault.key)
    return None if newest is None else newest.inventory_date


def _stock(context: Context, held: Question, sums: ArchiveSums) -> Stock:
    """Return what archives would be as objects of S3."""
    moved = context.key_map.breakdowns.moved(
        held, least_bytes=INSTANT_LEAST_BYTES, request_bytes=LARGEST_PUT_BYTES
    )
    return Stock(
        count=sums.count,
        size_bytes=sums.size_bytes,
        instant_bytes=moved.least_bytes,
        put_requests=moved.requests,
    )


def _bringing(
    context: Context, region: str, *, requests: int, sums: ArchiveSums
) -> tuple[Quote, ...]:
    """Return what it costs to bring everything here, in each tier."""
    load = Load(
        region=region,
        requests=requests,
        asked_bytes=sums.size_bytes,
        moved_bytes=0 if context.billing.same_region else sums.size_bytes,
    )
    return quotes(context.billing.prices, (load,))


def _question(vault: KnownVault, *states: ArchiveState) -> Question:
    """Return the question for all versions in some states."""
    return Question(vault=vault, wanted=ArchiveFilter(states=frozenset(states), all_versions=True))


def _sizes(context: Context, held: Question) -> list[SizeClass]:
    shares = context.key_map.breakdowns.by_size(held, _SIZE_EDGES)
    ends = (*_SIZE_EDGES, None)
    return [
        SizeClass(least_bytes=least, below_bytes=below, share=share)
        for least, below, share in zip((0, *_SIZE_EDGES), ends, shares, strict=True)
    ]


def _ages(context: Context, held: Question, now: datetime) -> list[AgeClass]:
    """Return the youngest first; what seems to come from the future is the youngest."""
    moments = [now - edge for edge in reversed(_AGE_EDGES)]
    shares = reversed(context.key_map.breakdowns.by_age(held, moments))
    ends = (*_AGE_EDGES, None)
    return [
        AgeClass(least=least, below=below, share=share)
        for least, below, share in zip((timedelta(0), *_AGE_EDGES), ends, shares, strict=True)
    ]


def _offer(
    context: Context, region: str, storage: StorageClass, stock: Stock, here: Cost
) -> ClassOffer:
    prices = context.billing.prices
    bulk = Asked(region=region, tier=Tier.BULK, count=stock.count, size_bytes=stock.size_bytes)
    there = storing_in(prices, region, storage, stock)
    moving = retrieving(prices, bulk) + putting(prices, region, storage, stock)
    return ClassOffer(
        storage=storage,
        storing=there,
        moving=moving,
        months_to_break_even=months_to_break_even(here, there, moving),
    )
