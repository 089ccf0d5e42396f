"""What somebody may have meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli.operations.nearest import nearest_name, nearest_vault
from tests.keymap.records import STORE, add, in_memory, meet

NAMES = ("2024/holiday/img1.jpg", "2024/holiday/img2.jpg", "2024/work/plan.ods", "notes.txt")

words = st.text("abcdefgh", min_size=4, max_size=8)
names = st.lists(words, min_size=1, max_size=3).map("/".join)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("note.txt", "notes.txt"),
        ("2024/hollidays/img1.jpg", "2024/holiday/img1.jpg"),
        ("2025/holiday/img2.jpg", "2024/holiday/img2.jpg"),
        ("2024/holiday", "2024/holiday/**"),
        ("2024/holiday/", "2024/holiday/**"),
        ("notes.txt/more", "notes.txt"),
        ("holiday/img1.jpg", None),
        ("", None),
        ("/", None),
        ("2024/zzz", None),
    ],
)
def test_the_nearest_name_is_found_step_by_step(asked: str, meant: str | None) -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        for number, name in enumerate(NAMES):
            add(key_map, vault, name, archive_id=f"ID{number}")
        assert nearest_name(key_map, vault, asked) == meant


@settings(deadline=None)
@given(st.sets(names, min_size=1, max_size=8), st.data())
def test_what_is_meant_is_there(there: set[str], data: st.DataObject) -> None:
    wrong = data.draw(st.sampled_from(sorted(there)))
    at = data.draw(st.integers(0, len(wrong) - 1))
    asked = wrong[:at] + "x" + wrong[at + 1 :]
    with in_memory() as key_map:
        vault = meet(key_map)
        for number, name in enumerate(there):
            add(key_map, vault, name, archive_id=f"ID{number}")
        meant = nearest_name(key_map, vault, asked)
    if meant is not None and meant.endswith("**"):
        assert any(name.startswith(meant.removesuffix("**")) for name in there)
    elif meant is not None:
        assert meant in there
    if len(there) == 1 and "/" not in wrong:
        assert meant == wrong


def test_the_nearest_vault_is_of_the_same_store() -> None:
    with in_memory() as key_map:
        meet(key_map)
        meet(key_map, "music")
        assert nearest_vault(key_map, STORE, "phots") == "photos"
        assert nearest_vault(key_map, STORE, "films") is None
