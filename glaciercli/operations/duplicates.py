"""Archives that hold the same, inside a vault and across vaults, from the key map alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from glaciercli.core.refs import Ref
from glaciercli.keymap.store import KeyMapReader
from glaciercli.model.duplicates import Duplicate, DuplicateTotals
from glaciercli.model.questions import ArchiveFilter
from glaciercli.model.vaults import StoreIdentity
from glaciercli.operations.listing import questions_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateList:
    """Groups of archives of equal size and tree hash, found while they are shown."""

    found: Iterator[Duplicate]
    #: The sums over all groups, also over those that are not shown.
    totals: DuplicateTotals
    exit_code: int = 0


def duplicates(
    key_map: KeyMapReader,
    store: StoreIdentity,
    refs: Sequence[Ref],
    wanted: ArchiveFilter,
    *,
    limit: int | None = None,
) -> DuplicateList:
    """Return what is held more than once, the most wasteful first, ``limit`` groups at most.

    Every version that is wanted counts, since each is stored and paid for.  Raises
    ``VaultNotFound`` and ``ArchiveNotFound``.
    """
    questions = questions_of(key_map, store, refs, wanted)
    totals = key_map.duplicates.count(questions, limit=limit)
    return DuplicateList(found=key_map.duplicates.found(questions), totals=totals)
