"""Files that earlier runs have brought: read once, when nothing is left to fetch."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from glaciercli.errors import TargetExists
from glaciercli.reporting import TransferStarted
from tests.operations.slow_line import HOUR, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Four archives, of which three come first."""
    with ExitStack() as stack:
        world = World(tmp_path, stack, 4)
        world.retrieve()
        world.clock.advance(5 * HOUR)
        assert world.retrieve().exit_code == 75
        assert world.brought() == 3
        world.told.heard.clear()
        yield world


def moved(world: World) -> list[str]:
    """Return the names of what was read or fetched, in order."""
    return [one.name for one in world.told.heard if isinstance(one, TransferStarted)]


def damage(world: World, name: str) -> None:
    """Change a file in its place, and give it its time again."""
    path = world.place / "back" / name
    before = path.stat()
    with path.open("r+b") as file:
        file.write(b"damaged")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_what_is_there_is_not_read_while_anything_is_left_to_fetch(world: World) -> None:
    damage(world, "1")
    report = world.retrieve()
    assert (report.exit_code, report.failed, moved(world)) == (75, [], [])
    assert [one.name for one in report.skipped] == ["0", "1", "2"]
    assert all("proved once nothing is left" in one.reason for one in report.skipped)


def test_what_is_there_is_read_after_the_last_was_fetched(world: World) -> None:
    world.clock.advance(5 * HOUR)
    report = world.retrieve()
    assert report.exit_code == 0
    first, *then = moved(world)
    assert (first, sorted(then)) == ("3", ["0", "1", "2"])
    assert all("holds it already" in one.reason for one in report.skipped)


def test_what_was_damaged_in_its_place_is_told_and_stays(world: World) -> None:
    damage(world, "1")
    world.clock.advance(5 * HOUR)
    report = world.retrieve()
    (failure,) = report.failed
    assert (failure.name, type(failure.error)) == ("1", TargetExists)
    assert sorted(one.name for one in report.skipped) == ["0", "2"]
    assert world.brought() == 4
    assert (world.place / "back" / "1").read_bytes().startswith(b"damaged")


def test_with_overwrite_what_was_damaged_is_asked_for_at_once(world: World) -> None:
    damage(world, "1")
    world.clock.advance(20 * HOUR)
    report = world.retrieve(overwrite=True)
    assert sorted(one.name for one in report.retrieved) == ["1", "3"]
    assert sorted(one.name for one in report.skipped) == ["0", "2"]
