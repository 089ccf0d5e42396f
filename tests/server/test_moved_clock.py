"""A clock that a file moves, and only forward."""

from datetime import timedelta
from pathlib import Path

import pytest

from glaciercli.errors import BadUsage
from glaciercli.server.moved_clock import MovedClock
from tests.fakes import MovedClock as Hand
from tests.server.conftest import START


def test_a_clock_is_ahead_by_what_its_file_says(tmp_path: Path) -> None:
    path = tmp_path / "ahead"
    inner = Hand(START)
    clock = MovedClock(inner, str(path))
    assert clock.now() == START
    path.write_text("90m")
    assert clock.now() - START == timedelta(minutes=90)
    assert clock.monotonic() == 5400
    inner.advance(timedelta(seconds=1))
    assert clock.now() - START == timedelta(minutes=90, seconds=1)


@pytest.mark.parametrize("text", ["1h", "", "nonsense", "\udcff"])
def test_nothing_turns_a_clock_back(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ahead"
    path.write_text("2h")
    clock = MovedClock(Hand(START), str(path))
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert clock.now() - START == timedelta(hours=2)
    path.unlink()
    assert clock.now() - START == timedelta(hours=2)


def test_a_file_that_is_no_duration_at_the_start_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ahead").write_text("soon")
    with pytest.raises(BadUsage, match="no duration"):
        MovedClock(Hand(START), str(tmp_path / "ahead"))
