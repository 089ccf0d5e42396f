"""``glaciercli sync --delete`` while others are at work: the plan is old when it comes to that."""

from collections.abc import Callable
from pathlib import Path

import pytest

from glaciercli.ports import WireRequest, WireResponse
from tests.cli.conftest import Run, Server, Spawn, finished

SYNC = ("sync", "tree", "photos/v", "--delete", "--yes")


@pytest.fixture
def tree(vault: Server, run: Run, work: Path) -> Path:
    """A directory with a file that is gone since it was stored, and one that changed."""
    tree = work / "tree"
    (tree / "sub").mkdir(parents=True)
    for name in ("changed", "sub/gone", "sub/stays"):
        (tree / name).write_bytes(name.encode())
    run(*SYNC).ok()
    (tree / "sub" / "gone").unlink()
    (tree / "changed").write_bytes(b"another length")
    vault.service.seen.clear()
    return tree


def meanwhile(vault: Server, happens: Callable[[], object]) -> None:
    """Let something happen while a sync stores its first file."""

    def answer(request: WireRequest) -> WireResponse:
        happens()
        return vault.service.inner.handle(request)

    vault.service.breaks("UploadArchive", answer)


@pytest.mark.usefixtures("tree")
def test_what_is_gone_or_replaced_is_deleted(vault: Server, run: Run) -> None:
    meanwhile(vault, lambda: None)
    assert "waits" not in run(*SYNC).ok().err
    assert vault.service.count("DeleteArchive") == 2


@pytest.mark.covers("F2")
def test_a_file_that_vanishes_stops_no_other(vault: Server, run: Run, tree: Path) -> None:
    # Far enough behind the first one that nobody has opened it yet.
    others = ["k", "l", "m", "n", "zoo"]
    for name in (*others, "vanishes"):
        (tree / name).write_bytes(name.encode())
    meanwhile(vault, (tree / "vanishes").unlink)
    said = run("sync", "tree", "photos/v", "--jobs", "1", "-o", "json").failed(3).json
    assert [one["name"] for one in said["failed"]] == ["v/vanishes"]
    stored = [f"v/{name}" for name in ("changed", *others)]
    assert sorted(one["name"] for one in said["uploaded"]) == stored
    run("sync", "tree", "photos/v").ok()
    assert vault.service.count("UploadArchive") == len(stored)


@pytest.mark.covers("F2")
def test_a_file_that_is_back_keeps_its_archive(vault: Server, run: Run, tree: Path) -> None:
    meanwhile(vault, lambda: (tree / "sub" / "gone").write_bytes(b"sub/gone"))
    said = run(*SYNC).ok()
    assert "1 deletion waits for the next run: the file is there again" in said.err
    assert "deleted v/changed" in said.lines
    run(*SYNC).ok()
    assert vault.service.count("DeleteArchive") == 1
    assert "v/sub/gone" in run("list", "photos").ok().out


@pytest.mark.usefixtures("tree")
def test_an_archive_that_got_another_name_is_kept(vault: Server, run: Run, spawn: Spawn) -> None:
    meanwhile(vault, lambda: finished(spawn("rename", "photos/v/sub/gone", "kept")).ok())
    said = run(*SYNC).ok()
    assert "1 deletion waits for the next run: renamed meanwhile" in said.err
    assert "kept" in run("list", "photos").ok().out


@pytest.mark.covers("F2")
def test_a_directory_that_is_replaced_keeps_what_is_gone(
    vault: Server, run: Run, tree: Path
) -> None:
    def replace() -> None:
        tree.rename(f"{tree}.away")
        tree.mkdir()

    meanwhile(vault, replace)
    run(*SYNC).failed(0, "1 deletion waits for the next run: the directory was unmounted")
    assert "v/sub/gone" in run("list", "photos").ok().out
