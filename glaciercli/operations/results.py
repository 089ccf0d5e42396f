"""What happened to the items of a command."""

from collections.abc import Sequence
from dataclasses import dataclass

from glaciercli.errors import GlacierCliError, NotReady

#: Some items failed and others did not.
DONE_IN_PART = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFailure:
    """One item that could not be done; the others went on."""

    name: str
    error: GlacierCliError

    def __post_init__(self) -> None:
        """Let go of what the error's frames hold: open files, one or two for each failure."""
        links: list[BaseException | None] = [self.error]
        while links:
            link = links.pop()
            if link is not None and link.__traceback__ is not None:
                link.__traceback__ = None
                links += [link.__cause__, link.__context__]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """One item that needed nothing, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """An archive that was stored; an empty file has no ID and no hash."""

    name: str
    archive_id: str | None
    size_bytes: int
    tree_hash: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """An archive that is probably stored: the answer was lost."""

    name: str
    size_bytes: int


UploadOutcome = Uploaded | Unsettled | Skipped | ItemFailure


def exit_code(failed: Sequence[ItemFailure], *, done: int, waiting: int = 0) -> int:
    """Return the exit code of a command over many items.

    If all failed in one way it is that way's own code; if some did it is 3; if none failed and
    some have to wait it is 75.
    """
    codes = {failure.error.exit_code for failure in failed}
    if failed and not done and not waiting and len(codes) == 1:
        return codes.pop()
    if failed:
        return DONE_IN_PART
    return NotReady.exit_code if waiting else 0
