"""Whatever happens to a vault, in whatever order: nothing live is lost, nothing deleted comes back.

A made-up service and two key maps live through the same history.  One decides about each archive
by itself; in the other, what is clear is not gone through.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli import errors
from glaciercli.core.description import encode
from glaciercli.core.listed import ListedArchive
from glaciercli.core.reconcile import Verdict
from glaciercli.keymap.store import KeyMap
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.operations.context import Context
from glaciercli.operations.reconcile import ReconcileReport, Snapshot, reconcile
from tests.fakes import Deaf, MovedClock, unreached
from tests.keymap.records import HOUR, NOW, STORE, add, in_memory, meet

LAG = 3 * 24 * HOUR
STEP = 24 * HOUR

S = ArchiveState


class Machine:
    """A key map of a vault."""

    def __init__(self, key_map: KeyMap, clock: MovedClock, *, thorough: bool) -> None:
        self.vault = meet(key_map)
        self.key_map = key_map
        self.thorough = thorough
        self.context = Context(
            key_map=key_map,
            store=STORE,
            clock=clock,
            reporter=Deaf(),
            connect=unreached,
            new_tag=unreached,
            jobs=1,
        )

    def upload(self, one: ListedArchive, state: ArchiveState, tag: str | None) -> None:
        bare = state is S.MISSING
        add(
            self.key_map,
            self.vault,
            "name",
            archive_id=None if state is S.UNSETTLED else one.archive_id,
            state=S.UPLOADED if bare else state,
            description=one.description,
            tag=tag,
            # What only another tool told of.
            size_bytes=0 if bare else one.size_bytes,
            tree_hash=None if bare else one.tree_hash,
            uploaded_at=one.created_at,
        )

    def delete(self, one: ListedArchive, state: ArchiveState, clock: MovedClock) -> None:
        known = self.key_map.archives.by_id(self.vault, one.archive_id)
        if known is not None:
            self.key_map.archives.set_state(known.key, state, deleted_at=clock.now())

    def take_in(
        self, snapshot: Snapshot, listed: list[ListedArchive]
    ) -> ReconcileReport | errors.InvalidRequest:
        try:
            return reconcile(self.context, self.vault, snapshot, listed, thorough=self.thorough)
        except errors.InvalidRequest as refusal:
            return refusal

    def archives(self) -> list[Archive]:
        """Everything that is known, but for the keys of rows."""
        found = (replace(one, key=0) for one in self.key_map.archives.every(self.vault))
        return sorted(found, key=lambda one: (one.archive_id or "", repr(one)))

    def dates(self) -> list[object]:
        known = self.key_map.inventories.known(self.vault.key)
        return [(one.archive_id, one.tag, one.listed_at) for one in known]


class History:
    """A service, and two machines that use it."""

    def __init__(self, stack: ExitStack) -> None:
        self.clock = MovedClock(NOW)
        self.machines = [
            Machine(stack.enter_context(in_memory()), self.clock, thorough=thorough)
            for thorough in (True, False)
        ]
        self.stored: dict[str, ListedArchive] = {}
        self.gone: set[str] = set()
        self.inventories: list[tuple[Snapshot, list[ListedArchive]]] = []

    def store(self, ours: ArchiveState | None, size_bytes: int, *, tagged: bool) -> None:
        number = len(self.stored) + len(self.gone)
        tag = f"tag{number}" if tagged else None
        described = encode(name=f"n{number}", modified_ns=1, tag=tag) if tag else f"text {number}"
        # Some IDs have one rank.
        one = ListedArchive(
            archive_id=f"{number % 3}SAMERANK{number:03}",
            description=described,
            created_at=self.clock.now().replace(microsecond=0),
            size_bytes=size_bytes,
            tree_hash=bytes([number]) * 32,
        )
        self.stored[one.archive_id] = one
        if ours is not None:
            for machine in self.machines:
                machine.upload(one, ours, tag)

    def delete(self, archive_id: str, *, by: ArchiveState | None) -> None:
        """Delete an archive, by one of the machines, or by somebody else."""
        one = self.stored[archive_id]
        if by is not S.DELETING:
            self.gone.add(archive_id)
            del self.stored[archive_id]
        if by is not None:
            for machine in self.machines:
                machine.delete(one, by, self.clock)

    def look(self, *, complete: bool, twice: bool, is_dated: bool = True) -> None:
        """Make an inventory, which is taken in at once, later, again, or never."""
        date = self.clock.now().replace(microsecond=0)
        snapshot = Snapshot(
            inventory_date=date, complete=complete, is_dated=is_dated, job_id=None, lag=LAG
        )
        listed = list(self.stored.values())
        if not complete:
            listed = listed[::2]
        self.inventories.append((snapshot, listed[::-1] + (listed if twice else [])))

    def take_in(self, place: int) -> None:
        snapshot, listed = self.inventories[place]
        before, newest = confirmed(self), self.newest()
        reports = [machine.take_in(snapshot, listed) for machine in self.machines]
        thorough, quick = reports
        if isinstance(thorough, errors.InvalidRequest) or isinstance(quick, errors.InvalidRequest):
            assert str(thorough) == str(quick)
            return
        assert +thorough.verdicts == +quick.verdicts
        assert +thorough.formats == +quick.formats
        if not snapshot.is_dated and newest and thorough.inventory_date <= newest:
            assert confirmed(self) == before

    def newest(self) -> datetime | None:
        """Return the date of the newest whole inventory that was taken in."""
        machine = self.machines[0]
        seen = machine.key_map.inventories.newest(machine.vault.key)
        return None if seen is None else seen.inventory_date

    def check(self) -> None:
        thorough, quick = self.machines
        assert [replace(one, listed_at=None) for one in thorough.archives()] == [
            replace(one, listed_at=None) for one in quick.archives()
        ]
        assert Counter(thorough.dates()) == Counter(quick.dates())


@st.composite
def histories(draw: st.DrawFn, stack: ExitStack) -> History:
    history = History(stack)
    deeds = ["store", "store", "store", "delete", "look", "take in", "take in", "wait"]
    for _ in range(draw(st.integers(1, 14))):
        deed = draw(st.sampled_from(deeds))
        if deed == "store":
            states = st.none() | st.sampled_from([S.UPLOADED, S.UNSETTLED, S.MISSING])
            ours = draw(states)
            tagged = draw(st.booleans()) and ours is not S.MISSING
            history.store(ours, draw(st.integers(1, 3)), tagged=tagged)
        elif deed == "delete" and history.stored:
            by = draw(st.none() | st.sampled_from([S.DELETING, S.DELETED]))
            history.delete(draw(st.sampled_from(sorted(history.stored))), by=by)
        elif deed == "look":
            form = draw(st.integers(0, 4))
            history.look(complete=form > 1, twice=draw(st.booleans()), is_dated=form > 0)
        elif deed == "take in" and history.inventories:
            before = tombstones(history)
            history.take_in(draw(st.integers(0, len(history.inventories) - 1)))
            assert before <= tombstones(history)
        else:
            history.clock.advance(draw(st.integers(0, 4)) * STEP)
        history.check()
    return history


def tombstones(history: History) -> set[str | None]:
    return {
        one.archive_id
        for machine in history.machines
        for one in machine.archives()
        if not one.state.is_live and one.archive_id is not None
    }


def confirmed(history: History) -> set[str | None]:
    return {
        one.archive_id
        for machine in history.machines
        for one in machine.archives()
        if one.state is S.CONFIRMED
    }


def known_ids(machine: Machine) -> Iterator[str | None]:
    return (one.archive_id for one in machine.archives())


@pytest.mark.covers("H5")
@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_history_loses_nothing_and_brings_nothing_back(data: st.DataObject) -> None:
    with ExitStack() as stack:
        history = data.draw(histories(stack))
        # Once the service has had its time, an inventory tells all.
        history.clock.advance(LAG + STEP)
        history.look(complete=True, twice=False)
        history.take_in(-1)
        history.check()
        quick = history.machines[1]
        states = {one.archive_id: one.state for one in quick.archives() if one.archive_id}
        assert set(history.stored) <= set(states)
        for archive_id in history.stored:
            assert states[archive_id] in {S.CONFIRMED, S.DELETING, S.DELETED}
        for archive_id in history.gone & set(states):
            assert states[archive_id] in {S.MISSING, S.DELETING, S.DELETED}
        history.take_in(-1)
        assert {one.archive_id: one.state for one in quick.archives() if one.archive_id} == states


def test_an_archive_that_vanishes_from_an_inventory_of_the_same_date_stays() -> None:
    with ExitStack() as stack:
        history = History(stack)
        history.store(None, 1, tagged=False)
        history.look(complete=True, twice=False)
        history.take_in(0)
        history.clock.advance(timedelta(days=1))
        history.look(complete=True, twice=False)
        history.take_in(1)
        snapshot, _ = history.inventories[1]
        report = history.machines[1].take_in(snapshot, [])
        assert isinstance(report, ReconcileReport)
        assert report.verdicts[Verdict.MISSING] == 0
        assert [one.state for one in history.machines[1].archives()] == [S.CONFIRMED]
