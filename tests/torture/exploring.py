"""Small worlds, whose states are looked at one after the other, as one more kind of torture."""

import random
import sys
import time
from collections.abc import Iterator
from typing import Any

from tests.core import ledger_world, reconcile_world
from tests.core.exploration import Broken, Explorer
from tests.torture.counts import Counts

_WORLDS: dict[str, Explorer[Any]] = {
    "uploads": ledger_world.WORLD,
    "inventories": reconcile_world.WORLD,
}

#: How many states each world has to show where no time is set, the nearest first.
_MOST_STATES = 10**6

#: How far a walk by chance goes: much further than all states can be looked at.
_STEPS = 400


def run(chance: random.Random, ends: float | None) -> Counts:
    """Look at the nearest states of each world; until an end, at those of walks by chance."""
    counts = Counts()
    for name, world in _turns(ends):
        try:
            seen = (
                world.explore(most_states=_MOST_STATES).states
                if ends is None
                else world.walk(chance, steps=_STEPS)
            )
        except Broken as error:
            sys.stderr.write(f"LOST: the world of {name}: {error}\n")
            counts += Counts(lost=(f"the world of {name}: {error}",))
        else:
            counts += Counts(states=seen)
    return counts


def _turns(ends: float | None) -> Iterator[tuple[str, Explorer[Any]]]:
    yield from _WORLDS.items()
    while ends is not None and time.monotonic() < ends:
        yield from _WORLDS.items()
