"""A merge brings back no removal of a vault that either key map knows as cancelled."""

import shutil
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from glaciercli.core import doom
from glaciercli.keymap.store import KeyMap, open_key_map
from glaciercli.model.archives import ArchiveState
from glaciercli.model.vaults import KnownVault
from tests.keymap.records import HOUR, NOW, add, meet

YES_AT, CANCELLED_AT, AGAIN_AT = NOW, NOW + HOUR, NOW + 2 * HOUR


def say_yes(key_map: KeyMap, vault: KnownVault, at: datetime) -> None:
    for one in list(key_map.archives.live(vault)):
        made = doom.tombstone(one, said_yes_at=at)
        key_map.archives.set_state(one.key, made.state, deleted_at=made.deleted_at)
    key_map.journal.write(doom.CONFIRMED, at=at, vault_key=vault.key)


def cancel(key_map: KeyMap, vault: KnownVault) -> None:
    for one in list(key_map.archives.doomed(vault)):
        before = doom.state_before(one, said_yes_at={YES_AT})
        if before is not None:
            key_map.archives.set_state(one.key, before, deleted_at=None)
    key_map.journal.write(doom.CANCELLED, at=CANCELLED_AT, vault_key=vault.key)


def states(key_map: KeyMap, vault: KnownVault) -> dict[str | None, str]:
    return {one.name: one.state.value for one in key_map.archives.every(vault)}


def merge(key_map: KeyMap, other: Path, scratch: Path) -> None:
    shutil.copy(other, scratch)
    key_map.merger.merge(str(scratch), now=NOW, dry_run=False, heard=lambda *_: None)


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    """A key map in which a removal was cancelled, and its copy from before that."""
    own, copy = tmp_path / "own", tmp_path / "copy"
    with closing(open_key_map(str(own), now=NOW)) as key_map:
        vault = meet(key_map)
        for name, state in (
            ("a", ArchiveState.UPLOADED),
            ("m", ArchiveState.MISSING),
            ("d", ArchiveState.DELETING),
        ):
            key = add(key_map, vault, name, archive_id=f"ID {name}", state=state)
            if state is ArchiveState.DELETING:
                key_map.archives.set_state(key, state, deleted_at=NOW - HOUR)
        say_yes(key_map, vault, YES_AT)
    shutil.copy(own, copy)
    with closing(open_key_map(str(own), now=NOW)) as key_map:
        cancel(key_map, meet(key_map))
    return own, copy


TAKEN_BACK = {"a": "uploaded", "m": "missing", "d": "deleting"}


@pytest.mark.parametrize("order", [1, -1])
def test_what_was_taken_back_lives_whichever_is_merged(
    paths: tuple[Path, Path], tmp_path: Path, order: int
) -> None:
    into, other = paths[::order]
    with closing(open_key_map(str(into), now=NOW)) as key_map:
        for _ in range(2):
            merge(key_map, other, tmp_path / "scratch")
            assert states(key_map, meet(key_map)) == TAKEN_BACK


@pytest.mark.parametrize("order", [1, -1])
def test_what_was_said_yes_to_after_that_stays_doomed(
    paths: tuple[Path, Path], tmp_path: Path, order: int
) -> None:
    with closing(open_key_map(str(paths[0]), now=NOW)) as key_map:
        say_yes(key_map, meet(key_map), AGAIN_AT)
    into, other = paths[::order]
    with closing(open_key_map(str(into), now=NOW)) as key_map:
        merge(key_map, other, tmp_path / "scratch")
        assert set(states(key_map, meet(key_map)).values()) == {"deleting"}
