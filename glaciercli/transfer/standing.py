"""Whether a file of a tree is there: one look, where a walk would be too much."""

import errno
import os
import stat

#: What a system answers where there is no such file.
_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP})


def stands(root: str, name: bytes, *, follow: bool) -> bool:
    """Tell whether a walk over a tree would meet a relative name, or may do so.

    As in a walk, the name of an empty directory ends with a slash, and what lies behind symbolic
    links counts where they are followed.
    """
    try:
        return _is_met(os.fsencode(root), name, follow=follow)
    except ValueError:
        # No file has a name that holds a zero byte.
        return False
    except OSError as error:
        return error.errno not in _NOT_THERE


def _is_met(root: bytes, name: bytes, *, follow: bool) -> bool:
    *ways, last = name.rstrip(b"/").split(b"/")
    place = root
    for one in ways:
        place = os.path.join(place, one)
        if not _is_directory(place, follow=follow):
            return False
    path = os.path.join(place, last)
    if name.endswith(b"/"):
        return _is_directory(path, follow=follow) and not os.listdir(path)
    os.lstat(path)
    # Some file systems find a file by other letters than those of its name.
    return not _is_directory(path, follow=follow) and last in os.listdir(place)


def _is_directory(path: bytes, *, follow: bool) -> bool:
    try:
        seen = os.stat(path) if follow else os.lstat(path)
    except OSError:
        if not follow:
            raise
        # A link that leads nowhere stands for itself.
        seen = os.lstat(path)
    return stat.S_ISDIR(seen.st_mode)
