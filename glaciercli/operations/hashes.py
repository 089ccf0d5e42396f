"""The tree hash of local files."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from glaciercli import errors
from glaciercli.operations.results import ItemFailure, exit_code
from glaciercli.transfer.files import tree_hash_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHash:
    """A file and its tree hash."""

    path: str
    tree_hash: bytes


@dataclass(slots=True, kw_only=True)
class HashReport:
    """The hashes of some files."""

    hashes: list[FileHash] = field(default_factory=list)
    failed: list[ItemFailure] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """The exit code of the command."""
        return exit_code(self.failed, done=len(self.hashes))


def of_files(paths: Sequence[str]) -> HashReport:
    """Return the tree hash of each file; one that cannot be read is a failure of its own."""
    report = HashReport()
    for path in paths:
        try:
            report.hashes.append(FileHash(path=path, tree_hash=tree_hash_of(path)))
        except errors.FileProblem as error:
            report.failed.append(ItemFailure(name=path, error=error))
    return report
