"""Copies are consistent while others write, and a file is replaced only when nobody has it open."""

import os
import shutil
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest

from glaciercli import errors
from glaciercli.keymap import backup, files, presence, restore, snapshots, sources
from glaciercli.keymap.store import open_key_map
from tests.keymap.records import HOUR, NOW, add, meet

#: More than two steps of a copy hold.
LARGE = "x" * 1_000_000


def silent(_done: int, _total: int) -> None:
    pass


@pytest.fixture
def path(tmp_path: Path) -> str:
    place = str(tmp_path / "key-map")
    with closing(open_key_map(place, now=NOW)) as key_map:
        vault = meet(key_map)
        for number in range(25):
            add(key_map, vault, f"name {number}", archive_id=f"ID{number}", description=LARGE)
    return place


@pytest.mark.parametrize("times", [1, 99])
def test_a_copy_comes_to_its_end_while_others_write(path: str, tmp_path: Path, times: int) -> None:
    written: list[int] = []
    steps: list[int] = []
    with closing(open_key_map(path, now=NOW)) as other:
        vault = meet(other)

        def write_meanwhile(done: int, total: int) -> None:
            steps.append(done)
            # A writer cannot come in while the last of it is copied in one step.
            if len(written) < times and done < total:
                with suppress(errors.Busy):
                    add(other, vault, "late", archive_id=f"late {len(written)}")
                    written.append(done)

        target = str(tmp_path / "copy")
        copied = backup.backup(path, target, overwrite=False, heard=write_meanwhile)
    assert len(steps) > len(set(steps)), "the copy was begun anew"
    assert 0 < len(written) < 9
    assert copied.holdings.live_archives == 25 + len(written)
    assert sources.holdings_of(target) == copied.holdings


def test_nothing_is_left_where_a_copy_was_stopped(path: str, tmp_path: Path) -> None:
    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    before = set(os.listdir(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        backup.backup(path, str(tmp_path / "copy"), overwrite=False, heard=stop)
    assert set(os.listdir(tmp_path)) == before


def test_a_run_that_begins_while_the_file_is_replaced_has_to_wait(path: str) -> None:
    with presence.alone(path, "the restoration"), pytest.raises(errors.Busy):
        open_key_map(path, now=NOW)
    open_key_map(path, now=NOW).close()


def test_runs_do_not_disturb_one_another(path: str) -> None:
    with (
        closing(open_key_map(path, now=NOW)),
        closing(open_key_map(path, now=NOW)),
        pytest.raises(errors.Busy),
        presence.alone(path, "the restoration"),
    ):
        pass
    with presence.alone(path, "the restoration"):
        pass


def test_two_restorations_in_one_second_keep_both(path: str, tmp_path: Path) -> None:
    kept = []
    for number in range(2):
        made = str(tmp_path / f"made {number}")
        backup.backup(path, made, overwrite=False, heard=silent)
        kept.append(restore.replace(made, path, now=NOW))
    assert kept == [f"{path}.before-20260102T030405Z", f"{path}.before-20260102T030405Z-2"]
    assert sources.holdings_of(path) == sources.holdings_of(kept[1] or "")


def test_there_is_a_key_map_at_every_moment(path: str, tmp_path: Path) -> None:
    missed, over = [], threading.Event()

    def watch() -> None:
        while not over.is_set():
            if not os.path.exists(path):
                missed.append(1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for number in range(10):
            made = str(tmp_path / f"made {number}")
            shutil.copy(path, made)
            restore.replace(made, path, now=NOW)
    finally:
        over.set()
        watcher.join()
    assert missed == []


@pytest.mark.covers("P15")
def test_a_link_stays_a_link_to_what_is_restored(path: str, tmp_path: Path) -> None:
    link = str(tmp_path / "link")
    os.symlink(path, link)
    made = str(tmp_path / "made")
    backup.backup(path, made, overwrite=False, heard=silent)
    before = os.stat(path).st_ino
    restore.replace(made, link, now=NOW)
    assert os.path.islink(link)
    assert os.stat(path).st_ino != before


def take(path: str, hours: float, *, always: bool = False) -> None:
    now = NOW + hours * HOUR
    assert snapshots.take(path, now=now, most_bytes=2**40, always=always, heard=silent) is None


def test_a_snapshot_is_due_after_a_day_or_when_it_must_be(path: str) -> None:
    take(path, 0)
    take(path, 23.9)
    assert len(snapshots.listed(path)) == 1
    take(path, 1, always=True)
    assert len(snapshots.listed(path)) == 2
    take(path, 25)
    assert [one.taken_at for one in snapshots.listed(path)] == [
        (NOW + hours * HOUR).replace(microsecond=0) for hours in (25, 1, 0)
    ]


@pytest.mark.covers("N17")
def test_a_snapshot_from_the_future_counts_for_nothing(path: str) -> None:
    take(path, 9999)
    take(path, 0)
    assert len(snapshots.listed(path)) == 2


def test_what_a_killed_copy_left_is_cleared_away_and_nothing_else(
    path: str, tmp_path: Path
) -> None:
    mine = (".key-map-notes", ".key-map-toolong12", "key-map-abcdefgh")
    for name in (".key-map-abcdefgh", ".key-map-abcdefgh-journal", *mine):
        (tmp_path / name).write_bytes(b"x")
    with files.fresh(path) as busy:
        backup.backup(path, str(tmp_path / "made"), overwrite=False, heard=silent)
        assert os.path.exists(busy)
        left = {one.name for one in tmp_path.glob("*key-map-*")} - {Path(busy).name}
    assert left == {*mine, "key-map-journal"}
