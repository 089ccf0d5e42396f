"""Names: listed and changed, in the key map alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from glaciercli import errors
from glaciercli.core.refs import Ref
from glaciercli.core.text import printable
from glaciercli.keymap.store import KeyMapReader
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.vaults import StoreIdentity
from glaciercli.operations.context import Context, recall
from glaciercli.operations.selection import select, select_some


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveList:
    """Archives, found while they are shown."""

    archives: Iterator[Archive]
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """An archive that has another name now, or would have."""

    vault: str
    archive_id: str | None
    old_name: str | None
    name: str
    dry_run: bool = False
    exit_code: int = 0


def listing(
    key_map: KeyMapReader, store: StoreIdentity, ref: Ref | None, wanted: ListFilter
) -> ArchiveList:
    """Return the archives that a reference stands for, or all of a store, in order.

    Raises ``VaultNotFound`` and ``ArchiveNotFound``.
    """
    found = _every(key_map, store, wanted) if ref is None else _some(key_map, store, ref, wanted)
    return ArchiveList(archives=(one for one in found if wanted.takes(one)))


def rename(context: Context, ref: Ref, name: str, *, dry_run: bool) -> Renamed:
    """Give an archive another name; the archive itself is untouched."""
    if not name:
        raise errors.BadUsage("a name cannot be empty")
    vault = context.recall(ref.vault)
    found = select_some(context.key_map, vault, ref)
    if len(found) > 1:
        raise errors.BadUsage(
            f'"{printable(str(ref))}" stands for {len(found)} archives', hint="rename one at a time"
        )
    archive = found[0]
    if not dry_run:
        with context.key_map.transaction():
            context.key_map.archives.rename(archive.key, name)
            context.key_map.journal.write(
                "renamed",
                at=context.clock.now(),
                vault_key=vault.key,
                archive_id=archive.archive_id,
                name=name,
                detail=printable(archive.label),
            )
    return Renamed(
        vault=vault.name,
        archive_id=archive.archive_id,
        old_name=archive.name,
        name=name,
        dry_run=dry_run,
    )


def _every(key_map: KeyMapReader, store: StoreIdentity, wanted: ListFilter) -> Iterator[Archive]:
    for vault in key_map.vaults.in_store(store):
        ref = Ref(store=None, vault=vault.name)
        yield from select(key_map, vault, ref, all_versions=wanted.all_versions)


def _some(
    key_map: KeyMapReader, store: StoreIdentity, ref: Ref, wanted: ListFilter
) -> Iterator[Archive]:
    vault = recall(key_map, store, ref.vault)
    if wanted.states and any(not state.is_live for state in wanted.states):
        return key_map.archives.in_state(vault, *wanted.states)
    if ref.selector is not None:
        return iter(select_some(key_map, vault, ref, all_versions=wanted.all_versions))
    return select(key_map, vault, ref, all_versions=wanted.all_versions)
