"""What an archive's description was found to say."""

from dataclasses import dataclass

#: What stands at the service for an empty file, since it holds no empty archive.
EMPTY_FILE_CONTENT = b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """What a file is, besides its name, its time and its content."""

    #: The kind of file and its permissions, as ``st_mode`` of POSIX; ``None`` where nobody told.
    mode: int | None = None
    #: Where a symbolic link leads.
    target: str | None = None
    #: The archive that holds the same file, where the file has several names.
    linked_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a description says of its archive."""

    name: str | None
    #: Nanoseconds since 1970.
    modified_ns: int | None
    #: The unique tag of the upload, only in descriptions of ours.
    tag: str | None
    #: Who wrote it: `gc1` is ours, `gc1-keymap` ours for a copy of a key map, `plain` a text that
    #: is its own name, `blank` says nothing, `undecodable` looks like a known format but is
    #: damaged, and is its own name too; the rest are those of `core.foreign_names`.
    format: str
    #: The size of the file where it is not that of the archive: 0 for an empty one.
    size_bytes: int | None = None
    attributes: Attributes = Attributes()
