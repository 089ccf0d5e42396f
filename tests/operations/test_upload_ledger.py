"""The ledger of uploads, a step at a time: what is written down, what is asked, what follows."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from glaciercli import errors
from glaciercli.core import description
from glaciercli.keymap import values
from glaciercli.keymap.store import KeyMap
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.files import FileIdentity
from glaciercli.model.ranges import ByteRange, HashedSpan
from glaciercli.model.uploads import LedgerEntry, UploadIntent, UploadStage
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.results import Unsettled, Uploaded
from glaciercli.operations.upload_ledger import Ledger, SentParts
from glaciercli.ports import OpenUpload
from glaciercli.reporting import TransferFinished
from glaciercli.transfer import flow
from glaciercli.transfer.files import FileSlice
from glaciercli.transfer.meter import Meter
from glaciercli.transfer.spool import spooled
from tests.fakes import Deaf, Listening, MovedClock
from tests.keymap.records import HOUR, NOW, add, in_memory, meet
from tests.operations.contexts import context_of

MIB = 2**20
TAG = "oYpV0ril9HN7urRY"
SAID = description.encode(name="a", modified_ns=5, tag=TAG)
SOURCE = FileIdentity(path="/a", size_bytes=7, modified_ns=5, device=1, inode=2, mode=0o100600)
INTENT = UploadIntent(name="a", source=SOURCE, part_bytes=MIB, description=SAID, tag=TAG)
HASH, OTHER = b"h" * 32, b"o" * 32
FIRST, SECOND = ByteRange(0, MIB), ByteRange(MIB, 2 * MIB)

LOST = errors.OutcomeUnknown("the answer was lost")
FORGOTTEN = errors.UploadNotFound("no such upload")
REFUSED = errors.InvalidRequest("wrong hash")
BUSY = errors.TransientFailure("busy")


@dataclass
class FarSide:
    """Answers each call with what it was told to, and remembers it."""

    answers: dict[str, list[Any]] = field(default_factory=dict)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def _answer(self, *call: Any) -> Any:
        self.calls.append(call)
        given = self.answers.get(call[0], [])
        answer = given.pop(0) if given else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def initiate_upload(self, vault: str, *, part_bytes: int, description: str) -> Any:
        return self._answer("initiate", vault, part_bytes, description)

    def list_uploads(self, vault: str) -> Any:
        return iter(self._answer("uploads", vault) or ())

    def list_parts(self, vault: str, upload_id: str) -> Any:
        return iter(self._answer("parts", vault, upload_id) or ())

    def upload_part(self, vault: str, upload_id: str, payload: FileSlice) -> None:
        self._answer("part", vault, upload_id, payload.span)

    def upload_archive(self, vault: str, payload: FileSlice, *, description: str) -> Any:
        return self._answer("archive", vault, payload.span, description)

    def complete_upload(self, vault: str, upload_id: str, **given: Any) -> Any:
        sizes = (given["size_bytes"], given["tree_hash"], given["again"])
        return self._answer("complete", vault, upload_id, *sizes)

    def abort_upload(self, vault: str, upload_id: str) -> None:
        self._answer("abort", vault, upload_id)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A ledger, with all that it writes into and asks."""

    key_map: KeyMap
    vault: KnownVault
    far: FarSide
    clock: MovedClock
    ledger: Ledger
    heard: Listening

    def entry(self) -> LedgerEntry | None:
        return self.key_map.uploads.find(self.vault.key, "a")

    def rows(self) -> list[Archive]:
        return list(self.key_map.archives.live(self.vault))

    def opened(self, upload_id: str = "UPLOAD") -> LedgerEntry:
        return self.key_map.uploads.opened(self.ledger.begin(INTENT), upload_id)

    def completing(self) -> LedgerEntry:
        entry = self.opened()
        return self.key_map.uploads.completing(entry, size_bytes=7, tree=HASH)


@pytest.fixture
def desk() -> Iterator[Desk]:
    far, clock, heard = FarSide(), MovedClock(NOW), Listening()
    with in_memory() as key_map:
        vault = meet(key_map)
        context = context_of(key_map, clock=clock, reporter=heard, service=far, new_tag=lambda: TAG)
        yield Desk(
            key_map=key_map,
            vault=vault,
            far=far,
            clock=clock,
            ledger=Ledger(context, vault),
            heard=heard,
        )


def told(story: flow.Flow[Any]) -> Any:
    """Drive a story to its end on this thread, and return what it returns."""
    (result,) = flow.run([story], workers=1)
    return result


def payload(content: bytes = b"content") -> FileSlice:
    return spooled(content, None)


def part(start: int, stop: int, tree: bytes = HASH) -> HashedSpan:
    return HashedSpan(span=ByteRange(start, stop), tree_hash=tree)


def test_an_intent_is_there_before_anything_is_asked(desk: Desk) -> None:
    entry = desk.ledger.begin(INTENT)
    assert desk.entry() == entry
    assert (entry.intent.tag, entry.stage, entry.upload_id) == (TAG, UploadStage.INTENDED, None)
    assert desk.far.calls == []


def test_an_upload_is_opened_once_and_its_id_kept(desk: Desk) -> None:
    desk.far.answers = {"initiate": ["UPLOAD"]}
    entry, sent = told(desk.ledger.open(desk.ledger.begin(INTENT)))
    assert entry.upload_id == "UPLOAD"
    assert desk.entry() == entry
    assert sent == SentParts(listed={}, recorded={})
    assert desk.far.calls == [("initiate", "photos", MIB, SAID)]


@pytest.mark.covers("N12")
def test_what_the_service_lists_and_the_ledger_agrees_to_is_recorded(desk: Desk) -> None:
    entry = desk.opened()
    for one in (part(0, MIB), part(MIB, 2 * MIB), part(2 * MIB, 3 * MIB)):
        desk.key_map.uploads.record_part(entry.key, one)
    desk.far.answers = {"parts": [[part(0, MIB), part(MIB, 2 * MIB, OTHER)]]}
    again, sent = told(desk.ledger.open(entry))
    assert again == entry
    assert sent == SentParts(listed={FIRST: HASH, SECOND: OTHER}, recorded={FIRST: HASH})
    assert desk.far.calls == [("parts", "photos", "UPLOAD")]


@pytest.mark.covers("N12")
def test_only_what_is_not_there_is_sent(desk: Desk) -> None:
    entry, one = desk.opened(), payload()
    sent = SentParts(listed={one.span: one.tree_hash}, recorded={})
    span = HashedSpan(span=one.span, tree_hash=one.tree_hash)
    assert desk.ledger.send_part(entry, one, sent) == span
    assert desk.far.calls == []
    other = SentParts(listed={one.span: OTHER}, recorded={})
    assert desk.ledger.send_part(entry, one, other) == span
    assert desk.far.calls == [("part", "photos", "UPLOAD", one.span)]


@pytest.mark.parametrize(
    ("listed", "may"),
    [({}, True), ({FIRST: HASH}, True), ({FIRST: OTHER}, False), ({SECOND: OTHER}, True)],
)
def test_an_upload_begins_with_the_part_that_it_is_known_to_begin_with(
    listed: dict[ByteRange, bytes], *, may: bool
) -> None:
    sent = SentParts(listed={**listed, ByteRange(5 * MIB, 6 * MIB): OTHER}, recorded={})
    assert sent.may_begin_with(ByteRange(0, 5), HASH) is may


def listed_upload(upload_id: str, said: str = SAID, part_bytes: int = MIB) -> OpenUpload:
    return OpenUpload(upload_id=upload_id, description=said, part_bytes=part_bytes, created_at=NOW)


def test_an_upload_is_found_by_its_mark_and_its_part_size(desk: Desk) -> None:
    entry = desk.ledger.begin(INTENT)
    foreign = [listed_upload("OTHER", "x"), listed_upload("WIDE", part_bytes=2 * MIB)]
    desk.far.answers = {"uploads": [foreign, [*foreign, listed_upload("OURS")]]}
    assert told(desk.ledger.recover(entry)) == entry
    found = told(desk.ledger.recover(entry))
    assert found.upload_id == "OURS"
    assert desk.entry() == found
    assert desk.far.calls == [("uploads", "photos")] * 2


def test_nobody_is_asked_for_an_upload_that_is_known_or_has_no_mark(desk: Desk) -> None:
    entry = desk.opened()
    assert told(desk.ledger.recover(entry)) == entry
    unmarked = replace(entry, upload_id=None, intent=replace(INTENT, tag=None))
    assert told(desk.ledger.recover(unmarked)) == unmarked
    assert desk.far.calls == []


def test_nothing_is_settled_where_nothing_can_have_become_an_archive(desk: Desk) -> None:
    assert told(desk.ledger.settle("a")) is None
    entry = desk.opened()
    assert told(desk.ledger.settle("a")) == entry
    assert (desk.far.calls, desk.entry(), desk.rows()) == ([], entry, [])


def test_a_single_request_that_was_cut_off_is_in_doubt(desk: Desk) -> None:
    desk.key_map.uploads.begin_sending(
        desk.vault.key, INTENT, size_bytes=7, tree=HASH, begun_at=NOW
    )
    desk.clock.advance(HOUR)
    assert told(desk.ledger.settle("a")) is None
    (row,) = desk.rows()
    assert (row.state, row.archive_id, row.name) == (ArchiveState.UNSETTLED, None, "a")
    assert (row.size_bytes, row.tree_hash, row.uploaded_at) == (7, HASH, NOW + HOUR)
    assert (desk.entry(), desk.far.calls) == (None, [])


def test_a_completion_that_was_cut_off_is_asked_for_again(desk: Desk) -> None:
    desk.completing()
    desk.far.answers = {"complete": ["ID"]}
    made = Uploaded(name="a", archive_id="ID", size_bytes=7, tree_hash=HASH)
    assert told(desk.ledger.settle("a")) == made
    assert desk.far.calls == [("complete", "photos", "UPLOAD", 7, HASH, True)]
    (row,) = desk.rows()
    assert (row.archive_id, row.state) == ("ID", ArchiveState.UPLOADED)
    assert desk.entry() is None


def test_a_completion_that_is_refused_after_all_begins_anew(desk: Desk) -> None:
    desk.completing()
    desk.far.answers = {"complete": [REFUSED]}
    assert told(desk.ledger.settle("a")) is None
    assert desk.far.calls[1:] == [("abort", "photos", "UPLOAD")]
    assert (desk.entry(), desk.rows()) == (None, [])


def test_what_is_under_way_is_dropped_here_and_there(desk: Desk) -> None:
    told(desk.ledger.drop("a"))
    assert desk.far.calls == []
    desk.opened()
    told(desk.ledger.drop("a"))
    assert desk.far.calls == [("abort", "photos", "UPLOAD")]
    assert desk.entry() is None


def test_an_upload_whose_id_nobody_knows_is_looked_for_before_it_is_dropped(desk: Desk) -> None:
    desk.ledger.begin(INTENT)
    desk.far.answers = {"uploads": [[listed_upload("OURS")]]}
    told(desk.ledger.drop("a"))
    assert desk.far.calls == [("uploads", "photos"), ("abort", "photos", "OURS")]
    desk.ledger.begin(INTENT)
    told(desk.ledger.drop("a"))
    assert desk.far.calls[2:] == [("uploads", "photos")]
    assert desk.entry() is None


def meter() -> Meter:
    return Meter(Deaf(), "a", 7)


def whole(desk: Desk, one: FileSlice) -> flow.Flow[Any]:
    return desk.ledger.send_whole(INTENT, one, meter())


def test_everything_goes_in_one_request(desk: Desk) -> None:
    desk.far.answers = {"archive": ["ID"]}
    one = payload()
    done = told(whole(desk, one))
    assert done == Uploaded(name="a", archive_id="ID", size_bytes=7, tree_hash=one.tree_hash)
    assert desk.far.calls == [("archive", "photos", one.span, SAID)]
    (row,) = desk.rows()
    assert (row.archive_id, row.name) == ("ID", "a")
    assert (row.size_bytes, row.tree_hash, row.state) == (7, one.tree_hash, ArchiveState.UPLOADED)
    assert (row.modified_ns, row.mode, row.description) == (5, 0o100600, SAID)
    assert (row.uploaded_at, desk.entry()) == (NOW, None)


def test_the_intent_of_a_single_request_is_there_while_it_is_sent(desk: Desk) -> None:
    story = whole(desk, one := payload())
    next(story)
    entry = desk.entry()
    assert entry is not None
    assert (entry.stage, entry.size_bytes) == (UploadStage.SENDING, 7)
    assert entry.tree_hash == one.tree_hash
    story.close()


def test_what_was_handed_out_is_told(desk: Desk) -> None:
    heard = Listening()
    one = payload()
    next(story := desk.ledger.send_whole(INTENT, one, Meter(heard, "a", 7)))
    assert one.open().read() == b"content"
    story.close()
    assert [getattr(event, "done_bytes", None) for event in heard.heard] == [None, 7]


def test_an_answer_to_a_single_request_that_was_lost_leaves_doubt(desk: Desk) -> None:
    desk.far.answers = {"archive": [LOST]}
    assert told(whole(desk, payload())) == Unsettled(name="a", size_bytes=7)
    (row,) = desk.rows()
    assert (row.state, desk.entry()) == (ArchiveState.UNSETTLED, None)


@pytest.mark.parametrize("failure", [REFUSED, BUSY, errors.ChecksumMismatch("other bytes")])
def test_a_single_request_that_did_nothing_leaves_nothing(
    desk: Desk, failure: errors.GlacierCliError
) -> None:
    desk.far.answers = {"archive": [failure]}
    with pytest.raises(type(failure)):
        told(whole(desk, payload()))
    assert (desk.entry(), desk.rows()) == (None, [])


def test_a_single_request_that_is_stopped_stays_in_the_ledger_once_its_last_byte_went_out(
    desk: Desk,
) -> None:
    next(story := whole(desk, payload()))
    story.close()
    assert desk.entry() is None
    next(story := whole(desk, one := payload()))
    one.open().read()
    story.close()
    assert desk.entry() is not None
    assert desk.rows() == []


def complete(desk: Desk) -> Any:
    return told(desk.ledger.complete(desk.opened(), size_bytes=7, tree=HASH))


def asked(*, again: bool) -> tuple[Any, ...]:
    return ("complete", "photos", "UPLOAD", 7, HASH, again)


def test_parts_become_an_archive(desk: Desk) -> None:
    desk.far.answers = {"complete": ["ID"]}
    assert complete(desk) == Uploaded(name="a", archive_id="ID", size_bytes=7, tree_hash=HASH)
    assert desk.far.calls == [asked(again=False)]
    (row,) = desk.rows()
    assert (row.archive_id, desk.entry()) == ("ID", None)


def test_the_ledger_says_that_a_completion_may_have_been_done(desk: Desk) -> None:
    next(story := desk.ledger.complete(desk.opened(), size_bytes=7, tree=HASH))
    entry = desk.entry()
    assert entry is not None
    assert (entry.stage, entry.size_bytes) == (UploadStage.COMPLETING, 7)
    story.close()


def test_a_lost_answer_to_a_completion_is_asked_for_once_more(desk: Desk) -> None:
    desk.far.answers = {"complete": [LOST, "ID"]}
    assert complete(desk).archive_id == "ID"
    assert desk.far.calls == [asked(again=False), asked(again=True)]


def test_an_upload_that_is_forgotten_after_a_lost_answer_is_in_doubt(desk: Desk) -> None:
    desk.far.answers = {"complete": [LOST, FORGOTTEN]}
    assert complete(desk) == Unsettled(name="a", size_bytes=7)
    assert (desk.rows()[0].state, desk.entry()) == (ArchiveState.UNSETTLED, None)


@pytest.mark.parametrize("given", [[REFUSED], [LOST, REFUSED]], ids=len)
def test_parts_that_make_no_archive_are_given_up(desk: Desk, given: list[Exception]) -> None:
    desk.far.answers = {"complete": [*given]}
    with pytest.raises(errors.InvalidRequest):
        complete(desk)
    assert desk.far.calls[-1] == ("abort", "photos", "UPLOAD")
    assert (desk.entry(), desk.rows()) == (None, [])


@pytest.mark.parametrize("given", [[FORGOTTEN], [BUSY], [LOST, BUSY], [LOST, LOST]], ids=str)
def test_an_upload_that_is_not_settled_is_left_to_the_next_run(
    desk: Desk, given: list[Exception]
) -> None:
    desk.far.answers = {"complete": [*given]}
    with pytest.raises(type(given[-1])):
        complete(desk)
    assert desk.entry() is not None
    assert desk.rows() == []
    assert not any(call[0] == "abort" for call in desk.far.calls)


def test_an_empty_file_is_an_archive_that_says_so(desk: Desk) -> None:
    desk.opened()
    desk.far.answers = {"archive": ["ID"]}
    done = told(desk.ledger.store_empty("a", replace(SOURCE, size_bytes=0), TAG))
    assert done == Uploaded(name="a", archive_id="ID", size_bytes=0, tree_hash=None)
    abort, (_, vault, span, text) = desk.far.calls
    assert abort == ("abort", "photos", "UPLOAD")
    assert (vault, span.size_bytes) == ("photos", 1)
    said = description.decode(text)
    assert (said.name, said.size_bytes, said.modified_ns, said.tag) == ("a", 0, 5, TAG)
    assert said.attributes.mode == 0o100600
    (row,) = desk.rows()
    assert (row.state, row.size_bytes, row.tree_hash) == (ArchiveState.EMPTY, 0, None)
    assert isinstance(desk.heard.heard[-1], TransferFinished)


def test_an_empty_stream_is_an_archive_too_and_may_be_in_doubt(desk: Desk) -> None:
    desk.far.answers = {"archive": [LOST]}
    assert told(desk.ledger.store_empty("a", None, TAG)) == Unsettled(name="a", size_bytes=0)
    (row,) = desk.rows()
    assert (row.state, row.modified_ns, row.mode) == (ArchiveState.UNSETTLED, None, None)
    assert description.decode(row.description).modified_ns is None


def of_one_byte(desk: Desk, **of_archive: Any) -> Archive:
    """Store a byte under a description of the user's, and return its row."""
    desk.far.answers = {"archive": ["ID"]}
    intent = replace(INTENT, **of_archive)
    told(desk.ledger.send_whole(intent, payload(b"x"), meter()))
    return desk.rows()[0]


def test_a_file_of_one_byte_is_no_empty_file(desk: Desk) -> None:
    row = of_one_byte(desk)
    assert (row.state, row.size_bytes) == (ArchiveState.UPLOADED, 1)


def test_a_long_file_is_not_empty_whatever_is_said_of_it(desk: Desk) -> None:
    desk.far.answers = {"archive": ["ID"]}
    said = description.encode(name="a", modified_ns=5, tag=TAG, size_bytes=0)
    intent = replace(INTENT, description=said)
    told(desk.ledger.send_whole(intent, payload(), meter()))
    (row,) = desk.rows()
    assert (row.state, row.size_bytes) == (ArchiveState.UPLOADED, 7)


@pytest.mark.parametrize("source", [None, replace(SOURCE, mode=None)], ids=["none", "modeless"])
def test_the_description_tells_the_mode_where_nothing_else_does(
    desk: Desk, source: FileIdentity | None
) -> None:
    attributes = description.decode('gc1 {"n":"a","p":"640"}').attributes
    said = description.encode(name="a", modified_ns=5, tag=TAG, attributes=attributes)
    assert of_one_byte(desk, description=said, source=source).mode == 0o100640


def known_before(desk: Desk, **others: Any) -> None:
    facts = {"description": SAID, "tag": TAG, "state": ArchiveState.CONFIRMED, "mode": None}
    add(desk.key_map, desk.vault, "a", archive_id="ID", size_bytes=7, **{**facts, **others})


@pytest.mark.parametrize("answer", ["ID", LOST], ids=["told", "lost"])
def test_a_row_that_an_inventory_made_meanwhile_is_the_archive(desk: Desk, answer: Any) -> None:
    known_before(desk, tree_hash=HASH)
    desk.far.answers = {"archive": [answer]}
    done = told(whole(desk, payload()))
    assert done == Uploaded(name="a", archive_id="ID", size_bytes=7, tree_hash=HASH)
    (row,) = desk.rows()
    assert (row.state, row.archive_id) == (ArchiveState.CONFIRMED, "ID")
    assert desk.entry() is None


def events(desk: Desk) -> list[tuple[Any, ...]]:
    """Return what the journal holds; nothing of the program lists all of it."""
    journal: Any = desk.key_map.journal
    sql = "SELECT event, at, vault_key, archive_id, name FROM journal ORDER BY rowid"
    return list(journal._database.query(sql))  # noqa: SLF001


def test_the_journal_says_what_became_of_an_upload(desk: Desk) -> None:
    desk.far.answers = {"archive": ["ID", LOST]}
    told(whole(desk, payload()))
    told(desk.ledger.send_whole(replace(INTENT, name="b", tag="x" * 16), payload(), meter()))
    told_at = values.to_ms(NOW)
    assert [(one[0], one[1], one[2], one[4]) for one in events(desk)] == [
        ("uploaded", told_at, desk.vault.key, "a"),
        ("unsettled", told_at, desk.vault.key, "b"),
    ]
    assert [one[3] is None for one in events(desk)] == [False, True]


def test_the_journal_says_what_an_inventory_knew(desk: Desk) -> None:
    known_before(desk, tree_hash=HASH)
    desk.far.answers = {"archive": [LOST]}
    told(whole(desk, payload()))
    (one,) = events(desk)
    assert one[0] == "confirmed"
    assert one[3] is not None
