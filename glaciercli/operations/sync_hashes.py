"""The content of files of which size and time do not tell enough."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from glaciercli import errors
from glaciercli.core.sync_plan import LocalFile
from glaciercli.operations.context import Context
from glaciercli.operations.results import ItemFailure
from glaciercli.transfer import flow, links


@dataclass(slots=True, kw_only=True)
class Hashes:
    """The tree hash of each file, by name, and the files that could not be read."""

    found: dict[str, bytes] = field(default_factory=dict)
    failed: list[ItemFailure] = field(default_factory=list)

    def take(self, heard: tuple[str, bytes | errors.FileProblem]) -> None:
        """Keep what came of one file."""
        name, result = heard
        if isinstance(result, bytes):
            self.found[name] = result
        else:
            self.failed.append(ItemFailure(name=name, error=result))


def read(context: Context, files: Sequence[LocalFile]) -> Hashes:
    """Return the hashes of files."""
    hashes = Hashes()
    flow.run_all((_hashed(one) for one in files), workers=context.jobs, take=hashes.take)
    return hashes


def _hashed(file: LocalFile) -> flow.Flow[tuple[str, bytes | errors.FileProblem]]:
    return file.name, (yield from flow.call(partial(_hash_or_problem, file)))


def _hash_or_problem(file: LocalFile) -> bytes | errors.FileProblem:
    try:
        return links.content_hash(file)
    except errors.FileProblem as problem:
        return problem
