"""What each step of a history does, and what must be true after it."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from glaciercli import errors
from glaciercli.core.marks import attributes_of, mark_of
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.jobs import JobAction, JobStatus
from glaciercli.operations.reconcile import ReconcileReport
from glaciercli.operations.retrieve import RetrieveReport
from glaciercli.operations.upload import UploadReport
from tests.torture.histories_copies import Copies
from tests.torture.histories_inventories import FORMS
from tests.torture.histories_model import NOTHING, hash_of
from tests.torture.histories_removals import Removals
from tests.torture.histories_trees import Trees
from tests.torture.histories_watched import OTHER, PART_BYTES, VAULTS
from tests.torture.histories_world import MACHINES, Disturbance

NAMES = ("a", "b", "dir/c")

#: Nothing, a few small files, and one in parts.
CONTENTS = (b"", b"one", b"two", b"three", b"4" * PART_BYTES + b"in two parts")

#: Longer than anything may stay in doubt; until the service has looked at a vault once more; and
#: until it has made an inventory of what it saw.
_LONG_HOURS = 24 * 5
_INVENTORY_HOURS = 30
_JOB_HOURS = 6
_MOST_REFRESHES = 6

S = ArchiveState


class Life(Trees, Copies, Removals):
    """The steps."""

    def upload(
        self,
        name: str,
        vault: str,
        path: str,
        content: bytes,
        how: Disturbance | None,
        *,
        piped: bool = False,
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
            lambda machine: machine.upload(
                vault, "-" if piped else file, name=path, part_bytes=PART_BYTES, stdin=content
            ),
            how,
        )
        new = [one for key, one in self._model.stored.items() if key not in before]
        if alone:
            assert all((one.vault, one.name) == (vault, path) for one in new), new
            assert len(new) <= most, f"{path} is stored again: {new}"
        if isinstance(done, UploadReport):
            assert how or busy or not done.failed, done.failed
            for one in done.uploaded:
                self._model.check_stored(name, path, {hash_of(content)}, one.archive_id)
            if done.skipped:
                assert self._is_newest(name, vault, path, hash_of(content)), done.skipped
        else:
            assert how or busy or isinstance(done, errors.VaultNotFound), done

    def _most_new(self, name: str, vault: str, path: str, content: bytes) -> int:
        """Return how many archives an upload may make: what is known to be stored makes none."""
        with self.world.machines[name].context() as context:
            for known in context.key_map.vaults.in_store(context.store, name=vault):
                newest = context.key_map.archives.newest(known, path)
                pending = context.key_map.uploads.find(known.key, path) is not None
                same = newest is not None and _is_file_of(newest, content)
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
        if sent is None or not self._model.is_live(sent.archive_id):
            return False
        if not sent.is_bytes or sent.content != content:
            return False
        rows = [row for row in self._rows(name, vault) if row.archive_id == sent.archive_id]
        return all(row.state.is_live and row.name == path for row in rows)

    def _is_newest(self, name: str, vault: str, path: str, content: bytes) -> bool:
        """Tell whether a name stands for a file of just that content."""
        found = next(row for row in self._live(name, vault) if row.name == path)
        return _is_file_of(found, content)

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
                self._check_brought(wanted[one.name], Path(one.path), self._rows(name, vault))
        shutil.rmtree(to, ignore_errors=True)

    @staticmethod
    def _check_brought(row: Archive, path: Path, rows: Sequence[Archive]) -> None:
        """See that what came back is what an archive stands for."""
        told = attributes_of(row)
        if told.target is not None:
            assert os.readlink(path) == told.target, row
            return
        # Which version of its file a further name stands for depends on when it was there.
        holding = (
            [row] if told.linked_to is None else [one for one in rows if one.name == told.linked_to]
        )
        found = hash_of(path.read_bytes())
        assert found in {one.tree_hash or NOTHING for one in holding}, row

    def wait(self, hours: int, name: str, ahead: int) -> None:
        """Let time go by, and let the clock of a machine be wrong from then on."""
        self.world.advance(hours)
        self.world.clocks[name].ahead = timedelta(hours=ahead)

    @contextmanager
    def beside(self, name: str, vault: str, path: str, *, at: int, other: str) -> Iterator[None]:
        """Let another run do something before a request of the next step."""
        command, _, where = other.partition(" ")
        if where == "here":
            self._beside = partial(self._second_run, name, vault, path, command)
        else:
            self._beside = partial(self._other_machine, OTHER[name], vault, path, command)
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
        with self._further_names_kept(name, vault):
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


def _is_file_of(row: Archive, content: bytes) -> bool:
    """Tell whether an archive is a file of its own with some content."""
    return mark_of(row).is_bytes and (row.tree_hash or NOTHING) == content
