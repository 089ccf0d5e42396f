"""What a sync is asked for, what it is going to do, and what it did."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from glaciercli import errors
from glaciercli.core.filters import PatternRules
from glaciercli.core.sync_plan import Compare, DeletionLimit, Retention, SyncAction, SyncKind
from glaciercli.core.text import printable
from glaciercli.operations.delete import Deleted
from glaciercli.operations.deletion_fee import DeletionFee
from glaciercli.operations.results import (
    ItemFailure,
    Skipped,
    Unsettled,
    Uploaded,
    UploadOutcome,
    exit_code,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRequest:
    """What a command asks for."""

    directory: str
    vault: str
    prefix: str | None
    compare: Compare = Compare.MTIME
    part_bytes: int | None = None
    retention: Retention = field(default_factory=Retention)
    limit: DeletionLimit | None = None
    rules: PatternRules = field(default_factory=PatternRules)
    follow_symlinks: bool = False
    #: How long a file must have rested.
    min_age: timedelta | None = None
    #: Whether a directory may hold nothing although the vault does.
    allow_empty_source: bool = False


@dataclass(slots=True, kw_only=True)
class SyncPlan:
    """What is going to be done, and why."""

    vault: str
    #: The directory that was looked at, and what tells it from any other.
    root: str
    root_identity: tuple[int, int] | None = None
    actions: list[SyncAction] = field(default_factory=list)
    unchanged: int = 0
    #: What needs nothing and is only probably stored: an inventory has to settle it.
    unsettled: list[Unsettled] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    failed: list[ItemFailure] = field(default_factory=list)
    #: Why no file that is gone is deleted, one of what failed, if that is so.
    refused: errors.GlacierCliError | None = None
    #: What it costs that some of what is deleted is younger than 90 days.
    fee: DeletionFee | None = None

    @property
    def exit_code(self) -> int:
        """The exit code of showing the plan."""
        done = len(self.actions) + self.unchanged
        return _code_of(self.failed, self.refused) or exit_code(
            self.failed, done=done, waiting=len(self.unsettled)
        )

    def of_kind(self, *kinds: SyncKind) -> list[SyncAction]:
        """Return the actions of some kinds, in order of name."""
        return [one for one in self.actions if one.kind in kinds]

    @property
    def deletes(self) -> int:
        """How many archives are going to be deleted."""
        return sum(len(one.archive_keys) for one in self.of_kind(SyncKind.DELETE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """An archive that stands for another name now."""

    name: str
    old_name: str
    size_bytes: int


@dataclass(slots=True, kw_only=True)
class SyncReport:
    """What became of the differences."""

    vault: str
    uploaded: list[Uploaded] = field(default_factory=list)
    renamed: list[Renamed] = field(default_factory=list)
    deleted: list[Deleted] = field(default_factory=list)
    unsettled: list[Unsettled] = field(default_factory=list)
    #: How many files were stored already, and how many of them have a new time or mode.
    unchanged: int = 0
    recorded: int = 0
    #: How many archives stay although their file is gone or replaced.
    kept: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    failed: list[ItemFailure] = field(default_factory=list)
    refused: errors.GlacierCliError | None = None

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        done = self.unchanged + len(self.uploaded) + len(self.renamed) + len(self.deleted)
        return _code_of(self.failed, self.refused) or exit_code(
            self.failed, done=done, waiting=len(self.unsettled)
        )

    @property
    def changed(self) -> bool:
        """Whether anything happened that somebody should hear of."""
        found = (self.uploaded, self.renamed, self.deleted, self.unsettled, self.failed)
        return any(found) or bool(self.recorded)

    def take(self, outcome: UploadOutcome) -> None:
        """Add what became of one file."""
        match outcome:
            case Uploaded():
                self.uploaded.append(outcome)
            case Unsettled():
                self.unsettled.append(outcome)
            case Skipped():
                self.unchanged += 1
            case ItemFailure():
                self.failed.append(outcome)


def left_for_later(action: SyncAction) -> Skipped:
    """Return that a further name waits until its file is stored."""
    assert action.local is not None
    first = printable(action.local.linked_to or "")
    reason = f'another name of "{first}", which is not stored for sure yet'
    return Skipped(name=action.local.path, reason=reason)


def _code_of(failed: Sequence[ItemFailure], refused: errors.GlacierCliError | None) -> int | None:
    """Return the exit code of a limit that was kept, where nothing else went wrong."""
    return refused.exit_code if refused is not None and len(failed) == 1 else None
