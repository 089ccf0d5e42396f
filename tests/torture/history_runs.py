"""How many histories are lived through, and from which seeds."""

import random
import sys
import time
import traceback
from collections.abc import Iterator

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test

from tests.torture.counts import Counts
from tests.torture.histories import Histories

STEPS = 50

#: Without a time: what a night is to bring.
_MOST = 2000
_HISTORIES_A_SEED = 20


def run(chance: random.Random, ends: float | None) -> Counts:
    """Live through histories until an end; without one, through a fixed number."""
    counts = Counts()
    for seed in _seeds(chance, ends):
        counts += live(seed)
        if ends is not None and time.monotonic() > ends:
            break
    return counts


def _seeds(chance: random.Random, ends: float | None) -> Iterator[int]:
    for _ in range(_MOST // _HISTORIES_A_SEED) if ends is None else iter(int, 1):
        yield chance.getrandbits(32)


def live(seed: int, *, number: int = _HISTORIES_A_SEED, steps: int = STEPS) -> Counts:
    """Live through the histories of a seed; what fails is made as short as it can be."""
    lived = 0

    @hypothesis.seed(seed)
    class Seeded(Histories):
        def teardown(self) -> None:
            nonlocal lived
            super().teardown()
            lived += 1

    settings = hypothesis.settings(
        max_examples=number,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
    )
    try:
        run_state_machine_as_test(Seeded, settings=settings)
    except Exception as error:  # noqa: BLE001 - whatever it is, no history may end so
        sys.stderr.write(
            f"LOST: histories of seed {seed}: {''.join(traceback.format_exception(error))}\n"
        )
        return Counts(histories=lived, lost=(f"histories of seed {seed}: {error}",))
    return Counts(histories=lived)
