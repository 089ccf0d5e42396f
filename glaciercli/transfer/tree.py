"""Walking a directory tree in the order of names."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from glaciercli import errors
from glaciercli.core.filters import PatternRules
from glaciercli.core.sync_merge import LocalRow
from glaciercli.core.sync_plan import LocalFile, kept_ns
from glaciercli.transfer.files import os_errors, translate
from glaciercli.transfer.left_out import LeftOut, Skipped
from glaciercli.transfer.own import NOTHING, OwnFiles

#: How many files are told at once, about: enough that telling costs nothing, and few enough that
#: one difference among them does not make all of them looked at.
_BATCH_FILES = 128

_SLASH = ord("/")

#: The mode of a name whose file another name was met for before: see ``Walk.hard_links``.
HARD_LINK = -2

#: What a system answers that is short of something, or whose disk or network fails.
_TROUBLE = frozenset(
    {
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.EIO,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENODEV,
        errno.ENOMEM,
        errno.ENOTCONN,
        errno.ENXIO,
        errno.ESTALE,
        errno.ETIMEDOUT,
        # Linux alone has these: of a server, and of a file system that is damaged.
        getattr(errno, "EREMOTEIO", errno.EIO),
        getattr(errno, "EUCLEAN", errno.EIO),
    }
)

#: What a directory's own rules stand in.
IGNORE_FILE = b".glacierignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A place in the tree that could not be read."""

    path: str
    reason: str
    #: The bytes of its relative name, a directory's with a slash; empty for the root.
    name: bytes = b""
    #: Whether that says nothing about the place: the disk or the system failed at it.
    is_trouble: bool = False


class _Place(NamedTuple):
    """A directory on the way: where it is, its relative name, and what is to come in it."""

    path: bytes
    name: bytes
    #: The next one last; a directory's name ends with a slash, so that the whole is in order.
    ahead: list[bytes]
    #: Which directory was read: its device and its number there; ``None`` where none was.
    identity: tuple[int, int] | None


class Walk:
    """One walk over a tree: quick, and in memory that does not grow with the tree."""

    def __init__(
        self,
        root: str,
        *,
        prefix: bytes = b"",
        follow: bool = False,
        rules: PatternRules | None = None,
        hard_links: bool = False,
        own: OwnFiles = NOTHING,
    ) -> None:
        self._root = os.fsencode(root).rstrip(b"/") + b"/"
        self._prefix = prefix
        self._follow = follow
        self._rules = rules
        self._left_out = LeftOut(self._root, own)
        self._look: Callable[[bytes], os.stat_result] = _look_behind if follow else os.lstat
        #: The names of files that have several; ``None`` where that does not matter.
        self._inodes: dict[tuple[int, int], bytes] | None = {} if hard_links else None
        #: What could not be read so far.
        self.unreadable: list[Unreadable] = []
        #: What was left out so far.
        self.skipped = self._left_out.skipped
        #: For each further name of a file that has several: the one that was met first.
        self.hard_links: dict[bytes, bytes] = {}

    def batches(self) -> Iterator[list[LocalRow]]:
        """Yield what the tree holds, sorted by the bytes of the names behind the prefix.

        Empty directories are told, with a slash behind the name; others are not.
        """
        batch: list[LocalRow] = []
        # A tree may be deeper than calls can nest.
        places = [self._enter(b"")]
        while places:
            place = places[-1]
            if not place.ahead:
                places.pop()
                self._is_still_there(place)
            elif place.ahead[-1][-1] == _SLASH:
                self._descend(place, places, batch)
            elif not self._take_files(place, batch):
                places.pop()
            if len(batch) >= _BATCH_FILES:
                yield batch
                batch = []
        if batch:
            yield batch

    def leaves_out(self, name: bytes) -> bool:
        """Tell whether a relative name is not looked at, as far as the walk has come.

        That is what the program itself works on, whether it is there or not, and temporary files
        of its own that are there.
        """
        return self._left_out.covers(name)

    def _take_files(self, place: _Place, batch: list[LocalRow]) -> bool:
        """Look at the files before the next directory, up to a full batch.

        Returns whether the directory is still there, as far as that was asked.
        """
        path, name, ahead, _ = place
        start = self._prefix + name
        look, own_inodes = self._look, self._left_out.inodes
        while ahead and ahead[-1][-1] != _SLASH and len(batch) < _BATCH_FILES:
            one = ahead.pop()
            try:
                seen = look(path + one)
            except (FileNotFoundError, NotADirectoryError):
                # Gone since its directory was read, alone or together with that.
                if not self._is_still_there(place):
                    return False
                continue
            except OSError as error:
                self._fail(error, path + one, name + one)
                continue
            if seen.st_ino in own_inodes and self._left_out.is_own(seen, name + one):
                continue
            mode = seen.st_mode if seen.st_nlink == 1 else self._mode_of_linked(seen, start + one)
            batch.append((start + one, seen.st_size, seen.st_mtime_ns, mode))
        return True

    def _is_still_there(self, place: _Place) -> bool:
        """Tell whether a directory is the one that was read; what is in another is not known.

        A disk that is unmounted leaves an empty directory, and not one whose files are gone.
        """
        if place.identity is None:
            return False
        try:
            if _identity(place.path) == place.identity:
                return True
        except OSError as error:
            self._fail(error, place.path, place.name, is_trouble=True)
        else:
            shown = self._shown(place.name)
            reason = f'"{shown}": unmounted or replaced while it was read'
            self.unreadable.append(
                Unreadable(path=shown, reason=reason, name=place.name, is_trouble=True)
            )
        return False

    def _mode_of_linked(self, seen: os.stat_result, name: bytes) -> int:
        """Return the mode of a file; ``HARD_LINK`` for a further name of one met before."""
        if self._inodes is None or not stat.S_ISREG(seen.st_mode) or not seen.st_size:
            return seen.st_mode
        first = self._inodes.setdefault((seen.st_dev, seen.st_ino), name)
        if first == name:
            return seen.st_mode
        self.hard_links[name] = first
        return HARD_LINK

    def _descend(self, place: _Place, places: list[_Place], batch: list[LocalRow]) -> None:
        """Go into the next directory; one that is empty is told."""
        name = place.name + place.ahead.pop()
        if self._follow and self._leads_back(name, places):
            reason = "a symbolic link that leads back"
            self.skipped.append(Skipped(path=self._shown(name), reason=reason))
            return
        before = len(self.unreadable)
        below = self._enter(name)
        if below.ahead:
            places.append(below)
        elif len(self.unreadable) == before:
            self._tell_if_empty(below, batch)

    def _tell_if_empty(self, place: _Place, batch: list[LocalRow]) -> None:
        try:
            if self._is_told_empty(place):
                seen = os.stat(place.path)
                batch.append((self._prefix + place.name, 0, seen.st_mtime_ns, seen.st_mode))
        except OSError as error:
            self._fail(error, place.path, place.name)

    def _is_told_empty(self, place: _Place) -> bool:
        """Tell whether a directory is empty, and not just without anything that is wanted."""
        if self._rules is not None and self._rules.active and not self._rules.takes(place.name):
            return False
        return not os.listdir(place.path)

    def _enter(self, name: bytes) -> _Place:
        """Return a directory with what is wanted of it; one that cannot be read holds nothing."""
        path = self._root + name
        follow = self._follow
        try:
            with os.scandir(path) as entries:
                # Nothing is unmounted while it is open.
                here = _identity(path)
                ahead = [
                    one.name + b"/" if _is_directory(one, follow=follow) else one.name
                    for one in entries
                ]
        except OSError as error:
            self._fail(error, path, name)
            ahead, here = [], None
        if here is not None:
            ahead = self._left_out.without_own(name, here, ahead)
        rules = self._rules
        if rules is not None:
            if IGNORE_FILE in ahead and not self._reads_rules(rules, name):
                ahead = []
            if rules.active:
                ahead = [one for one in ahead if self._is_wanted(rules, name + one)]
        ahead = self._left_out.without_temporaries(name, ahead)
        ahead.sort(reverse=True)
        return _Place(path, name, ahead, here)

    def _reads_rules(self, rules: PatternRules, name: bytes) -> bool:
        """Take in the patterns that stand in a directory.

        Where they say nothing, the directory cannot be read: nobody knows what is wanted of it.
        """
        shown = self._shown(name + IGNORE_FILE)
        try:
            rules.add(name, patterns_in(shown))
        except (errors.FileProblem, errors.BadUsage) as error:
            reason = error.message if shown in error.message else f'"{shown}": {error.message}'
            self.unreadable.append(
                Unreadable(
                    path=shown, reason=reason, name=name, is_trouble=_is_trouble(error.__cause__)
                )
            )
            return False
        return True

    @staticmethod
    def _is_wanted(rules: PatternRules, name: bytes) -> bool:
        return not rules.excludes(name) and (name[-1] == _SLASH or rules.takes(name))

    def _leads_back(self, name: bytes, places: list[_Place]) -> bool:
        """Tell whether a directory is one of those on the way to it."""
        try:
            here = os.stat(self._root + name)
            return any(os.path.samestat(here, os.stat(one.path)) for one in places)
        except OSError:
            # Entering it says why.
            return False

    def _fail(self, error: OSError, path: bytes, name: bytes, *, is_trouble: bool = False) -> None:
        shown = os.fsdecode(path.rstrip(b"/") or b"/")
        reason = str(translate(error, shown))
        self.unreadable.append(
            Unreadable(
                path=shown, reason=reason, name=name, is_trouble=is_trouble or _is_trouble(error)
            )
        )

    def _shown(self, name: bytes) -> str:
        return os.fsdecode((self._root + name).rstrip(b"/"))


def patterns_in(path: str) -> list[str]:
    """Return the lines of a file of patterns; raise ``FileProblem``."""
    with os_errors(path), open(path, "rb", opener=_open_plain) as file:
        return file.read().decode("utf-8", "surrogateescape").splitlines()


def walk(root: str, *, own: OwnFiles = NOTHING) -> Iterator[LocalFile | Unreadable | Skipped]:
    """Yield every regular file below a directory, sorted by the bytes of its relative path."""
    walking, told = Walk(root, own=own), 0
    for batch in walking.batches():
        yield from walking.unreadable[told:]
        told = len(walking.unreadable)
        for name, size_bytes, modified, mode in batch:
            if not name.endswith(b"/"):
                yield _file(root, name, size_bytes, modified, mode)
    yield from walking.unreadable[told:]
    yield from walking.skipped


def _file(root: str, name: bytes, size_bytes: int, modified: int, mode: int) -> LocalFile | Skipped:
    path = os.path.join(root, os.fsdecode(name))
    if not stat.S_ISREG(mode):
        is_link = stat.S_ISLNK(mode)
        return Skipped(path=path, reason="a symbolic link" if is_link else "no regular file")
    return LocalFile(
        name=name.decode("utf-8", "surrogateescape"),
        path=path,
        size_bytes=size_bytes,
        modified_ns=kept_ns(modified),
        mode=mode,
    )


def _identity(path: bytes) -> tuple[int, int]:
    seen = os.stat(path)
    return seen.st_dev, seen.st_ino


def _is_trouble(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in _TROUBLE


def _is_directory(entry: os.DirEntry[bytes], *, follow: bool) -> bool:
    try:
        return entry.is_dir(follow_symlinks=follow)
    except OSError:
        # A symbolic link that leads to itself, or to where nobody may look.
        return False


def _open_plain(path: str, flags: int) -> int:
    # A pipe in the file's place must not make anybody wait.
    return os.open(path, flags | os.O_NONBLOCK)


def _look_behind(path: bytes) -> os.stat_result:
    """Return what a symbolic link leads to; one that leads nowhere stands for itself."""
    try:
        return os.stat(path)
    except OSError as error:
        # What may be a directory, and could not be looked at, is no link that leads nowhere.
        if error.errno == errno.EACCES or _is_trouble(error):
            raise
        return os.lstat(path)
