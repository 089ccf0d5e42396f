"""Uploads that were begun and are not yet archives."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from glaciercli.model.files import FileIdentity


class UploadStage(Enum):
    """How far an upload is, as far as it was committed."""

    #: Parts may be on their way; nothing can have become an archive.
    INTENDED = "intended"
    #: A single request with everything may be on its way, or have arrived.
    SENDING = "sending"
    #: The service may have been told to make the parts an archive.
    COMPLETING = "completing"


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadIntent:
    """What is going to be stored; ``source`` is ``None`` for standard input."""

    name: str
    source: FileIdentity | None
    part_bytes: int
    description: str
    tag: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """An upload as the ledger holds it."""

    key: int
    intent: UploadIntent
    upload_id: str | None
    stage: UploadStage
    begun_at: datetime
    #: Size and tree hash of the whole, known from the stage ``SENDING`` or ``COMPLETING`` on.
    size_bytes: int | None
    tree_hash: bytes | None
