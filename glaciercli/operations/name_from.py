"""Naming anonymous archives after local files that hold the same.

Size and tree hash say what an archive holds, whoever uploaded it.  Only files whose size is that
of an anonymous archive are read.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from glaciercli import errors
from glaciercli.core import naming_plan
from glaciercli.core.naming_plan import Choice, Naming
from glaciercli.core.sync_plan import LocalFile
from glaciercli.core.text import printable
from glaciercli.model.archives import Archive
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.results import DONE_IN_PART, ItemFailure, exit_code
from glaciercli.transfer import files, flow, left_out, tree


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedArchive:
    """An archive that has a name now, or would have."""

    archive_id: str | None
    name: str
    old_name: str | None
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbiguousArchive:
    """An archive of which there are several files."""

    archive_id: str | None
    size_bytes: int
    candidates: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class NamingReport:
    """What became of the anonymous archives of a vault."""

    vault: str
    named: list[NamedArchive] = field(default_factory=list)
    ambiguous: list[AmbiguousArchive] = field(default_factory=list)
    #: How many are as anonymous as before.
    unmatched: int = 0
    failed: list[ItemFailure] = field(default_factory=list)
    dry_run: bool = False

    @property
    def exit_code(self) -> int:
        """The exit code of the command: what is ambiguous needs a word of the user's."""
        code = exit_code(self.failed, done=len(self.named))
        return code or (DONE_IN_PART if self.ambiguous else 0)


@dataclass(slots=True, kw_only=True)
class _Hashed:
    """The local files that may be anonymous archives, by size and tree hash."""

    names: defaultdict[tuple[int, bytes], list[str]] = field(
        default_factory=lambda: defaultdict(list)
    )
    #: The sizes of those that could not be read.
    unread: set[int] = field(default_factory=set)

    def of(self, archive: Archive) -> list[str]:
        """Return the names of the files that hold what an archive holds, in order of path.

        There are none to choose from where one is missing that could not be read.
        """
        if archive.tree_hash is None or archive.size_bytes in self.unread:
            return []
        found = self.names.get((archive.size_bytes, archive.tree_hash), [])
        return sorted(found, key=os.fsencode)


def name_from(
    context: Context, directory: str, vault_name: str, *, first: bool, dry_run: bool
) -> NamingReport:
    """Name the anonymous archives of a vault after the files of a directory.

    A name is the path below the directory.  Raises ``VaultNotFound`` and ``FileProblem``.
    """
    if not os.path.isdir(directory):
        raise errors.FileProblem(
            f'"{directory}" is no directory', hint="name-from takes a directory"
        )
    vault = context.recall(vault_name)
    report = NamingReport(vault=vault.name, dry_run=dry_run)
    hashed = _hash_all(context, directory, _sizes(context, vault), report)
    if dry_run:
        for archive, choice in _choices(context, vault, hashed, first=first):
            _count(report, archive, choice)
        return report
    with context.key_map.transaction():
        for archive, choice in _choices(context, vault, hashed, first=first):
            _count(report, archive, choice)
            if choice.name is not None:
                _rename(context, vault, archive, choice.name)
    return report


def _sizes(context: Context, vault: KnownVault) -> frozenset[int]:
    """Return the sizes of the archives that a file could name."""
    return frozenset(
        one.size_bytes
        for one in context.key_map.archives.guessed(vault)
        if naming_plan.is_anonymous(one) or naming_plan.is_squeezed(one)
    )


def _hash_all(
    context: Context, directory: str, sizes: frozenset[int], report: NamingReport
) -> _Hashed:
    hashed = _Hashed()

    def story(file: LocalFile) -> flow.Flow[None]:
        try:
            digest = yield from flow.call(lambda: files.tree_hash_of(file.path, own=context.own))
        except errors.FileProblem as error:
            report.failed.append(ItemFailure(name=file.path, error=error))
            hashed.unread.add(file.size_bytes)
        else:
            hashed.names[file.size_bytes, digest].append(file.name)

    stories = (story(one) for one in _files(context, directory, report) if one.size_bytes in sizes)
    flow.run_all(stories, workers=context.jobs, take=lambda _: None)
    return hashed


def _files(context: Context, directory: str, report: NamingReport) -> Iterator[LocalFile]:
    for found in tree.walk(os.path.abspath(directory), own=context.own):
        match found:
            case LocalFile():
                yield found
            case tree.Unreadable():
                problem = errors.FileProblem(found.reason)
                report.failed.append(ItemFailure(name=found.path, error=problem))
            case left_out.Skipped():
                # No archive holds a link or a device.
                continue


def _choices(
    context: Context, vault: KnownVault, hashed: _Hashed, *, first: bool
) -> Iterator[tuple[Archive, Choice]]:
    for archive in context.key_map.archives.guessed(vault):
        yield archive, naming_plan.choose(archive, hashed.of(archive), first=first)


def _count(report: NamingReport, archive: Archive, choice: Choice) -> None:
    if choice.name is not None:
        report.named.append(
            NamedArchive(
                archive_id=archive.archive_id,
                name=choice.name,
                old_name=archive.name,
                size_bytes=archive.size_bytes,
            )
        )
    elif choice.naming is Naming.AMBIGUOUS:
        report.ambiguous.append(
            AmbiguousArchive(
                archive_id=archive.archive_id,
                size_bytes=archive.size_bytes,
                candidates=choice.candidates,
            )
        )
    elif choice.naming is Naming.UNMATCHED:
        report.unmatched += 1


def _rename(context: Context, vault: KnownVault, archive: Archive, name: str) -> None:
    context.key_map.archives.rename(archive.key, name)
    context.key_map.journal.write(
        "renamed",
        at=context.clock.now(),
        vault_key=vault.key,
        archive_id=archive.archive_id,
        name=name,
        detail=printable(archive.label),
    )
