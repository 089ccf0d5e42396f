"""An inventory without a date, such as the service's CSV, may be from last year."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import pytest

from glaciercli import errors
from glaciercli.core.description import decode, encode
from glaciercli.core.listed import ListedArchive
from glaciercli.core.reconcile import Verdict
from glaciercli.keymap.store import KeyMap
from glaciercli.model.archives import ArchiveState
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.reconcile import ReconcileReport, Snapshot, reconcile
from tests.keymap.records import HOUR, NOW, add, identity, in_memory
from tests.operations.contexts import context_of

DAY = 24 * HOUR


@dataclass(frozen=True, kw_only=True)
class Home:
    key_map: KeyMap
    vault: KnownVault
    context: Context

    def take_in(self, *names: str | ListedArchive, at: datetime | None) -> ReconcileReport:
        """Take in a whole inventory of a time, or one of an unknown time."""
        snapshot = Snapshot(
            inventory_date=at or NOW,
            complete=at is not None,
            is_dated=at is not None,
            job_id=None,
            lag=3 * DAY,
        )
        found = (listed(one) if isinstance(one, str) else one for one in names)
        return reconcile(self.context, self.vault, snapshot, found)

    def upload(self, one: ListedArchive, state: ArchiveState) -> None:
        """Remember an upload of this machine; the answer to an unsettled one was lost."""
        said = decode(one.description)
        is_empty = said.size_bytes == 0
        add(
            self.key_map,
            self.vault,
            said.name,
            state=state,
            archive_id=one.archive_id if state is ArchiveState.UPLOADED else None,
            description=one.description,
            tag=said.tag,
            size_bytes=0 if is_empty else one.size_bytes,
            tree_hash=None if is_empty else one.tree_hash,
            uploaded_at=one.created_at,
        )

    def states(self) -> dict[str | None, str]:
        return {one.name: one.state.value for one in self.key_map.archives.every(self.vault)}


def listed(name: str, *, tag: str | None = None, size_bytes: int | None = None) -> ListedArchive:
    """Return an archive that was stored as many days ago as its name says."""
    ours = encode(name=name, modified_ns=1, tag=tag or "", size_bytes=size_bytes)
    return ListedArchive(
        archive_id=f"ID {name}",
        description=name if tag is None else ours,
        created_at=NOW - int(name) * DAY,
        size_bytes=1,
        tree_hash=b"h" * 32,
    )


@contextmanager
def opened() -> Iterator[Home]:
    with in_memory() as key_map:
        context = context_of(key_map)
        vault = key_map.vaults.remember(identity("photos"), created_at=NOW - 99 * DAY)
        yield Home(key_map=key_map, vault=vault, context=context)


@pytest.fixture
def home() -> Iterator[Home]:
    with opened() as made:
        yield made


def test_what_a_dated_one_missed_stays_missing(home: Home) -> None:
    home.take_in("50", "40", at=NOW - 30 * DAY)
    home.take_in("50", at=NOW - 10 * DAY)
    assert home.states() == {"50": "confirmed", "40": "missing"}
    report = home.take_in("50", "40", at=None)
    assert report.inventory_date == NOW - 40 * DAY
    assert home.states() == {"50": "confirmed", "40": "missing"}
    (row,) = home.key_map.archives.named(home.vault, "50")
    assert row.listed_at == NOW - 10 * DAY


def test_one_that_lists_what_is_younger_than_the_dated_one_brings_back(home: Home) -> None:
    home.take_in("50", "40", at=NOW - 30 * DAY)
    home.take_in("50", at=NOW - 10 * DAY)
    home.take_in("40", "5", at=None)
    assert home.states() == {"50": "confirmed", "40": "confirmed", "5": "confirmed"}


@pytest.mark.parametrize("others", [(), ("50",)])
def test_what_a_dated_one_should_list_is_added_as_missing(
    home: Home, others: tuple[str, ...]
) -> None:
    home.take_in(*others, at=NOW - 30 * DAY)
    report = home.take_in(*others, "40", at=None)
    assert report.verdicts[Verdict.ADD_MISSING] == 1
    kept = dict.fromkeys(others, "confirmed")
    for again in (None, NOW - 30 * DAY, NOW - 20 * DAY):
        assert home.states() == {**kept, "40": "missing"}
        home.take_in(*others, *(() if again else ("40",)), at=again)
    (row,) = home.key_map.archives.named(home.vault, "40")
    assert row.listed_at == NOW - 40 * DAY
    # The service was later than anybody has seen it.
    home.take_in(*others, "40", at=NOW - 10 * DAY)
    assert home.states() == {**kept, "40": "confirmed"}


def test_what_a_dated_one_may_lack_is_not_confirmed_before_the_next(home: Home) -> None:
    home.take_in("50", at=NOW - 30 * DAY)
    report = home.take_in("50", "33", "32", at=None)
    assert report.verdicts[Verdict.ADD_UNCONFIRMED] == 2
    home.take_in("50", at=NOW - 30 * DAY)
    assert home.states() == {"50": "confirmed", "33": "uploaded", "32": "uploaded"}
    home.take_in("50", "32", at=NOW - 20 * DAY)
    assert home.states() == {"50": "confirmed", "33": "missing", "32": "confirmed"}


def test_an_upload_that_a_dated_one_lacks_is_not_confirmed(home: Home) -> None:
    home.take_in("50", at=NOW - 30 * DAY)
    sent = [listed(name, tag=f"tag{name}") for name in ("40", "39", "32", "31")]
    for one, lost in zip(sent, (False, True, False, True), strict=True):
        home.upload(one, ArchiveState.UNSETTLED if lost else ArchiveState.UPLOADED)
    report = home.take_in("50", *sent, at=None)
    assert report.verdicts[Verdict.NOT_YET_LISTED] == 1
    assert report.verdicts[Verdict.SETTLE_UNCONFIRMED] == 1
    assert home.states() == {
        "50": "confirmed",
        "40": "missing",
        "39": "missing",
        "32": "uploaded",
        "31": "uploaded",
    }
    (row,) = home.key_map.archives.named(home.vault, "31")
    assert row.archive_id == "ID 31"
    home.take_in("50", *sent, at=NOW - 20 * DAY)
    assert set(home.states().values()) == {"confirmed"}


def test_an_empty_file_that_a_dated_one_lacks_is_not_there(home: Home) -> None:
    home.take_in("50", at=NOW - 30 * DAY)
    empty = [listed(name, tag=f"tag{name}", size_bytes=0) for name in ("40", "39", "32", "31")]
    for one in empty[1::2]:
        home.upload(one, ArchiveState.EMPTY)
    home.take_in("50", *empty, at=None)
    states = {"50": "confirmed", "40": "missing", "39": "missing", "32": "empty", "31": "empty"}
    assert home.states() == states
    first, _, third, fourth = (
        next(home.key_map.archives.named(home.vault, name)) for name in ("40", "39", "32", "31")
    )
    assert first.is_missing_stand_in
    assert third.listed_at is None
    assert fourth.archive_id == "ID 31"
    home.take_in("50", at=NOW - 30 * DAY)
    assert home.states() == states
    home.take_in("50", *empty, at=NOW - 20 * DAY)
    assert set(home.states().values()) == {"confirmed", "empty"}
    assert list(home.states().values()).count("empty") == 4


def test_what_it_adds_first_is_missed_by_the_next_dated_one(home: Home) -> None:
    home.take_in("50", "40", at=None)
    assert home.states() == {"50": "confirmed", "40": "confirmed"}
    home.take_in("50", at=NOW - 20 * DAY)
    assert home.states() == {"50": "confirmed", "40": "missing"}


def test_one_of_a_vault_before_is_refused(home: Home) -> None:
    with pytest.raises(errors.InvalidRequest, match="older than the vault"):
        home.take_in("120", at=None)
    assert home.states() == {}
