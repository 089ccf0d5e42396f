"""A small, fixed part of the faults of ``make torture``."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from glaciercli.server.faults.plan import Deed, Fault, Plan
from tests.torture.brownouts import Trial
from tests.torture.brownouts_world import VAULT, Work, World
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


def test_a_waiting_retrieval_asks_again_for_what_never_began(tmp_path: Path) -> None:
    never = Fault(
        deed=Deed.ANSWER, status=500, operations=frozenset({"InitiateJob"}), nth=frozenset({1})
    )
    with ExitStack() as stack:
        world = World(tmp_path, 1, stack)
        world.fill(Work(small=2, large=0))
        world.machine.upload(VAULT, world.files)
        with world.far.failing(Plan(faults=(never,))):
            world.bring_back(1)
        assert world.far.retrievals_ever == 2
