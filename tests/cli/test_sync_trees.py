"""Trees that are synced and brought back are the same trees."""

import random
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.trees import Editor, look


@pytest.mark.parametrize("seed", range(6))
def test_any_sequence_of_edits_comes_back_as_it_is(local: Run, photos: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    editor = Editor(photos / "tree", chance)
    for _ in range(4):
        for _ in range(chance.randrange(1, 15)):
            editor.edit()
        how = chance.choice(["mtime", "mtime", "hash"])
        allowed = ["--delete", "--yes", "--allow-empty-source", "--compare", how]
        local("sync", "tree", "photos/x", *allowed).ok()
        again = local("sync", "tree", "photos/x", *allowed, "-q").ok()
        assert (again.out, again.err) == ("", "")
        shutil.rmtree(photos / "back", ignore_errors=True)
        (photos / "back" / "x").mkdir(parents=True)
        if look(photos / "tree")[0]:
            local("retrieve", "photos/x/**", "--to", "back", "--wait").ok()
        assert look(photos / "back" / "x") == look(photos / "tree")
