"""Nothing is lost, brought back or paid for twice in any state that small worlds can come to.

``GLACIERCLI_STATES=1000000`` visits so many states of each.
"""

import os
from itertools import count
from random import Random

import pytest

from tests.core import ledger_world, reconcile_world
from tests.core.exploration import Broken, Explorer

_STATES = int(os.environ.get("GLACIERCLI_STATES", "3000"))  # noqa: TID251 - how many is asked


@pytest.mark.timeout(0)
def test_no_order_of_uploads_kills_and_lost_answers_does_harm() -> None:
    explored = ledger_world.WORLD.explore(most_states=_STATES)
    assert explored.states >= _STATES
    assert explored.depth >= 4


@pytest.mark.timeout(0)
def test_no_order_of_inventories_uploads_and_deletions_does_harm() -> None:
    explored = reconcile_world.WORLD.explore(most_states=_STATES)
    assert explored.states >= _STATES
    assert explored.depth >= 4


def test_a_wrong_state_is_told_with_a_shortest_way_to_it() -> None:
    world = Explorer(
        begin=1,
        steps=lambda state: [("double", 2 * state), ("add", state + 1)],
        wrong=lambda state: "ten" if state == 10 else None,
    )
    with pytest.raises(Broken, match=r"^ten: double; double; add; double$"):
        world.explore(most_states=1000)


def test_a_walk_goes_on_until_there_is_nothing_or_something_wrong() -> None:
    chance = Random(1)  # noqa: S311 - no secret
    world = Explorer(
        begin=3,
        steps=lambda state: [("down", state - 1)] if state else [],
        wrong=lambda state: "minus" if state < 0 else None,
    )
    assert world.walk(chance, steps=2) == 2
    assert world.walk(chance, steps=9) == 3
    broken = Explorer(begin=1, steps=world.steps, wrong=lambda state: None if state else "zero")
    with pytest.raises(Broken, match=r"^zero: down$"):
        broken.walk(chance, steps=9)


def test_a_world_without_new_states_is_whole() -> None:
    steps = count()
    world = Explorer(
        begin=0,
        steps=lambda state: [(f"step {next(steps)}", (state + 1) % 7)],
        wrong=lambda _: None,
    )
    explored = world.explore(most_states=1000)
    assert (explored.states, explored.whole) == (7, True)
