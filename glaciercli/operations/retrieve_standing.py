"""What stands in an archive's place before it is brought."""

import os
from enum import Enum, auto

from glaciercli import errors
from glaciercli.core.marks import Mark, attributes_of, mark_of
from glaciercli.model.archives import Archive
from glaciercli.operations.context import Context
from glaciercli.operations.download_flow import Place
from glaciercli.transfer import files, targets


class Standing(Enum):
    """What stands in an archive's place before it is brought."""

    #: Nothing that is not to be replaced.
    NOTHING = auto()
    #: What the archive stands for.
    HELD = auto()
    #: A file of its size, which is not to be replaced, and may be it.
    IN_DOUBT = auto()


def look(context: Context, archive: Archive, place: Place, *, overwrite: bool) -> Standing:
    """Return what stands in a place; raise ``FileProblem`` where nothing can be written there.

    A file is read only where it would be replaced if it is another: reading all that earlier runs
    have brought may take longer than an output is kept.
    """
    path = place.path
    # First of all: what lies behind a link is not in the place, whatever it holds.
    targets.check_way(place.root, place.components)
    if mark_of(archive) is Mark.HARD_LINK:
        # What stands there is compared with its file later.
        return Standing.NOTHING
    if not os.path.lexists(path):
        targets.check_writable(place.root, place.components)
        return Standing.NOTHING
    # Neither to be read nor to be replaced.
    context.own.refuse(path)
    if not overwrite and _may_hold(path, archive):
        return Standing.IN_DOUBT
    if _holds(path, archive):
        return Standing.HELD
    if os.path.isdir(path) and not os.path.islink(path):
        raise errors.FileProblem(
            f'"{path}" is a directory', hint="--to FILE puts one archive under another name"
        )
    if not overwrite:
        raise errors.TargetExists(path)
    targets.check_writable(place.root, place.components)
    return Standing.NOTHING


def _may_hold(path: str, archive: Archive) -> bool:
    """Tell whether reading a file would tell more than its size does."""
    return mark_of(archive) is Mark.FILE and _has_size(path, archive)


def _holds(path: str, archive: Archive) -> bool:
    """Tell whether a path is what an archive stands for."""
    match mark_of(archive):
        case Mark.DIRECTORY:
            return os.path.isdir(path) and not os.path.islink(path)
        case Mark.SYMBOLIC_LINK:
            return os.path.islink(path) and os.readlink(path) == attributes_of(archive).target
        case _:
            return _has_size(path, archive) and (
                archive.size_bytes == 0 or files.tree_hash_of(path) == archive.tree_hash
            )


def _has_size(path: str, archive: Archive) -> bool:
    return os.path.isfile(path) and os.path.getsize(path) == archive.known_size_bytes
