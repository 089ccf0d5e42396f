"""Files that are no bytes of their own: symbolic links, further names of a file, directories."""

import errno
import os
import shutil
import stat
from hashlib import sha256

from glaciercli import errors
from glaciercli.core.sync_plan import LocalFile
from glaciercli.transfer import files
from glaciercli.transfer.targets import Target

#: What a file system says that cannot give a file a further name.
_NO_HARD_LINKS = frozenset(
    {errno.EPERM, errno.EXDEV, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES}
)

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

_STORED = frozenset({stat.S_IFREG, stat.S_IFLNK, stat.S_IFDIR})


def can_be_stored(file: LocalFile) -> bool:
    """Tell whether something is a file, a symbolic link or a directory."""
    return stat.S_IFMT(file.mode) in _STORED


def is_regular(file: LocalFile) -> bool:
    """Tell whether something has bytes of its own."""
    return stat.S_ISREG(file.mode)


def target_of(path: str) -> bytes:
    """Return where a symbolic link leads, as it is written; at least one byte."""
    with files.os_errors(path):
        return os.readlink(os.fsencode(path))


def content_hash(file: LocalFile) -> bytes:
    """Return the tree hash of what is stored for a file: its bytes, or where it leads."""
    if stat.S_ISLNK(file.mode):
        # Shorter than a leaf, whose hash is the tree hash.
        return sha256(target_of(file.path)).digest()
    return files.tree_hash_of(file.path)


def make_symbolic_link(
    place: Target, leads_to: str, *, partial: str, modified_ns: int | None, overwrite: bool
) -> None:
    """Make a symbolic link, which is never followed here; raise ``TargetExists``."""
    name = partial if overwrite else place.name
    place.clear(partial)
    with files.os_errors(place.path):
        try:
            os.symlink(os.fsencode(leads_to), os.fsencode(name), dir_fd=place.directory)
        except FileExistsError as error:
            raise errors.TargetExists(place.path) from error
        if modified_ns is not None:
            times = (modified_ns, modified_ns)
            os.utime(name, ns=times, dir_fd=place.directory, follow_symlinks=False)
        if overwrite:
            place.put(partial, overwrite=True)
        else:
            os.fsync(place.directory)


def make_directory(place: Target, *, mode: int | None, modified_ns: int | None) -> None:
    """Make a directory, if there is none; raise ``TargetExists`` where there is something else."""
    with files.os_errors(place.path):
        try:
            os.mkdir(place.name, dir_fd=place.directory)
        except FileExistsError as error:
            if stat.S_ISDIR(os.lstat(place.path).st_mode):
                return
            raise errors.TargetExists(place.path) from error
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        made = files.Descriptor(os.open(place.name, flags, dir_fd=place.directory))
        if mode is not None:
            os.fchmod(made.number, mode & 0o777)
        if modified_ns is not None:
            os.utime(made.number, ns=(modified_ns, modified_ns))
        os.fsync(place.directory)


def make_further_name(place: Target, first: Target, *, partial: str, overwrite: bool) -> None:
    """Give a file a further name; where the file system has no such thing, copy it.

    Raises ``TargetExists``, and ``FileProblem`` where the first name is not that of a file.
    """
    place.clear(partial)
    with files.os_errors(place.path):
        try:
            os.link(
                first.name,
                partial,
                src_dir_fd=first.directory,
                dst_dir_fd=place.directory,
                follow_symlinks=False,
            )
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            _copy(first, place, partial)
    try:
        _check_plain(first, place, partial)
        place.put(partial, overwrite=overwrite)
    finally:
        # Renaming a name to another of the same file does nothing at all.
        place.clear(partial)


def _check_plain(first: Target, place: Target, partial: str) -> None:
    # Looked at after it was made: until then, anybody may put something else there.
    with files.os_errors(place.path):
        made = os.stat(partial, dir_fd=place.directory, follow_symlinks=False)
    if not stat.S_ISREG(made.st_mode):
        raise errors.FileProblem(
            f'"{first.path}" is no plain file, so "{place.path}" cannot be another name of it',
            hint="--to DIR names another directory",
        )


def _copy(first: Target, place: Target, partial: str) -> None:
    source = files.Descriptor(os.open(first.name, _READ, dir_fd=first.directory))
    made = files.Descriptor(os.open(partial, _MAKE, 0o600, dir_fd=place.directory))
    with (
        open(source.number, "rb", closefd=False) as whole,
        open(made.number, "wb", closefd=False) as copy,
    ):
        shutil.copyfileobj(whole, copy)
    seen = os.fstat(source.number)
    os.fchmod(made.number, seen.st_mode & 0o777)
    os.utime(made.number, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    os.fsync(made.number)
