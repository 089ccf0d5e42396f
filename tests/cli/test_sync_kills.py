"""A sync that is killed at any moment, and run again, ends as one that never was.

``GLACIERCLI_KILLS`` says how many kills there are; the suite has few, since each is a process.
"""

import os
import random
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Server, Spawn, finished
from tests.cli.trees import Editor, look

_KILLS = int(os.environ.get("GLACIERCLI_KILLS", "5"))  # noqa: TID251 - how long the test may take
_PER_WORLD = 5

LINE = ("sync", "tree", "photos", "--delete", "--yes", "--allow-empty-source", "--jobs", "3")


def kill_once(spawn: Spawn, chance: random.Random) -> int:
    """Run the sync and kill it somewhere between its start and its end."""
    process = spawn(*LINE, "--part-size", "1MiB")
    ends = time.monotonic() + chance.uniform(0.2, 1.1)
    while process.poll() is None and time.monotonic() < ends:
        time.sleep(0.002)  # noqa: TID251 - the other side is a real process
    process.send_signal(chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
    done = finished(process)
    assert "Traceback" not in done.err, done.err
    return done.code


def stored_twice(key_map: Path) -> list[tuple[object, ...]]:
    """What was stored more than once, deleted versions too: a new write has a new time."""
    with closing(sqlite3.connect(key_map)) as opened:
        opened.text_factory = bytes
        found = opened.execute(
            "SELECT name, modified_ns, count(*) FROM archives"
            " GROUP BY name, tree_hash, modified_ns, mode & 61440 HAVING count(*) > 1"
        )
        return found.fetchall()


def take_in_inventory(run: Run) -> None:
    """Take in an inventory: nothing may be at the service that no key map knows."""
    assert run("inventory", "refresh", "photos", "-o", "json").ok().json["added"] == 0


@pytest.mark.parametrize("world", range(max(1, _KILLS // _PER_WORLD)))
def test_a_killed_sync_ends_as_one_that_never_was(
    vault: Server, run: Run, spawn: Spawn, work: Path, key_map: Path, world: int
) -> None:
    chance = random.Random(world)  # noqa: S311 - no secret
    tree = work / "tree"
    editor = Editor(tree, chance)
    for number in range(12):
        (tree / f"file-{number:02}").write_bytes(chance.randbytes(chance.randrange(1, 9999)))
    (tree / "large").write_bytes(chance.randbytes(3 * 1024 * 1024))
    for _ in range(_PER_WORLD):
        for _ in range(chance.randrange(0, 6)):
            editor.edit()
        kill_once(spawn, chance)
    # What was cut off between a request and its answer is settled by an inventory.
    assert run(*LINE).code in {0, 75}
    take_in_inventory(run)
    assert run(*LINE).code in {0, 75}
    again = run(*LINE, "-o", "json").json
    assert (again["uploaded"], again["renamed"], again["deleted"], again["failed"]) == ([],) * 4
    assert stored_twice(key_map) == []
    assert vault.client.list_multipart_uploads(vaultName="photos")["UploadsList"] == []
    settle_doubts(run, tree)
    # Deletions waited for what was in doubt.
    assert run(*LINE).code in {0, 75}
    # What cannot be stored again aloud is in doubt until an inventory is late enough.
    archives = listed(run)
    doubtful = {name_of(one) for one in archives if one["state"] == "unsettled"}
    assert {name_of(one) for one in archives} - doubtful == set(look(tree)[0]) - doubtful
    if archives:
        retrieved = run("retrieve", "photos/**", "--to", "back", "--wait")
        assert retrieved.code == (3 if doubtful else 0), retrieved.err
    assert settled_part(work / "back", doubtful) == settled_part(tree, doubtful)


def name_of(archive: dict[str, str]) -> bytes:
    return os.fsencode(archive["name"].rstrip("/"))


def settled_part(tree: Path, doubtful: set[bytes]) -> tuple[object, ...]:
    """Return what a tree holds apart from what is in doubt, as `look` does."""
    entries, same_files = look(tree)
    return (
        {name: entry for name, entry in entries.items() if name not in doubtful},
        {names for group in same_files if len(names := group - doubtful) > 1},
    )


def listed(run: Run) -> list[dict[str, str]]:
    found: list[dict[str, str]] = run("list", "photos", "-o", "json").ok().json["archives"]
    return found


def settle_doubts(run: Run, tree: Path) -> None:
    """Store again, aloud, the files that may never have arrived."""
    for one in listed(run):
        path = tree / one["name"]
        if one["state"] == "unsettled" and path.is_file() and not path.is_symlink():
            run("upload", path, "photos", "--name", one["name"], "--force").ok()
