"""A small, fixed part of the histories of ``make torture``."""

import pytest

from tests.torture.history_runs import live


# One that fails is made shorter, which takes minutes.
@pytest.mark.timeout(600)
@pytest.mark.covers("P12", "H5")
def test_no_history_loses_brings_back_or_repeats_anything() -> None:
    counts = live(1, number=5, steps=40)
    assert not counts.lost, counts.lost
    assert counts.histories >= 5
