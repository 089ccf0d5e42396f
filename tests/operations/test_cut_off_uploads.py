"""Uploads that only the ledger knows of, whose lines may never run again, and inventories."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from glaciercli import errors
from glaciercli.core import description
from glaciercli.core.described import EMPTY_FILE_CONTENT, Attributes
from glaciercli.core.listed import ListedArchive
from glaciercli.core.reconcile import Verdict
from glaciercli.keymap.store import KeyMap, open_key_map
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.uploads import LedgerEntry, UploadIntent
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.reconcile import ReconcileReport, Snapshot, reconcile
from glaciercli.operations.results import Uploaded
from glaciercli.operations.upload_ledger import Ledger
from glaciercli.transfer import flow
from glaciercli.transfer.meter import Meter
from glaciercli.transfer.spool import spooled
from tests.fakes import Deaf
from tests.keymap.lock_holders import held_elsewhere
from tests.keymap.records import HOUR, NOW, add, meet
from tests.operations.contexts import context_of

MIB = 2**20
TAG = "oYpV0ril9HN7urRY"
CONTENT = b"content"
SAID = description.encode(name="a", modified_ns=5, tag=TAG, attributes=Attributes(mode=0o100640))
CUT_OFF_AT = NOW - HOUR


@dataclass(frozen=True, kw_only=True)
class Home:
    """A key map with a vault, in which uploads are cut off."""

    context: Context
    key_map: KeyMap
    vault: KnownVault
    #: The directory of the locks.
    locks: str

    def send(self, said: str = SAID, *, tag: str | None = TAG, content: bytes = CONTENT) -> None:
        """Be cut off before the answer to a request that holds everything."""
        self.key_map.uploads.begin_sending(
            self.vault.key,
            UploadIntent(name="a", source=None, part_bytes=MIB, description=said, tag=tag),
            size_bytes=len(content),
            tree=tree_of(content),
            begun_at=CUT_OFF_AT,
        )

    def complete(self) -> None:
        """Be cut off before the answer that the parts are an archive."""
        uploads = self.key_map.uploads
        intent = UploadIntent(name="a", source=None, part_bytes=MIB, description=SAID, tag=TAG)
        begun = uploads.begin(self.vault.key, intent, begun_at=CUT_OFF_AT)
        opened = uploads.opened(begun, "UPLOAD")
        uploads.completing(opened, size_bytes=len(CONTENT), tree=tree_of(CONTENT))

    def take_in(self, *listed: ListedArchive, dry_run: bool = False) -> ReconcileReport:
        """Take in a whole inventory of now."""
        snapshot = Snapshot(inventory_date=NOW, complete=True, job_id=None, lag=72 * HOUR)
        return reconcile(self.context, self.vault, snapshot, iter(listed), dry_run=dry_run)

    def rows(self) -> list[Archive]:
        return list(self.key_map.archives.every(self.vault))

    def entry(self) -> LedgerEntry | None:
        return self.key_map.uploads.find(self.vault.key, "a")


def tree_of(content: bytes) -> bytes:
    return spooled(content, None).tree_hash


def listed(
    said: str = SAID,
    *,
    archive_id: str = "ID",
    content: bytes = CONTENT,
    created_at: datetime = CUT_OFF_AT,
) -> ListedArchive:
    return ListedArchive(
        archive_id=archive_id,
        description=said,
        created_at=created_at,
        size_bytes=len(content),
        tree_hash=tree_of(content),
    )


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    path = tmp_path / "key-map.sqlite3"
    with closing(open_key_map(str(path), now=NOW)) as key_map:
        vault = meet(key_map)
        context = context_of(key_map, new_tag=lambda: TAG)
        yield Home(context=context, key_map=key_map, vault=vault, locks=f"{path}.locks")


@pytest.mark.parametrize("others", [0, 3])
def test_what_was_cut_off_while_it_was_sent_is_settled(home: Home, others: int) -> None:
    known = [listed(str(one), archive_id=f"OTHER{one}") for one in range(others)]
    home.take_in(*known)
    home.send()
    report = home.take_in(*known, listed())
    (row,) = (one for one in home.rows() if one.name == "a")
    assert (row.archive_id, row.state, row.tag) == ("ID", ArchiveState.CONFIRMED, TAG)
    assert (row.uploaded_at, row.mode, row.size_bytes) == (CUT_OFF_AT, 0o100640, len(CONTENT))
    assert home.entry() is None
    assert report.verdicts[Verdict.SETTLE] == 1
    assert report.verdicts[Verdict.ADD] == 0
    assert len(home.rows()) == others + 1


def test_what_was_cut_off_while_it_was_completed_is_settled(home: Home) -> None:
    home.complete()
    assert +home.take_in(listed()).verdicts == {Verdict.SETTLE: 1}
    assert [one.archive_id for one in home.rows()] == ["ID"]
    assert home.entry() is None


def test_what_stands_for_an_empty_file_is_settled_as_one(home: Home) -> None:
    said = description.encode(name="a", modified_ns=5, tag=TAG, size_bytes=0)
    home.send(said, content=EMPTY_FILE_CONTENT)
    home.take_in(listed(said, content=EMPTY_FILE_CONTENT))
    (row,) = home.rows()
    assert (row.archive_id, row.state, row.size_bytes) == ("ID", ArchiveState.EMPTY, 0)
    assert home.entry() is None


def test_a_description_of_the_user_s_own_is_told_by_its_content(home: Home) -> None:
    home.send("mine", tag=None)
    home.take_in(listed("mine"), listed("mine", archive_id="OTHER", content=b"else"))
    names = {row.archive_id: row.name for row in home.rows()}
    assert names == {"ID": "a", "OTHER": "mine"}
    assert home.entry() is None


def test_what_an_inventory_does_not_list_stays_in_the_ledger(home: Home) -> None:
    home.send()
    home.take_in(listed("b", archive_id="OTHER"))
    assert home.entry() is not None
    assert [row.archive_id for row in home.rows()] == ["OTHER"]


def test_what_has_just_an_intent_is_left_alone(home: Home) -> None:
    intent = UploadIntent(name="a", source=None, part_bytes=MIB, description=SAID, tag=TAG)
    home.key_map.uploads.begin(home.vault.key, intent, begun_at=CUT_OFF_AT)
    home.take_in()
    assert home.entry() is not None


def test_what_an_earlier_inventory_told_of_is_known_once(home: Home) -> None:
    # As programs before this one left it.
    home.take_in(listed())
    home.send()
    assert +home.take_in(listed()).verdicts == {Verdict.UNCHANGED: 1}
    (row,) = home.rows()
    assert (row.archive_id, row.state) == ("ID", ArchiveState.CONFIRMED)
    assert home.entry() is None


@pytest.mark.parametrize(("other_at", "newest_id"), [(NOW, "OTHER"), (CUT_OFF_AT - HOUR, "ID")])
def test_a_version_follows_those_from_before_it_was_begun(
    home: Home, other_at: datetime, newest_id: str
) -> None:
    add(home.key_map, home.vault, "a", archive_id="OTHER", uploaded_at=other_at)
    home.send()
    # The clock of this machine is two hours ahead.
    home.take_in(listed(created_at=CUT_OFF_AT - 2 * HOUR))
    newest = home.key_map.archives.newest(home.vault, "a")
    assert newest is not None
    assert newest.archive_id == newest_id


def test_a_dry_run_settles_nothing(home: Home) -> None:
    home.send()
    assert +home.take_in(listed(), dry_run=True).verdicts == {Verdict.SETTLE: 1}
    assert home.rows() == []
    assert home.entry() is not None


def ended(story: flow.Flow[Any], step: flow.Step, answer: str | errors.GlacierCliError) -> object:
    """Give a story the answer that it waits for, and return what it returns."""
    try:
        if isinstance(answer, errors.GlacierCliError):
            story.throw(answer)
        else:
            step.done(answer)
            next(story)
    except StopIteration as end:
        return end.value
    return pytest.fail("it goes on")


@pytest.mark.parametrize("answer", ["ID", errors.OutcomeUnknown("the answer was lost")])
@pytest.mark.parametrize(("said", "tag"), [(SAID, TAG), ("mine", None)])
def test_a_run_that_still_waits_for_its_answer_finds_its_archive(
    home: Home, said: str, tag: str | None, answer: str | errors.GlacierCliError
) -> None:
    intent = UploadIntent(name="a", source=None, part_bytes=MIB, description=said, tag=tag)
    meter = Meter(Deaf(), "a", len(CONTENT))
    story = Ledger(home.context, home.vault).send_whole(intent, spooled(CONTENT, None), meter)
    step = next(story)
    with held_elsewhere(home.locks, "a"):
        # Another run takes in an inventory meanwhile.
        home.take_in(listed(said, created_at=NOW))
    assert home.entry() is not None
    assert isinstance(ended(story, step, answer), Uploaded)
    (row,) = home.rows()
    assert (row.name, row.archive_id, row.state) == ("a", "ID", ArchiveState.CONFIRMED)
    assert home.entry() is None


OLD = listed("mine", archive_id="OLD", created_at=NOW - 100 * HOUR)


def test_an_archive_from_before_keeps_its_name(home: Home) -> None:
    home.take_in(OLD)
    home.send("mine", tag=None)
    home.take_in(OLD)
    assert [(row.name, row.archive_id) for row in home.rows()] == [("mine", "OLD")]
    assert home.entry() is not None
    home.take_in(OLD, listed("mine", archive_id="NEW"))
    assert {row.archive_id: row.name for row in home.rows()} == {"OLD": "mine", "NEW": "a"}
    assert home.entry() is None


@pytest.mark.parametrize("is_there", [True, False])
def test_an_upload_in_doubt_is_no_archive_from_before(home: Home, *, is_there: bool) -> None:
    home.take_in(OLD)
    home.take_in(*[OLD] * is_there)
    home.send("mine", tag=None)
    (left,) = flow.run([Ledger(home.context, home.vault).settle("a")], workers=1)
    assert left is None
    assert {(row.name, row.archive_id) for row in home.rows()} == {("mine", "OLD"), ("a", None)}
