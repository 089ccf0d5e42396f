"""What somebody may have meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli.core.refs import RefKind, glob_pattern, parse_ref
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
        found = nearest_name(key_map, vault, asked)
        assert found == (None if meant is None else parse_ref(f"photos/{meant}"))


@pytest.mark.parametrize(
    ("name", "asked", "meant"),
    [
        ("song [live].mp3", "song live.mp3", "photos/name:song [live].mp3"),
        ("id:plan.ods", "id-plan.ods", "photos/name:id:plan.ods"),
        ("why?/plan*b/a.ods", "why/plan-b", "photos/why[?]/plan[*]b/**"),
    ],
)
def test_a_name_that_reads_as_something_else_is_told_as_a_name(
    name: str, asked: str, meant: str
) -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        add(key_map, vault, name, archive_id="ID")
        assert str(nearest_name(key_map, vault, asked)) == meant


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
    if meant is not None and meant.kind is RefKind.GLOB:
        assert any(glob_pattern(meant.selector or "").fullmatch(name) for name in there)
    elif meant is not None:
        assert meant.name in there
    if len(there) == 1 and "/" not in wrong:
        assert meant is not None
        assert meant.name == wrong


def test_the_nearest_vault_is_of_the_same_store() -> None:
    with in_memory() as key_map:
        meet(key_map)
        meet(key_map, "music")
        assert nearest_vault(key_map, STORE, "phots") == "photos"
        assert nearest_vault(key_map, STORE, "films") is None


def test_a_vault_that_the_service_has_no_more_is_not_meant() -> None:
    with in_memory() as key_map:
        meet(key_map)
        assert nearest_vault(key_map, STORE, "photos") is None
