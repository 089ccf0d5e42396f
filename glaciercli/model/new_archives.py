"""Archives on their way into the key map."""

from dataclasses import dataclass
from datetime import datetime

from glaciercli.model.archives import ArchiveState


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArchive:
    """What is put into the key map for an archive that it did not hold."""

    archive_id: str | None
    name: str | None
    #: Where the name came from: "upload", "description", "user" or "none".
    name_source: str
    description: str
    tag: str | None
    size_bytes: int
    tree_hash: bytes | None
    modified_ns: int | None
    uploaded_at: datetime
    state: ArchiveState
    #: The kind of file and its permissions, as ``st_mode`` of POSIX.
    mode: int | None = None
