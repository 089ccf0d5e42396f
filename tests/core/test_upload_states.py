"""What an upload does next: whatever may have been done is never done again."""

import pytest

from glaciercli.core.upload_states import (
    Deed,
    Heard,
    after_completing,
    after_sending,
    is_held,
    left_behind,
)
from glaciercli.model.archives import ArchiveState
from glaciercli.model.uploads import UploadStage


def test_what_was_cut_off_while_it_was_sent_is_in_doubt() -> None:
    assert {stage: left_behind(stage) for stage in UploadStage} == {
        UploadStage.INTENDED: Deed.GO_ON,
        UploadStage.SENDING: Deed.DOUBT,
        UploadStage.COMPLETING: Deed.ASK_AGAIN,
    }


def test_a_single_request_is_forgotten_only_where_surely_nothing_was_stored() -> None:
    assert {heard: after_sending(heard) for heard in Heard} == {
        Heard.STORED: Deed.RECORD,
        Heard.LOST: Deed.DOUBT,
        Heard.FORGOTTEN: Deed.DROP,
        Heard.REFUSED: Deed.DROP,
        Heard.NOT_DONE: Deed.DROP,
    }


@pytest.mark.parametrize(
    ("heard", "first", "again"),
    [
        (Heard.STORED, Deed.RECORD, Deed.RECORD),
        (Heard.LOST, Deed.ASK_AGAIN, Deed.LEAVE),
        (Heard.FORGOTTEN, Deed.BEGIN_ANEW, Deed.DOUBT),
        (Heard.REFUSED, Deed.GIVE_UP, Deed.GIVE_UP),
        (Heard.NOT_DONE, Deed.LEAVE, Deed.LEAVE),
    ],
)
def test_an_upload_that_is_forgotten_after_a_lost_answer_is_in_doubt(
    heard: Heard, first: Deed, again: Deed
) -> None:
    assert after_completing(heard, again=False) is first
    assert after_completing(heard, again=True) is again


def test_only_what_an_inventory_should_list_and_does_not_is_stored_again() -> None:
    live = {state for state in ArchiveState if state.is_live}
    assert {state for state in live if not is_held(state)} == {ArchiveState.MISSING}
