"""Streams cut into parts, and large texts."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from botocore.utils import calculate_tree_hash
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli import errors
from glaciercli.transfer import textfiles
from glaciercli.transfer.files import FileSlice
from glaciercli.transfer.spool import Spool

MIB = 1024 * 1024


@contextmanager
def pipe_of(pieces: list[bytes]) -> Iterator[BinaryIO]:
    """Give the end of a pipe into which pieces are written one by one."""
    read_end, write_end = os.pipe()

    def write() -> None:
        with suppress(BrokenPipeError), open(write_end, "wb", buffering=0) as file:
            file.writelines(pieces)

    writer = threading.Thread(target=write)
    writer.start()
    with open(read_end, "rb") as stream:
        yield stream
    writer.join()


def parts_of(stream: BinaryIO, part_bytes: int) -> list[FileSlice]:
    spool = Spool(stream, part_bytes=part_bytes, directory=None)
    return list(iter(spool.next_part, None))


def check(parts: list[FileSlice], whole: bytes, part_bytes: int) -> None:
    assert [part.span.start for part in parts] == list(range(0, len(whole), part_bytes))
    for part in parts:
        wanted = whole[part.span.start : part.span.start + part_bytes]
        file: Any = BytesIO(wanted)
        assert part.open().read() == wanted
        assert part.open().read(3) == wanted[:3]
        assert part.linear_hash == sha256(wanted).digest()
        assert part.tree_hash.hex() == calculate_tree_hash(file)


def test_a_pipe_that_was_made_to_wait_for_nobody_is_waited_for() -> None:
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)

    def write() -> None:
        os.write(write_end, b"abc")
        os.close(write_end)

    later = threading.Timer(0.1, write)
    later.start()
    with open(read_end, "rb") as stream:
        check(parts_of(stream, 1024), b"abc", 1024)
    later.join()


@settings(deadline=None, max_examples=40)
@given(
    pieces=st.lists(st.binary(min_size=1, max_size=3000), max_size=6),
    part_bytes=st.sampled_from([1000, 1024, 4096]),
)
def test_a_pipe_comes_in_parts_whatever_it_gives_at_a_time(
    pieces: list[bytes], part_bytes: int
) -> None:
    with pipe_of(pieces) as stream:
        check(parts_of(stream, part_bytes), b"".join(pieces), part_bytes)


@pytest.mark.parametrize("size", [2 * MIB - 1, 2 * MIB, 2 * MIB + 1, 5 * MIB])
def test_a_part_ends_where_it_should(size: int) -> None:
    whole = os.urandom(size)
    with pipe_of([whole]) as stream:
        check(parts_of(stream, 2 * MIB), whole, 2 * MIB)


def test_an_empty_stream_has_no_parts() -> None:
    with pipe_of([]) as stream:
        assert parts_of(stream, MIB) == []


def test_a_stream_that_cannot_be_read_is_a_file_problem(tmp_path: Path) -> None:
    with (
        (tmp_path / "out").open("wb") as unreadable,
        pytest.raises(errors.FileProblem, match="standard input"),
    ):
        parts_of(unreadable, MIB)


def test_a_place_that_cannot_hold_parts_is_a_file_problem(tmp_path: Path) -> None:
    with pipe_of([b"x"]) as stream:
        spool = Spool(stream, part_bytes=MIB, directory=str(tmp_path / "missing"))
        with pytest.raises(errors.FileProblem, match="missing"):
            spool.next_part()


def test_a_part_frees_its_room_when_nobody_reads_it(tmp_path: Path) -> None:
    with pipe_of([b"x" * 10]) as stream:
        spool = Spool(stream, part_bytes=4, directory=str(tmp_path))
        before = len(os.listdir("/proc/self/fd"))
        for _ in iter(spool.next_part, None):
            assert os.listdir(tmp_path) == []
        assert len(os.listdir("/proc/self/fd")) <= before + 1


def test_a_text_is_read_in_chunks_and_without_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes("\ufeff".encode() + b"a\r\n" + "ä".encode() * 300_000)
    with textfiles.chunks(str(path)) as chunks:
        found = list(chunks)
    assert len(found) == 2
    assert "".join(found) == "a\r\n" + "ä" * 300_000


def test_what_is_no_text_is_a_file_problem(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"\xff\xfe")
    with (
        textfiles.chunks(str(path)) as chunks,
        pytest.raises(errors.FileProblem, match="no UTF-8 text"),
    ):
        next(chunks)
    for place, words in ((tmp_path, "is a directory"), (tmp_path / "no", "no such file")):
        with (
            pytest.raises(errors.FileProblem, match=words),
            textfiles.chunks(str(place)) as chunks,
        ):
            next(chunks)


def test_a_text_that_nobody_reads_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("text")
    before = os.listdir("/proc/self/fd")
    with textfiles.chunks(str(path)):
        pass
    assert os.listdir("/proc/self/fd") == before


def test_a_scratch_file_holds_what_it_was_filled_with_last(tmp_path: Path) -> None:
    with textfiles.scratch(str(tmp_path)) as scratch:
        assert scratch.fill([b"long ", b"before"]) == 11
        assert scratch.fill([b"after"]) == 5
        for _ in range(2):
            assert "".join(scratch.chunks()) == "after"
        assert os.listdir(tmp_path) == []
