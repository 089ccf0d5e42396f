"""Which names a check looks at again after what it could not read."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.unread import Unread, changes, is_due

#: A small tree, in order: what is in a directory stands where the directory does.
NAMES = [b"a", b"b-a", b"b/c", b"b/d/e", b"b/d/f", b"b/g", b"c/h", b"c/i", b"d"]
PLACES = [b"", b"b", b"b/", b"b/d/", b"b/d/e", b"c/", b"d"]


@pytest.mark.parametrize(
    ("place", "holds"),
    [
        (b"", NAMES),
        (b"b/", NAMES[2:6]),
        (b"b/d/", NAMES[3:5]),
        (b"d", [b"d"]),
        (b"b", NAMES[2:6]),
    ],
)
def test_a_place_holds_itself_and_what_is_below_it(place: bytes, holds: list[bytes]) -> None:
    assert [one for one in NAMES if Unread(place=place).holds(one)] == holds


def test_what_was_read_before_is_not_looked_at_anew() -> None:
    met, settled = changes({b"b/"}, noted={b"a"}, reached=b"b/d/e", unread=())
    assert settled == {b"a"}
    assert [one for one in NAMES if met[0].misses(one)] == [b"b/d/f", b"b/g"]


@dataclass
class Check:
    """What is written down of a check, and what was looked at."""

    reached: bytes = b""
    unread: dict[bytes, Unread] = field(default_factory=dict)
    counted: list[bytes] = field(default_factory=list)

    def run(self, unreadable: list[bytes], *, killed_after: int) -> list[bytes]:
        """Look at what is due, a few names at a time; return what was not written down."""
        start, again, noted = self.reached, list(self.unread.values()), set(self.unread)
        due = [one for one in NAMES if is_due(one, reached=start, unread=again)]
        seen: list[bytes] = []
        for few in [due[at : at + 2] for at in range(0, len(due), 2)][:killed_after]:
            seen += [
                one for one in few if not any(Unread(place=at).holds(one) for at in unreadable)
            ]
            if few[-1] > start:
                places = {one for one in unreadable if one <= few[-1]}
                self._write_down(changes(places, noted=noted, reached=start, unread=again))
                self.reached, noted = few[-1], set(self.unread) | places
                self.counted, seen = self.counted + seen, []
        return seen

    def _write_down(self, found: tuple[list[Unread], set[bytes]]) -> None:
        met, settled = found
        self.unread.update((one.place, one) for one in met)
        for one in settled:
            del self.unread[one]


@given(st.lists(st.tuples(st.lists(st.sampled_from(PLACES), unique=True), st.integers(0, 4))))
def test_each_name_counts_just_once_however_often_a_check_is_stopped(
    runs: list[tuple[list[bytes], int]],
) -> None:
    check = Check()
    for unreadable, killed_after in runs:
        check.run(unreadable, killed_after=killed_after)
    rest = check.run([], killed_after=len(NAMES))
    assert sorted(check.counted + rest) == NAMES
