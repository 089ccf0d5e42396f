"""The world of a history, what is known of it, and how it is looked at after each step."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from glaciercli import errors
from glaciercli.model.archives import Archive
from tests.torture.histories_model import Model, Stored, Told
from tests.torture.histories_world import MACHINES, Disturbance, World
from tests.torture.machines import Machine

Result = TypeVar("Result")

VAULTS = ("photos", "papers")
OTHER = dict(zip(MACHINES, reversed(MACHINES), strict=True))

PART_BYTES = 1024 * 1024


class Watched:
    """The world, and what must be true of it."""

    def __init__(self, place: Path, closing: ExitStack) -> None:
        self.world = World(place, 1, closing)
        self._place = place
        self._model = Model(told={one: Told() for one in MACHINES})
        #: What each machine had been told when it made a copy of its key map.
        self._copies: dict[Path, Told] = {}
        #: And when it wrote the file of one that is to be stored, by the name of that file.
        self._written: dict[tuple[str, str], Told] = {}
        #: What was known in each key map that a vault holds.
        self._in_vault: dict[str, Told] = {}
        self._inventories: dict[str, list[bytes]] = {one: [] for one in VAULTS}
        self._edits = 0
        self._beside: Callable[[], None] | None = None
        self._at = 0
        #: Whether what happens beside a step is the same line.
        self._is_twin = False

    def do(
        self, name: str, vault: str, run: Callable[[Machine], Result], how: Disturbance | None
    ) -> Result | errors.GlacierCliError | None:
        """Let a machine do something about a vault, and look at everything."""
        beside, self._beside = self._beside, None
        if beside is None:
            done = self.world.attempt(name, run, how)
        else:
            done = self.world.interleaved(name, run, at=self._at, meanwhile=beside)
        for one in self._look():
            if beside is None:
                self._model.told[name].sent[one.vault, one.name] = one.archive_id
                self._model.told[name].own.append(one.archive_id)
        self._check(name, vault)
        return done

    def _look(self) -> list[Stored]:
        self._model.check_jobs(self.world.jobs())
        return self._model.look(self.world.stored())

    def _check(self, name: str, vault: str) -> None:
        if self._knows(name, vault):
            self._model.check_rows(name, vault, self._rows(name, vault))

    def _knows(self, name: str, vault: str) -> bool:
        """Tell whether a key map has a vault, which it may have seen removed."""
        with self.world.machines[name].context() as context:
            return bool(context.key_map.vaults.in_store(context.store, name=vault))

    def _rows(self, name: str, vault: str) -> Sequence[Archive]:
        return self.world.machines[name].archives(vault)

    def _live(self, name: str, vault: str) -> list[Archive]:
        """Return the live rows of a vault, the newest first."""
        rows = [row for row in self._rows(name, vault) if row.state.is_live]
        return sorted(rows, key=lambda row: (row.uploaded_at, row.key), reverse=True)

    def _write(self, file: Path, content: bytes) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        self._date(file)

    def _date(self, file: Path) -> None:
        # No two states of a file have the same time.
        self._edits += 1
        moment = 10**18 + self._edits * 10**9
        os.utime(file, ns=(10**18, moment), follow_symlinks=False)

    def _check_all(self, name: str) -> None:
        for vault in VAULTS:
            self._check(name, vault)
