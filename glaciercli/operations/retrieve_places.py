"""Where archives go: each to a path of its own below the target directory."""

import os
from collections.abc import Iterable, Sequence

from glaciercli import errors
from glaciercli.core import collisions, paths
from glaciercli.core.marks import Mark, mark_of
from glaciercli.core.text import printable
from glaciercli.model.archives import Archive
from glaciercli.operations.context import Context
from glaciercli.operations.download_flow import Place
from glaciercli.reporting import Notice
from glaciercli.transfer import targets


def components_of(archive: Archive) -> tuple[str, ...]:
    """Return the path of an archive below a directory; raise ``UnsafeName``."""
    name = archive.name or archive.archive_id or ""
    if mark_of(archive) is Mark.DIRECTORY:
        name = name.rstrip("/")
    return paths.components(name)


def stamped(archive: Archive, components: tuple[str, ...]) -> tuple[str, ...]:
    """Return a path that no other version and no other archive has."""
    stamp = f".{archive.uploaded_at:%Y%m%dT%H%M%SZ}-{archive.key}"
    return (*components[:-1], paths.extended(components[-1], stamp))


def crowded_out(context: Context, root: str, found: Sequence[Archive]) -> dict[int, str]:
    """Return the keys of the archives that cannot have their own paths, each with the reason."""
    wanted = []
    for archive in found:
        try:
            components = components_of(archive)
        except errors.UnsafeName:
            # Told where it is planned.
            continue
        # Something in it makes a directory of a path.
        inside = ("",) if mark_of(archive) is Mark.DIRECTORY else ()
        wanted.append((archive.key, (*components, *inside)))
    crowded = collisions.crowded_out(wanted, collisions.Folding())
    if collisions.crowded_out(wanted, collisions.COARSEST) != crowded:
        # Asked only where the answer matters: a file has to be made for it.
        crowded = collisions.crowded_out(wanted, targets.folding_of(root))
    for archive in found:
        if archive.key in crowded:
            context.reporter.report(
                Notice(
                    message=f'"{printable(archive.label)}" gets another name here: '
                    f"{printable(crowded[archive.key])}"
                )
            )
    return crowded


def directories_of(places: Iterable[Place]) -> set[str]:
    """Return the paths of the directories that are made on the way to some places."""
    found: set[str] = set()
    for place in places:
        path = os.path.dirname(place.path)
        for _ in place.components[1:]:
            if path in found:
                break
            found.add(path)
            path = os.path.dirname(path)
    return found


def claim(taken: dict[str, str], place: Place, archive: Archive) -> None:
    """Give a place to an archive; raise ``FileProblem`` where another one goes there already."""
    path = place.path
    if path in taken:
        message = (
            f'"{taken[path]}" and "{archive.vault.name}/{archive.label}" would both be "{path}"'
        )
        raise errors.FileProblem(message, hint="retrieve them one by one, each --to its own place")
    taken[path] = f"{archive.vault.name}/{archive.label}"


def place_by_key(root: str, archive: Archive) -> Place:
    """Return the place of an archive that is called by its number."""
    return Place(root=root, components=(f"archive-{archive.key}",))


def place_in_file(path: str) -> Place:
    """Return the place of the one archive that goes into a file."""
    directory, name = os.path.split(os.path.abspath(path))
    return Place(root=directory, components=(name,))
