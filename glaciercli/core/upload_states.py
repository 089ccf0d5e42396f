"""What an upload has to do next: what was heard of it in, the next deed out.

An archive is paid for from the moment the service has it, and nobody can ask the service about
one whose ID was not told.  So whatever may have been done is never done again: it is in doubt
until an inventory lists it by its mark, or shows that it is not there.
"""

from enum import Enum

from glaciercli.model.archives import ArchiveState
from glaciercli.model.uploads import UploadStage


class Heard(Enum):
    """What came back from a request that creates an archive."""

    STORED = "the ID of the archive"
    LOST = "nothing: it may have been done"
    FORGOTTEN = "that there is no such upload"
    REFUSED = "that the parts do not make what was announced"
    NOT_DONE = "that it was not done, for whatever other reason"


class Deed(Enum):
    """What follows; the value is the reason."""

    RECORD = "the archive is stored"
    DOUBT = "it is probably stored, and nobody can be asked"
    ASK_AGAIN = "the service knows what became of an upload in parts"
    GO_ON = "nothing can have become an archive yet"
    GIVE_UP = "its parts are of no use"
    DROP = "nothing of it is there"
    BEGIN_ANEW = "the service forgets an upload that rests for a day"
    LEAVE = "the next run asks again"


def left_behind(stage: UploadStage) -> Deed:
    """Return what to do about an upload that an earlier run was cut off from."""
    match stage:
        case UploadStage.INTENDED:
            return Deed.GO_ON
        case UploadStage.SENDING:
            return Deed.DOUBT
        case UploadStage.COMPLETING:
            return Deed.ASK_AGAIN


def after_sending(heard: Heard) -> Deed:
    """Return what follows on a request that held all of an archive."""
    match heard:
        case Heard.STORED:
            return Deed.RECORD
        case Heard.LOST:
            return Deed.DOUBT
        case _:
            return Deed.DROP


def after_completing(heard: Heard, *, again: bool) -> Deed:
    """Return what follows on a request to make parts an archive.

    ``again`` tells that an answer to it was lost before.
    """
    match heard:
        case Heard.STORED:
            return Deed.RECORD
        case Heard.LOST if not again:
            return Deed.ASK_AGAIN
        case Heard.FORGOTTEN:
            return Deed.DOUBT if again else Deed.BEGIN_ANEW
        case Heard.REFUSED:
            return Deed.GIVE_UP
        case _:
            return Deed.LEAVE


def is_held(state: ArchiveState) -> bool:
    """Tell whether the newest version of a name keeps the same content from being stored again.

    One in doubt does; what an inventory should list and does not is stored again.
    """
    return state is not ArchiveState.MISSING
