"""Whether the key map is sound."""

from dataclasses import dataclass

from glaciercli import errors
from glaciercli.keymap import check, sources
from glaciercli.model.care import Finding
from glaciercli.operations.key_map_progress import size_of, told
from glaciercli.reporting import Reporter


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What was found."""

    path: str
    size_bytes: int
    full: bool
    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        return errors.KeyMapDamaged.exit_code if self.findings else 0


def run(path: str, *, full: bool, reporter: Reporter) -> CheckReport:
    """Look the key map over; nothing is changed.

    Raises ``KeyMapDamaged`` where the file is no key map at all, and ``FileProblem`` where there is
    none, or where a commit that was cut off has to be taken back before it can be read.
    """
    with told(reporter, "checking the key map", path) as heard, sources.source(path) as opened:
        found = tuple(check.findings(opened, full=full, heard=heard))
    return CheckReport(path=path, size_bytes=size_of(path), full=full, findings=found)
