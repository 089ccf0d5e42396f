"""Files with several names: what one name needs is never deleted with another."""

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Server
from tests.cli.trees import end_retrievals
from tests.cli.wire import refused


@pytest.fixture
def tree(photos: Path) -> Path:
    """A stored file with a name in each of two folders, and something else in each."""
    tree = photos / "tree"
    for folder in ("one", "two"):
        (tree / folder).mkdir(parents=True)
        (tree / folder / "other").write_bytes(folder.encode())
    (tree / "one" / "a").write_bytes(b"content")
    (tree / "two" / "b").hardlink_to(tree / "one" / "a")
    return tree


def brings_back(local: Run, work: Path, name: str, content: bytes) -> None:
    local("retrieve", f"photos/{name}", "--to", "back", "--wait", "--overwrite").ok()
    assert (work / "back").read_bytes() == content
    end_retrievals(work.parent / "key-map.sqlite3")


def test_a_file_stays_while_a_name_elsewhere_stands_for_it(
    local: Run, photos: Path, tree: Path
) -> None:
    local("sync", "tree", "photos").ok()
    (tree / "one" / "a").unlink()
    line = ("sync", "tree/one", "photos/one", "--delete", "--yes")
    planned = local(*line, "--dry-run").ok()
    assert 'would keep one/a: "two/b" is another name of it' in planned.lines
    local(*line).ok()
    brings_back(local, photos, "two/b", b"content")
    # Once that name has its own archive, nothing needs the first one.
    local("sync", "tree/two", "photos/two").ok()
    assert "deleted one/a" in local(*line).ok().lines
    brings_back(local, photos, "two/b", b"content")


def test_a_version_stays_while_a_name_that_is_gone_stands_for_it(
    local: Run, photos: Path, tree: Path
) -> None:
    local("sync", "tree", "photos").ok()
    (tree / "two" / "b").unlink()
    (tree / "one" / "a").write_bytes(b"changed since")
    line = ("sync", "tree", "photos", "--keep-versions", "1", "--yes")
    local(*line).ok()
    brings_back(local, photos, "two/b", b"content")
    brings_back(local, photos, "one/a", b"changed since")
    assert local(*line, "-q").ok().out == ""
    local("sync", "tree", "photos", "--delete", "--yes").ok()
    assert len(local("list", "photos", "--all-versions").ok().lines) == 3


def test_a_file_is_no_new_name_s_while_another_stands_for_it(
    local: Run, photos: Path, tree: Path
) -> None:
    local("sync", "tree", "photos").ok()
    (tree / "two" / "b").unlink()
    (tree / "one" / "a").rename(tree / "one" / "z")
    local("sync", "tree", "photos").ok()
    brings_back(local, photos, "two/b", b"content")
    brings_back(local, photos, "one/z", b"content")


def test_a_version_stays_while_a_name_that_cannot_be_stored_needs_it(
    local: Run, tree: Path
) -> None:
    (tree / "one" / "b").hardlink_to(tree / "one" / "a")
    local("sync", "tree/one", "photos", "--delete", "--yes").ok()
    for name in ("a", "b"):
        (tree / "one" / name).unlink()
    (tree / "one" / "a").write_bytes(b"changed since")
    # A further name becomes something that no archive can say.
    (tree / "one" / "b").symlink_to(os.urandom(1500).hex())
    said = local("sync", "tree/one", "photos", "--delete", "--yes").failed(3)
    assert "2 deletions wait" in said.err
    assert len(local("list", "photos/a", "--all-versions").ok().lines) == 2


@pytest.mark.usefixtures("tree")
def test_nothing_that_a_name_stands_for_is_deleted_or_renamed_by_itself(
    local: Run, photos: Path
) -> None:
    local("sync", "tree", "photos").ok()
    local("delete", "photos/one/a", "--yes").failed(14, "two/b")
    local("delete", "photos/one/*", "--yes").failed(14, "another name of the same file")
    said = local("rename", "photos/one/a", "elsewhere").failed(14, "two/b")
    assert "glaciercli delete photos/two/b gives it up" in said.err
    local("rename", "photos/one/a", "one/a").ok()
    brings_back(local, photos, "two/b", b"content")
    local("delete", "photos/one/a", "photos/two/b", "--yes").ok()
    local("rename", "photos/one/other", "elsewhere").ok()


@pytest.fixture
def twins(local: Run, photos: Path) -> Path:
    """A file of two names that was changed between two syncs."""
    tree = photos / "twins"
    tree.mkdir()
    (tree / "a").write_bytes(b"one")
    (tree / "b").hardlink_to(tree / "a")
    local("sync", "twins", "photos").ok()
    (tree / "a").write_bytes(b"two-longer")
    local("sync", "twins", "photos").ok()
    return tree


def versions(local: Run, name: str) -> list[str]:
    """Return the refs of a name's versions, the newest first."""
    said = local("list", f"photos/{name}", "--all-versions", "-o", "json").ok().json
    return [f"photos/id:{one['archive_id']}" for one in said["archives"]]


@pytest.mark.usefixtures("twins")
def test_all_versions_of_a_name_stay_while_another_stands_for_one(local: Run, photos: Path) -> None:
    newest, older = versions(local, "a")
    local("delete", "--all-versions", "photos/a", "--yes").failed(14, "name photos/b as well")
    local("delete", newest, older, "--yes").failed(14, "another name")
    local("delete", older, "--yes").ok()
    brings_back(local, photos, "b", b"two-longer")
    local("delete", "--all-versions", "photos/a", "photos/b", "--yes").ok()
    local("list", "photos/a").failed(11)


def test_an_older_version_of_a_further_name_is_not_the_name(
    local: Run, photos: Path, twins: Path
) -> None:
    (twins / "b").unlink()
    (twins / "b").write_bytes(b"a file of its own")
    local("sync", "twins", "photos").ok()
    (twins / "b").unlink()
    (twins / "b").hardlink_to(twins / "a")
    local("sync", "twins", "photos").ok()
    older = versions(local, "b")[-1]
    local("delete", "photos/a", older, "--yes").failed(14, "another name")
    brings_back(local, photos, "b", b"two-longer")


def test_an_older_version_stays_while_a_name_that_is_gone_stands_for_it(
    local: Run, photos: Path, tree: Path
) -> None:
    local("sync", "tree", "photos").ok()
    (tree / "two" / "b").unlink()
    local("sync", "tree", "photos").ok()
    (tree / "one" / "a").write_bytes(b"changed since")
    local("sync", "tree", "photos").ok()
    newest, older = versions(local, "one/a")
    local("delete", older, "--yes").failed(14, "two/b")
    local("delete", newest, "--yes").ok()
    brings_back(local, photos, "two/b", b"content")


def test_nothing_gets_the_name_of_a_file_that_another_name_stands_for(
    local: Run, photos: Path, tree: Path
) -> None:
    (photos / "older").write_bytes(b"somethingelse")
    (photos / "newer").write_bytes(b"somethingelse")
    local("upload", "older", "photos").ok()
    local("sync", "tree", "photos").ok()
    local("upload", "newer", "photos").ok()
    (tree / "two" / "c").hardlink_to(tree / "one" / "a")
    local("sync", "tree", "photos").ok()
    line = ("rename", "photos/newer", "one/a")
    local(*line, "--dry-run").failed(14, "another name of the same file")
    local(*line).failed(14, "gives it up")
    # A further name that has the name of its file stands for itself.
    local("rename", "photos/two/c", "one/a").failed(14, "another name")
    local("rename", "photos/older", "one/a").ok()
    brings_back(local, photos, "two/b", b"content")
    local("delete", "photos/two/[bc]", "--yes").ok()
    local(*line).ok()
    brings_back(local, photos, "one/a", b"somethingelse")


def test_a_link_is_no_file_of_the_bytes_that_it_leads_to(local: Run, photos: Path) -> None:
    tree = photos / "tree"
    tree.mkdir()
    (tree / "link").symlink_to("x")
    local("sync", "tree", "photos").ok()
    (tree / "link").unlink()
    (tree / "file").write_bytes(b"x")
    said = local("sync", "tree", "photos", "-o", "json").ok().json
    assert ([one["name"] for one in said["uploaded"]], said["renamed"]) == (["file"], [])


SYNC = ("sync", "tree", "photos", "--delete", "--yes")


@pytest.fixture
def earlier_name(vault: Server, run: Run, work: Path) -> Path:
    """A stored file that has got another name, which sorts before its own and held another file."""
    tree = work / "tree"
    tree.mkdir()
    (tree / "aa").write_bytes(b"before")
    (tree / "b").write_bytes(b"content")
    (tree / "other").write_bytes(b"other")
    run(*SYNC).ok()
    (tree / "aa").unlink()
    (tree / "aa").hardlink_to(tree / "b")
    vault.service.seen.clear()
    return tree


def still_there(run: Run, vault: Server, work: Path) -> None:
    """Check that nothing was deleted, and that the file is brought back."""
    assert vault.service.count("DeleteArchive") == 0
    run("retrieve", "photos/b", "--to", "back", "--wait", "--overwrite").ok()
    assert (work / "back").read_bytes() == b"content"
    end_retrievals(work.parent / "key-map.sqlite3")


@pytest.mark.usefixtures("earlier_name")
def test_a_file_stays_while_its_first_name_cannot_be_stored(
    vault: Server, run: Run, work: Path
) -> None:
    vault.service.breaks("UploadArchive", refused("InvalidParameterValueException", "No."))
    said = run(*SYNC).failed(3, 'another name of "aa", which is not stored')
    assert "2 deletions wait" in said.err
    still_there(run, vault, work)
    run(*SYNC).ok()
    assert vault.service.count("DeleteArchive") == 2
    brings_back(run, work, "b", b"content")


@pytest.mark.usefixtures("earlier_name")
def test_a_file_stays_while_its_first_name_is_only_probably_stored(
    vault: Server, run: Run, work: Path
) -> None:
    vault.service.loses("UploadArchive")
    run(*SYNC).failed(75, "probably stored")
    still_there(run, vault, work)
    # What is shown is what is done, and it is not done either.
    planned = run(*SYNC, "--dry-run").failed(75, 'another name of "aa"')
    assert "would" not in planned.out
    run(*SYNC).failed(75)
    still_there(run, vault, work)
    run("inventory", "refresh", "photos").ok()
    run(*SYNC).ok()
    assert vault.service.count("DeleteArchive") == 2
    brings_back(run, work, "b", b"content")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_stays_while_its_first_name_cannot_be_read(
    vault: Server, run: Run, work: Path
) -> None:
    tree = work / "tree"
    tree.mkdir()
    for name in ("aa", "b"):
        (tree / name).write_bytes(b"content")
    (tree / "other").write_bytes(b"other")
    run(*SYNC).ok()
    (tree / "aa").write_bytes(b"changed")
    (tree / "b").unlink()
    (tree / "b").hardlink_to(tree / "aa")
    (tree / "aa").chmod(0)
    run(*SYNC).failed(3, 'another name of "aa"')
    still_there(run, vault, work)


@pytest.mark.parametrize("damaged", [False, True])
def test_a_file_that_is_there_gets_a_further_name_only_if_it_is_the_file(
    local: Run, photos: Path, *, damaged: bool
) -> None:
    (photos / "tree").mkdir()
    (photos / "tree" / "a").write_bytes(b"content")
    (photos / "tree" / "b").hardlink_to(photos / "tree" / "a")
    local("sync", "tree", "photos").ok()
    local("retrieve", "photos/a", "--to", "back/").ok()
    if damaged:
        (photos / "back" / "a").write_bytes(b"CONTENT")
    said = local("retrieve", "photos/**", "--to", "back/", "-o", "json")
    if damaged:
        said.failed(1)
        assert [one["name"] for one in said.json["failed"]] == ["a", "b"]
        assert not (photos / "back" / "b").exists()
    else:
        assert [one["name"] for one in said.ok().json["retrieved"]] == ["b"]
        assert (photos / "back" / "b").samefile(photos / "back" / "a")


def uploads(local: Run, *more: str) -> dict[str, int]:
    """Sync and return the size of what was stored, by name."""
    said = local("sync", "tree", "photos", *more, "-o", "json").ok().json
    assert said["deleted"] == []
    return {one["name"]: one["size_bytes"] for one in said["uploaded"]}


def test_a_name_that_sorts_before_what_is_stored_is_the_further_one(
    local: Run, photos: Path
) -> None:
    tree = photos / "tree"
    tree.mkdir()
    (tree / "m").write_bytes(b"content")
    (tree / "n").hardlink_to(tree / "m")
    assert uploads(local) == {"m": 7, "n": 0}
    for name in ("b", "a", "z"):
        (tree / name).hardlink_to(tree / "m")
        planned = local("sync", "tree", "photos", "--dry-run").ok()
        assert f"would store {name}: new" in planned.lines
        assert uploads(local, "--delete", "--yes") == {name: 0}
        assert uploads(local, "--compare", "hash") == {}
    brings_back(local, photos, "a", b"content")
    # All names are one file, and its new content is stored once.
    (tree / "z").write_bytes(b"changed content")
    assert uploads(local) == {"m": 15}
    brings_back(local, photos, "a", b"changed content")
    (tree / "m").unlink()
    assert uploads(local)["a"] == 15
    assert uploads(local) == {}


def test_names_of_a_file_that_is_not_stored_follow_the_first(local: Run, photos: Path) -> None:
    tree = photos / "tree"
    tree.mkdir()
    (tree / "m").symlink_to("content")
    (tree / "z").write_bytes(b"other")
    assert uploads(local) == {"m": 7, "z": 5}
    (tree / "m").unlink()
    (tree / "a").write_bytes(b"content")
    (tree / "m").hardlink_to(tree / "a")
    assert uploads(local) == {"a": 7, "m": 0}
