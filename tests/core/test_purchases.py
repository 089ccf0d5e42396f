"""A unit of capacity that was paid for and not heard of is found again, and no other is taken."""

from datetime import UTC, datetime, timedelta

import pytest

from glaciercli.core.purchases import ASKED_FOR, BOUGHT, REFUSED, unheard
from glaciercli.model.vault_settings import CapacityUnit

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ASKED = (ASKED_FOR, NOW, "")


def unit(capacity_id: str, *, age: timedelta = -MINUTE) -> CapacityUnit:
    return CapacityUnit(
        capacity_id=capacity_id, started_at=NOW - age, expires_at=NOW + timedelta(days=30)
    )


def test_a_unit_that_was_begun_since_the_question_is_the_one() -> None:
    assert unheard([ASKED], [unit("old", age=60 * MINUTE), unit("new")]) == unit("new")
    behind = unit("clock behind", age=10 * MINUTE)
    assert unheard([ASKED], [behind]) == behind


@pytest.mark.parametrize("event", [BOUGHT, REFUSED])
def test_what_was_answered_is_looked_for_no_more(event: str) -> None:
    assert unheard([(event, NOW, "x"), ASKED], [unit("new")]) is None


def test_what_was_heard_of_before_is_not_it() -> None:
    history = [ASKED, (BOUGHT, NOW - MINUTE, "mine"), (ASKED_FOR, NOW - MINUTE, "")]
    assert unheard(history, [unit("mine")]) is None
    assert unheard(history, [unit("mine"), unit("other")]) == unit("other")


def test_nothing_is_found_where_nothing_was_asked_for() -> None:
    assert unheard([], [unit("new")]) is None
