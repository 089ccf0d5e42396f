"""What is said on standard error while a command runs."""

import io
import json

from glaciercli.render.progress import JsonReporter, LineReporter, TerminalReporter
from glaciercli.reporting import (
    Detail,
    Notice,
    TransferAdvanced,
    TransferFinished,
    TransferStarted,
)

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


def test_events_as_json_are_one_object_a_line() -> None:
    stream = io.StringIO()
    reporter = JsonReporter(stream, quiet=False)
    for event in EVENTS:
        reporter.report(event)
    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [one["event"] for one in said] == ["TransferStarted", "Notice", "TransferFinished"]
    assert said[0]["name"] == NAME


def test_a_bar_shows_no_escape_of_a_name_and_goes_away() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    reporter = TerminalReporter(stream, LineReporter(stream, quiet=False, verbose=False))
    for event in EVENTS:
        reporter.report(event)
    reporter.close()
    said = stream.getvalue()
    assert "\x1b[2J" not in said
    assert "notice" in said
