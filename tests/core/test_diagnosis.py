"""How bad something is, and what to do about it."""

from datetime import UTC, datetime, timedelta

import pytest

from glaciercli.core import diagnosis
from glaciercli.model.diagnosis import Caller, Contact, Finding, Status, Verdict

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
GIB = 1024**3


def said(found: Finding) -> tuple[Status, bool]:
    """How bad it is, and whether it says what to do."""
    return found.status, found.advice is not None


@pytest.mark.parametrize(
    ("ahead", "status", "words"),
    [
        (timedelta(0), Status.OK, "right"),
        (timedelta(seconds=29), Status.OK, "right"),
        (timedelta(seconds=90), Status.WARNING, "90 s ahead of"),
        (timedelta(seconds=-90), Status.WARNING, "90 s behind"),
        (timedelta(minutes=6), Status.PROBLEM, "360 s ahead of"),
    ],
)
def test_a_clock_is_judged_by_what_the_service_takes(
    ahead: timedelta, status: Status, words: str
) -> None:
    found = diagnosis.clock(ahead)
    assert said(found) == (status, status is not Status.OK)
    assert words in found.message


@pytest.mark.parametrize(
    ("free", "status"),
    [(2 * GIB, Status.OK), (GIB // 2, Status.WARNING), (GIB // 20, Status.PROBLEM)],
)
def test_a_disk_is_judged_by_what_is_free(free: int, status: Status) -> None:
    assert said(diagnosis.disk("/data", free)) == (status, status is not Status.OK)


@pytest.mark.parametrize(
    ("last", "known", "expected"),
    [
        (None, None, (Status.NOTE, False)),
        (NOW - DAY, None, (Status.NOTE, True)),
        (NOW - DAY, NOW - 2 * DAY, (Status.OK, False)),
        (NOW - DAY, NOW - 5 * DAY, (Status.WARNING, True)),
        (NOW - 90 * DAY, NOW - 90 * DAY, (Status.OK, False)),
    ],
)
def test_an_inventory_is_stale_by_the_services_own(
    last: datetime | None, known: datetime | None, expected: tuple[Status, bool]
) -> None:
    assert said(diagnosis.inventory("v", last_at=last, known_at=known, now=NOW)) == expected


def test_only_uploads_that_nobody_goes_on_with_are_orphans() -> None:
    young, old = {"a": NOW - HOUR}, {"b": NOW - 3 * DAY}
    assert said(diagnosis.orphans("v", {}, now=NOW)) == (Status.OK, False)
    assert said(diagnosis.orphans("v", young, now=NOW)) == (Status.OK, False)
    found = diagnosis.orphans("v", young | old, now=NOW)
    assert said(found) == (Status.WARNING, True)
    assert "1 uploads" in found.message
    assert "2026-01-07" in found.message


def test_only_jobs_that_expire_soon_are_told() -> None:
    late, soon, gone = NOW + 20 * HOUR, NOW + HOUR, NOW - HOUR
    assert said(diagnosis.expiring("v", {"a": late}, now=NOW)) == (Status.OK, False)
    found = diagnosis.expiring("v", {"a": late, "b": soon, "c": gone}, now=NOW)
    assert said(found) == (Status.WARNING, True)
    assert "2 finished retrievals" in found.message


def test_archives_that_are_only_probably_stored_are_told() -> None:
    assert list(diagnosis.unsettled("v", 0)) == []
    assert [one.status for one in diagnosis.unsettled("v", 2)] == [Status.WARNING]


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict.ALLOWED, (Status.OK, False)),
        (Verdict.DENIED, (Status.WARNING, True)),
        (Verdict.UNCLEAR, (Status.NOTE, False)),
        (Verdict.NOT_TRIED, (Status.NOTE, False)),
    ],
)
def test_a_denied_operation_names_the_commands_that_need_it(
    verdict: Verdict, expected: tuple[Status, bool]
) -> None:
    found = diagnosis.permission("DeleteVault", verdict, "vault v")
    assert said(found) == expected
    assert ("vault delete --with-archives" in found.message) == (verdict is Verdict.DENIED)


def test_a_service_that_does_not_answer_is_a_problem_with_its_hint() -> None:
    contact = Contact(
        endpoint="https://here", region="r", served_at=NOW - HOUR, problem="no", hint="try"
    )
    service, clock = diagnosis.contact(contact, now=NOW)
    assert (service.status, service.advice) == (Status.PROBLEM, "try")
    assert clock.status is Status.PROBLEM


def test_whose_credentials_they_are_is_told_as_far_as_anybody_knows() -> None:
    known = diagnosis.caller(Caller(key_end="ABCD", source="env", arn="arn:x"))
    assert "arn:x" in known.message
    assert "...ABCD from env" in known.message
    assert "nobody could be asked" in (
        diagnosis.caller(Caller(key_end="A", source="env", arn=None)).message
    )
