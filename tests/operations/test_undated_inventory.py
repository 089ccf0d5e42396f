"""An inventory without a date, such as the service's CSV, may be from last year."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import pytest

from glaciercli import errors
from glaciercli.core.listed import ListedArchive
from glaciercli.keymap.store import KeyMap
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.reconcile import ReconcileReport, Snapshot, reconcile
from tests.keymap.records import HOUR, NOW, identity, in_memory
from tests.operations.contexts import context_of

DAY = 24 * HOUR


@dataclass(frozen=True, kw_only=True)
class Home:
    key_map: KeyMap
    vault: KnownVault
    context: Context

    def take_in(self, *names: str, at: datetime | None) -> ReconcileReport:
        """Take in a whole inventory of a time, or one of an unknown time."""
        snapshot = Snapshot(
            inventory_date=at or NOW,
            complete=at is not None,
            is_dated=at is not None,
            job_id=None,
            lag=3 * DAY,
        )
        return reconcile(self.context, self.vault, snapshot, map(listed, names))

    def states(self) -> dict[str | None, str]:
        return {one.name: one.state.value for one in self.key_map.archives.every(self.vault)}


def listed(name: str) -> ListedArchive:
    """Return an archive that was stored as many days ago as its name says."""
    return ListedArchive(
        archive_id=f"ID {name}",
        description=name,
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


def test_what_it_adds_is_missed_by_the_next_dated_one(home: Home) -> None:
    home.take_in("50", at=NOW - 30 * DAY)
    home.take_in("50", "40", at=None)
    assert home.states() == {"50": "confirmed", "40": "confirmed"}
    home.take_in("50", at=NOW - 20 * DAY)
    assert home.states() == {"50": "confirmed", "40": "missing"}


def test_one_of_a_vault_before_is_refused(home: Home) -> None:
    with pytest.raises(errors.InvalidRequest, match="older than the vault"):
        home.take_in("120", at=None)
    assert home.states() == {}
