"""What the removal of a vault dooms, and what is taken back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from glaciercli.core.description import encode
from glaciercli.core.doom import state_before, tombstone
from glaciercli.model.archives import Archive, ArchiveState
from tests.keymap.records import identity

YES = datetime(2026, 1, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
S = ArchiveState

STORED = Archive(
    vault=identity(),
    key=1,
    archive_id="ID",
    name="a",
    description="",
    tag=None,
    size_bytes=3,
    tree_hash=b"h" * 32,
    modified_ns=None,
    uploaded_at=YES - 9 * DAY,
    state=S.UPLOADED,
    listed_at=None,
    deleted_at=None,
    mode=None,
    gone_at=None,
    is_missing_stand_in=False,
)
LISTED = replace(STORED, state=S.CONFIRMED, listed_at=YES - DAY)
OF_NO_BYTES = replace(
    LISTED,
    state=S.EMPTY,
    description=encode(name="a", modified_ns=None, tag="mark_of_12__", size_bytes=0),
    size_bytes=0,
    tree_hash=None,
)
LOST = replace(STORED, archive_id=None, state=S.UNSETTLED)


def doomed(archive: Archive) -> Archive:
    made = tombstone(archive, said_yes_at=YES)
    return replace(archive, state=made.state, deleted_at=made.deleted_at)


@pytest.mark.parametrize("archive", [
    STORED,
    LISTED,
    OF_NO_BYTES,
    LOST,
    # What only another tool told of, and not its size.
    replace(STORED, size_bytes=0, tree_hash=None),
    *(replace(one, state=S.MISSING) for one in (STORED, LISTED, OF_NO_BYTES, LOST)),
])  # fmt: skip
def test_what_is_taken_back_is_what_it_was(archive: Archive) -> None:
    gone = doomed(archive)
    assert gone.state is (S.DELETED if archive.archive_id is None else S.DELETING)
    assert state_before(gone, said_yes_at={YES - DAY, YES}) is archive.state


def test_what_was_missing_and_is_listed_since_is_stored() -> None:
    gone = doomed(replace(LISTED, state=S.MISSING))
    assert state_before(replace(gone, listed_at=YES + DAY), said_yes_at={YES}) is S.CONFIRMED


def test_what_got_its_id_since_is_stored() -> None:
    found = replace(doomed(LOST), archive_id="ID", state=S.DELETING, listed_at=YES + DAY)
    assert state_before(found, said_yes_at={YES}) is S.CONFIRMED


@pytest.mark.parametrize("archive", [STORED, LOST, replace(STORED, state=S.MISSING)])
def test_what_no_yes_doomed_stays_as_it_is(archive: Archive) -> None:
    assert state_before(doomed(archive), said_yes_at={YES + DAY}) is None
    assert state_before(archive, said_yes_at={YES}) is None
