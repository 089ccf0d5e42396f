"""What a retrieval is about to do: which archives, to which places, and the next step for each.

Everything is looked at before anything is asked for, because asking is paid for.
"""

import os
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from glaciercli import errors
from glaciercli.core import retrieval_plan
from glaciercli.core.marks import Mark, attributes_of, mark_of, stands_for
from glaciercli.core.refs import Ref, RefKind
from glaciercli.core.retrieval_plan import NextStep
from glaciercli.core.text import printable
from glaciercli.model.archives import Archive
from glaciercli.model.jobs import JobAction, KnownJob, Tier
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import jobs, retrieve_places, retrieve_standing
from glaciercli.operations.context import Context
from glaciercli.operations.download_flow import Place
from glaciercli.operations.results import ItemFailure, Skipped, exit_code
from glaciercli.operations.retrieve_marks import FurtherName
from glaciercli.operations.retrieve_standing import Standing
from glaciercli.operations.selection import select_some

#: The target that is standard output.
STANDARD_OUTPUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrieveRequest:
    """What a command asks for; a target of ``-`` is standard output."""

    refs: Sequence[Ref]
    to: str = "."
    tier: Tier = Tier.STANDARD
    all_versions: bool = False
    #: Whether files are called by the archives' numbers: what they are named may be no path.
    by_key: bool = False
    overwrite: bool = False
    wait: bool = False
    #: What the archives may cost in US dollars; ``None`` is no limit.
    max_usd: Decimal | None = None
    #: Whether any price is agreed to.
    any_price: bool = False
    #: What may be asked for in any 24 hours, and what may be fetched in a second.
    max_day_bytes: int | None = None
    max_bytes_per_s: int | None = None

    @property
    def into_stream(self) -> bool:
        """Whether the archive goes to standard output, through a file of our own."""
        return self.to == STANDARD_OUTPUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An archive and the place it goes to."""

    vault: KnownVault
    archive: Archive
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A file of the size of what goes to its place; only reading it tells whether it is that.

    Either way it is left alone, and nothing is asked for.
    """

    #: The archives whose place it is: a further name may have to stand in for the file as well.
    of: tuple[Wanted, ...]
    #: The archive of what it should hold.
    content: Archive

    @property
    def unread(self) -> Skipped:
        """What there is to say as long as nobody has read it."""
        path = self.of[0].place.path
        reason = f'"{path}" has its size; it is read and proved once nothing is left to fetch'
        return Skipped(name=self.of[0].archive.label, reason=reason)


@dataclass(slots=True, kw_only=True)
class RetrievePlan:
    """What would be done for each archive, before anything is asked for or fetched."""

    tier: Tier
    #: A step of ``None`` asks nothing of the service.
    steps: list[tuple[Wanted, NextStep | None]] = field(default_factory=list)
    further_names: list[FurtherName] = field(default_factory=list)
    #: What is in its place already.
    held: list[Wanted] = field(default_factory=list)
    #: What earlier runs brought and threw away: nothing is done for it, but it was paid for.
    thrown_away: list[Wanted] = field(default_factory=list)
    #: What may be in its place already.
    doubts: list[Doubt] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    failed: list[ItemFailure] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many archives would be brought."""
        return len(self.steps) + len(self.further_names)

    @property
    def left_alone(self) -> list[Skipped]:
        """What nothing is fetched for, as far as nobody has read the files that are there."""
        return [*self.skipped, *(one.unread for one in self.doubts)]

    @property
    def brought_before(self) -> list[Wanted]:
        """The archives that earlier runs brought, as far as nobody has read the files."""
        in_doubt = (one for doubt in self.doubts for one in doubt.of)
        return [*self.held, *self.thrown_away, *in_doubt]

    @property
    def exit_code(self) -> int:
        """The exit code of showing the plan."""
        return exit_code(self.failed, done=self.count + len(self.left_alone))

    def leave(self, standing: Standing, of: tuple[Wanted, ...], content: Archive) -> None:
        """Leave what stands in the place of archives as it is."""
        if standing is Standing.IN_DOUBT:
            self.doubts.append(Doubt(of=of, content=content))
        else:
            self.held.extend(of)
            self.skipped.append(held_already(of[0]))


def held_already(one: Wanted) -> Skipped:
    """Return what there is to say where an archive's file is there."""
    return Skipped(name=one.archive.label, reason=f'"{one.place.path}" holds it already')


def plan(context: Context, request: RetrieveRequest) -> RetrievePlan:
    """Return the next step for each archive that the references stand for.

    Asks the service which jobs there are, and starts none.  Raises ``FileProblem`` where the
    target is one of our own files.
    """
    if not request.into_stream:
        context.own.refuse_target(request.to)
    planned = RetrievePlan(tier=request.tier)
    taken: dict[str, str] = {}
    selected = list(_selected(context, request))
    naming = _naming(context, request, [one for some in selected for one in some.archives])
    for some in selected:
        wanted = _wanted(context, some, request, planned, naming=naming, taken=taken)
        known = by_archive(jobs.refresh(context, some.vault))
        now = context.clock.now()
        for one in wanted:
            step = None
            if mark_of(one.archive).needs_job:
                mine = known.get(one.archive.archive_id or "", ())
                step = retrieval_plan.next_step(mine, now=now)
            planned.steps.append((one, step))
    _leave_out_filled(planned)
    return planned


def by_archive(known: Sequence[KnownJob]) -> dict[str, list[KnownJob]]:
    """Return the retrieval jobs of each archive, by its ID."""
    grouped: dict[str, list[KnownJob]] = {}
    for job in known:
        if job.action is JobAction.RETRIEVAL and job.archive_id is not None:
            grouped.setdefault(job.archive_id, []).append(job)
    return grouped


@dataclass(frozen=True, slots=True, kw_only=True)
class _Naming:
    """What the files of one line are called."""

    into_file: bool
    #: The keys of the archives that do not get their own names.
    stamped: Container[int] = ()


def _naming(context: Context, request: RetrieveRequest, found: Sequence[Archive]) -> _Naming:
    """Return what files are called, so that all of a line can stand beside one another."""
    if request.by_key:
        return _Naming(into_file=False)
    if _is_file_target(request, len(found)) or request.into_stream:
        return _Naming(into_file=True)
    if request.all_versions:
        return _Naming(into_file=False, stamped={one.key for one in found})
    crowded = retrieve_places.crowded_out(context, os.path.abspath(request.to), found)
    return _Naming(into_file=False, stamped=crowded)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Selected:
    """What the references stand for in one vault, each archive once."""

    vault: KnownVault
    archives: Sequence[Archive]


def _selected(context: Context, request: RetrieveRequest) -> Iterator[_Selected]:
    for name in dict.fromkeys(ref.vault for ref in request.refs):
        vault, found = context.reach(name), dict[int, Archive]()
        for ref in request.refs:
            if ref.vault == name:
                some = select_some(context.key_map, vault, ref, all_versions=request.all_versions)
                found.update((one.key, one) for one in some)
        yield _Selected(vault=vault, archives=list(found.values()))


def _wanted(
    context: Context,
    selected: _Selected,
    request: RetrieveRequest,
    planned: RetrievePlan,
    *,
    naming: _Naming,
    taken: dict[str, str],
) -> Iterator[Wanted]:
    """Yield the archives that have to be brought."""
    vault = selected.vault
    places: dict[int, tuple[str, Place]] = {}
    further: list[tuple[Archive, Place]] = []
    for archive in selected.archives:
        try:
            place = _place(context, request, archive, naming)
            retrieve_places.claim(taken, place, archive)
            standing = _check(context, archive, place, request)
        except errors.GlacierCliError as error:
            planned.failed.append(ItemFailure(name=archive.label, error=error))
            continue
        places[archive.key] = (archive.label, place)
        one = Wanted(vault=vault, archive=archive, place=place)
        if standing is not Standing.NOTHING:
            planned.leave(standing, (one,), archive)
        elif mark_of(archive) is Mark.HARD_LINK:
            further.append((archive, place))
        else:
            yield one
    yield from _further(context, vault, request, planned, further=further, places=places)


def _further(
    context: Context,
    vault: KnownVault,
    request: RetrieveRequest,
    planned: RetrievePlan,
    *,
    further: Sequence[tuple[Archive, Place]],
    places: dict[int, tuple[str, Place]],
) -> Iterator[Wanted]:
    """Plan the further names of files; yield what has to be brought for them alone.

    A file that is brought anyway gets its further names afterwards; of one that is not, the first
    of them becomes the file.
    """
    for archive, place in further:
        try:
            first = replace(_first(context, vault, archive), name=archive.name)
            standing = _check(context, first, place, request)
        except errors.GlacierCliError as error:
            planned.failed.append(ItemFailure(name=archive.label, error=error))
            continue
        if standing is not Standing.NOTHING:
            of: tuple[Wanted, ...] = (Wanted(vault=vault, archive=archive, place=place),)
            if first.key not in places:
                places[first.key] = (archive.label, place)
                of += (Wanted(vault=vault, archive=first, place=place),)
            planned.leave(standing, of, first)
        elif first.key in places:
            planned.further_names.append(
                FurtherName(
                    vault=vault,
                    archive=archive,
                    place=place,
                    first=first,
                    first_name=places[first.key][0],
                    first_place=places[first.key][1],
                )
            )
        else:
            places[first.key] = (archive.label, place)
            yield Wanted(vault=vault, archive=first, place=place)


def _leave_out_filled(planned: RetrievePlan) -> None:
    """Make no empty directory of one that something goes into.

    It would get the mode of the time when it was empty, and might take nothing any more.
    """
    places = [one.place for one, _ in planned.steps]
    places += [one.place for one in planned.further_names]
    filled = retrieve_places.directories_of(places)
    steps, planned.steps = planned.steps, []
    for one, step in steps:
        if mark_of(one.archive) is Mark.DIRECTORY and one.place.path in filled:
            reason = f'"{one.place.path}" is made with what goes into it'
            planned.skipped.append(Skipped(name=one.archive.label, reason=reason))
        else:
            planned.steps.append((one, step))


def _first(context: Context, vault: KnownVault, archive: Archive) -> Archive:
    """Return the archive of the file that another archive is a further name of."""
    name = attributes_of(archive).linked_to or ""
    first = stands_for(archive, context.key_map.archives.named(vault, name))
    if first is None or mark_of(first) is not Mark.FILE:
        raise errors.ArchiveNotFound(
            f'"{printable(archive.label)}" is another name of "{printable(name)}", '
            f'which is not in vault "{vault.name}"',
            hint=f"glaciercli list {vault.name} --all-versions shows what is there",
        )
    return first


def _is_file_target(request: RetrieveRequest, count: int) -> bool:
    """Tell whether ``--to`` names a file rather than a directory."""
    kinds = [ref.kind for ref in request.refs]
    single = count == 1 and len(kinds) == 1 and kinds[0] is not RefKind.GLOB
    ends_as_directory = request.to.endswith("/") or request.to in {".", "..", STANDARD_OUTPUT}
    return single and not ends_as_directory and not os.path.isdir(request.to)


def _place(context: Context, request: RetrieveRequest, archive: Archive, naming: _Naming) -> Place:
    if request.into_stream:
        return retrieve_places.place_by_key(context.spool_directory or ".", archive)
    if request.by_key:
        return retrieve_places.place_by_key(request.to, archive)
    if naming.into_file:
        return retrieve_places.place_in_file(request.to)
    components = retrieve_places.components_of(archive)
    if archive.key in naming.stamped:
        components = retrieve_places.stamped(archive, components)
    return Place(root=os.path.abspath(request.to), components=components)


def _check(context: Context, archive: Archive, place: Place, request: RetrieveRequest) -> Standing:
    """Look at the target before anything is paid for.

    Raises ``FileProblem`` where nothing can be written there.
    """
    # What needs no job needs no ID: the key map knows all about it.
    if archive.archive_id is None and mark_of(archive).needs_job:
        raise errors.ArchiveNotFound(
            f'"{printable(archive.label)}" is probably stored, but its ID is not known yet',
            hint=f"glaciercli inventory refresh {archive.vault.name} settles it",
        )
    if not request.into_stream:
        return retrieve_standing.look(context, archive, place, overwrite=request.overwrite)
    if mark_of(archive) is Mark.DIRECTORY:
        raise errors.BadUsage(
            f'"{printable(archive.label)}" is a directory, which has no bytes',
            hint="--to DIR makes it",
        )
    return Standing.NOTHING
