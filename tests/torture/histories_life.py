"""What each step of a history does, and what must be true after it."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from glaciercli import errors
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.jobs import JobAction, JobStatus
from glaciercli.operations.reconcile import ReconcileReport
from glaciercli.operations.retrieve import RetrieveReport
from glaciercli.operations.sync_request import SyncReport
from glaciercli.operations.upload import UploadReport
from tests.torture.histories_inventories import FORMS
from tests.torture.histories_model import Told, hash_of
from tests.torture.histories_watched import VAULTS, Watched
from tests.torture.histories_world import MACHINES, Disturbance

NAMES = ("a", "b", "dir/c")
PART_BYTES = 1024 * 1024

#: Nothing, a few small files, and one in parts.
CONTENTS = (b"", b"one", b"two", b"three", b"4" * PART_BYTES + b"in two parts")

_OTHER = dict(zip(MACHINES, reversed(MACHINES), strict=True))

#: What is done to key maps as a whole.
CARE = ("backup", "restore", "merge", "move", "lose")

#: Longer than anything may stay in doubt; until the service has looked at a vault once more; and
#: until it has made an inventory of what it saw.
_LONG_HOURS = 24 * 5
_INVENTORY_HOURS = 30
_JOB_HOURS = 6
_MOST_REFRESHES = 6

S = ArchiveState


class Life(Watched):
    """The steps."""

    def make_vault(self, name: str, vault: str, how: Disturbance | None, *, removed: bool) -> None:
        if removed:
            self.do(name, vault, lambda machine: machine.remove(vault), how)
        else:
            self.do(name, vault, lambda machine: machine.create(vault), how)

    def upload(
        self, name: str, vault: str, path: str, content: bytes, how: Disturbance | None
    ) -> None:
        file = self.world.machines[name].place / "file"
        if not file.exists() or file.read_bytes() != content:
            self._write(file, content)
        before = set(self._model.stored)
        most = self._most_new(name, vault, path, hash_of(content))
        busy = self._beside is not None
        # Of two runs that store the same, one has to find that the other does.
        alone = self._beside is None or self._is_twin
        done = self.do(
            name,
            vault,
            lambda machine: machine.upload(vault, file, name=path, part_bytes=PART_BYTES),
            how,
        )
        new = [one for key, one in self._model.stored.items() if key not in before]
        if alone:
            assert all((one.vault, one.name) == (vault, path) for one in new), new
            assert len(new) <= most, f"{path} is stored again: {new}"
        if isinstance(done, UploadReport):
            assert how or busy or not done.failed, done.failed
            for one in done.uploaded:
                self._model.check_stored(name, path, hash_of(content), one.archive_id)
        else:
            assert how or busy or isinstance(done, errors.VaultNotFound), done

    def _most_new(self, name: str, vault: str, path: str, content: bytes) -> int:
        """Return how many archives an upload may make: what is known to be stored makes none."""
        with self.world.machines[name].context() as context:
            for known in context.key_map.vaults.in_store(context.store, name=vault):
                newest = context.key_map.archives.newest(known, path)
                pending = context.key_map.uploads.find(known.key, path) is not None
                same = newest is not None and (newest.tree_hash or b"") == content
                # A send that was cut off may have stored something else that is newer.
                settled = (newest is None or same) and not pending
                if settled and self._has_sent(name, vault, path, content):
                    return 0
                held = newest is not None and same and newest.state is not S.MISSING
                return int(pending) + int(not held)
        return 1

    def _has_sent(self, name: str, vault: str, path: str, content: bytes) -> bool:
        """Tell whether the last archive that a machine stored under a name is there and its own.

        Whether or not the machine was told so.
        """
        sent = self._model.stored.get(self._model.told[name].sent.get((vault, path), ""))
        if sent is None or sent.content != content or not self._model.is_live(sent.archive_id):
            return False
        rows = [row for row in self._rows(name, vault) if row.archive_id == sent.archive_id]
        return all(row.state.is_live and row.name == path for row in rows)

    def _doom(self, name: str, vault: str, path: str, *, every: bool) -> None:
        """Note what a deletion may take away."""
        rows = [row for row in self._rows(name, vault) if row.name == path]
        begun = [row for row in rows if row.state is S.DELETING]
        live = [row for row in rows if row.state.is_live]
        if not every:
            live = sorted(live, key=lambda row: (row.uploaded_at, row.key))[-1:]
        self._model.doomed |= {row.archive_id for row in begun + live if row.archive_id}

    def rename(self, name: str, vault: str, path: str, to: str) -> None:
        meant = next((row for row in self._live(name, vault) if row.name == path), None)
        done = self.world.attempt(name, lambda machine: machine.rename(f"{vault}/{path}", to), None)
        if meant is not None and not isinstance(done, errors.GlacierCliError):
            for one in self._model.stored.values():
                # One in doubt is known by its mark alone.
                if one.archive_id == meant.archive_id or one.tag == meant.tag:
                    self._model.names[one.archive_id].add(to)
        self._check(name, vault)

    def retrieve(self, name: str, vault: str, how: Disturbance | None) -> None:
        to = self._place / "back"
        wanted = {row.name: row for row in reversed(self._live(name, vault)) if row.name}
        done = self.do(
            name,
            vault,
            lambda machine: machine.retrieve(f"{vault}/**", to=to, wait=False),
            how,
        )
        if isinstance(done, RetrieveReport):
            for one in done.retrieved:
                content = Path(one.path).read_bytes()
                assert hash_of(content) == (wanted[one.name].tree_hash or b""), one
        shutil.rmtree(to, ignore_errors=True)

    def edit(self, name: str, path: str, content: bytes | None) -> None:
        """Change a file of a machine's tree, or take it away."""
        file = self.world.machines[name].tree / path
        if content is None:
            file.unlink(missing_ok=True)
            # An empty directory would be stored as well.
            if file.parent != self.world.machines[name].tree:
                shutil.rmtree(file.parent, ignore_errors=True)
        else:
            self._write(file, content)

    def wait(self, hours: int, name: str, ahead: int) -> None:
        """Let time go by, and let the clock of a machine be wrong from then on."""
        self.world.advance(hours)
        self.world.clocks[name].ahead = timedelta(hours=ahead)

    def sync(self, name: str, vault: str, how: Disturbance | None, *, delete: bool) -> None:
        tree = self._tree(name)
        rows = self._live(name, vault)
        held = {
            (row.name, row.tree_hash or b"")
            for row in rows
            if row.archive_id and self._model.is_live(row.archive_id)
        }
        self._note_renames(rows, tree)
        if delete:
            self._doom_synced(rows, tree)
        done = self.do(
            name,
            vault,
            lambda machine: machine.sync(vault, delete=delete, part_bytes=PART_BYTES),
            how,
        )
        there = {(one.name, one.content) for one in self._model.stored.values() if not one.gone}
        if isinstance(done, SyncReport):
            for one in done.uploaded:
                self._model.check_stored(name, one.name, tree[one.name], one.archive_id)
        for path, content in tree.items():
            if (path, content) in held:
                kept = {one for _, one in there}
                assert content in kept, f"sync deleted {path}, which is still there"

    def _note_renames(self, rows: Sequence[Archive], tree: Mapping[str, bytes]) -> None:
        """Note which names archives may get: those of files with the same content."""
        for row in rows:
            if row.archive_id in self._model.names:
                same = {path for path, one in tree.items() if one == (row.tree_hash or b"")}
                self._model.names[row.archive_id] |= same

    def _doom_synced(self, rows: Sequence[Archive], tree: Mapping[str, bytes]) -> None:
        """Note what a sync that deletes may take away: what is gone, and what was replaced."""
        newest: set[str | None] = set()
        for row in rows:
            is_current = row.name not in newest and tree.get(row.name or "") == (
                row.tree_hash or b""
            )
            newest.add(row.name)
            if row.archive_id and not is_current:
                self._model.doomed.add(row.archive_id)

    @contextmanager
    def beside(self, name: str, vault: str, path: str, *, at: int, other: str) -> Iterator[None]:
        """Let another run do something before a request of the next step."""
        command, _, where = other.partition(" ")
        if where == "here":
            self._beside = partial(self._second_run, name, vault, path, command)
        else:
            self._beside = partial(self._other_machine, _OTHER[name], vault, path, command)
        self._at, self._is_twin = at, other == "upload here"
        yield
        self._is_twin = False

    def _other_machine(self, name: str, vault: str, path: str, command: str) -> None:
        match command:
            case "upload":
                self.upload(name, vault, path, CONTENTS[1], None)
            case "delete":
                self.delete(name, vault, path, None, every=True)
            case "refresh":
                self.refresh(name, vault, None)
            case "retrieve":
                self.retrieve(name, vault, None)
            case _:
                self.sync(name, vault, None, delete=True)

    def _second_run(self, name: str, vault: str, path: str, command: str) -> None:
        """Let another process run a line on the same key map: the same file, if it uploads."""
        rows, tree = self._live(name, vault), self._tree(name)
        if command == "delete":
            self._doom(name, vault, path, every=True)
        if command == "sync":
            self._note_renames(rows, tree)
            self._doom_synced(rows, tree)
        self.world.run_beside(name, command, vault, path)

    def delete(
        self, name: str, vault: str, path: str, how: Disturbance | None, *, every: bool
    ) -> None:
        self._doom(name, vault, path, every=every)
        ref = f"{vault}/{path}"
        self.do(name, vault, lambda machine: machine.delete(ref, all_versions=every), how)

    # Inventories

    def refresh(self, name: str, vault: str, how: Disturbance | None) -> bool:
        """Ask for an inventory or take one in; tell whether one was taken in."""
        done = self.do(name, vault, lambda machine: machine.refresh(vault, wait=False), how)
        return isinstance(done, ReconcileReport)

    def keep_inventory(self, vault: str) -> None:
        """Keep an inventory that the service has made, if there is one."""
        service = self.world.machines[MACHINES[0]].service
        try:
            ready = [
                job.job_id
                for job in service.list_jobs(vault)
                if job.action is JobAction.INVENTORY and job.status is JobStatus.SUCCEEDED
            ]
        except errors.VaultNotFound:
            return
        for job_id in ready[-1:]:
            kept = service.read_output(
                vault, job_id, span=None, take=lambda output: b"".join(output.pieces)
            )
            self._inventories[vault].append(kept)

    def import_inventory(self, name: str, vault: str, age: int, *, form: str) -> None:
        """Take in an inventory that was kept; ``age`` counts from the newest one."""
        kept = self._inventories[vault]
        if not kept:
            return
        file = self._place / "inventory"
        file.write_bytes(FORMS[form](kept[-1 - age % len(kept)]))
        before = self._rows(name, vault)
        self.do(name, vault, lambda machine: machine.import_inventory(vault, file), None)
        if form == "torn":
            assert self._rows(name, vault) == before, "a torn inventory changed something"

    # Key maps

    def care(self, name: str, what: str, *, lines: bool) -> None:
        """Do one of the things that are done to key maps as a whole."""
        match what:
            case "backup":
                self._back_up(name, lines=lines)
            case "restore":
                self._restore(name, lines=lines)
            case "merge":
                self._merge(name, lines=lines)
            case "move":
                self._move(name)
            case _:
                self._lose(name)

    def _back_up(self, name: str, *, lines: bool) -> None:
        copy = self._copy(name, lines=lines)
        machine = self.world.machines[name]
        if lines:
            machine.export(copy)
        else:
            machine.backup(copy)
        self._copies[copy] = self._model.told[name].copied()

    def _copy(self, name: str, *, lines: bool) -> Path:
        return self._place / f"{name}.{'jsonl' if lines else 'sqlite3'}"

    def _restore(self, name: str, *, lines: bool) -> None:
        """Put a copy in the place of the key map; what came after it is not known any more."""
        copy = self._copy(name, lines=lines)
        if copy in self._copies:
            self.world.machines[name].restore(copy)
            self._model.told[name] = self._copies[copy].copied()
            self._check_all(name)

    def _merge(self, name: str, *, lines: bool) -> None:
        """Take in what the other machine knows."""
        other = _OTHER[name]
        self._back_up(other, lines=lines)
        self.world.machines[name].merge(self._copy(other, lines=lines))
        for archive_id, known in self._model.told[other].names.items():
            self._model.told[name].names.setdefault(archive_id, known)
        self._model.told[name].tombstones |= self._model.told[other].tombstones
        self._check_all(name)

    def _move(self, name: str) -> None:
        """Move to a new key map by way of an export."""
        machine, copy = self.world.machines[name], self._place / "moved.jsonl"
        before = [self._rows(name, vault) for vault in VAULTS]
        machine.export(copy)
        machine.fill(copy)
        assert [self._rows(name, vault) for vault in VAULTS] == before

    def _lose(self, name: str) -> None:
        """Lose the key map: the vaults are all there is."""
        machine = self.world.machines[name]
        machine.lose()
        with machine.context():
            # The next run makes an empty one.
            self._model.told[name] = Told()

    def come_to_agreement(self) -> None:
        """Let all be calm for so long that inventories tell everything."""
        for clock in self.world.clocks.values():
            clock.ahead = timedelta(0)
        self.world.advance(_LONG_HOURS)
        for vault in VAULTS:
            self._change(vault)
        self.world.advance(_INVENTORY_HOURS)
        for name in MACHINES:
            for vault in VAULTS:
                self._refresh_until_told(name, vault)
                self._model.check_agreement(name, vault, self._rows(name, vault))
            self.world.machines[name].check()

    def _change(self, vault: str) -> None:
        """Change a vault, as there is no new inventory otherwise."""
        name = MACHINES[0]
        self.do(name, vault, lambda machine: machine.create(vault), None)
        self.upload(name, vault, f"last{self._edits}", CONTENTS[1], None)

    def _refresh_until_told(self, name: str, vault: str) -> None:
        for _ in range(_MOST_REFRESHES):
            if self.refresh(name, vault, None):
                return
            self.world.advance(_JOB_HOURS)
        raise AssertionError(f"{name} gets no inventory of {vault}")
