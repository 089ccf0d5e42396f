"""The sentence about an archive, and the dates in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from glaciercli.core.standing import VaultHistory, standing
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.vaults import VaultIdentity

LAG = timedelta(days=3)


def may(day: int) -> datetime:
    return datetime(2026, 5, day, 10, tzinfo=UTC)


ARCHIVE = Archive(
    key=1,
    vault=VaultIdentity(endpoint="aws", account="1", region="r", name="photos"),
    archive_id="id",
    name="a",
    description="",
    tag="tag",
    size_bytes=1,
    tree_hash=b"h" * 32,
    modified_ns=None,
    uploaded_at=may(3),
    state=ArchiveState.UPLOADED,
    listed_at=None,
    deleted_at=None,
)


def said(*days: int, tools: tuple[str, ...] = (), **changes: Any) -> str:
    history = VaultHistory(dates=[may(day) for day in days], lag=LAG, tools=tools)
    return standing(replace(ARCHIVE, **changes), history).sentence


@pytest.mark.parametrize(
    ("changes", "days", "sentence"),
    [
        (
            {},
            (2,),
            "uploaded here 3 May 2026 10:00Z, not yet in an inventory; last one 2 May 2026 10:00Z",
        ),
        ({"tag": None}, (), "uploaded 3 May 2026 10:00Z, not yet in an inventory; none yet"),
        (
            {"state": ArchiveState.CONFIRMED, "listed_at": may(4)},
            (2, 4),
            (
                "uploaded 3 May 2026 10:00Z, listed by the inventory of 4 May 2026 10:00Z;"
                " last one 4 May 2026 10:00Z"
            ),
        ),
        (
            {"state": ArchiveState.MISSING, "listed_at": may(4)},
            (2, 4, 6, 8),
            (
                "uploaded 3 May 2026 10:00Z, listed by the inventory of 4 May 2026 10:00Z, and not"
                " in the inventory that should list it since that of 6 May 2026 10:00Z;"
                " last one 8 May 2026 10:00Z"
            ),
        ),
        (
            {"state": ArchiveState.UNSETTLED},
            (2,),
            (
                "sent 3 May 2026 10:00Z, and the answer was lost: the next inventory that lists it"
                " settles it, or one of after 6 May 2026 10:00Z that does not;"
                " last one 2 May 2026 10:00Z"
            ),
        ),
        (
            {"state": ArchiveState.DELETING, "deleted_at": may(5)},
            (),
            "its deletion was begun 5 May 2026 10:00Z; the same delete line finishes it",
        ),
        (
            {"state": ArchiveState.DELETED, "deleted_at": may(5), "listed_at": may(4)},
            (4, 5, 7),
            "deleted 5 May 2026 10:00Z, and the inventory of 7 May 2026 10:00Z agrees",
        ),
        (
            {"state": ArchiveState.DELETED, "deleted_at": may(5), "listed_at": may(6)},
            (4, 6),
            (
                "deleted 5 May 2026 10:00Z, but listed by the inventory of 6 May 2026 10:00Z;"
                " a later one settles it"
            ),
        ),
        (
            {"state": ArchiveState.DELETED, "deleted_at": may(5)},
            (4,),
            "deleted 5 May 2026 10:00Z, and no inventory tells so yet; last one 4 May 2026 10:00Z",
        ),
        (
            {"state": ArchiveState.EMPTY},
            (),
            "uploaded here 3 May 2026 10:00Z, without bytes, not yet in an inventory; none yet",
        ),
        (
            {"state": ArchiveState.EMPTY, "listed_at": may(4)},
            (4,),
            (
                "uploaded 3 May 2026 10:00Z, without bytes, listed by the inventory of"
                " 4 May 2026 10:00Z; last one 4 May 2026 10:00Z"
            ),
        ),
        (
            {"state": ArchiveState.MISSING, "is_missing_stand_in": True},
            (8,),
            (
                "uploaded here 3 May 2026 10:00Z, and not in the inventory that should list it"
                " since that of 8 May 2026 10:00Z; last one 8 May 2026 10:00Z; nothing is lost, as"
                " it has no bytes: retrieve makes it, sync and upload store it anew"
            ),
        ),
    ],
)
def test_a_state_is_a_sentence_with_its_dates(
    changes: dict[str, Any], days: tuple[int, ...], sentence: str
) -> None:
    assert said(*days, **changes) == sentence


def test_what_was_never_listed_is_missing_once_it_had_the_time_to_be() -> None:
    history = VaultHistory(dates=[may(4), may(6), may(7), may(9)], lag=LAG)
    missing = replace(ARCHIVE, state=ArchiveState.MISSING)
    assert standing(missing, history).missing_since == may(7)


def test_another_tool_is_named_only_where_it_may_have_told() -> None:
    assert "perhaps told by the store of sagu)" in said(tools=("sagu",), tag=None)
    assert "sagu" not in said(tools=("sagu",))
    assert "sagu" not in said(tools=("sagu",), tag=None, listed_at=may(4))


def test_the_inventory_that_agreed_is_the_first_that_no_longer_lists_it() -> None:
    history = VaultHistory(dates=[may(6), may(7), may(8)], lag=LAG)
    gone = replace(ARCHIVE, state=ArchiveState.DELETED, deleted_at=may(5), listed_at=may(6))
    assert standing(gone, history).agreed_at == may(7)
