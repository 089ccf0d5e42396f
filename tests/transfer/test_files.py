"""Reading files that stay, change, shrink or are no files."""

import io
import os
import socket
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from botocore.utils import calculate_tree_hash
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli import errors
from glaciercli.model.ranges import ByteRange
from glaciercli.transfer.files import SourceFile, tree_hash_of

MIB = 1024 * 1024


def content(size: int) -> bytes:
    return (bytes(range(251)) * (size // 251 + 1))[:size]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "file"
    made.write_bytes(content(3 * MIB + 5))
    return made


def botocore_hash(path: Path) -> str:
    with path.open("rb") as file:
        # The stubs ask for a file name, the function for a file.
        opened: Any = file
        return str(calculate_tree_hash(opened))


@pytest.mark.parametrize("size", [1, MIB - 1, MIB, MIB + 1, 2 * MIB, 5 * MIB, 7 * MIB + 3])
def test_the_hashes_are_those_of_botocore_and_the_standard_library(
    tmp_path: Path, size: int
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content(size))
    payload = SourceFile(str(path)).hashed(ByteRange(0, size))
    assert payload.tree_hash.hex() == botocore_hash(path)
    assert payload.linear_hash == sha256(content(size)).digest()
    assert tree_hash_of(str(path)).hex() == botocore_hash(path)


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_a_slice_holds_its_bytes_wherever_it_is_read(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("slice") / "file"
    path.write_bytes(content(3000))
    start = data.draw(st.integers(0, 2998))
    stop = data.draw(st.integers(start + 1, 3000))
    wanted = content(3000)[start:stop]
    source = SourceFile(str(path))
    payload = source.hashed(ByteRange(start, stop))
    body, model = payload.open(), io.BytesIO(wanted)
    assert len(body) == len(wanted)
    for _ in range(6):
        if data.draw(st.booleans()):
            size = data.draw(st.integers(-1, 3000))
            assert body.read(size) == model.read(size)
        else:
            whence = data.draw(st.sampled_from([0, 2]))
            offset = data.draw(st.integers(0, len(wanted))) * (1 if whence == 0 else -1)
            assert body.seek(offset, whence) == model.seek(offset, whence)
        assert body.tell() == model.tell()
    assert payload.linear_hash == sha256(wanted).digest()


def grown(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"x")


def replaced(path: Path) -> None:
    seen = path.stat()
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    other.rename(path)


def rewritten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


def shrunk(path: Path) -> None:
    os.truncate(path, 1)


def set_back(path: Path) -> None:
    seen = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def until_touched(path: Path, change: Callable[[Path], None]) -> None:
    """Change a file: file systems number moments by the ticks of a clock, so wait for the next."""
    before = path.stat().st_ctime_ns
    while path.stat().st_ctime_ns == before:
        path.chmod(0o600)
    change(path)


@pytest.mark.covers("F1", "F2")
@pytest.mark.parametrize("change", [grown, replaced, rewritten, shrunk, set_back])
def test_a_file_that_changes_is_noticed(path: Path, change: Callable[[Path], None]) -> None:
    source = SourceFile(str(path))
    read_as = source.whole_tree_hash()
    until_touched(path, change)
    for read in (read_as, None):
        with pytest.raises(errors.FileChanged, match="changed while it was read"):
            source.check_unchanged(read)


def more_open(path: Path) -> None:
    path.chmod(0o644)


def linked(path: Path) -> None:
    path.with_name("further").hardlink_to(path)


@pytest.mark.parametrize("touch", [more_open, linked])
def test_a_file_that_is_only_touched_is_read_again_and_unchanged(
    path: Path, touch: Callable[[Path], None]
) -> None:
    source = SourceFile(str(path))
    payload = source.read_whole()
    until_touched(path, touch)
    source.check_unchanged(payload.tree_hash)


def test_a_file_that_nobody_touches_is_not_read_again(path: Path) -> None:
    source = SourceFile(str(path))
    source.check_unchanged(b"no tree hash of it")


@pytest.mark.covers("F2")
def test_a_file_that_was_removed_has_changed(path: Path) -> None:
    source = SourceFile(str(path))
    path.unlink()
    with pytest.raises(errors.FileChanged):
        source.check_unchanged()


def test_a_file_that_nobody_can_get_at_any_more_may_be_the_same(path: Path) -> None:
    source = SourceFile(str(path))
    path.rename(path.with_name("kept"))
    path.symlink_to(path.name)
    with pytest.raises(errors.FileProblem) as caught:
        source.check_unchanged()
    assert not isinstance(caught.value, errors.FileChanged)


@pytest.mark.covers("F1")
def test_a_file_that_shrinks_while_it_is_hashed_or_sent_has_changed(path: Path) -> None:
    source = SourceFile(str(path))
    payload = source.hashed(ByteRange(0, 3 * MIB))
    body = payload.open()
    assert len(body.read(MIB)) == MIB
    os.truncate(path, MIB)
    with pytest.raises(errors.FileChanged):
        body.read(MIB)
    with pytest.raises(errors.FileChanged):
        source.hashed(ByteRange(0, 3 * MIB))


@pytest.mark.covers("F5")
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for name, words in {
            "pipe": "no regular file",
            "socket": "no such device",
            ".": "a directory",
            "missing": "no such file",
            "x" * 256: "file name too long",
        }.items():
            with pytest.raises(errors.FileProblem, match=words):
                SourceFile(str(tmp_path / name))
    with pytest.raises(errors.FileProblem, match="no regular file"):
        SourceFile("/dev/zero")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_refused_with_a_hint(path: Path) -> None:
    path.chmod(0)
    with pytest.raises(errors.FileProblem, match="permission denied") as caught:
        SourceFile(str(path))
    assert caught.value.hint


def test_an_empty_file_has_no_tree_hash(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(errors.FileProblem, match="is empty"):
        tree_hash_of(str(tmp_path / "empty"))


@pytest.mark.covers("F12")
def test_a_time_that_no_database_holds_is_the_nearest_that_it_does(path: Path) -> None:
    late = 20_000_000_000
    os.utime(path, (late, late))
    if path.stat().st_mtime != late:
        pytest.skip("this file system does not hold such times")
    assert SourceFile(str(path)).identity.modified_ns == 2**63 - 1


def test_a_revoked_slice_hands_out_nothing_more(path: Path) -> None:
    payload = SourceFile(str(path)).hashed(ByteRange(0, 10))
    body = payload.open()
    assert len(body.read(9)) == 9
    assert payload.revoke()
    with pytest.raises(errors.Interrupted):
        body.read(1)
    assert body.tell() == 9


def test_revoking_tells_that_the_last_byte_went_out_before(path: Path) -> None:
    payload = SourceFile(str(path)).hashed(ByteRange(0, 10))
    payload.open().read()
    assert not payload.revoke()
    # It stays so, although another stream over the slice begins at its start.
    assert not payload.revoke()


def test_a_slice_tells_how_far_it_was_handed_out(path: Path) -> None:
    heard: list[int] = []
    body = SourceFile(str(path)).hashed(ByteRange(5, 15)).reporting(heard.append).open()
    body.read(4)
    body.read()
    assert heard == [4, 10]


def test_slices_keep_the_file_open_as_long_as_they_are_read(path: Path) -> None:
    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = descriptors()
    source = SourceFile(str(path))
    body = source.hashed(ByteRange(0, MIB)).open()
    del source
    path.unlink()
    assert body.read() == content(MIB)
    assert descriptors() == before + 1
    del body
    assert descriptors() == before


def test_many_threads_may_read_one_file(path: Path) -> None:
    source, wrong = SourceFile(str(path)), list[int]()

    def read(start: int) -> None:
        span = ByteRange(start, start + 1000)
        if source.hashed(span).open().read() != content(3 * MIB)[start : start + 1000]:
            wrong.append(start)

    threads = [threading.Thread(target=read, args=(start * 777,)) for start in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
