"""Spans of time as a user writes them."""

from datetime import timedelta

import pytest

from glaciercli.core.durations import parse_duration
from glaciercli.errors import BadUsage


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", timedelta(0)),
        ("90", timedelta(seconds=90)),
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("12h", timedelta(hours=12)),
        ("1.5h", timedelta(minutes=90)),
        ("30d", timedelta(days=30)),
        ("2w", timedelta(weeks=2)),
        ("0.25s", timedelta(milliseconds=250)),
    ],
)
def test_a_duration_is_read(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s",
        "-5m",
        "+5m",
        "5 m",
        "5y",
        "1e3",
        "nan",
        "inf",
        ".5h",
        "5.h",
        "\u0661s",
        "9" * 400,
        "1h30m",
    ],
)
def test_what_is_no_duration_is_explained(text: str) -> None:
    with pytest.raises(BadUsage, match="is no duration") as caught:
        parse_duration(text)
    assert caught.value.hint
