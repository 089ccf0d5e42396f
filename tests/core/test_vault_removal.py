"""The removal of a vault: facts in, the next step out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.vault_removal import Facts, Step, next_step, next_useful

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def facts(**changes: Any) -> Facts:
    """Return the facts of a vault that nobody has looked at; changes are what is known."""
    known: dict[str, Any] = {
        "created_at": NOW - 30 * DAY,
        "last_inventory_at": NOW - 5 * HOUR,
        "listed_archives": 3,
        "knows_last": False,
        "doomed": 0,
        "unasked": 0,
        "unasked_uploads": 0,
        "confirmed_at": None,
        "emptied_at": None,
    }
    return Facts(**{**known, **changes})


KNOWN = {"knows_last": True}
YES = {**KNOWN, "confirmed_at": NOW - HOUR}


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        # Nothing is known of it, or not all.
        ({}, Step.INVENTORY),
        ({"unasked": 2}, Step.INVENTORY),
        # All is known.
        ({**KNOWN, "unasked": 3}, Step.CONFIRM),
        # There is no inventory to wait for.
        ({"last_inventory_at": None, "listed_archives": 0, "unasked": 3}, Step.CONFIRM),
        ({"last_inventory_at": None, "listed_archives": 0}, Step.VAULT),
        ({"listed_archives": 0}, Step.VAULT),
        ({"listed_archives": 0, "unasked_uploads": 1}, Step.CONFIRM),
        # An earlier `delete` was cut off: that was asked about, the rest was not.
        ({**KNOWN, "doomed": 1, "unasked": 2}, Step.CONFIRM),
        # After the yes.
        ({**YES, "doomed": 3}, Step.DELETE),
        ({**YES, "doomed": 3, "unasked": 1}, Step.DELETE),
        ({**YES, "unasked": 1}, Step.CONFIRM),
        ({**YES, "unasked_uploads": 0}, Step.VAULT),
        (YES, Step.VAULT),
        ({**YES, "refused": True}, Step.WAIT),
        # What was deleted before is listed: deleted once more, after a yes.
        ({**YES, "relisted": 1}, Step.DELETE),
        ({**YES, "relisted": 1, "knows_last": False}, Step.INVENTORY),
        ({**KNOWN, "relisted": 1}, Step.CONFIRM),
        # The next inventory lists what is left.
        ({**YES, "knows_last": False}, Step.INVENTORY),
        ({**YES, "knows_last": False, "refused": True}, Step.INVENTORY),
        ({**YES, "last_inventory_at": NOW - HOUR, "listed_archives": 0}, Step.VAULT),
    ],
)
def test_the_next_step_follows_from_the_facts(changes: dict[str, Any], step: Step) -> None:
    assert next_step(facts(**changes)) is step


MOMENTS = st.none() | st.integers(min_value=0, max_value=100).map(lambda hours: NOW - hours * HOUR)
FACTS = st.builds(
    Facts,
    created_at=st.just(NOW - 200 * HOUR),
    last_inventory_at=MOMENTS,
    listed_archives=st.integers(0, 2),
    relisted=st.integers(0, 2),
    knows_last=st.booleans(),
    doomed=st.integers(0, 2),
    unasked=st.integers(0, 2),
    unasked_uploads=st.integers(0, 1),
    confirmed_at=MOMENTS,
    emptied_at=MOMENTS,
    refused=st.booleans(),
)


@given(FACTS)
def test_nothing_is_deleted_that_was_not_said_yes_to(known: Facts) -> None:
    step = next_step(known)
    if step is Step.DELETE:
        assert known.confirmed_at is not None
        assert known.doomed or known.relisted
    if step in {Step.VAULT, Step.WAIT}:
        assert not known.doomed
        assert not known.unasked
        assert not known.relisted


@given(FACTS)
def test_the_next_useful_time_is_ahead_and_within_a_day_of_the_service(known: Facts) -> None:
    at = next_useful(known, now=NOW)
    assert NOW < at <= NOW + DAY
    if known.emptied_at is not None:
        assert at > known.emptied_at


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"emptied_at": NOW}, NOW + 19 * HOUR),
        ({"emptied_at": NOW - HOUR}, NOW + 19 * HOUR),
        # A day that has passed without the inventory: the service is late.
        ({"emptied_at": NOW - 5 * HOUR, "last_inventory_at": NOW - 26 * HOUR}, NOW + HOUR),
        ({"last_inventory_at": None, "created_at": NOW - HOUR}, NOW + 23 * HOUR),
    ],
)
def test_the_next_inventory_after_the_last_deletion_is_waited_for(
    changes: dict[str, Any], at: datetime
) -> None:
    assert next_useful(facts(**changes), now=NOW) == at
