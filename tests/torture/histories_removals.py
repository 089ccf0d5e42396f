"""Vaults that are made and removed in a history, empty ones and whole ones."""

from collections.abc import Sequence

from glaciercli.model.archives import Archive, ArchiveState
from tests.torture.histories_watched import Watched
from tests.torture.histories_world import Disturbance


class Removals(Watched):
    """Steps about vaults as a whole."""

    def make_vault(self, name: str, vault: str, how: Disturbance | None, *, removed: bool) -> None:
        if removed:
            self.do(name, vault, lambda machine: machine.remove(vault), how)
        else:
            self.do(name, vault, lambda machine: machine.create(vault), how)

    def remove_with_archives(self, name: str, vault: str, how: Disturbance | None) -> None:
        """Take a step to the removal of a vault: only what is known when it is asked may go."""

        def asked(rows: Sequence[Archive]) -> None:
            marks = {row.tag for row in rows if row.state is not ArchiveState.DELETED} - {None}
            self._model.doomed |= {row.archive_id for row in rows if row.archive_id}
            self._model.doomed_marks |= {mark for mark in marks if mark}

        self.do(name, vault, lambda machine: machine.remove_with_archives(vault, asked), how)
