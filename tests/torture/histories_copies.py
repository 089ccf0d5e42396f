"""What is done in a history to key maps as a whole: on the disk, and in vaults."""

from pathlib import Path

from glaciercli.operations.key_map_begun import PREFIX
from glaciercli.operations.key_map_recovery import RecoverReport
from tests.torture.histories_model import Stored, Told
from tests.torture.histories_watched import OTHER, VAULTS, Watched
from tests.torture.histories_world import Disturbance

#: What is done to key maps on the disk.
CARE = ("backup", "restore", "merge", "move", "lose")


class Copies(Watched):
    """Steps about key maps as a whole."""

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
        other = OTHER[name]
        self._back_up(other, lines=lines)
        self.world.machines[name].merge(self._copy(other, lines=lines))
        self._model.told[name].learn(self._model.told[other])
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

    def store_key_map(
        self, name: str, vault: str, how: Disturbance | None, *, keep: int | None
    ) -> None:
        """Store a key map in a vault; what it held is known by when its file was written."""
        machine, before = self.world.machines[name], set(self._model.stored)
        held, begun = self._model.told[name].copied(), set(machine.outgoing())
        if keep is not None:
            self._model.doomed |= {
                row.archive_id
                for row in self._rows(name, vault)
                if row.archive_id and (row.name or "").startswith(PREFIX)
            }
        self.do(name, vault, lambda machine: machine.store_key_map(vault, keep=keep), how)
        for one in self._stored_key_maps(vault):
            if one.archive_id not in before:
                file = (one.name or "").removeprefix(PREFIX)
                self._in_vault[one.archive_id] = self._written.pop((name, file), held)
        for file in set(machine.outgoing()) - begun:
            self._written[name, file] = held

    def recover_key_map(self, name: str, vault: str, how: Disturbance | None) -> None:
        """Bring the newest key map of a vault back, a step at a time."""
        done = self.do(name, vault, lambda machine: machine.recover_key_map(vault), how)
        if not isinstance(done, RecoverReport):
            return
        found = [one for one in self._stored_key_maps(vault) if one.name == done.name]
        if len(found) == 1 and found[0].archive_id in self._in_vault:
            self._model.told[name].learn(self._in_vault[found[0].archive_id])
        for one in VAULTS:
            self._check(name, one)

    def _stored_key_maps(self, vault: str) -> list[Stored]:
        every = self._model.stored.values()
        return [one for one in every if one.vault == vault and (one.name or "").startswith(PREFIX)]
