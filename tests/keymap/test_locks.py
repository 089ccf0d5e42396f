"""Locks between processes: which collide, and when they are free again."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from glaciercli import errors
from glaciercli.keymap.locks import Locks
from glaciercli.model.vaults import KnownVault
from tests.keymap.lock_holders import VAULT, held_elsewhere
from tests.keymap.records import identity

OTHER = KnownVault(key=2, identity=identity("music"), created_at=None, gone_at=None)


@pytest.fixture
def directory(tmp_path: Path) -> str:
    return str(tmp_path / "keymap.db.locks")


@pytest.fixture
def locks(directory: str) -> Iterator[Locks]:
    made = Locks(directory)
    yield made
    made.close()


def test_a_name_held_elsewhere_is_busy_and_others_are_free(locks: Locks, directory: str) -> None:
    with held_elsewhere(directory, "a"):
        with (
            pytest.raises(errors.Busy, match='changing vault "photos": the upload has to wait'),
            locks.one_name(VAULT, "a", "the upload"),
        ):
            pass
        with locks.one_name(VAULT, "b", "the upload"), locks.one_name(OTHER, "a", "the upload"):
            pass
        with pytest.raises(errors.Busy), locks.whole_vault(VAULT, "the removal"):
            pass
        with locks.whole_vault(OTHER, "the removal"):
            pass


def test_a_name_is_free_unless_another_run_works_on_it(locks: Locks, directory: str) -> None:
    with held_elsewhere(directory, "a"):
        assert not locks.is_free(VAULT, "a")
        assert locks.is_free(VAULT, "b")
    assert locks.is_free(VAULT, "a")
    with held_elsewhere(directory):
        assert not locks.is_free(VAULT, "b")


def test_a_look_takes_no_name_out_of_a_vault_held_as_a_whole(locks: Locks, directory: str) -> None:
    with locks.whole_vault(VAULT, "the removal"):
        assert locks.is_free(VAULT, "a")
        with pytest.raises(AssertionError), held_elsewhere(directory, "a"):
            pass


def test_a_vault_held_as_a_whole_makes_every_name_busy(locks: Locks, directory: str) -> None:
    with held_elsewhere(directory):
        for name in ("", "a", "\ud800\udcff", "x" * 900):
            with pytest.raises(errors.Busy), locks.one_name(VAULT, name, "the upload"):
                pass


def test_a_lock_is_free_once_it_was_given_up(locks: Locks, directory: str) -> None:
    with held_elsewhere(directory, "a") as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdin.write("\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "free\n"
        with locks.one_name(VAULT, "a", "the upload"):
            pass


def test_a_task_keeps_no_name_busy_and_a_vault_as_a_whole(locks: Locks, directory: str) -> None:
    with locks.one_task(VAULT, "inventory", "the inventory"):
        with held_elsewhere(directory, "inventory"):
            pass
        with pytest.raises(AssertionError), held_elsewhere(directory):
            pass


@pytest.mark.covers("P11")
def test_kill_9_frees_a_lock(locks: Locks, directory: str) -> None:
    with held_elsewhere(directory, "a") as holder:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with locks.one_name(VAULT, "a", "the upload"):
            pass


def test_a_name_taken_twice_in_one_run_is_held_until_the_second_end(
    locks: Locks, directory: str
) -> None:
    with locks.one_name(VAULT, "a", "the deletion"):
        with locks.one_name(VAULT, "a", "the deletion"):
            pass
        with pytest.raises(AssertionError), held_elsewhere(directory, "a"):
            pass
    with held_elsewhere(directory, "a"):
        pass


def test_closing_gives_up_every_lock(locks: Locks, directory: str) -> None:
    with locks.one_name(VAULT, "a", "the upload"):
        locks.close()
        with held_elsewhere(directory, "a"):
            pass


@pytest.mark.covers("P15")
def test_lock_files_belong_to_their_owner_alone(locks: Locks, directory: str) -> None:
    mask = os.umask(0)
    try:
        with locks.one_name(VAULT, "a", "the upload"):
            assert os.stat(directory).st_mode & 0o777 == 0o700
            (lock_file,) = os.scandir(directory)
            assert lock_file.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(mask)


def test_a_place_without_room_for_locks_is_a_file_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    locks = Locks(str(tmp_path / "file" / "locks"))
    with (
        pytest.raises(errors.FileProblem, match="no lock can be taken"),
        locks.one_name(VAULT, "a", "the upload"),
    ):
        pass
