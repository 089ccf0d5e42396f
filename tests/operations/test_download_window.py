"""Hours and days of a retrieval over a slow line, under a clock that is moved by hand."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from glaciercli.core.refs import parse_ref
from glaciercli.errors import OverBudget
from glaciercli.keymap.store import open_key_map
from glaciercli.model.jobs import JobAction, Tier
from glaciercli.operations import retrieve, retrieve_offer, retrieve_plan
from glaciercli.operations.billing import Billing
from glaciercli.operations.context import Context
from glaciercli.operations.retrieve import RetrieveReport
from glaciercli.operations.retrieve_offer import RetrieveOffer
from glaciercli.operations.retrieve_plan import RetrieveRequest
from glaciercli.ports import WireRequest, WireResponse
from glaciercli.reporting import Event, Notice
from tests.keymap.records import NOW
from tests.operations.slow_line import HOUR, SIZE, World


def test_a_line_that_is_run_every_hour_pays_for_each_archive_once(
    tmp_path: Path, stack: ExitStack
) -> None:
    world = World(tmp_path, stack, 8)
    asked, brought = [], []
    for _ in range(20):
        report = world.retrieve()
        asked.append(world.jobs())
        brought.append(world.brought())
        if report.exit_code == 0:
            break
        assert report.exit_code == 75
        world.clock.advance(HOUR)
    # Three are as many as can be fetched while they are kept; then the next three, and the rest.
    assert sorted(set(asked)) == [3, 6, 8]
    assert sorted(set(brought)) == [0, 3, 6, 8]


def test_a_days_limit_spreads_the_line_over_days(tmp_path: Path, stack: ExitStack) -> None:
    world = World(tmp_path, stack, 5)
    asked = []
    for _ in range(60):
        report = world.retrieve(max_day_bytes=2 * SIZE + 1)
        asked.append(world.asked)
        if report.exit_code == 0:
            break
        world.clock.advance(HOUR)
    assert world.brought() == 5
    # Two on the first day, two on the second, one on the third; each line of the hours between
    # asks for nothing.
    assert [asked.count(number) for number in (2, 4, 5)] == [24, 24, 5]


def test_waiting_does_the_same_in_one_run(tmp_path: Path, stack: ExitStack) -> None:
    world = World(tmp_path, stack, 8)
    begun = world.clock.now()
    assert world.retrieve(wait=True).exit_code == 0
    assert (world.jobs(), world.brought()) == (8, 8)
    assert 12 * HOUR <= world.clock.now() - begun < 13 * HOUR
    said = [one.message for one in world.told.heard if isinstance(one, Notice)]
    waiting = [message for message in said if "not ready" in message]
    # Asked every minute, told when it changes.
    assert len(waiting) < 20
    assert all(first != then for first, then in pairwise(waiting))


def test_what_expires_before_it_can_be_fetched_is_asked_for_again_in_time(
    tmp_path: Path, stack: ExitStack
) -> None:
    world = World(tmp_path, stack, 1)
    world.retrieve()
    # It is kept until 28 hours after it was asked for: enough to fetch it, and then not.
    world.clock.advance(22 * HOUR)
    request = RetrieveRequest(refs=[parse_ref("photos/**")], to=str(tmp_path / "back"))
    planned = retrieve_plan.plan(world.context, request)
    assert retrieve_offer.offer(world.context, request, planned).schedule.again == []
    world.clock.advance(2 * HOUR)
    planned = retrieve_plan.plan(world.context, request)
    (again,) = retrieve_offer.offer(world.context, request, planned).schedule.again
    assert again.archive.name == "0"
    assert world.retrieve().exit_code == 0
    assert (world.jobs(), world.brought()) == (2, 1)


def test_a_days_limit_is_for_what_is_asked_for_again_too(tmp_path: Path, stack: ExitStack) -> None:
    world = World(tmp_path, stack, 2)
    world.retrieve()
    world.clock.advance(24 * HOUR)
    for limit, count in ((SIZE - 1, 0), (SIZE, 1), (2 * SIZE, 2)):
        request = RetrieveRequest(
            refs=[parse_ref("photos/**")], to=str(tmp_path / "back"), max_day_bytes=limit
        )
        planned = retrieve_plan.plan(world.context, request)
        offered = retrieve_offer.offer(world.context, request, planned)
        assert len(offered.schedule.again) == count


def test_what_another_run_is_just_asking_for_counts_towards_the_day(
    tmp_path: Path, stack: ExitStack
) -> None:
    world = World(tmp_path, stack, 2)
    request = RetrieveRequest(
        refs=[parse_ref("photos/1")], to=str(tmp_path / "back"), max_day_bytes=2 * SIZE - 1
    )
    vault = world.context.recall("photos")
    first = world.context.key_map.archives.newest(vault, "0")
    assert first is not None
    world.context.key_map.jobs.intend(
        vault.key,
        JobAction.RETRIEVAL,
        archive_id=first.archive_id,
        tier=request.tier,
        tag="theirs",
        at=world.clock.now(),
    )
    planned = retrieve_plan.plan(world.context, request)
    found = retrieve_offer.offer(world.context, request, planned).schedule
    assert found.asked_bytes == SIZE
    assert (len(found.now), len(found.later)) == (0, 1)


def test_lines_that_begin_together_share_the_day(tmp_path: Path, stack: ExitStack) -> None:
    world = World(tmp_path, stack, 3)
    theirs = open_key_map(str(tmp_path / "map"), now=NOW)
    stack.callback(theirs.close)
    other = replace(world.context, key_map=theirs)

    class Meanwhile:
        """Runs another line once the first one has said what it asks for."""

        begun = False

        def report(self, event: Event) -> None:
            world.told.report(event)
            if isinstance(event, Notice) and "asking for" in event.message and not self.begun:
                self.begun = True
                line(other, "photos/1")

    def line(context: Context, *refs: str) -> RetrieveReport:
        request = RetrieveRequest(
            refs=[parse_ref(one) for one in refs],
            to=str(tmp_path / "back"),
            max_day_bytes=2 * SIZE,
        )
        return retrieve.run(context, request, retrieve_plan.plan(context, request))

    first = replace(world.context, reporter=Meanwhile())
    report = line(first, "photos/0", "photos/2")
    assert (world.asked, report.failed, report.exit_code) == (2, [], 75)
    put_off = [one for one in report.pending if one.due_at is not None]
    assert [one.due_at for one in put_off] == [world.clock.now() + timedelta(hours=24)]
    # The next day has room for it again.
    world.clock.advance(24 * HOUR)
    line(first, "photos/2")
    assert world.asked == 3


def test_nothing_is_asked_for_again_twice(tmp_path: Path, stack: ExitStack) -> None:
    world = World(tmp_path, stack, 1)
    world.retrieve()
    world.clock.advance(24 * HOUR)
    request = RetrieveRequest(refs=[parse_ref("photos/**")], to=str(tmp_path / "back"))
    planned = retrieve_plan.plan(world.context, request)
    (one, _), *_ = planned.steps
    world.context.service.start_retrieval(
        "photos", one.archive.archive_id or "", tier=request.tier, description="theirs"
    )
    planned = retrieve_plan.plan(world.context, request)
    assert retrieve_offer.offer(world.context, request, planned).schedule.again == []
    world.retrieve()
    assert world.jobs() == 2


def test_a_budget_bounds_what_is_asked_for_again(tmp_path: Path, stack: ExitStack) -> None:
    world = World(tmp_path, stack, 1)
    once = Decimal("0.000033")
    world.retrieve(max_usd=once)
    world.clock.advance(24 * HOUR)
    with pytest.raises(OverBudget, match="spent before"):
        world.retrieve(max_usd=once)
    assert world.jobs() == 1
    world.retrieve(max_usd=2 * once)
    assert (world.jobs(), world.brought()) == (2, 1)


def test_each_job_of_an_archive_that_outlives_its_output_is_budgeted(
    tmp_path: Path, stack: ExitStack
) -> None:
    # At a byte a second: two days and a bit, and an output is kept for one.
    world = World(tmp_path, stack, 1, size=200_000)

    def offer(max_usd: Decimal) -> RetrieveOffer:
        request = RetrieveRequest(
            refs=[parse_ref("photos/0")], to=str(tmp_path / "back"), max_usd=max_usd
        )
        return retrieve_offer.offer(
            world.context, request, retrieve_plan.plan(world.context, request)
        )

    whole = offer(Decimal(1)).total.usd
    assert whole is not None
    assert (offer(whole).fits, offer(whole - Decimal("0.000001")).fits) == (True, False)
    with pytest.raises(OverBudget):
        world.retrieve(max_usd=whole / 2)
    world.retrieve(max_usd=whole)
    left = []
    # It is prepared; it is ready; most of its day went by unused; it is gone.
    for hours in (0, 5, 21, 4):
        world.clock.advance(hours * HOUR)
        offered = offer(whole)
        left.append((offered.quote.requests, offered.quote.asked_bytes, offered.fits))
    assert left == [(2, 400_000, True)] * 2 + [(3, 600_000, False)] * 2


@pytest.mark.covers("N13")
def test_an_output_that_has_expired_is_asked_for_again(tmp_path: Path, stack: ExitStack) -> None:
    world = World(tmp_path, stack, 1)
    world.retrieve()
    world.clock.advance(29 * HOUR)
    assert world.retrieve().exit_code == 75
    world.clock.advance(5 * HOUR)
    assert world.retrieve().exit_code == 0
    assert world.brought() == 1


def expire_under_way(world: World) -> None:
    """Let the next output expire between the list of jobs and the request for it."""

    def expire(request: WireRequest) -> WireResponse:
        world.clock.advance(30 * HOUR)
        return world.watched.inner.handle(request)

    world.watched.breaks("GetJobOutput", expire)


def bill(world: World) -> None:
    world.context = replace(world.context, billing=Billing(billed=True))


#: What a job for one archive costs about, with its transfer, in the tier that is ready at once.
ONCE = Decimal("0.0101")


@pytest.mark.covers("N13")
@pytest.mark.parametrize("consent", [{}, {"any_price": True}, {"max_usd": 2 * ONCE}])
def test_a_line_that_waits_asks_again_for_what_expires_under_way(
    tmp_path: Path, stack: ExitStack, consent: dict[str, Any]
) -> None:
    world = World(tmp_path, stack, 1)
    if consent:
        bill(world)
    expire_under_way(world)
    report = world.retrieve(tier=Tier.EXPEDITED, wait=True, **consent)
    assert (report.exit_code, len(report.retrieved), world.asked) == (0, 1, 2)


@pytest.mark.covers("N13")
@pytest.mark.parametrize("consent", [{}, {"max_usd": ONCE}])
def test_what_expires_under_way_is_paid_for_again_only_with_a_yes_to_that(
    tmp_path: Path, stack: ExitStack, consent: dict[str, Any]
) -> None:
    world = World(tmp_path, stack, 1)
    bill(world)
    expire_under_way(world)
    report = world.retrieve(tier=Tier.EXPEDITED, wait=True, **consent)
    assert (report.exit_code, report.retrieved, world.asked) == (75, [], 1)


@pytest.mark.covers("N13")
def test_what_expires_under_way_twice_is_left_to_the_next_run(
    tmp_path: Path, stack: ExitStack
) -> None:
    world = World(tmp_path, stack, 1)
    expire_under_way(world)
    expire_under_way(world)
    report = world.retrieve(tier=Tier.EXPEDITED, wait=True)
    assert (report.exit_code, report.retrieved, world.asked) == (75, [], 2)
    assert world.retrieve(tier=Tier.EXPEDITED, wait=True).exit_code == 0
