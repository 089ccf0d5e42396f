"""Further names of files: whose older versions are needed while something is not stored."""

import pytest

from glaciercli.core.sync_links import FurtherName, waiting_with

#: Two names stand for ``a``, and another one for the first of these: it was stored earlier.
FURTHER = [
    FurtherName(name="b", first="a"),
    FurtherName(name="c", first="a"),
    FurtherName(name="d", first="b"),
    FurtherName(name="y", first="x"),
]


@pytest.mark.parametrize(
    ("unstored", "waiting"),
    [
        ("", ""),
        # Marks of a file that is not stored bring nothing back.
        ("a", "abcd"),
        ("x", "xy"),
        # The mark that was stored before stands for the file as it was.
        ("c", "ac"),
        ("d", "abd"),
        ("b", "abd"),
        ("z", "z"),
    ],
)
def test_versions_are_needed_both_ways_while_a_name_is_not_stored(
    unstored: str, waiting: str
) -> None:
    assert waiting_with(unstored, iter(FURTHER)) == set(waiting)
