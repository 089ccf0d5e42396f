"""A small, fixed part of the faults of ``make torture``."""

import pytest

from tests.torture.brownouts import Trial
from tests.torture.brownouts_world import Work
from tests.torture.lost_answers import Losses

_WORK = Work(small=9, large=1, parts=5)


@pytest.mark.covers("N1", "N2")
@pytest.mark.parametrize(
    "trial",
    [
        Trial(way="503", length_s=600, after=18, work=_WORK),
        Trial(way="silence", length_s=60, after=14, work=_WORK),
        Trial(way="500", length_s=None, work=_WORK),
    ],
    ids=str,
)
def test_a_service_that_fails_for_a_while_costs_patience_only(trial: Trial) -> None:
    assert trial.carry_out() > 0


@pytest.mark.covers("N7")
def test_an_answer_that_gets_lost_makes_nothing_happen_twice() -> None:
    assert Losses(seed=1, most=1).carry_out() > 100
