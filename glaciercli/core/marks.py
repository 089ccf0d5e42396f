"""What an archive stands for, when it is more than a file of bytes."""

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum

from glaciercli.core.described import Attributes
from glaciercli.core.description import decode
from glaciercli.model.archives import Archive


class Mark(Enum):
    """What an archive stands for."""

    FILE = "a file"
    EMPTY_FILE = "an empty file"
    DIRECTORY = "an empty directory"
    SYMBOLIC_LINK = "a symbolic link"
    #: A further name of a file that another archive holds.
    HARD_LINK = "another name of a file"

    @property
    def is_bytes(self) -> bool:
        """Whether it is a file of its own, of so many bytes or of none."""
        return self in {Mark.FILE, Mark.EMPTY_FILE}

    @property
    def needs_job(self) -> bool:
        """Whether the service has to be asked for what it holds."""
        return self is Mark.FILE


def attributes_of(archive: Archive) -> Attributes:
    """Return what the file of an archive is, besides its content.

    What the key map holds is newer than the description, which never changes.
    """
    told = decode(archive.description).attributes
    return told if archive.mode is None else replace(told, mode=archive.mode)


def mark_of(archive: Archive) -> Mark:
    """Return what an archive stands for."""
    if not archive.is_stand_in:
        return Mark.SYMBOLIC_LINK if _may_be_link(archive) else Mark.FILE
    if attributes_of(archive).linked_to is not None:
        return Mark.HARD_LINK
    return Mark.DIRECTORY if (archive.name or "").endswith("/") else Mark.EMPTY_FILE


def stands_for(further: Archive, versions: Iterable[Archive]) -> Archive | None:
    """Return the version of a file that a further name of it stands for.

    ``versions`` are those of the first name, the newest first.  A further name that is gone stands
    for what the file was while it was there.
    """
    known, gone_at = list(versions), further.gone_at
    if gone_at is not None:
        then = next((one for one in known if one.uploaded_at <= gone_at), None)
        if then is not None:
            return then
    return next(iter(known), None)


def _may_be_link(archive: Archive) -> bool:
    # Most are told apart without reading them: this is asked of every archive of a vault.
    text = archive.description
    if '"t":' not in text and not text.startswith("gc1z "):
        return False
    return attributes_of(archive).target is not None
