"""The directory of a sync: the names of what is in it, and what of it could not be read."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from glaciercli import errors
from glaciercli.core import sync_plan
from glaciercli.core.paths import archive_name, lies_in
from glaciercli.core.sync_merge import LocalRow
from glaciercli.core.sync_plan import Gone, LocalFile
from glaciercli.keymap.database import decode_text, encode_text
from glaciercli.operations.results import ItemFailure, Skipped
from glaciercli.operations.sync_request import SyncRequest
from glaciercli.transfer import tree
from glaciercli.transfer.own import OwnFiles


class Source:
    """One look at the directory."""

    def __init__(self, request: SyncRequest, *, own: OwnFiles) -> None:
        self._request = request
        self.root = os.path.abspath(request.directory)
        #: What the names of its archives begin with.
        self.below = archive_name("", request.prefix)
        self._below = encode_text(self.below) or b""
        self.walk = tree.Walk(
            self.root,
            prefix=self._below,
            follow=request.follow_symlinks,
            rules=request.rules,
            hard_links=True,
            own=own,
        )

    def file(self, row: LocalRow) -> LocalFile:
        """Return a file that the walk has met."""
        name, size_bytes, modified_ns, mode = row
        first = self.walk.hard_links.get(name)
        return LocalFile(
            name=decode_text(name),
            path=os.path.join(self.root, os.fsdecode(name[len(self._below) :])),
            size_bytes=0 if first is not None else size_bytes,
            modified_ns=sync_plan.kept_ns(modified_ns),
            # Its own attributes are those of the name that was met first.
            mode=mode if first is None else sync_plan.USUAL_MODE,
            linked_to=None if first is None else decode_text(first),
        )

    def check(self, *, files: int, gone: int) -> None:
        """Refuse a directory that seems not to be there, before anything is made of it."""
        for one in self.walk.unreadable:
            if not one.name:
                question = "; is it mounted?" if one.path == self.root else ""
                raise errors.FileProblem(
                    one.reason, hint=f"nothing was stored or deleted{question}"
                )
        is_empty = not files and not self.walk.unreadable
        if is_empty and gone and not self._request.allow_empty_source:
            raise errors.FileProblem(
                f'"{self.root}" holds nothing to store, and the vault holds {gone:,} of its files',
                hint="is it mounted? --allow-empty-source says that it is meant to be empty",
            )

    @property
    def skipped(self) -> list[Skipped]:
        """What the walk has left out."""
        return [Skipped(name=one.path, reason=one.reason) for one in self.walk.skipped]

    @property
    def failures(self) -> list[ItemFailure]:
        """What could not be read."""
        return [
            ItemFailure(name=one.path, error=errors.FileProblem(one.reason))
            for one in self.walk.unreadable
        ]

    def protect(self, gone: Iterable[Gone]) -> list[Gone]:
        """Return what is gone; what is stored of places that were not looked at is protected."""
        unreadable = [decode_text(one.name) for one in self.walk.unreadable]
        return [
            protected(one, self._protection(one.name[len(self.below) :], unreadable))
            for one in gone
        ]

    def _protection(self, relative: str, unreadable: Sequence[str]) -> str | None:
        """Return why a name that is gone has to be left alone, if it has to."""
        for place in unreadable:
            if lies_in(relative, place):
                return "its place could not be read"
        name, rules = encode_text(relative) or b"", self._request.rules
        if self.walk.leaves_out(name):
            return "the program's own, and left out"
        if rules.active and not rules.wants(name):
            return "left out by a pattern"
        return None


def protected(gone: Gone, reason: str | None) -> Gone:
    """Return what is gone, to be left alone where there is a reason."""
    return gone if reason is None else replace(gone, protected=reason)
