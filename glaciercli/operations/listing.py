"""Archives listed, from the key map alone.

Listing starts quickly, so what talks to the service stays out of this module.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from glaciercli.core.refs import Ref, RefKind
from glaciercli.keymap.store import KeyMapReader
from glaciercli.model.archives import Archive
from glaciercli.model.questions import ArchiveFilter, Question, Sort
from glaciercli.model.vaults import StoreIdentity
from glaciercli.operations.selection import nothing_found, question_of, recall


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOrder:
    """In what order archives come, and how many."""

    sort: Sort = Sort.NAME
    reverse: bool = False
    limit: int | None = None


class ArchiveList:
    """Archives, found while they are shown."""

    exit_code = 0

    def __init__(self, archives: Iterator[Archive], *, with_sum: bool = False) -> None:
        self.archives = archives
        #: Whether people want to know the sum at the end; a script counts lines.
        self.with_sum = with_sum


def listing(
    key_map: KeyMapReader,
    store: StoreIdentity,
    refs: Sequence[Ref],
    wanted: ArchiveFilter,
    order: ListOrder | None = None,
) -> Iterator[Archive]:
    """Return the archives that references stand for, or all of a store, in order.

    Raises ``VaultNotFound`` and ``ArchiveNotFound``.
    """
    order = order or ListOrder()
    questions = questions_of(key_map, store, refs, wanted)
    if order.sort is not Sort.NAME:
        return key_map.listings.sorted_by(
            questions, order.sort, reverse=order.reverse, limit=order.limit
        )
    if order.reverse and not refs:
        questions.reverse()
    answers = (key_map.listings.by_name(one, reverse=order.reverse) for one in questions)
    return islice(chain.from_iterable(answers), order.limit)


def questions_of(
    key_map: KeyMapReader, store: StoreIdentity, refs: Sequence[Ref], wanted: ArchiveFilter
) -> list[Question]:
    """Return what to ask for references, or for all vaults of a store where there are none.

    Raises ``VaultNotFound``, and ``ArchiveNotFound`` for one that stands for no live archive.
    """
    if not refs:
        return [Question(vault=one, wanted=wanted) for one in key_map.vaults.in_store(store)]
    found = [question_of(key_map, recall(key_map, store, one.vault), one, wanted) for one in refs]
    for ref, question in zip(refs, found, strict=True):
        may_be_empty = ref.kind is RefKind.VAULT or wanted.wants_tombstones
        if not may_be_empty and not _finds_any(key_map, question):
            raise nothing_found(ref)
    return found


def _finds_any(key_map: KeyMapReader, question: Question) -> bool:
    """Tell whether there is anything live, filtered out or not."""
    unfiltered = replace(question, wanted=ArchiveFilter(all_versions=True))
    return next(key_map.listings.by_name(unfiltered), None) is not None
