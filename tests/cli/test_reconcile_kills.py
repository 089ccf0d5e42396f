"""A kill at any moment of a reconcile: the key map is as before it, or as after, never between."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from glaciercli.cli.clock import SystemClock
from glaciercli.keymap import check, exchange, sources
from glaciercli.keymap.store import open_key_map
from tests.cli.conftest import Run, Spawn, finished
from tests.cli.dates import hours_from_now

#: How many are killed; many more by hand: GLACIERCLI_KILLS=200.
_KILLS = int(os.environ.get("GLACIERCLI_KILLS", "10"))  # noqa: TID251 - the tests' own switch

_SHARED, _KNOWN, _ALL = 700, 2_000, 3_300


def archive(number: int) -> dict[str, Any]:
    text = f"photos/{number:05}.jpg"
    if number % 3 == 0:
        text = f'gc1 {{"n":"{text}","m":"2026-01-01T00:00:00Z","u":"{number:016}"}}'
    return {
        "ArchiveId": f"{number:06}".ljust(138, "x"),
        "ArchiveDescription": text,
        "CreationDate": "2026-01-01T00:00:00Z",
        "Size": 1 + number,
        "SHA256TreeHash": f"{number:064x}",
    }


def inventory(place: Path, date: str, numbers: range) -> Path:
    document = {
        "VaultARN": "arn:aws:glacier:us-east-1:000000000000:vaults/photos",
        "InventoryDate": date,
        "ArchiveList": [archive(number) for number in numbers],
    }
    place.write_text(json.dumps(document), encoding="utf-8")
    return place


def told(key_map: Path) -> list[str]:
    """Everything that a key map holds, but for when a run wrote it; it has to be sound."""
    with sources.source(str(key_map)) as opened:
        assert not list(check.findings(opened, full=True, heard=lambda _done, _steps: None))
        return [without_times(json.loads(line)) for line in exchange.lines(opened)]


def taken_back(key_map: Path) -> list[str]:
    """The same of one whose last commit may have been cut off."""
    open_key_map(str(key_map), now=SystemClock().now()).close()
    return told(key_map)


def without_times(line: dict[str, Any]) -> str:
    return json.dumps({name: line[name] for name in line if name not in {"at", "reconciled_at"}})


@dataclass(frozen=True, kw_only=True)
class Trials:
    """Runs of one line, each on a key map of before it."""

    base: Path
    line: Sequence[str]
    spawn: Spawn

    @property
    def key_map(self) -> Path:
        return self.base.with_name("tried")

    def begin(self) -> "subprocess.Popen[bytes]":
        self.key_map.with_name("tried-journal").unlink(missing_ok=True)
        shutil.copyfile(self.base, self.key_map)
        return self.spawn("--local", "--key-map", str(self.key_map), *self.line)

    def killed(self, after_s: float) -> bool:
        """Kill a run after a while; tell whether that cut off a commit."""
        process = self.begin()
        time.sleep(after_s)  # noqa: TID251 - the other side is a real process
        process.send_signal(signal.SIGKILL)
        process.wait()
        return self.key_map.with_name("tried-journal").exists()


@pytest.fixture
def trials(local: Run, spawn: Spawn, key_map: Path, home: Path) -> Trials:
    """An inventory in which a third of the archives is missing, and as many are new."""
    local("vault", "create", "photos").ok()
    first = inventory(home / "first.json", hours_from_now(1), range(_KNOWN))
    local("inventory", "import", "photos", first).ok()
    second = inventory(home / "second.json", hours_from_now(2), range(_SHARED, _ALL))
    line = ("inventory", "import", "photos", str(second), "--quiet")
    return Trials(base=key_map, line=line, spawn=spawn)


def test_a_kill_leaves_what_was_before_or_what_is_after(trials: Trials) -> None:
    started = time.monotonic()
    finished(trials.begin())
    took = time.monotonic() - started
    before, after = told(trials.base), told(trials.key_map)
    assert before != after
    seen = Counter[str]()
    for seed in range(_KILLS):
        # The start of the program takes a while, in which nothing can happen.
        moment = random.Random(seed).uniform(0.2 * took, 1.1 * took)  # noqa: S311 - repeatable
        seen["cut off a commit"] += trials.killed(moment)
        now = taken_back(trials.key_map)
        assert now in (before, after), f"seed {seed}"
        seen["before" if now == before else "after"] += 1
    print(f"seeds 0 to {_KILLS - 1}: {dict(seen)}")  # noqa: T201 - for whoever kills many
    assert seen["before"]

    if now == before:
        finished(trials.spawn("--local", "--key-map", str(trials.key_map), *trials.line))
        assert told(trials.key_map) == after
