"""Names that cannot stand beside one another."""

import pytest

from glaciercli.core.collisions import COARSEST, Folding, crowded_out

CASE, FORM, NOTHING = Folding(ignores_case=True), Folding(ignores_form=True), Folding()
COMPOSED, APART = "caf\u00e9", "cafe\u0301"


@pytest.mark.covers("F11")
@pytest.mark.parametrize(
    ("names", "folding", "expected"),
    [
        (["a", "b/a", "b/c"], COARSEST, {}),
        (["a", "a/b"], NOTHING, {0}),
        (["a/b", "a"], NOTHING, {1}),
        (["a/b", "a/b/c", "a"], NOTHING, {0, 2}),
        (["A", "a/b"], NOTHING, {}),
        (["A", "a/b"], CASE, {0}),
        (["README", "Readme", "readme"], NOTHING, {}),
        (["README", "Readme", "readme"], CASE, {1, 2}),
        (["D/x", "d/X", "d/y"], CASE, {1}),
        ([COMPOSED, APART], CASE, {}),
        ([COMPOSED, APART], FORM, {1}),
        ([COMPOSED.upper(), APART], FORM, {}),
        ([COMPOSED.upper(), APART], COARSEST, {1}),
        (["stra\u00dfe", "STRASSE"], CASE, {1}),
        # Of just the same path: told elsewhere.
        (["a", "a"], COARSEST, {}),
    ],
)
def test_the_first_keeps_its_path_and_files_give_way_to_directories(
    names: list[str], folding: Folding, expected: set[int]
) -> None:
    paths = [(number, tuple(name.split("/"))) for number, name in enumerate(names)]
    assert set(crowded_out(paths, folding)) == set(expected)


def test_the_reason_names_the_other() -> None:
    found = crowded_out([(1, ("d", "A")), (2, ("d", "a")), (3, ("d",))], CASE)
    assert found == {2: 'it would be one with "d/A"', 3: "a directory has that name"}
