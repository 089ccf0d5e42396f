"""What stands in the places of archives already: proving it, and clearing away beside it."""

from collections.abc import Iterable, Iterator
from contextlib import closing, suppress

from glaciercli import errors
from glaciercli.operations.context import Context
from glaciercli.operations.download_flow import Downloader
from glaciercli.operations.results import ItemFailure, Skipped
from glaciercli.operations.retrieve_plan import Doubt, RetrievePlan, Wanted, held_already
from glaciercli.operations.verify_files import hash_in_pieces
from glaciercli.transfer import flow, targets
from glaciercli.transfer.files import SourceFile

#: A file and what came of reading it.
Proved = tuple[Doubt, Skipped | ItemFailure]


class HeldFiles:
    """The files that are there before anything is fetched."""

    def __init__(self, context: Context, downloader: Downloader) -> None:
        self._context = context
        self._downloader = downloader

    def settle(self, held: Iterable[Wanted]) -> None:
        """Clear away what runs left that were cut off when the files had just got their names."""
        for one in held:
            # The file is there: what cannot be cleared away is left to the next run.
            with suppress(errors.FileProblem):
                self._downloader.settle(one.archive, one.place)

    def prove(self, planned: RetrievePlan, *, all_of: bool) -> Iterator[Proved]:
        """Read the files that are in doubt; those that are not what should be there have failed.

        With archives still to come, the runs that bring them would each read everything again:
        only what gets a further name in this run is read then.
        """
        linked = {one.first.key for one in planned.further_names}
        chosen = []
        for doubt in planned.doubts:
            if all_of or any(one.archive.key in linked for one in doubt.of):
                chosen.append(doubt)
            else:
                yield doubt, doubt.unread
        read = flow.run((self._prove(one) for one in chosen), workers=self._context.jobs)
        with closing(read) as results:
            for doubt, outcome in results:
                if isinstance(outcome, Skipped):
                    self.settle(doubt.of)
                yield doubt, outcome

    def _prove(self, doubt: Doubt) -> flow.Flow[Proved]:
        first = doubt.of[0]
        name, path = first.archive.label, first.place.path
        try:
            targets.check_way(first.place.root, first.place.components)
            self._context.own.refuse(path)
            source = SourceFile(path)
            if source.identity.size_bytes != doubt.content.size_bytes:
                raise errors.TargetExists(path)
            found = yield from hash_in_pieces(source, name, self._context.reporter)
            if found != doubt.content.tree_hash:
                raise errors.TargetExists(path)
        except errors.FileProblem as error:
            return doubt, ItemFailure(name=name, error=error)
        return doubt, held_already(first)
