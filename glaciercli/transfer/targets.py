"""Places below a target directory that no archive's name can lead out of.

Every step of the way is opened relative to the one before it and never through a symbolic link,
so neither ``..`` nor a planted link can move a file out of the directory.
"""

import errno
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress

from glaciercli import errors
from glaciercli.core.collisions import Folding
from glaciercli.core.temporaries import PARTIAL_SUFFIX
from glaciercli.transfer.files import Descriptor, free_bytes, os_errors

#: The longest name of a file on the usual file systems, in bytes.
_LONGEST_NAME = 255

#: What a file system without hard links answers to a link.
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS})

_ELSEWHERE = "--to DIR names another directory"

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class Target:
    """A file's place: an open directory and a name in it.

    The directory stays open for as long as anybody holds the place: work that was given up may
    still be at it in its thread, and must not act in whatever is opened next under the number.
    """

    def __init__(self, directory: Descriptor, name: str, path: str) -> None:
        self._directory = directory
        self.name = name
        self.path = path

    @property
    def directory(self) -> int:
        """The number of the open directory; good for as long as the caller holds the place."""
        return self._directory.number

    def exists(self) -> bool:
        """Tell whether something stands at the place."""
        try:
            os.stat(self.name, dir_fd=self.directory, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def put(self, partial: str, *, overwrite: bool) -> None:
        """Give a finished temporary file its final name, and make that last.

        Raises ``TargetExists`` where something stands there and may not be replaced.
        """
        with os_errors(self.path):
            if overwrite:
                os.rename(partial, self.name, src_dir_fd=self.directory, dst_dir_fd=self.directory)
            else:
                self._link(partial)
            os.fsync(self.directory)

    def clear(self, partial: str) -> None:
        """Remove a temporary file that a killed run may have left."""
        with os_errors(self.path), suppress(FileNotFoundError):
            os.unlink(partial, dir_fd=self.directory)

    def _link(self, partial: str) -> None:
        # A link, unlike a rename, never replaces what another program put there meanwhile.
        try:
            os.link(partial, self.name, src_dir_fd=self.directory, dst_dir_fd=self.directory)
        except FileExistsError as error:
            raise errors.TargetExists(self.path) from error
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            self._rename_into_gap(partial)
        else:
            os.unlink(partial, dir_fd=self.directory)

    def _rename_into_gap(self, partial: str) -> None:
        """Do without links, on a file system that has none: FAT, and some that are remote."""
        if self.exists():
            raise errors.TargetExists(self.path)
        os.rename(partial, self.name, src_dir_fd=self.directory, dst_dir_fd=self.directory)


def below(root: str, components: Sequence[str]) -> Target:
    """Open the place of a file below a directory, making the directories on the way.

    Raises ``UnsafeName`` where a symbolic link or a file stands on the way, and for components
    that are no plain names.
    """
    path = os.path.join(root, *components)
    if not components or not all(map(_is_plain, components)):
        raise errors.UnsafeName(f'"{path}" cannot be written: its name leads elsewhere')
    with os_errors(root):
        os.makedirs(root, exist_ok=True)
        directory = Descriptor(os.open(root, _DIRECTORY))
    for component in components[:-1]:
        directory = _step(directory.number, component, path)
    return Target(directory, components[-1], path)


def check_way(root: str, components: Sequence[str]) -> None:
    """Raise ``FileProblem`` where something stands on the way that ``below`` does not pass.

    What lies behind it is in no place below the directory, whatever it is.
    """
    _standing(root, components)


def check_writable(root: str, components: Sequence[str]) -> None:
    """Raise ``FileProblem`` where nothing could be put into a place, as far as looking tells.

    Makes nothing: it is asked before a retrieval is paid for.
    """
    standing = _standing(root, components)
    if not os.access(standing, os.W_OK | os.X_OK):
        read_only = os.statvfs(standing).f_flag & os.ST_RDONLY
        reason = os.strerror(errno.EROFS if read_only else errno.EACCES).lower()
        raise errors.FileProblem(f'"{standing}": {reason}', hint=_ELSEWHERE)


def free_bytes_below(root: str) -> int | None:
    """Return how much there is room for below a directory, which need not be made yet.

    ``None`` where the file system does not tell: some that are remote say 0 of everything.
    """
    standing = os.path.abspath(root)
    while not os.path.lexists(standing):
        standing = os.path.dirname(standing)
    try:
        return free_bytes(standing) if os.statvfs(standing).f_blocks else None
    except OSError:
        return None


def _standing(root: str, components: Sequence[str]) -> str:
    """Return the last directory on the way to a place that is there."""
    standing = os.path.abspath(root)
    while not os.path.lexists(standing):
        standing = os.path.dirname(standing)
    if not os.path.isdir(standing):
        raise errors.FileProblem(f'"{standing}" is no directory', hint=_ELSEWHERE)
    for component in components[:-1]:
        further = os.path.join(root, component)
        if not os.path.lexists(further):
            break
        if os.path.islink(further) or not os.path.isdir(further):
            raise _on_the_way(component, os.path.join(root, *components))
        root = standing = further
    return standing


def folding_of(root: str) -> Folding:
    """Return what the file system of a directory, made or not yet, takes for the same.

    It is found out with a file, in a directory that is gone afterwards; where nothing can be
    written, nothing is taken for the same, and writing will say why it cannot.
    """
    place = os.path.abspath(root)
    while not os.path.isdir(place):
        place = os.path.dirname(place)
    try:
        with tempfile.TemporaryDirectory(prefix=".glaciercli-", dir=place) as name:
            with open(os.path.join(name, "a\u00e9"), "xb"):
                pass
            return Folding(
                ignores_case=os.path.exists(os.path.join(name, "A\u00e9")),
                ignores_form=os.path.exists(os.path.join(name, "ae\u0301")),
            )
    except OSError:
        return Folding()


def _step(directory: int, component: str, path: str) -> Descriptor:
    with os_errors(path):
        try:
            os.mkdir(component, dir_fd=directory)
        except FileExistsError:
            pass
        else:
            os.fsync(directory)
        try:
            return Descriptor(os.open(component, _DIRECTORY | os.O_NOFOLLOW, dir_fd=directory))
        except OSError as error:
            if error.errno not in {errno.ELOOP, errno.ENOTDIR}:
                raise
            raise _on_the_way(component, path) from error


def _on_the_way(component: str, path: str) -> errors.UnsafeName:
    return errors.UnsafeName(
        f'"{path}" cannot be written: "{component}" on the way is no plain directory',
        hint=_ELSEWHERE,
    )


def _is_plain(component: str) -> bool:
    """Tell whether a component is the name of something in the directory it is looked up in."""
    return component not in {"", ".", ".."} and not {"/", "\0"} & set(component)


def partial_name(name: str, tag: str) -> str:
    """Return the name of a temporary file beside another, at most 255 bytes long."""
    ending = os.fsencode(f".{tag}{PARTIAL_SUFFIX}")
    stem = os.fsencode(name)[: _LONGEST_NAME - 1 - len(ending)]
    return os.fsdecode(b"." + stem + ending)
