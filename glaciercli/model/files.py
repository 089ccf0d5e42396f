"""Local files."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIdentity:
    """What a file looked like when it was looked at; any difference means that it changed."""

    path: str
    size_bytes: int
    modified_ns: int
    device: int
    inode: int
