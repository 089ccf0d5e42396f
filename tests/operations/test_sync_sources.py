"""What a sync makes of a directory that is taken away while it is looked at."""

import os
from pathlib import Path

import pytest

from glaciercli import errors
from glaciercli.core.filters import PatternRules
from glaciercli.core.sync_plan import Retention
from glaciercli.operations import sync
from glaciercli.operations.context import Context
from glaciercli.operations.sync_request import SyncPlan, SyncRequest
from tests.fakes import Deaf, MovedClock, unreached
from tests.keymap.records import NOW, STORE, add, in_memory, meet


class Taking(PatternRules):
    """Rules that leave nothing out, and take a directory away once a name is met in the tree."""

    def __init__(self, at: bytes, directory: Path) -> None:
        super().__init__(exclude_from=["nothing"])
        self._at = at
        self._directory = directory

    def excludes(self, name: bytes) -> bool:
        if name == self._at and self._directory.exists():
            self._directory.rename(f"{self._directory}.away")
        return super().excludes(name)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A directory of which all is stored."""
    root = tmp_path / "root"
    for name in STORED:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"123")
        os.utime(root / name, ns=(5, 5))
    return root


STORED = ("a", "flat/a", "flat/b", "z")


def planned(root: Path, taken: str) -> SyncPlan:
    """Plan a sync that deletes what is gone, while a directory is taken away after its listing."""
    with in_memory() as key_map:
        vault = meet(key_map)
        for number, name in enumerate((*STORED, "gone")):
            add(key_map, vault, name, archive_id=str(number), modified_ns=5)
        context = Context(
            key_map=key_map,
            store=STORE,
            clock=MovedClock(NOW),
            reporter=Deaf(),
            connect=unreached,
            new_tag=unreached,
            jobs=1,
        )
        request = SyncRequest(
            directory=str(root),
            vault="photos",
            prefix=None,
            retention=Retention(delete=True),
            rules=Taking(b"flat/b", root / taken),
        )
        return sync.plan(context, vault, request)


def test_a_directory_that_is_moved_away_deletes_nothing(root: Path) -> None:
    plan = planned(root, "flat")
    assert [(one.kind.value, one.name) for one in plan.actions] == [
        ("keep", "flat/a"), ("keep", "flat/b"), ("keep", "gone"),
    ]  # fmt: skip
    assert [one.name for one in plan.failed] == [str(root / "flat")]
    assert plan.exit_code == 3


def test_a_root_that_is_moved_away_stops_the_run(root: Path) -> None:
    with pytest.raises(errors.FileProblem) as caught:
        planned(root, "")
    assert "is it mounted?" in (caught.value.hint or "")
