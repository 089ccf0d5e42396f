"""The directory of a machine in a history, its links among it, and what a sync may do about it."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from glaciercli.core.description import is_key_map
from glaciercli.core.marks import Mark, attributes_of, mark_of
from glaciercli.model.archives import Archive
from glaciercli.operations.sync_request import SyncReport
from tests.torture.histories_model import NOTHING, hash_of
from tests.torture.histories_watched import PART_BYTES, Watched
from tests.torture.histories_world import Disturbance


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a directory holds under one path."""

    #: The hash of its content, or of where it leads.
    content: bytes
    #: Whether the file has other names in the directory: one of them is stored for all.
    is_shared: bool
    target: str | None

    @property
    def storable(self) -> frozenset[bytes]:
        """What an archive of it may hold."""
        return frozenset({self.content, NOTHING} if self.is_shared else {self.content})


class Trees(Watched):
    """Steps about the directory that a machine keeps in a vault."""

    def edit(self, name: str, path: str, content: bytes | None) -> None:
        """Change a file of a machine's tree, or take it away."""
        file = self.world.machines[name].tree / path
        if content is None or file.is_symlink():
            file.unlink(missing_ok=True)
        if content is not None:
            self._write(file, content)
        # An empty directory would be stored as well.
        elif file.parent != self.world.machines[name].tree:
            shutil.rmtree(file.parent, ignore_errors=True)

    def link(self, name: str, path: str, to: str, *, symbolic: bool) -> None:
        """Make a path of a machine's tree a link to another, or a further name of its file."""
        tree = self.world.machines[name].tree
        file, other = tree / path, tree / to
        if path == to or not (symbolic or _is_plain(other)):
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        if symbolic:
            file.symlink_to(to)
            self._date(file)
        else:
            file.hardlink_to(other)

    def sync(self, name: str, vault: str, how: Disturbance | None, *, delete: bool) -> None:
        tree, rows = self._tree(name), self._live(name, vault)
        held = {
            (row.name, row.tree_hash or NOTHING)
            for row in rows
            if row.archive_id and self._model.is_live(row.archive_id)
        }
        self._note_renames(rows, tree)
        if delete:
            self._doom_synced(rows, tree)
        with self._further_names_kept(name, vault):
            done = self.do(
                name,
                vault,
                lambda machine: machine.sync(vault, delete=delete, part_bytes=PART_BYTES),
                how,
            )
        if isinstance(done, SyncReport):
            for one in done.uploaded:
                seen = tree[one.name]
                self._model.check_stored(name, one.name, seen.storable, one.archive_id)
                self._model.check_target(one.archive_id, seen.target)
        kept = {one.content for one in self._model.stored.values() if not one.gone}
        for path, seen in tree.items():
            if (path, seen.content) in held:
                assert seen.content in kept, f"sync deleted {path}, which is still there"

    @contextmanager
    def _further_names_kept(self, name: str, vault: str) -> Iterator[None]:
        """See that what a machine does takes nothing away that a further name stands for."""
        before = self._resolved(name, vault)
        alone = self._beside is None
        yield
        if alone:
            broken = {
                one for one in before - self._resolved(name, vault) if self._model.is_live(one)
            }
            assert not broken, f"{broken} stand for a file that is not there any more"

    def _resolved(self, name: str, vault: str) -> set[str]:
        """Return which further names stand for a file that is there, as a machine knows it."""
        live = [row for row in self._live(name, vault) if self._model.is_live(row.archive_id)]
        files = {row.name for row in live if mark_of(row) is Mark.FILE}
        return {
            row.archive_id
            for row in self._newest(live)
            if row.archive_id and attributes_of(row).linked_to in files
        }

    @staticmethod
    def _newest(rows: Sequence[Archive]) -> list[Archive]:
        """Return the newest versions among rows that have the newest first."""
        return list({row.name: row for row in reversed(rows)}.values())

    def _tree(self, name: str) -> dict[str, Seen]:
        tree = self.world.machines[name].tree
        found = (path for path in tree.rglob("*") if path.is_symlink() or path.is_file())
        return {str(path.relative_to(tree)): _seen(path) for path in found}

    def _note_renames(self, rows: Sequence[Archive], tree: Mapping[str, Seen]) -> None:
        """Note which names archives may get: those of files with the same content."""
        for row in rows:
            if row.archive_id in self._model.names:
                own = row.tree_hash or NOTHING
                same = {path for path, one in tree.items() if one.content == own}
                self._model.names[row.archive_id] |= same

    def _doom_synced(self, rows: Sequence[Archive], tree: Mapping[str, Seen]) -> None:
        """Note what a sync that deletes may take away: what is gone, and what was replaced.

        Which of the names of one file is stored for all of them nobody says.
        """
        newest: set[str | None] = set()
        for row in rows:
            seen = tree.get(row.name or "")
            is_current = row.name not in newest and seen is not None and _holds(row, seen)
            newest.add(row.name)
            if row.archive_id and not is_current and not is_key_map(row.description):
                self._model.doomed.add(row.archive_id)


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _seen(path: Path) -> Seen:
    if path.is_symlink():
        target = os.readlink(path)
        return Seen(content=hash_of(target.encode()), is_shared=False, target=target)
    return Seen(content=hash_of(path.read_bytes()), is_shared=path.stat().st_nlink > 1, target=None)


def _holds(row: Archive, seen: Seen) -> bool:
    """Tell whether an archive surely stays the one of a path."""
    if seen.is_shared or attributes_of(row).linked_to is not None:
        return False
    same = (row.tree_hash or NOTHING) == seen.content
    return same and attributes_of(row).target == seen.target
