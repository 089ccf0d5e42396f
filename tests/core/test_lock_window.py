"""The day in which a lock can be taken back, as the journal tells it."""

from datetime import UTC, datetime, timedelta

import pytest

from glaciercli.core.lock_window import ABORTED, COMPLETED, STARTED, open_until

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("history", "end"),
    [
        ([], None),
        ([(STARTED, NOW - HOUR)], NOW + 23 * HOUR),
        ([("vault policy set", NOW), (STARTED, NOW - HOUR)], NOW + 23 * HOUR),
        ([(STARTED, NOW - 24 * HOUR)], None),
        ([(COMPLETED, NOW), (STARTED, NOW - HOUR)], None),
        ([(ABORTED, NOW), (STARTED, NOW - HOUR)], None),
        ([(STARTED, NOW - HOUR), (ABORTED, NOW - 2 * HOUR)], NOW + 23 * HOUR),
    ],
)
def test_the_window_follows_from_what_was_done(
    history: list[tuple[str, datetime]], end: datetime | None
) -> None:
    assert open_until(history, now=NOW) == end
