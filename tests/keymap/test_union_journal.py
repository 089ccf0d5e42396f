"""Two journals in one: nothing is lost, no order is turned, and time tells what comes between."""

import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, closing
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli.core import doom, purchases
from glaciercli.keymap.store import KeyMap, open_key_map
from tests.keymap.records import HOUR, NOW, meet

#: An entry: hours since the beginning, and whether it is about a vault.
Entry = tuple[int, bool]

ENTRIES = st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=8)


def opened(stack: ExitStack, path: Path) -> KeyMap:
    return stack.enter_context(closing(open_key_map(str(path), now=NOW)))


def write(key_map: KeyMap, machine: str, entries: Sequence[Entry]) -> None:
    vault = meet(key_map)
    for number, (hours, is_of_vault) in enumerate(entries):
        key_map.journal.write(
            "vault seen" if is_of_vault else "seen",
            at=NOW + hours * HOUR,
            vault_key=vault.key if is_of_vault else None,
            detail=f"{machine}{number}",
        )


def told(path: Path) -> list[tuple[int, str]]:
    """Return when what was seen, in the order of the journal."""
    with closing(sqlite3.connect(path)) as opened:
        return opened.execute(
            "SELECT at, detail FROM journal WHERE event LIKE '%seen' ORDER BY entry"
        ).fetchall()


def of(machine: str, rows: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    return [one for one in rows if one[1].startswith(machine)]


def merge(key_map: KeyMap, other: Path) -> int:
    copy = other.with_suffix(".copy")
    copy.write_bytes(other.read_bytes())
    counts = key_map.merger.merge(str(copy), now=NOW, dry_run=False, heard=lambda *_: None)
    return counts.journal_added


@settings(max_examples=20, deadline=None)
@given(both=ENTRIES, ours=ENTRIES, theirs=ENTRIES)
def test_each_keeps_its_order_and_times_tell_what_is_between(
    both: list[Entry], ours: list[Entry], theirs: list[Entry]
) -> None:
    with TemporaryDirectory() as place, ExitStack() as stack:
        own_path, other_path = Path(place, "own"), Path(place, "other")
        own, other = opened(stack, own_path), opened(stack, other_path)
        for key_map, machine, entries in ((own, "a", ours), (other, "b", theirs)):
            write(key_map, "common", both)
            write(key_map, machine, entries)
        before, there = told(own_path), told(other_path)
        assert merge(own, other_path) == len(theirs)
        united = told(own_path)
        assert of("common", united) + of("a", united) == before
        assert of("b", united) == of("b", there)
        assert len(united) == len(before) + len(theirs)
        assert merge(own, other_path) == 0
        assert told(own_path) == united
        if all(one <= two for rows in (before, there) for one, two in pairwise(hours(rows))):
            assert hours(united) == sorted(hours(united))


def hours(rows: Sequence[tuple[int, str]]) -> list[int]:
    return [at for at, _ in rows]


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The key map of another machine, which bought and cancelled something long ago."""
    with closing(open_key_map(str(tmp_path / "other"), now=NOW)) as key_map:
        vault = meet(key_map)
        for hour, event in ((1, doom.CONFIRMED), (2, doom.CANCELLED)):
            key_map.journal.write(event, at=NOW + hour * HOUR, vault_key=vault.key)
        for hour, event in ((1, purchases.ASKED_FOR), (2, purchases.BOUGHT)):
            key_map.journal.write(event, at=NOW + hour * HOUR, name="account", detail="old")
    return tmp_path / "other"


def test_what_another_machine_did_before_is_not_the_newest(other: Path, tmp_path: Path) -> None:
    with closing(open_key_map(str(tmp_path / "own"), now=NOW)) as key_map:
        vault = meet(key_map)
        key_map.journal.write(doom.CONFIRMED, at=NOW + 5 * HOUR, vault_key=vault.key)
        key_map.journal.write(purchases.ASKED_FOR, at=NOW + 5 * HOUR, name="account")
        merge(key_map, other)
        assert [one.event for one in key_map.journal.milestones(vault.key)] == [
            doom.CONFIRMED,
            doom.CANCELLED,
            doom.CONFIRMED,
        ]
        events = (purchases.ASKED_FOR, purchases.BOUGHT)
        assert [one for one, _, _ in key_map.journal.of_account(events, "account")] == [
            purchases.ASKED_FOR,
            purchases.BOUGHT,
            purchases.ASKED_FOR,
        ]
