"""The newest version of a name is the one that was stored last, whatever the clocks say."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli import errors
from glaciercli.core import description
from glaciercli.core.listed import ListedArchive
from glaciercli.keymap.store import KeyMap, open_key_map
from glaciercli.model.uploads import UploadIntent
from glaciercli.operations.reconcile import Snapshot, reconcile
from glaciercli.operations.upload_ledger import Ledger
from glaciercli.transfer import flow
from glaciercli.transfer.files import FileSlice
from glaciercli.transfer.meter import Meter
from glaciercli.transfer.spool import spooled
from tests.fakes import Deaf, MovedClock
from tests.keymap.records import HOUR, NOW, add, in_memory, meet
from tests.operations.contexts import context_of

MIB = 2**20
MINUTE = HOUR / 60
LAG = 3 * 24 * HOUR


class Life:
    """A machine whose clock is set at will, and a service whose clock is right."""

    def __init__(self, stack: ExitStack) -> None:
        self.key_map = stack.enter_context(in_memory())
        self.vault = meet(self.key_map)
        self.time = NOW
        self.clock = MovedClock(NOW)
        self.listed: list[ListedArchive] = []
        self._is_deaf = False
        self._context = context_of(
            self.key_map,
            clock=self.clock,
            service=self,
            new_tag=lambda: f"mark_of_12_{len(self.listed)}",
        )

    def upload_archive(self, vault: str, payload: FileSlice, *, description: str) -> str:
        """Take an archive, as the service does."""
        del vault
        one = ListedArchive(
            archive_id=f"ID{len(self.listed)}",
            description=description,
            created_at=self.time,
            size_bytes=payload.span.size_bytes,
            tree_hash=payload.tree_hash,
        )
        self.listed.append(one)
        if self._is_deaf:
            raise errors.OutcomeUnknown("the answer was lost")
        return one.archive_id

    def store(self, *, ahead: timedelta, heard: bool = True) -> None:
        """Store a version, on a machine whose clock is ahead by so much."""
        self.clock.advance(self.time + ahead - self.clock.now())
        self._is_deaf = not heard
        tag = self._context.new_tag()
        text = description.encode(name="a", modified_ns=1, tag=tag)
        intent = UploadIntent(name="a", source=None, part_bytes=MIB, description=text, tag=tag)
        payload = spooled(tag.encode(), None)
        story = Ledger(self._context, self.vault).send_whole(
            intent, payload, Meter(Deaf(), "a", payload.span.size_bytes)
        )
        list(flow.run([story], workers=1))

    def wait(self, *, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def take_in(self, *, which: int, complete: bool) -> None:
        """Take in an inventory that lists the archives of the bits that are set."""
        self.clock.advance(self.time - self.clock.now())
        found = [one for number, one in enumerate(self.listed) if which >> number & 1]
        snapshot = Snapshot(inventory_date=self.time, complete=complete, job_id=None, lag=LAG)
        reconcile(self._context, self.vault, snapshot, found)

    @property
    def in_order(self) -> list[str | None]:
        """The marks of the versions, the oldest first."""
        return [one.tag for one in self.key_map.archives.named(self.vault, "a")][::-1]


hours = st.integers(-20, 20).map(lambda count: count * HOUR)
#: Each takes a life.
steps = st.one_of(
    st.builds(partial, st.just(Life.store), ahead=hours, heard=st.booleans()),
    st.builds(
        partial, st.just(Life.take_in), which=st.integers(0, 2**8 - 1), complete=st.booleans()
    ),
    st.builds(partial, st.just(Life.wait), seconds=st.sampled_from((0.001, 1, 3600))),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, max_size=16))
def test_versions_stay_in_the_order_in_which_they_were_stored(
    taken: list[Callable[[Life], None]],
) -> None:
    with ExitStack() as stack:
        life = Life(stack)
        for step in taken:
            step(life)
            marks = [f"mark_of_12_{number}" for number in range(len(life.listed))]
            assert life.in_order == marks


def test_a_version_follows_that_of_a_machine_whose_clock_is_ahead() -> None:
    with ExitStack() as stack:
        life = Life(stack)
        add(life.key_map, life.vault, "a", archive_id="OTHER", uploaded_at=NOW + HOUR)
        life.store(ahead=timedelta(0))
        newest = life.key_map.archives.newest(life.vault, "a")
        assert newest is not None
        assert newest.archive_id == "ID0"
        assert newest.uploaded_at == NOW + HOUR + timedelta(milliseconds=1)


def fill_ours(key_map: KeyMap) -> None:
    """Two versions of a machine whose clock is behind."""
    vault = meet(key_map)
    for place, name in enumerate(("first", "second")):
        add(key_map, vault, "a", archive_id=name, tag=name, uploaded_at=NOW + place * MINUTE)


def fill_theirs(key_map: KeyMap) -> None:
    """An inventory listed the first of them."""
    key = add(key_map, meet(key_map), "a", archive_id="first", tag="first")
    key_map.inventories.confirm(key, listed_at=NOW + 2 * HOUR, uploaded_at=NOW + HOUR)


@pytest.mark.parametrize(
    ("into", "other"), [(fill_ours, fill_theirs), (fill_theirs, fill_ours)], ids=["ours", "theirs"]
)
def test_versions_stay_in_order_where_another_key_map_tells_a_date(
    into: Callable[[KeyMap], None], other: Callable[[KeyMap], None], tmp_path: Path
) -> None:
    path = str(tmp_path / "other")
    with closing(open_key_map(path, now=NOW)) as theirs:
        other(theirs)
    with in_memory() as ours:
        into(ours)
        ours.merger.merge(path, now=NOW, dry_run=False, heard=lambda _done, _total: None)
        found = [(one.archive_id, one.uploaded_at) for one in ours.archives.named(meet(ours), "a")]
    assert found == [("second", NOW + HOUR), ("first", NOW + HOUR)]


@settings(deadline=None)
@given(data=st.data())
def test_versions_stay_in_order_whatever_the_order_of_their_keys(data: st.DataObject) -> None:
    apart = data.draw(st.sampled_from((1, 2, 60_000)))
    places = data.draw(st.permutations(range(5)))
    with in_memory() as key_map:
        vault, keys = meet(key_map), {}
        for place in places:
            date = NOW + timedelta(milliseconds=place * apart)
            keys[place] = add(key_map, vault, "a", archive_id=f"{place}", uploaded_at=date)
        place = data.draw(st.integers(0, 4))
        date = NOW + timedelta(milliseconds=data.draw(st.integers(-9, 14)) * apart)
        key_map.inventories.confirm(keys[place], listed_at=NOW + HOUR, uploaded_at=date)
        found = [one.archive_id for one in key_map.archives.named(vault, "a")]
    assert found == [f"{one}" for one in reversed(range(5))]
