"""Local files."""

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIdentity:
    """What a file looked like when it was looked at; any difference means that it changed."""

    path: str
    size_bytes: int
    modified_ns: int
    device: int
    inode: int
    #: Its kind and permissions; whoever changes them does not change the content.
    mode: int | None = field(default=None, compare=False)

    def is_still(self, now: "FileIdentity") -> bool:
        """Tell whether a later run sees the same file: a reboot may number devices anew."""
        return replace(self, device=now.device) == now
