"""Foreign bytes changed by chance, as one more kind of torture; ``tests/fuzz`` does the work."""

import random
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz import campaign
from tests.fuzz.parser import Parser
from tests.fuzz.table import parsers
from tests.torture.counts import Counts

#: How many cases a reader gets before the next one has its turn.
_AT_ONCE = 200

#: How often each has its turn where no time is set.
_TURNS = 50


def run(chance: random.Random, ends: float | None) -> Counts:
    """Let the readers have turns; what one does not read as it should counts as lost."""
    seeds = (chance.randrange(2**32) for _ in range(_TURNS if ends is None else 10**9))
    counts = Counts()
    with TemporaryDirectory() as place:
        readers = parsers(Path(place))
        for seed in seeds:
            for reader in readers:
                counts += Counts(cases=_AT_ONCE, lost=tuple(_failures(reader, seed)))
                if ends is not None and time.monotonic() > ends:
                    return counts
    return counts


def _failures(reader: Parser, seed: int) -> list[str]:
    tried = campaign.failures(reader, count=_AT_ONCE, seed=seed)
    return [f"fuzz {reader.name} --seed {seed}: {one}" for one in tried if one is not None]
