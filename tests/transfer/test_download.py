"""Files that come in by ranges, and the places they are put."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from glaciercli import errors
from glaciercli.core.treehash import tree_hash
from glaciercli.model.ranges import ByteRange
from glaciercli.transfer import targets
from glaciercli.transfer.download import PartialFile
from glaciercli.transfer.targets import Target, below, partial_name

WHOLE = b"0123456789"


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return below(str(tmp_path), ["a", "file"])


def fetched(target: Target, content: bytes = WHOLE) -> PartialFile:
    """Return a partial file into which everything was written."""
    made = PartialFile(target, ".partial", size_bytes=len(content))
    made.write(ByteRange(0, len(content)), [content], ignore)
    return made


def ignore(_: int) -> None:
    """Hear nothing."""


def put(root: Path, *components: str, overwrite: bool = False) -> Path:
    target = below(str(root), components)
    fetched(target).finish(mode=0o644, modified_ns=None, overwrite=overwrite)
    return Path(target.path)


def test_ranges_in_any_order_make_the_file(target: Target) -> None:
    file = PartialFile(target, ".partial", size_bytes=10)
    heard: list[int] = []
    file.write(ByteRange(6, 10), [b"6", b"789"], heard.append)
    written = file.write(ByteRange(0, 6), [b"", b"01234", b"5"], heard.append)
    assert heard == [1, 4, 0, 5, 6]
    assert written.tree_hash == tree_hash([b"012345"])
    assert file.reread(ByteRange(0, 6)) == written
    file.finish(mode=0o644, modified_ns=None, overwrite=False)
    assert Path(target.path).read_bytes() == WHOLE
    assert os.listdir(os.path.dirname(target.path)) == ["file"]


@pytest.mark.covers("N10")
@pytest.mark.parametrize("pieces", [[], [b"0123"], [b"01", b"234567"]])
def test_too_few_and_too_many_bytes_are_worth_another_try(
    target: Target, pieces: list[bytes]
) -> None:
    file = PartialFile(target, ".partial", size_bytes=10)
    with pytest.raises(errors.TransientFailure, match="bytes than were asked for"):
        file.write(ByteRange(0, 5), pieces, ignore)


@pytest.mark.covers("N10")
def test_too_many_bytes_do_not_reach_into_the_next_range(target: Target) -> None:
    file = fetched(target)
    with pytest.raises(errors.TransientFailure):
        file.write(ByteRange(0, 5), [b"abcde", b"XXX"], ignore)
    assert file.reread(ByteRange(5, 10)).tree_hash == tree_hash([b"56789"])


def test_what_was_written_before_is_still_there_after_a_break(target: Target) -> None:
    fetched(target)
    again = PartialFile(target, ".partial", size_bytes=10)
    assert again.reread(ByteRange(0, 10)).tree_hash == tree_hash([WHOLE])


def test_a_partial_file_of_another_size_is_begun_anew(target: Target) -> None:
    fetched(target, b"another")
    again = PartialFile(target, ".partial", size_bytes=10)
    assert again.reread(ByteRange(0, 10)).tree_hash == tree_hash([bytes(10)])


def test_a_planted_link_is_not_written_through(target: Target, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "a" / ".partial").symlink_to(tmp_path / "precious")
    with pytest.raises(errors.FileProblem):
        PartialFile(target, ".partial", size_bytes=10)
    assert (tmp_path / "precious").read_text() == "precious"


@pytest.mark.covers("F12")
@pytest.mark.parametrize("modified_ns", [0, -1, -(10**18), 1_700_000_000_123_456_789])
def test_the_time_is_restored_also_before_1970(target: Target, modified_ns: int) -> None:
    fetched(target).finish(mode=0o644, modified_ns=modified_ns, overwrite=False)
    assert os.stat(target.path).st_mtime_ns == modified_ns


def test_nobody_else_reads_a_file_until_it_is_whole(target: Target) -> None:
    file = fetched(target)
    partial = Path(target.path).parent / ".partial"
    assert stat.S_IMODE(partial.stat().st_mode) == 0o600
    file.finish(mode=0o4755, modified_ns=None, overwrite=False)
    # No bit that would let others act as the owner.
    assert stat.S_IMODE(os.stat(target.path).st_mode) == 0o755


def test_an_empty_file_is_made_too(target: Target) -> None:
    PartialFile(target, ".partial", size_bytes=0).finish(mode=0o644, modified_ns=5, overwrite=False)
    assert Path(target.path).read_bytes() == b""


def test_a_discarded_file_is_gone_and_may_be_gone_already(target: Target) -> None:
    file = fetched(target)
    file.discard()
    file.discard()
    assert os.listdir(os.path.dirname(target.path)) == []


def test_an_existing_target_is_replaced_only_when_asked(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(errors.TargetExists):
        put(tmp_path, "file")
    assert (tmp_path / "file").read_text() == "mine"
    assert put(tmp_path, "file", overwrite=True).read_bytes() == WHOLE


def test_a_link_in_the_targets_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "file").symlink_to("precious")
    with pytest.raises(errors.TargetExists):
        put(tmp_path, "file")
    assert not put(tmp_path, "file", overwrite=True).is_symlink()
    assert (tmp_path / "precious").read_text() == "precious"


def test_a_directory_in_the_targets_place_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(errors.FileProblem, match="is a directory"):
        put(tmp_path, "file", overwrite=True)


def test_what_stands_at_a_place_is_seen_without_following_links(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    for name, exists in (("link", True), ("file", False)):
        assert below(str(tmp_path), [name]).exists() is exists


@pytest.mark.parametrize(
    "components",
    [
        [],
        [""],
        [".."],
        ["a", ".."],
        ["..", "a"],
        ["a", "..", "..", "b"],
        [".", "a"],
        ["/etc", "passwd"],
        ["a/../../b"],
        ["a", "/b"],
        ["a\0b"],
    ],
)
def test_no_name_leads_out_of_the_directory(tmp_path: Path, components: list[str]) -> None:
    root = tmp_path / "root"
    with pytest.raises(errors.UnsafeName, match="leads elsewhere"):
        put(root, *components)
    assert os.listdir(tmp_path) == []


@pytest.mark.covers("H1")
@pytest.mark.parametrize("kind", ["link", "file", "pipe"])
def test_what_is_planted_on_the_way_is_not_passed(tmp_path: Path, kind: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    way = root / "way"
    if kind == "link":
        way.symlink_to(outside)
    elif kind == "file":
        way.touch()
    else:
        os.mkfifo(way)
    with pytest.raises(errors.UnsafeName, match='"way" on the way is no plain directory'):
        put(root, "way", "file")
    assert os.listdir(outside) == []


def test_the_directory_itself_may_be_a_link_of_the_users(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "root").symlink_to("real")
    put(tmp_path / "root", "a", "file")
    assert (tmp_path / "real" / "a" / "file").read_bytes() == WHOLE


@pytest.mark.parametrize("name", ["x" * 255, "ä" * 127 + "b", "\udcff" * 255, "-\n'"])
def test_the_longest_and_oddest_names_can_be_written(tmp_path: Path, name: str) -> None:
    target = below(str(tmp_path), ["a", name])
    partial = partial_name(name, "tagtagtagtag")
    assert len(os.fsencode(partial)) <= 255
    file = PartialFile(target, partial, size_bytes=1)
    file.write(ByteRange(0, 1), [b"x"], ignore)
    file.finish(mode=0o644, modified_ns=None, overwrite=False)
    assert os.listdir(tmp_path / "a") == [name]


def test_a_name_that_is_too_long_is_a_file_problem(tmp_path: Path) -> None:
    with pytest.raises(errors.FileProblem, match="file name too long"):
        put(tmp_path, "x" * 256, "file")


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for number in range(5):
        put(tmp_path, "a", "b", f"{number}")
        with pytest.raises(errors.FileProblem):
            put(tmp_path, "a", "b", f"{number}", "c")
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_place_stays_open_for_who_holds_it_and_no_longer(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    file = fetched(below(str(tmp_path), ["a", "file"]))
    # Takes the number that the directory would have left free.
    elsewhere = below(str(tmp_path), ["b", "file"])
    file.finish(mode=0o644, modified_ns=None, overwrite=False)
    assert os.listdir(tmp_path / "a") == ["file"]
    assert os.listdir(tmp_path / "b") == []
    del file, elsewhere
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if mount is None or subprocess.run([mount, *options], check=False).returncode:
        pytest.skip("file systems cannot be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)  # noqa: S607 - beside mount


@pytest.mark.covers("P6")
def test_a_full_disk_is_found_before_the_download_and_given_back(small_disk: Path) -> None:
    target = below(str(small_disk), ["file"])
    with pytest.raises(errors.DiskFull, match="no room left"):
        PartialFile(target, ".partial", size_bytes=2 * 1024 * 1024)
    assert os.listdir(small_disk) == []
    fetched(target).finish(mode=0o644, modified_ns=None, overwrite=False)
    assert os.listdir(small_disk) == ["file"]


LIMITED = """
import os, resource, sys
from glaciercli import errors
from glaciercli.transfer.download import PartialFile
from glaciercli.transfer.targets import below
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
target = below(sys.argv[1], ["file"])
try:
    PartialFile(target, ".partial", size_bytes=2000)
except errors.FileProblem as error:
    print(error)
"""


def test_a_limit_on_the_size_of_files_is_a_file_problem(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert "file too large" in done.stdout
    assert os.listdir(tmp_path) == []


WITHOUT_LINKS = """
import sys
from pathlib import Path
from tests.transfer.test_download import put
from glaciercli import errors
root = Path(sys.argv[1])
put(root, "file")
try:
    put(root, "file")
except errors.TargetExists:
    print("refused")
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace to refuse links")
def test_a_file_system_without_links_will_do(tmp_path: Path) -> None:
    refuse = ["strace", "-f", "-o", "/dev/null", "-e", "inject=linkat:error=EPERM"]
    done = subprocess.run(
        [*refuse, sys.executable, "-c", WITHOUT_LINKS, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode and not list(tmp_path.iterdir()):
        pytest.skip("processes cannot be traced here")
    assert done.stdout == "refused\n"
    assert (tmp_path / "file").read_bytes() == WHOLE


def test_the_longest_name_is_that_of_the_file_system(tmp_path: Path) -> None:
    assert os.pathconf(tmp_path, "PC_NAME_MAX") >= len(os.fsencode(partial_name("x" * 300, "t")))
    assert targets.partial_name("a", "t") == ".a.t.partial"


def test_a_file_that_has_its_final_name_already_is_never_written_into(tmp_path: Path) -> None:
    # What a kill between giving the final name and taking the temporary one away leaves.
    final = put(tmp_path, "file")
    os.link(final, tmp_path / ".partial")
    target = below(str(tmp_path), ["file"])
    again = PartialFile(target, ".partial", size_bytes=4)
    again.write(ByteRange(0, 4), [b"anew"], ignore)
    assert final.read_bytes() == WHOLE
    again.finish(mode=0o644, modified_ns=None, overwrite=True)
    assert final.read_bytes() == b"anew"
    assert os.listdir(tmp_path) == ["file"]
