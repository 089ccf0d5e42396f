"""Why a retrieval does not bring an archive."""

from glaciercli import errors
from glaciercli.core.retrieval_schedule import Limits
from glaciercli.core.sizes import format_size
from glaciercli.core.text import printable
from glaciercli.model.archives import Archive
from glaciercli.operations.retrieve_marks import FurtherName
from glaciercli.operations.retrieve_plan import Wanted


def without_file(one: FurtherName) -> errors.FileProblem:
    """Say that a further name has no file to be made of."""
    return errors.FileProblem(
        f'"{printable(one.archive.label)}" is another name of "{printable(one.first_name)}", '
        "which could not be brought"
    )


def unknown_content(one: Wanted) -> errors.InvalidRequest:
    """Say that nothing tells what an archive holds."""
    return errors.InvalidRequest(
        f'nobody told the size and the tree hash of "{printable(one.archive.label)}"',
        hint=f"glaciercli inventory refresh {one.vault.name} asks the service",
    )


def for_a_day(one: Wanted, limits: Limits) -> errors.OverBudget:
    """Say that no day may hold an archive, or that nobody can tell whether one does."""
    if one.archive.known_size_bytes is None:
        return errors.OverBudget(
            f'nobody told the size of "{printable(one.archive.label)}", '
            "so --max-bytes-per-day cannot be kept",
            hint=f"glaciercli inventory refresh {one.vault.name} asks the service",
        )
    return errors.OverBudget(
        f'"{printable(one.archive.label)}" is larger than --max-bytes-per-day, '
        f"{format_size(limits.day_bytes or 0)}",
        hint="allow more a day: a job is for a whole archive",
    )


def not_started(archive: Archive) -> errors.NotReady:
    """Say that a job that was waited for is none."""
    return errors.NotReady(
        f'the job for "{printable(archive.label)}" was not started, or has failed or expired',
        hint="run the same line again",
    )
