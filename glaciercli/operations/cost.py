"""What storing, retrieving and deleting archives costs, from the key map alone."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from glaciercli.core.pricing import (
    MINIMUM_AGE,
    OVERHEAD_BYTES,
    Cost,
    PriceList,
    Youth,
    deleting,
    storing,
)
from glaciercli.core.pricing_quote import Load, Quote, quotes
from glaciercli.core.refs import Ref, RefKind
from glaciercli.keymap.store import KeyMapReader
from glaciercli.model.archives import ArchiveState
from glaciercli.model.questions import ArchiveFilter, Question
from glaciercli.model.sums import ArchiveSums, Span
from glaciercli.model.vaults import StoreIdentity
from glaciercli.operations.billing import Billing
from glaciercli.operations.deletion_fee import DeletionFee
from glaciercli.operations.selection import nothing_found, question_of, recall

#: What the service holds and bills, and a retrieval has to ask for.
_ASKED_FOR = frozenset({ArchiveState.UPLOADED, ArchiveState.CONFIRMED, ArchiveState.UNSETTLED})

#: What it holds of empty files, and bills; they are restored without asking.
_EMPTY = frozenset({ArchiveState.EMPTY})

_SPAN = Span(length_ms=MINIMUM_AGE // timedelta(milliseconds=1), added_bytes=OVERHEAD_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostReport:
    """What some archives cost."""

    ref: Ref
    region: str
    count: int
    size_bytes: int
    unknown_sizes: int
    #: How many should be at the service and are not: nobody bills them.
    missing: int
    storing: Cost
    #: What the same bytes would cost as a single archive.
    storing_as_one: Cost
    quotes: tuple[Quote, ...]
    deleting: DeletionFee
    exit_code: int = 0


def cost(
    key_map: KeyMapReader,
    store: StoreIdentity,
    billing: Billing,
    ref: Ref,
    *,
    all_versions: bool,
    now: datetime,
) -> CostReport:
    """Return what a reference costs; a whole vault is meant with all versions.

    Raises ``VaultNotFound`` and ``ArchiveNotFound``.
    """
    vault = recall(key_map, store, ref.vault)
    wanted = ArchiveFilter(all_versions=all_versions or ref.kind is RefKind.VAULT)
    question = question_of(key_map, vault, ref, wanted)
    asked = _sums(key_map, question, _ASKED_FOR, now=now)
    held = asked.with_more(_sums(key_map, question, _EMPTY, now=now))
    missing = _sums(key_map, question, frozenset({ArchiveState.MISSING}), now=now).count
    if not held.count and not missing and ref.kind is not RefKind.VAULT:
        raise nothing_found(ref)
    region, prices = vault.identity.region, billing.prices
    load = Load(
        region=region,
        requests=asked.count,
        asked_bytes=asked.size_bytes,
        moved_bytes=0 if billing.same_region else asked.size_bytes,
    )
    return CostReport(
        ref=ref,
        region=region,
        count=held.count,
        size_bytes=held.size_bytes,
        unknown_sizes=asked.unknown_sizes,
        missing=missing,
        storing=storing(prices, region, count=held.count, size_bytes=held.size_bytes),
        storing_as_one=storing(
            prices, region, count=min(held.count, 1), size_bytes=held.size_bytes
        ),
        quotes=quotes(prices, (load,)),
        deleting=fee_of(prices, region, held, billed=billing.billed),
    )


def sums_of(key_map: KeyMapReader, question: Question, *, now: datetime) -> ArchiveSums:
    """Return the sums over what a question is about, and what of it is younger than 90 days."""
    return key_map.totals.of([question], span=_SPAN, now=now)


def _sums(
    key_map: KeyMapReader, question: Question, states: frozenset[ArchiveState], *, now: datetime
) -> ArchiveSums:
    wanted = replace(question.wanted, states=states)
    return sums_of(key_map, replace(question, wanted=wanted), now=now)


def fee_of(prices: PriceList, region: str, held: ArchiveSums, *, billed: bool) -> DeletionFee:
    """Return the fee for deleting now what was summed up."""
    young = Youth(
        count=held.young_count,
        size_bytes=held.young_bytes,
        byte_seconds=held.young_byte_seconds,
        from_future=held.from_future,
        unmeasured=held.young_unknown,
    )
    return DeletionFee(
        count=young.count,
        size_bytes=young.size_bytes,
        unmeasured=young.unmeasured,
        cost=deleting(prices, region, young),
        from_future=young.from_future,
        billed=billed,
    )
