"""The removal of a vault against the embedded service, under a clock moved by hand."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from glaciercli import errors
from glaciercli.core.description import encode
from glaciercli.core.treehash import tree_hash
from glaciercli.core.vault_removal import Step
from glaciercli.keymap.store import open_key_map
from glaciercli.model.archives import ArchiveState
from glaciercli.model.vaults import StoreIdentity
from glaciercli.operations import inventory, vaults_removal
from glaciercli.operations.context import Context
from glaciercli.operations.vaults_removal import RemovalReport, RemovalRequest
from glaciercli.operations.vaults_survey import Removal
from glaciercli.ports import ArchiveService, WireApplication, WireRequest, WireResponse
from glaciercli.server import routes
from glaciercli.server.application import GlacierApplication
from glaciercli.server.settings import ServiceSettings
from glaciercli.server.wire import parse_target
from glaciercli.service import session
from glaciercli.service.glacier import GlacierService
from glaciercli.service.pacing import Pace, Turns
from glaciercli.service.retry import Retrier, RetryPolicy
from tests.fakes import Deaf, MovedClock
from tests.keymap.records import new
from tests.service.payloads import MIB, MemoryPayload

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

#: As the real service is; the clock of the tests stands still, and botocore signs with its own.
SETTINGS = ServiceSettings(
    clock_skew=None,
    verify_signatures=False,
    inventory_delay=4 * HOUR,
    inventory_interval=DAY,
    upload_lifetime=30 * DAY,
)


class Killed(BaseException):
    """Stands for the end of the process."""


@dataclass
class Counted:
    """Hands requests on, counts those that succeed, and dies where a test says so."""

    inner: WireApplication
    seen: Counter[str] = field(default_factory=Counter)
    #: How many requests there still are before the end; afterwards the next one is not answered.
    left: int | None = None
    #: Whether the last request is carried out before the end.
    carried_out: bool = False
    #: An operation that is the end after so many of its requests.
    fatal: tuple[str, int] | None = None
    #: How many deletions are answered well and come to nothing.
    lost_deletions: int = 0

    def handle(self, request: WireRequest) -> WireResponse:
        if self.left == 0 and not self.carried_out:
            raise Killed
        operation = routes.find(request.method, parse_target(request.target)).route.operation
        if self.fatal is not None and self.fatal == (operation, self.seen[operation]):
            raise Killed
        if operation == "DeleteArchive" and self.lost_deletions:
            self.lost_deletions -= 1
            return WireResponse(status=204, headers={}, body=iter(()))
        answer = self.inner.handle(request)
        if answer.status < 300:
            self.seen[operation] += 1
        if self.left == 0:
            raise Killed
        if self.left is not None:
            self.left -= 1
        return answer


@dataclass
class World:
    """A service with a vault, a clock, and one machine that wants the vault gone."""

    clock: MovedClock
    watched: Counted
    service: ArchiveService
    path: str
    stack: ExitStack
    #: What was asked, each time how many archives and uploads.
    asked: list[tuple[int, int]] = field(default_factory=list)
    answers_yes: bool = True
    #: What another run does while a question waits for its answer.
    meanwhile: Callable[[], None] = lambda: None

    def store(self, *names: str) -> None:
        for name in names:
            payload = MemoryPayload(name.encode())
            self.service.upload_archive("photos", payload, description=name)

    def context(self) -> Context:
        key_map = self.stack.enter_context(closing(open_key_map(self.path, now=self.clock.now())))
        return Context(
            key_map=key_map,
            store=StoreIdentity(endpoint="test", region=None, account=None),
            clock=self.clock,
            reporter=Deaf(),
            connect=lambda: self.service,
            new_tag=iter(f"tag-{number:012}" for number in range(1000)).__next__,
            jobs=4,
        )

    def run(self, *, wait: bool = False) -> RemovalReport:
        context = self.context()
        try:
            return vaults_removal.run(context, replace(self.request, wait=wait), self.ask)
        finally:
            context.key_map.close()

    def look(self) -> Removal:
        context = self.context()
        try:
            return vaults_removal.look(context, self.request)
        finally:
            context.key_map.close()

    request = RemovalRequest(vault="photos", lag=3 * DAY)

    def ask(self, found: Removal) -> None:
        self.asked.append((found.unasked.count, len(found.uploads.uploads)))
        self.meanwhile()
        if not self.answers_yes:
            raise errors.Interrupted("no")

    def until_gone(self, *, most: int = 10) -> list[RemovalReport]:
        """Run the same line at each next useful time, as a cron job would."""
        reports = []
        for _ in range(most):
            reports.append(self.run())
            if reports[-1].step is None:
                return reports
            self.wait_for(reports[-1])
        pytest.fail(f"the vault is still there after {most} runs: {reports}")

    def wait_for(self, report: RemovalReport) -> None:
        assert report.exit_code == 75, report
        assert report.at is not None
        assert report.at > self.clock.now()
        self.clock.advance(report.at - self.clock.now())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield begun(stack, tmp_path)


class Switch:
    """Hands requests on to an application that can be exchanged: a client takes long to make."""

    application: WireApplication

    def handle(self, request: WireRequest) -> WireResponse:
        return self.application.handle(request)


@cache
def shared_client() -> tuple["GlacierClient", Switch]:
    switch = Switch()
    place = session.Endpoint(
        region="us-east-1",
        url="http://local.invalid",
        access_key="key",
        secret_key="secret",  # noqa: S106 - nobody checks it
    )
    return session.connect_in_process(switch, place), switch


def begun(stack: ExitStack, place: Path) -> World:
    """A service with an empty vault."""
    clock = MovedClock(START)
    application = stack.enter_context(
        GlacierApplication.open(place / "data", clock=clock, settings=SETTINGS)
    )
    watched = Counted(application)
    client, switch = shared_client()
    switch.application = watched
    retrier = Retrier(
        clock,
        policy=RetryPolicy(),
        turns=Turns(4, clock),
        random=lambda: 0.5,
        heard=lambda *_: None,
    )
    service = GlacierService(client, retrier, Pace(clock))
    service.create_vault("photos")
    return World(
        clock=clock,
        watched=watched,
        service=service,
        path=str(place / "key-map.sqlite3"),
        stack=stack,
    )


NAMES = [f"name {number:03}" for number in range(30)]


def test_a_vault_that_nobody_knows_goes_in_one_inventory_and_one_day(world: World) -> None:
    world.store(*NAMES)
    world.clock.advance(DAY)
    first = world.clock.now()
    reports = world.until_gone()
    assert [one.step for one in reports] == [Step.INVENTORY, Step.WAIT, None]
    assert world.asked == [(30, 0)]
    assert world.watched.seen["InitiateJob"] == 1
    assert world.watched.seen["DeleteArchive"] == 30
    # The service's next inventory after the last deletion, and no later.
    assert world.clock.now() - first <= DAY
    assert sum(one.deleted_archives for one in reports) == 30
    with pytest.raises(errors.VaultNotFound):
        world.run()


def test_a_vault_that_is_known_goes_without_any_inventory_job(world: World) -> None:
    world.store(*NAMES)
    world.clock.advance(DAY)
    context = world.context()
    inventory.refresh(context, "photos", wait=True, max_age=None, lag=3 * DAY)
    context.key_map.close()
    world.watched.seen.clear()
    reports = world.until_gone()
    assert [one.step for one in reports] == [Step.WAIT, None]
    assert world.watched.seen["InitiateJob"] == 0


def test_a_vault_before_its_first_inventory_is_waited_for_and_then_goes(world: World) -> None:
    world.store(*NAMES)
    reports = world.until_gone()
    assert [one.step for one in reports] == [Step.WAIT, Step.INVENTORY, Step.WAIT, None]


def test_an_empty_vault_goes_at_once_and_nobody_is_asked(world: World) -> None:
    assert [one.step for one in world.until_gone()] == [None]
    assert world.asked == []


def test_one_run_that_waits_sees_it_through(world: World) -> None:
    world.store(*NAMES)
    world.clock.advance(DAY)
    first = world.clock.now()
    report = world.run(wait=True)
    assert (report.step, report.deleted_archives, report.exit_code) == (None, 30, 0)
    assert world.asked == [(30, 0)]
    # It looks often enough to be done soon after the next inventory, and seldom enough.
    assert world.clock.now() - first <= DAY + HOUR
    assert world.watched.seen["DescribeVault"] < 150


def test_a_deletion_that_came_to_nothing_is_made_again(world: World) -> None:
    world.store("a", "b", "c")
    world.clock.advance(DAY)
    world.watched.lost_deletions = 2
    reports = world.until_gone()
    # Only the next inventory tells of it, and the one after that agrees.
    assert [one.step for one in reports] == [
        Step.INVENTORY,
        Step.WAIT,
        Step.INVENTORY,
        Step.WAIT,
        None,
    ]
    assert world.asked == [(3, 0)]
    assert [one.deleted_archives for one in reports] == [0, 3, 0, 2, 0]


def test_what_was_deleted_before_and_is_still_listed_is_asked_about(world: World) -> None:
    world.store("a", "b")
    world.clock.advance(DAY)
    context = world.context()
    inventory.refresh(context, "photos", wait=True, max_age=None, lag=3 * DAY)
    vault, now = context.recall("photos"), world.clock.now()
    for one in list(context.key_map.archives.every(vault)):
        context.key_map.archives.set_state(one.key, ArchiveState.DELETED, deleted_at=now)
    context.key_map.close()
    world.store("c")
    world.clock.advance(DAY)
    reports = world.until_gone()
    assert world.asked == [(1, 0)]
    assert sum(one.deleted_archives for one in reports) == 3


def test_a_clock_that_is_far_behind_is_told_and_nothing_is_asked(world: World) -> None:
    world.store("a")
    world.clock.advance(-DAY)
    with pytest.raises(errors.InvalidRequest, match="86,400 s in the future"):
        world.run()
    assert world.asked == []


def test_looking_does_nothing(world: World) -> None:
    world.store("a")
    world.clock.advance(DAY)
    world.watched.seen.clear()
    found = world.look()
    assert (found.step, found.facts.listed_archives) == (Step.INVENTORY, 1)
    assert not {"InitiateJob", "DeleteArchive", "DeleteVault"} & world.watched.seen.keys()


def test_looking_tells_when_the_next_step_is_due(world: World) -> None:
    world.store("a")
    world.clock.advance(DAY)
    world.wait_for(world.run())
    report = world.run()
    assert (world.look().step, world.look().at) == (Step.VAULT, report.at)
    world.wait_for(report)
    assert (world.look().step, world.look().at) == (Step.VAULT, None)


def test_what_turns_up_after_the_yes_is_asked_about_again(world: World) -> None:
    world.store("a", "b")
    world.clock.advance(DAY)
    world.wait_for(world.run())
    report = world.run()
    world.store("stranger")
    world.wait_for(report)
    world.answers_yes = False
    # The next inventory lists the stranger.
    world.wait_for(world.run())
    with pytest.raises(errors.Interrupted):
        world.run()
    assert world.asked == [(2, 0), (1, 0)]
    assert world.watched.seen["DeleteArchive"] == 2
    world.answers_yes = True
    world.until_gone()
    assert world.watched.seen["DeleteArchive"] == 3


def test_what_is_stored_while_the_question_waits_is_asked_about_again(world: World) -> None:
    world.store("a", "b")
    world.clock.advance(DAY)
    world.wait_for(world.run())
    late: list[str] = []

    def meanwhile() -> None:
        if late:
            world.answers_yes = False
            return
        late.append(world.service.upload_archive("photos", MemoryPayload(b"late"), description=""))
        context = world.context()
        stored = new("late", archive_id=late[0], uploaded_at=world.clock.now(), size_bytes=4)
        context.key_map.archives.add(context.recall("photos").key, stored)
        context.key_map.close()

    world.meanwhile = meanwhile
    with pytest.raises(errors.Interrupted):
        world.run()
    assert world.asked == [(2, 0), (1, 0)]
    assert world.watched.seen["DeleteArchive"] == 2
    context = world.context()
    (kept,) = context.key_map.archives.live(context.recall("photos"))
    assert (kept.archive_id, kept.state) == (late[0], ArchiveState.UPLOADED)


def test_a_no_leaves_all_as_it_was(world: World) -> None:
    world.store("a")
    world.clock.advance(DAY)
    world.wait_for(world.run())
    world.answers_yes = False
    with pytest.raises(errors.Interrupted):
        world.run()
    assert world.watched.seen["DeleteArchive"] == 0
    context = world.context()
    vault = context.recall("photos")
    assert [one.state for one in context.key_map.archives.every(vault)] == [ArchiveState.CONFIRMED]


def test_unfinished_uploads_are_dropped_with_the_rest(world: World) -> None:
    world.store("a")
    world.service.initiate_upload("photos", part_bytes=MIB, description="theirs")
    world.clock.advance(DAY)
    reports = world.until_gone()
    assert world.asked == [(1, 1)]
    assert sum(one.aborted_uploads for one in reports) == 1
    assert world.watched.seen["AbortMultipartUpload"] == 1


def test_an_upload_that_is_completed_meanwhile_is_asked_about(world: World) -> None:
    world.store("a")
    world.clock.advance(DAY)
    world.wait_for(world.run())
    report = world.run()
    upload = world.service.initiate_upload("photos", part_bytes=MIB, description="theirs")
    payload = MemoryPayload(b"x")
    world.service.upload_part("photos", upload, payload)
    world.service.complete_upload("photos", upload, size_bytes=1, tree_hash=tree_hash([b"x"]))
    world.wait_for(report)
    world.until_gone()
    assert world.asked == [(1, 0), (1, 0)]


@pytest.mark.parametrize("carried_out", [False, True])
def test_a_removal_survives_its_end_at_every_request(
    tmp_path: Path, lay_out: Callable[[Path], None], *, carried_out: bool
) -> None:
    for left in range(200):
        with ExitStack() as stack:
            lay_out(tmp_path / f"{left}" / "data")
            world = begun(stack, tmp_path / f"{left}")
            world.store("a", "b")
            world.clock.advance(DAY)
            world.watched.left, world.watched.carried_out = left, carried_out
            died = False
            try:
                world.until_gone()
            except Killed:
                died = True
            world.watched.left = None
            if died:
                world.until_gone()
            assert world.watched.seen["DeleteVault"] >= 1
            assert world.watched.seen["InitiateJob"] == 1
            assert world.watched.seen["DeleteArchive"] <= 2 + 4
            assert all(asked == (2, 0) for asked in world.asked)
            if not died:
                return
    pytest.fail("the removal never came to its end")


#: What a machine of ours says of an archive that it sends; whoever copies it says the same.
SENT = encode(name="lost", modified_ns=None, tag="tag-of-lost-1")


def lose_answer(world: World) -> str:
    """Store an archive of which the key map does not know the ID, and return it."""
    archive_id = world.service.upload_archive("photos", MemoryPayload(b"lost"), description=SENT)
    context = world.context()
    lost = new(
        "lost",
        archive_id=None,
        state=ArchiveState.UNSETTLED,
        tag="tag-of-lost-1",
        description=SENT,
        uploaded_at=world.clock.now(),
        size_bytes=4,
        tree_hash=tree_hash([b"lost"]),
    )
    context.key_map.archives.add(context.reach("photos").key, lost)
    context.key_map.close()
    return archive_id


def test_an_archive_whose_answer_was_lost_goes_too_and_is_asked_about_once(world: World) -> None:
    lose_answer(world)
    reports = world.until_gone()
    assert world.asked == [(1, 0)]
    assert sum(one.deleted_archives for one in reports) == 1


def test_given_up_what_is_left_stays(world: World) -> None:
    world.store(*NAMES)
    world.clock.advance(DAY)
    world.wait_for(world.run())
    world.watched.fatal = ("DeleteArchive", 4)
    with pytest.raises(Killed):
        world.run()
    world.watched.fatal = None
    deleted = world.watched.seen["DeleteArchive"]
    assert 0 < deleted < 30
    context = world.context()
    dry = vaults_removal.cancel(context, "photos", dry_run=True)
    ended = vaults_removal.cancel(context, "photos", dry_run=False)
    assert dry.kept == ended.kept
    # What was answered last may not be written down.
    assert 30 - deleted <= ended.kept <= 30
    with pytest.raises(errors.BadUsage, match="no removal"):
        vaults_removal.cancel(context, "photos", dry_run=False)
    context.key_map.close()
    assert world.look().step is Step.CONFIRM
    assert world.watched.seen["DeleteArchive"] == deleted


def put_in(world: World, name: str, state: ArchiveState, *, archive_id: str | None) -> None:
    """Put an archive in a state into the key map, of which the service knows nothing."""
    context = world.context()
    known = new(name, archive_id=archive_id, state=ArchiveState.UNSETTLED, uploaded_at=START)
    key = context.key_map.archives.add(context.reach("photos").key, known)
    deleted_at = None if state.is_live else START
    context.key_map.archives.set_state(key, state, deleted_at=deleted_at)
    context.key_map.close()


def test_given_up_all_is_what_it_was_before_the_yes(world: World) -> None:
    put_in(world, "a", ArchiveState.UPLOADED, archive_id="a" * 8)
    put_in(world, "b", ArchiveState.MISSING, archive_id="b" * 8)
    put_in(world, "c", ArchiveState.MISSING, archive_id=None)
    put_in(world, "d", ArchiveState.UNSETTLED, archive_id=None)
    # What a deletion began, or ended, before.
    put_in(world, "e", ArchiveState.DELETING, archive_id="e" * 8)
    put_in(world, "f", ArchiveState.DELETED, archive_id=None)
    context = world.context()
    vault, archives = context.recall("photos"), context.key_map.archives
    before = list(archives.every(vault))
    world.clock.advance(HOUR)
    world.watched.fatal = ("DeleteArchive", 0)
    with pytest.raises(Killed):
        world.run()
    assert {one.state.is_live for one in archives.every(vault)} == {False}
    dry = vaults_removal.cancel(context, "photos", dry_run=True)
    assert vaults_removal.cancel(context, "photos", dry_run=False).kept == dry.kept == 4
    assert list(archives.every(vault)) == before


def policy(arn: str, **changes: object) -> str:
    rule = {"Effect": "Deny", "Principal": "*", "Action": "glacier:DeleteArchive", "Resource": arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**rule, **changes}]})


def test_a_lock_that_forbids_it_is_told_on_the_first_day(world: World) -> None:
    world.store("a")
    arn = world.service.describe_vault("photos").arn
    young = {"NumericLessThan": {"glacier:ArchiveAgeInDays": "3"}}
    lock_id = world.service.settings.start_lock("photos", policy(arn, Condition=young))
    world.service.settings.complete_lock("photos", lock_id)
    world.clock.advance(DAY)
    with pytest.raises(errors.RefusedByService, match="until 2026-01-05 03:04Z") as caught:
        world.run()
    assert "nobody can take" in (caught.value.hint or "")
    assert world.watched.seen["InitiateJob"] == 0
    world.clock.advance(2 * DAY)
    world.until_gone()


@pytest.mark.parametrize("action", ["glacier:DeleteVault", "glacier:*Archive"])
def test_a_policy_that_forbids_it_is_told_on_the_first_day(world: World, action: str) -> None:
    world.store("a")
    arn = world.service.describe_vault("photos").arn
    world.service.settings.set_access_policy("photos", policy(arn, Action=action))
    world.clock.advance(DAY)
    with pytest.raises(errors.RefusedByService, match="access policy") as caught:
        world.look()
    assert "vault policy remove photos" in (caught.value.hint or "")
    world.service.settings.remove_access_policy("photos")
    world.until_gone()


def test_a_hold_by_a_tag_is_told_while_it_is_there(world: World) -> None:
    world.store("a")
    arn = world.service.describe_vault("photos").arn
    held = {"StringLike": {"glacier:ResourceTag/Hold": ["true", ""]}}
    world.service.settings.start_lock("photos", policy(arn, Condition=held))
    world.service.settings.set_tags("photos", {"Hold": "true"})
    with pytest.raises(errors.RefusedByService, match="forbids it"):
        world.run()
    world.service.settings.unset_tags("photos", ["Hold"])
    world.until_gone()


@pytest.mark.covers("N15")
def test_a_vault_made_anew_under_the_name_is_asked_about_anew(world: World) -> None:
    world.store("a")
    world.clock.advance(DAY)
    world.until_gone()
    world.service.create_vault("photos")
    world.store("b", "c")
    world.clock.advance(DAY)
    world.until_gone()
    assert world.asked == [(1, 0), (2, 0)]


@pytest.mark.covers("N15")
def test_a_yes_to_a_vault_is_none_to_one_that_somebody_else_made_anew(world: World) -> None:
    archive_id = lose_answer(world)
    world.run()
    assert world.asked == [(1, 0)]
    world.service.delete_archive("photos", archive_id)
    world.clock.advance(DAY)
    world.service.delete_vault("photos")
    world.clock.advance(HOUR)
    world.service.create_vault("photos")
    # A copy of what was said yes to, which says of itself what that did, and a stranger.
    world.service.upload_archive("photos", MemoryPayload(b"lost"), description=SENT)
    world.store("stranger")
    world.service.initiate_upload("photos", part_bytes=MIB, description="theirs")
    world.clock.advance(DAY)
    world.watched.seen.clear()
    world.answers_yes = False
    world.wait_for(world.run())
    with pytest.raises(errors.Interrupted):
        world.run()
    assert not {"DeleteArchive", "AbortMultipartUpload"} & world.watched.seen.keys()
    assert world.asked == [(1, 0), (1, 1)]


@pytest.mark.covers("N15")
def test_a_vault_that_somebody_else_removed_in_the_end_is_gone(world: World) -> None:
    world.store("a")
    world.clock.advance(DAY)
    world.wait_for(world.run())
    world.wait_for(world.run())
    world.service.delete_vault("photos")
    report = world.run()
    assert (report.step, report.exit_code) == (None, 0)
