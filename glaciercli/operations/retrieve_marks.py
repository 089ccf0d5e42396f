"""Bringing back what needs no job: empty files and directories, links, further names of files."""

import os
from dataclasses import dataclass

from glaciercli.core.marks import Mark, attributes_of, mark_of
from glaciercli.core.text import printable
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.download_flow import Downloader, Place, settled_partial
from glaciercli.reporting import Notice, Reporter
from glaciercli.transfer import links


@dataclass(frozen=True, slots=True, kw_only=True)
class FurtherName:
    """A further name of a file, and the archive that the file itself comes from."""

    vault: KnownVault
    archive: Archive
    place: Place
    first: Archive
    #: The name under which the file itself is brought.
    first_name: str
    first_place: Place


class MarkMaker:
    """Makes what the key map alone knows all about."""

    def __init__(
        self, downloader: Downloader, reporter: Reporter, *, overwrite: bool, into_stream: bool
    ) -> None:
        self._downloader = downloader
        self._reporter = reporter
        self._overwrite = overwrite
        self._into_stream = into_stream

    def put(self, archive: Archive, place: Place) -> str:
        """Make what an archive stands for and return its path; raise ``TargetExists``."""
        mark, attributes = mark_of(archive), attributes_of(archive)
        self._tell_missing(archive)
        if mark is Mark.EMPTY_FILE:
            return self._downloader.put_known(archive, place)
        if mark is Mark.SYMBOLIC_LINK and self._into_stream:
            # A link would be read through, and lead to whatever somebody else had chosen.
            return self._downloader.put_known(archive, place, os.fsencode(attributes.target or ""))
        target = place.open()
        if mark is Mark.DIRECTORY:
            links.make_directory(target, mode=attributes.mode, modified_ns=archive.modified_ns)
        else:
            links.make_symbolic_link(
                target,
                attributes.target or "",
                partial=settled_partial(archive, target),
                modified_ns=archive.modified_ns,
                overwrite=self._overwrite,
            )
        return target.path

    def _tell_missing(self, archive: Archive) -> None:
        """Say that the vault lost what is made all the same."""
        if archive.state is ArchiveState.MISSING:
            message = (
                f'"{printable(archive.label)}" is missing in the vault, and made all the same:'
                " nothing of it is lost; sync and upload store it anew"
            )
            self._reporter.report(Notice(message=message))

    def link(self, one: FurtherName) -> str:
        """Give a file that is there its further name and return that path."""
        self._tell_missing(one.archive)
        target = one.place.open()
        links.make_further_name(
            target,
            one.first_place.open(),
            partial=settled_partial(one.archive, target),
            overwrite=self._overwrite,
        )
        return target.path
