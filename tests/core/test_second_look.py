"""What is spared although a sync has planned to delete it."""

from datetime import UTC, datetime

import pytest

from glaciercli.core.second_look import Sight, why_spared
from glaciercli.core.sync_plan import LocalFile, SyncAction, SyncKind
from glaciercli.model.archives import Archive, ArchiveState
from tests.keymap.records import identity

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LOCAL = LocalFile(name="a", path="/x/a", size_bytes=5, modified_ns=1, mode=0o100644)


def archive(key: int, name: str = "a", state: ArchiveState = ArchiveState.CONFIRMED) -> Archive:
    return Archive(
        key=key,
        vault=identity(),
        archive_id=f"ID{key}",
        name=name,
        description="",
        tag=None,
        size_bytes=5,
        tree_hash=None,
        modified_ns=None,
        uploaded_at=NOW,
        state=state,
        listed_at=None,
        deleted_at=None,
    )


def action(local: LocalFile | None) -> SyncAction:
    return SyncAction(
        kind=SyncKind.DELETE, name="a", reason="", size_bytes=5, local=local, archive_keys=(1, 2)
    )


@pytest.mark.parametrize(
    ("now", "is_back", "why"),
    [
        (archive(1), False, None),
        (archive(1), True, "the file is there again"),
        (archive(1), None, "the directory was unmounted or replaced meanwhile"),
        (archive(1, "b"), False, "renamed meanwhile"),
        # What was begun is finished.
        (archive(1, state=ArchiveState.DELETING), True, None),
    ],
)
def test_a_file_that_is_gone_has_to_be_gone_still(
    now: Archive, *, is_back: bool | None, why: str | None
) -> None:
    assert why_spared(action(None), Sight(archive=now, newest=now, is_back=is_back)) == why


@pytest.mark.parametrize(
    ("newest", "is_spared"),
    [
        (archive(3), False),
        (archive(3, state=ArchiveState.EMPTY), False),
        (archive(3, state=ArchiveState.MISSING), True),
        (archive(3, state=ArchiveState.UNSETTLED), True),
        (archive(2), True),
        (None, True),
    ],
)
def test_a_version_that_was_replaced_has_to_have_its_successor_still(
    newest: Archive | None, *, is_spared: bool
) -> None:
    sight = Sight(archive=archive(1), newest=newest, is_back=False)
    assert (why_spared(action(LOCAL), sight) is not None) is is_spared
