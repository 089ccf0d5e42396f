"""Two sorted streams, compared in batches."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.sync_merge import NOT_PLAIN, Alike, LocalRow, Merge, StoredRow

MODE = 0o100644

# ASCII, two bytes, a byte that is no UTF-8, slashes: bytes sort otherwise than text.
NAMES = st.sampled_from([b"a", b"a-", b"a/", b"a/b", b"a0", b"\xc3\xa9", b"\xff", b"b", b"c"])


def cut(rows: Sequence[object], sizes: Sequence[int]) -> list[list[object]]:
    """Return rows in batches of some sizes."""
    batches: list[list[object]] = []
    left, sizes = list(rows), list(sizes) or [3]
    while left:
        size = sizes[len(batches) % len(sizes)]
        batches.append(left[:size])
        left = left[size:]
    return batches


@given(
    here=st.dictionaries(NAMES, st.integers(0, 2)),
    there=st.dictionaries(NAMES, st.lists(st.integers(0, 2), min_size=1, max_size=3)),
    sizes=st.lists(st.integers(1, 4), max_size=4),
    pages=st.lists(st.integers(1, 4), max_size=4),
)
def test_each_name_is_told_once_in_order_or_counted(
    here: dict[bytes, int], there: dict[bytes, list[int]], sizes: list[int], pages: list[int]
) -> None:
    local: list[LocalRow] = [(name, size, 1, MODE) for name, size in sorted(here.items())]
    stored: list[StoredRow] = [
        (name, size, 1, MODE, key, key)
        for name, versions in sorted(there.items())
        for key, size in enumerate(versions)
    ]
    merge = Merge(cut(local, sizes), cut(stored, pages), alike=Alike.SIZE_AND_TIME)  # type: ignore[arg-type]
    told: dict[bytes, tuple[bool, list[int]]] = {}
    for row, versions in merge.pairs():
        name = row[0] if row is not None else versions[0][0]
        assert not told or name > max(told)
        told[name] = (row is not None, [one[1] for one in versions])
    same = {name for name, size in here.items() if there.get(name) == [size]}
    assert merge.unchanged == len(same)
    assert merge.files == len(here)
    assert told == {
        name: (name in here, there.get(name, [])) for name in (here.keys() | there.keys()) - same
    }


def rows_of(alike: Alike, local: LocalRow, stored: StoredRow) -> tuple[int, int]:
    merge = Merge([[local]], [[stored]], alike=alike)
    return len(list(merge.pairs())), merge.unchanged


def test_what_counts_as_alike_depends_on_what_is_compared() -> None:
    same, touched = (b"a", 1, 1, MODE), (b"a", 1, 2, MODE)
    stored = (b"a", 1, 1, MODE, 7, 7)
    assert rows_of(Alike.SIZE_AND_TIME, same, stored) == (0, 1)
    assert rows_of(Alike.SIZE_AND_TIME, touched, stored) == (1, 0)
    assert rows_of(Alike.SIZE, touched, stored) == (0, 1)
    assert rows_of(Alike.NEVER, same, stored) == (1, 0)


def test_what_is_more_than_its_row_is_looked_at() -> None:
    assert rows_of(Alike.SIZE, (b"a", 1, 1, MODE), (b"a", 1, 1, NOT_PLAIN, 7, 7)) == (1, 0)


def test_a_newer_version_behind_a_batch_belongs_to_its_last_name() -> None:
    local: list[LocalRow] = [(b"a", 1, 1, MODE)]
    versions: list[StoredRow] = [(b"a", 1, 1, MODE, 1, 1), (b"a", 2, 1, MODE, 2, 2)]
    merge = Merge([local], [[versions[0]], [versions[1]]], alike=Alike.SIZE_AND_TIME)
    assert list(merge.pairs()) == [(local[0], versions)]
