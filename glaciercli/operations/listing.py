"""Archives listed, from the key map alone.

Listing starts quickly, so what talks to the service stays out of this module.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from glaciercli.core.refs import Ref
from glaciercli.keymap.store import KeyMapReader
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.vaults import KnownVault, StoreIdentity
from glaciercli.operations.selection import recall, select, select_some, stands_for


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """Which of the archives to show."""

    states: frozenset[ArchiveState] = frozenset()
    uploaded_before: datetime | None = None
    larger_than_bytes: int | None = None
    all_versions: bool = False

    def takes(self, archive: Archive) -> bool:
        """Tell whether an archive is to be shown."""
        if self.states and archive.state not in self.states:
            return False
        if self.uploaded_before is not None and archive.uploaded_at >= self.uploaded_before:
            return False
        return self.larger_than_bytes is None or archive.size_bytes > self.larger_than_bytes


class ArchiveList:
    """Archives, found while they are shown."""

    exit_code = 0

    def __init__(self, archives: Iterator[Archive]) -> None:
        self.archives = archives


def listing(
    key_map: KeyMapReader, store: StoreIdentity, ref: Ref | None, wanted: ListFilter
) -> ArchiveList:
    """Return the archives that a reference stands for, or all of a store, in order.

    Raises ``VaultNotFound`` and ``ArchiveNotFound``.
    """
    found = _every(key_map, store, wanted) if ref is None else _some(key_map, store, ref, wanted)
    return ArchiveList(one for one in found if wanted.takes(one))


def _every(key_map: KeyMapReader, store: StoreIdentity, wanted: ListFilter) -> Iterator[Archive]:
    for vault in key_map.vaults.in_store(store):
        yield from _found(key_map, vault, Ref(store=None, vault=vault.name), wanted)


def _some(
    key_map: KeyMapReader, store: StoreIdentity, ref: Ref, wanted: ListFilter
) -> Iterator[Archive]:
    return _found(key_map, recall(key_map, store, ref.vault), ref, wanted)


def _found(
    key_map: KeyMapReader, vault: KnownVault, ref: Ref, wanted: ListFilter
) -> Iterator[Archive]:
    if any(not state.is_live for state in wanted.states):
        candidates = key_map.archives.in_state(vault, *wanted.states)
        return (one for one in candidates if stands_for(ref, one))
    if ref.selector is not None:
        return iter(select_some(key_map, vault, ref, all_versions=wanted.all_versions))
    return select(key_map, vault, ref, all_versions=wanted.all_versions)
