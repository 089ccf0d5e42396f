"""What is said on standard error while a command runs."""

import io
import json
import re
import time

import pytest

from glaciercli.render.bars import TerminalReporter
from glaciercli.render.progress import JsonReporter, LineReporter
from glaciercli.reporting import (
    Detail,
    Event,
    Notice,
    TransferAdvanced,
    TransferFinished,
    TransferSpared,
    TransfersPlanned,
    TransferStarted,
)

MIB = 2**20

NAME = "\x1b[2J\nname"

EVENTS = (
    TransferStarted(name=NAME, total_bytes=10),
    TransferAdvanced(name=NAME, done_bytes=5),
    Detail(message=f"detail {NAME}"),
    Notice(message=f"notice {NAME}"),
    TransferFinished(name=NAME),
)


def lines(*, quiet: bool = False, verbose: bool = False) -> list[str]:
    stream = io.StringIO()
    reporter = LineReporter(stream, quiet=quiet, verbose=verbose)
    for event in EVENTS:
        reporter.report(event)
    return stream.getvalue().splitlines()


def test_notices_are_said_and_details_only_to_those_who_asked() -> None:
    assert lines() == [r"glaciercli: notice \x1b[2J\nname"]
    assert len(lines(verbose=True)) == 4
    assert lines(quiet=True) == []
    assert lines(quiet=True, verbose=True) == []


def test_events_as_json_are_one_object_a_line() -> None:
    stream = io.StringIO()
    reporter = JsonReporter(stream, quiet=False)
    for event in EVENTS:
        reporter.report(event)
    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [one["event"] for one in said] == [
        "transfer_started",
        # What is tried again is told to scripts too.
        "detail",
        "notice",
        "transfer_finished",
    ]
    assert said[0]["name"] == NAME


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def drawn(*events: Event) -> str:
    """Return everything that was written to a terminal for some events."""
    stream = Terminal()
    reporter = TerminalReporter(stream, verbose=False)
    for event in events:
        reporter.report(event)
    # What is drawn last is taken away at the end, but it has been written.
    reporter.close()
    return stream.getvalue()


def plain(said: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said)


def test_a_bar_shows_no_escape_of_a_name_and_goes_away() -> None:
    said = drawn(*EVENTS)
    assert "\x1b[2J" not in said
    assert "notice" in said


def test_each_transfer_under_way_has_a_line_and_the_command_one() -> None:
    events: list[Event] = [
        TransfersPlanned(count=3, total_bytes=3 * MIB),
        TransferStarted(name="a", total_bytes=MIB),
        TransferStarted(name="b", total_bytes=MIB),
        TransferAdvanced(name="a", done_bytes=MIB),
        TransferFinished(name="a"),
        TransferSpared(name="c", total_bytes=MIB),
        TransferAdvanced(name="b", done_bytes=MIB // 2),
    ]
    said = plain(drawn(*events))
    assert re.search(r"\bb .*0\.5/1\.0 MiB.*\n.*in all .*2\.5/3\.0 MiB", said)


def test_lines_go_on_while_nothing_happens() -> None:
    stream = Terminal()
    reporter = TerminalReporter(stream, verbose=False)
    reporter.report(TransferStarted(name="a", total_bytes=2 * MIB))
    for done in range(1, 3):
        reporter.report(TransferAdvanced(name="a", done_bytes=done * MIB))
    ends = time.monotonic() + 20
    while "2.0/2.0 MiB" not in plain(stream.getvalue()):
        assert time.monotonic() < ends
        time.sleep(0.01)  # noqa: TID251 - what draws is a thread
    reporter.close()
    said = stream.getvalue()
    # Nothing is drawn below what the command writes after it.
    reporter.report(TransferFinished(name="a"))
    reporter.close()
    assert stream.getvalue() == said


def test_notices_stand_above_the_lines_and_are_not_drawn_over() -> None:
    stream = Terminal()
    reporter = TerminalReporter(stream, verbose=True)
    reporter.report(TransferStarted(name="a", total_bytes=MIB))
    ends = time.monotonic() + 20
    while "MiB" not in stream.getvalue():
        assert time.monotonic() < ends
        time.sleep(0.01)  # noqa: TID251 - what draws is a thread
    long = "word " * 40
    reporter.report(Notice(message="first"))
    reporter.report(Detail(message=long))
    reporter.close()
    # What is drawn is taken away before, and the terminal breaks what is long.
    for said in ("first", long):
        assert re.search(rf"\x1b\[2Kglaciercli: {said}\n", stream.getvalue())


def test_two_versions_of_one_name_take_nothing_from_each_other() -> None:
    said = plain(
        drawn(
            TransfersPlanned(count=2, total_bytes=2 * MIB),
            TransferStarted(name="a", total_bytes=MIB, number=1),
            TransferAdvanced(name="a", done_bytes=MIB // 2, number=1),
            TransferStarted(name="a", total_bytes=MIB, number=2),
            TransferAdvanced(name="a", done_bytes=MIB // 4, number=2),
            TransferAdvanced(name="a", done_bytes=MIB, number=1),
            TransferFinished(name="a", number=1),
        )
    )
    assert re.search(r"\ba .*0\.[23]/1\.0 MiB.*\n.*in all .*1\.[23]/2\.0 MiB", said)


@pytest.mark.covers("H15")
@pytest.mark.parametrize(("width", "shown"), [(40, "-:--"), (80, "-:--"), (200, "━")])
def test_a_line_is_one_line_however_narrow_the_terminal(
    monkeypatch: pytest.MonkeyPatch, width: int, shown: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    name = "a-long-name-" * 5
    events: list[Event] = [
        TransfersPlanned(count=2, total_bytes=900 * MIB),
        TransferStarted(name=name, total_bytes=800 * MIB, number=1),
    ]
    events += [
        TransferAdvanced(name=name, done_bytes=done * 10 * MIB, number=1) for done in range(1, 40)
    ]
    said = plain(drawn(*events))
    assert shown in said
    assert re.search(r"\S+ .*\b390\.0/800\.0 MiB.*\n.*in all .*390\.0/900\.0 MiB", said)


def test_a_single_transfer_has_a_single_line() -> None:
    said = drawn(
        TransfersPlanned(count=1, total_bytes=MIB),
        TransferStarted(name="only", total_bytes=MIB),
        TransferAdvanced(name="only", done_bytes=MIB),
    )
    assert "only" in said
    assert "in all" not in said


def test_ten_thousand_transfers_are_drawn_quickly() -> None:
    events: list[Event] = [TransfersPlanned(count=10_000, total_bytes=10_000)]
    for number in range(10_000):
        name = f"{number}"
        events += [
            TransferStarted(name=name, total_bytes=1),
            TransferAdvanced(name=name, done_bytes=1),
        ]
    begun = time.process_time()
    drawn(*events)
    assert time.process_time() - begun < 5
