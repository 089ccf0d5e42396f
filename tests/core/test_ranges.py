import pytest

from glaciercli.core import ranges
from glaciercli.core.treehash import LEAF_BYTES as MIB
from glaciercli.model.ranges import ByteRange


def nodes(leaf_count: int) -> set[tuple[int, int]]:
    """Return every node of a tree over so many leaves, by pairing level after level."""
    level = [(leaf, leaf + 1) for leaf in range(leaf_count)]
    found = set(level)
    while len(level) > 1:
        paired = [(level[index][0], level[index + 1][1]) for index in range(0, len(level) - 1, 2)]
        level = paired + level[len(paired) * 2 :]
        found.update(level)
    return found


@pytest.mark.parametrize("leaf_count", range(1, 40))
@pytest.mark.parametrize("short_by", [0, 1])
def test_a_range_is_tree_aligned_exactly_where_it_is_a_node(leaf_count: int, short_by: int) -> None:
    total = leaf_count * MIB - short_by
    expected = nodes(leaf_count)
    for first in range(leaf_count):
        for stop in range(first + 1, leaf_count + 1):
            span = ByteRange(first * MIB, min(stop * MIB, total))
            assert ranges.is_tree_aligned(span, total) == ((first, stop) in expected)


@pytest.mark.parametrize(
    ("start", "stop", "aligned"),
    [
        (0, MIB, True),
        (MIB, 3 * MIB, True),
        (3 * MIB, 3 * MIB + 5, True),
        (0, 3 * MIB + 5, True),
        (1, MIB, False),
        (0, MIB - 1, False),
        (3 * MIB, 3 * MIB + 4, False),
        (MIB, MIB, False),
    ],
)
def test_a_range_is_megabyte_aligned_at_both_ends(start: int, stop: int, *, aligned: bool) -> None:
    assert ranges.is_megabyte_aligned(ByteRange(start, stop), 3 * MIB + 5) == aligned


def test_a_range_beyond_the_end_is_not_aligned() -> None:
    assert not ranges.is_tree_aligned(ByteRange(0, 4 * MIB), 3 * MIB)
