"""Tests of the suite that can be made larger, as more kinds of torture."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.torture.counts import Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class SizedTests:
    """A file of tests, and how it is told how much to try."""

    path: str
    #: What is set for one round of many, and for the only one where no time is set.
    round: Mapping[str, str]
    whole: Mapping[str, str]
    #: Whether a round with another seed tries something else.
    has_seed: bool = False

    def run(self, chance: random.Random, ends: float | None) -> Counts:
        """Run the tests, again and again with other seeds until an end; what fails is lost."""
        counts = Counts()
        for seed in self._seeds(chance, ends):
            settings = {**(self.whole if ends is None else self.round), "GLACIERCLI_SEED": seed}
            if not self._passes(settings):
                counts += Counts(lost=(f"{self.path} with {settings}",))
        return counts

    def _seeds(self, chance: random.Random, ends: float | None) -> Iterator[str]:
        yield str(chance.getrandbits(32))
        while self.has_seed and ends is not None and time.monotonic() < ends:
            yield str(chance.getrandbits(32))

    def _passes(self, settings: Mapping[str, str]) -> bool:
        line = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:benchmark", self.path]
        environment = {**os.environ, **settings}  # noqa: TID251 - handed on
        # The library that kills is for what is killed alone.
        environment.pop("LD_PRELOAD", None)
        done = subprocess.run(
            [*line, "--timeout", "0"], env=environment, stdout=sys.stderr, check=False
        )
        return done.returncode == 0


NAMES = SizedTests(
    path="tests/cli/test_hostile_names.py",
    round={"GLACIERCLI_NAMES": "300"},
    whole={"GLACIERCLI_NAMES": "10000"},
    has_seed=True,
)

SECRETS = SizedTests(
    path="tests/cli/test_secrets.py",
    round={"GLACIERCLI_SECRETS": "1"},
    whole={"GLACIERCLI_SECRETS": "1"},
)
