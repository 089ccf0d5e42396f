"""The access log: what a line says, what it never says, and a disk that gives up."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from glaciercli.errors import FileProblem
from glaciercli.server.http import access_log
from glaciercli.server.http.access_log import AccessLog, Exchange
from glaciercli.server.http.front import HttpFront
from tests.fakes import MovedClock
from tests.server.conftest import OpenBench
from tests.server.raw_http import ask, exchange, hashes, open_anonymous, upload_head


def wait_for(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.005)  # noqa: TID251 - another thread writes


def entry(name: str = "v") -> Exchange:
    return Exchange(
        client="127.0.0.1",
        request_id="r" * 47,
        status=200,
        method="GET",
        target=f"/-/vaults/{name}",
    )


def test_a_line_has_ten_fields_and_the_answer_the_same_request_id(
    open_bench: OpenBench, tmp_path: Path, clock: MovedClock
) -> None:
    application, path = open_anonymous(open_bench).application, tmp_path / "access.log"
    with (
        AccessLog(str(path), clock=clock) as log,
        HttpFront(application, note=log.note) as front,
    ):
        ask(front, "PUT", "/-/vaults/v")
        sent = ask(front, "POST", "/-/vaults/v/archives", b"12345", **hashes(b"12345"))
        ask(front, "GET", "/-/vaults/v/jobs?limit=3&X-Amz-Signature=secret")
        exchange(front, b"NONSENSE\r\n\r\n")
        exchange(front, upload_head(b"12345", "Content-Length: 5", "Transfer-Encoding: gzip"))
    lines = path.read_text("ascii").splitlines()
    assert [line.split(" ")[3:9] for line in lines] == [
        ["CreateVault", "PUT", "/-/vaults/v", "201", "0", "0"],
        ["UploadArchive", "POST", "/-/vaults/v/archives", "201", "5", "0"],
        ["ListJobs", "GET", "/-/vaults/v/jobs", "200", "0", "28"],
        ["-", "-", "-", "400", "0", "80"],
        ["-", "-", "-", "400", "0", "80"],
    ]
    first = lines[1].split(" ")
    assert first[:2] == ["2026-01-02T03:04:05.678Z", "127.0.0.1"]
    assert first[2] == sent.headers["x-amzn-requestid"]
    assert re.fullmatch(r"[0-9]+\.[0-9]", first[9])
    assert "secret" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o640 & ~current_umask()


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_nothing_in_a_path_can_forge_a_line() -> None:
    line = access_log.line_of(entry("a b\r\n\x1b[31m\xff\u20ac?secret"), "now")
    assert line.isascii()
    assert line.isprintable()
    assert line.split(" ")[5] == "/-/vaults/a%20b%0D%0A%1B[31m%FF%3F"


def test_a_rotated_file_is_left_when_told(tmp_path: Path, clock: MovedClock) -> None:
    path, rotated = tmp_path / "access.log", tmp_path / "access.log.1"
    with AccessLog(str(path), clock=clock) as log:
        log.note(entry("one"))
        wait_for(lambda: path.stat().st_size > 0)
        path.rename(rotated)
        log.reopen()
        log.note(entry("two"))
        wait_for(lambda: path.exists() and path.stat().st_size > 0)
        log.note(entry("three"))
    assert "one" in rotated.read_text()
    assert "two" not in rotated.read_text()
    assert "two" in path.read_text()
    assert "three" in path.read_text()


def test_a_file_that_was_cut_in_place_goes_on_at_its_end(tmp_path: Path, clock: MovedClock) -> None:
    path = tmp_path / "access.log"
    with AccessLog(str(path), clock=clock) as log:
        log.note(entry("one"))
        wait_for(lambda: path.stat().st_size > 0)
        os.truncate(path, 0)
        log.note(entry("two"))
    assert path.read_bytes().startswith(b"2026-")
    assert path.read_text().count("\n") == 1


def test_a_full_disk_costs_lines_and_says_so(
    tmp_path: Path, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "access.log"
    path.symlink_to("/dev/full")
    with AccessLog(str(path), clock=clock) as log:
        for _ in range(3):
            log.note(entry("lost"))
        wait_for(lambda: "lines are being lost" in caplog.text)
        path.unlink()
        log.reopen()
        log.note(entry("kept"))
    lines = path.read_text().splitlines()
    assert lines[0] == "# 3 lines are missing here"
    assert "/kept" in lines[1]
    assert caplog.text.count("lines are being lost") == 1


def test_a_disk_that_hangs_holds_up_neither_requests_nor_the_end(
    tmp_path: Path, clock: MovedClock
) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    # Nobody reads: after 64 KiB every write waits for ever.
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    begun = time.monotonic()
    with AccessLog(str(path), clock=clock) as log:
        for _ in range(15_000):
            log.note(entry())
    assert time.monotonic() - begun < 10
    os.close(reader)


def test_a_log_that_cannot_be_opened_is_said_in_a_sentence(
    tmp_path: Path, clock: MovedClock
) -> None:
    with (
        pytest.raises(FileProblem, match="cannot write the access log"),
        AccessLog(str(tmp_path / "nowhere" / "log"), clock=clock),
    ):
        pass


def test_a_log_that_cannot_be_opened_anew_stays_open(
    tmp_path: Path, clock: MovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    with AccessLog(str(place / "log"), clock=clock) as log:
        place.rename(tmp_path / "moved")
        log.reopen()
        log.note(entry("still"))
    assert "/still" in (tmp_path / "moved" / "log").read_text()
    assert "cannot be opened anew" in caplog.text
