"""The key map as a whole: opened, made, and closed."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from glaciercli import errors
from glaciercli.keymap import database, schema
from glaciercli.keymap.names import Names
from glaciercli.keymap.vaults import Vaults

if TYPE_CHECKING:
    # Few commands need them, and completion none.
    from glaciercli.keymap.archives import Archives
    from glaciercli.keymap.breakdowns import Breakdowns
    from glaciercli.keymap.checks import Checks
    from glaciercli.keymap.duplicates import Duplicates
    from glaciercli.keymap.jobs import Jobs
    from glaciercli.keymap.listings import Listings
    from glaciercli.keymap.merge import Merger
    from glaciercli.keymap.totals import Totals
    from glaciercli.keymap.trees import Trees


class KeyMapReader:
    """What can be asked of a key map without the right to change it."""

    def __init__(self, opened: database.Database) -> None:
        self._database = opened
        self.vaults = Vaults(opened)
        self.names = Names(opened)

    @cached_property
    def archives(self) -> "Archives":
        """The archives."""
        from glaciercli.keymap.archives import Archives

        return Archives(self._database)

    @cached_property
    def listings(self) -> "Listings":
        """What lists archives; completing a name does without."""
        from glaciercli.keymap.listings import Listings

        return Listings(self._database)

    @cached_property
    def jobs(self) -> "Jobs":
        """What the service was asked to prepare."""
        from glaciercli.keymap.jobs import Jobs

        return Jobs(self._database)

    @cached_property
    def duplicates(self) -> "Duplicates":
        """What finds archives that hold the same."""
        from glaciercli.keymap.duplicates import Duplicates

        return Duplicates(self._database)

    @cached_property
    def breakdowns(self) -> "Breakdowns":
        """What groups and counts archives."""
        from glaciercli.keymap.breakdowns import Breakdowns

        return Breakdowns(self._database)

    @cached_property
    def totals(self) -> "Totals":
        """What sums up archives."""
        from glaciercli.keymap.totals import Totals

        return Totals(self._database)

    @property
    def path(self) -> str:
        """The file."""
        return self._database.path

    def close(self) -> None:
        """Close the file."""
        self._database.close()


class KeyMap(KeyMapReader):
    """A key map that may be changed, by one thread."""

    def __init__(self, opened: database.Database, *, presence: int | None = None) -> None:
        super().__init__(opened)
        #: The descriptor that tells other runs that this one has the file open.
        self._presence = presence
        from glaciercli.keymap import beside
        from glaciercli.keymap.downloads import Downloads
        from glaciercli.keymap.inventories import Inventories
        from glaciercli.keymap.journal import Journal
        from glaciercli.keymap.locks import Locks
        from glaciercli.keymap.staging import Staging
        from glaciercli.keymap.takeovers import Takeovers
        from glaciercli.keymap.uploads import Uploads

        self.uploads = Uploads(opened)
        self.downloads = Downloads(opened)
        self.inventories = Inventories(opened)
        self.staging = Staging(opened, self.inventories)
        self.takeovers = Takeovers(opened)
        self.journal = Journal(opened)
        self.locks = Locks(beside.locks(opened.path))

    @cached_property
    def checks(self) -> "Checks":
        """Checks of directories and drills that are under way."""
        from glaciercli.keymap.checks import Checks

        return Checks(self._database)

    @cached_property
    def merger(self) -> "Merger":
        """What takes another key map into this one."""
        from glaciercli.keymap.merge import Merger

        return Merger(self._database)

    @cached_property
    def trees(self) -> "Trees":
        """What is compared with directories."""
        from glaciercli.keymap.trees import Trees

        return Trees(self._database)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what happens inside one commit, or nothing at all."""
        with self._database.transaction():
            yield

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Let many changes, each of which stands by itself, reach the disk together."""
        with self._database.batch():
            yield

    def close(self) -> None:
        """Give up the locks and close the file."""
        self.locks.close()
        super().close()
        if self._presence is not None:
            os.close(self._presence)
            self._presence = None


def open_key_map(
    path: str, *, now: datetime, before_migration: Callable[[], None] = lambda: None
) -> KeyMap:
    """Open a key map for changes, and make it where there is none.

    From now on nobody replaces the file until it is closed.  ``before_migration`` is called where
    the file is about to get a newer format.  Raises ``Busy``, ``KeyMapDamaged``,
    ``KeyMapTooNew``, ``KeyMapReadOnly`` and ``FileProblem``.
    """
    from glaciercli.keymap import presence

    with ExitStack() as undoing:
        # A link that leads nowhere, to a disk that is not mounted, is no first run.
        if not os.path.lexists(path):
            _make(path, now=now)
        before = _identity(path)
        opened = database.connect(path)
        undoing.callback(opened.close)
        # First of all, since the rest changes the file, or makes others beside it.
        schema.verify(opened)
        descriptor = presence.share(path)
        if descriptor is not None:
            undoing.callback(os.close, descriptor)
        if _identity(path) != before:
            raise errors.Busy(
                f'the key map "{path}" was just replaced', hint="run the same line again"
            )
        database.make_durable(opened)
        if schema.needs_migration(opened):
            before_migration()
            schema.migrate(opened, now=now)
        undoing.pop_all()
    return KeyMap(opened, presence=descriptor)


def _identity(path: str) -> tuple[int, int] | None:
    """Return what tells a file from another of the same name."""
    with suppress(OSError):
        seen = os.stat(path)
        return seen.st_dev, seen.st_ino
    return None


def open_reader(
    path: str, *, now: datetime, before_migration: Callable[[], None] = lambda: None
) -> KeyMapReader:
    """Open a key map for questions; one that does not exist answers as an empty one."""
    if not os.path.lexists(path):
        opened = database.connect_memory()
        schema.migrate(opened, now=now)
        return KeyMapReader(opened)
    found = _open_as_it_is(path)
    return found or open_key_map(path, now=now, before_migration=before_migration)


def _open_as_it_is(path: str) -> KeyMapReader | None:
    """Open a key map without writing to it; ``None`` where it must be brought in order first."""
    opened = database.connect_reader(path)
    try:
        schema.verify(opened)
        if not schema.needs_migration(opened):
            return KeyMapReader(opened)
    except errors.KeyMapReadOnly:
        # A run was killed in the middle of a commit, which has to be taken back.
        pass
    except BaseException:
        opened.close()
        raise
    opened.close()
    return None


def _make(path: str, *, now: datetime) -> None:
    """Make an empty key map under another name and link it into place.

    So a file of that name is a whole key map from the first moment, and an empty one is a sign
    of damage rather than of a first run.
    """
    from glaciercli.keymap import files

    try:
        with files.fresh(path) as made:
            _fill(made, now=now)
            # Another run may be faster; its key map is as good.
            with suppress(FileExistsError):
                os.link(made, path)
            files.sync_directory(os.path.dirname(os.path.abspath(path)))
    except (OSError, errors.FileProblem) as error:
        reason = error.strerror if isinstance(error, OSError) else error.message
        raise errors.FileProblem(
            f'no key map can be made at "{path}": {reason}',
            hint="--key-map FILE or GLACIERCLI_KEY_MAP puts it elsewhere",
        ) from error


def _fill(fresh: str, *, now: datetime) -> None:
    from glaciercli.keymap import files

    opened = database.connect(fresh)
    try:
        # Nobody sees the file before it has its name: it reaches the disk once, as a whole.
        database.make_fleeting(opened)
        schema.migrate(opened, now=now)
        # Behind it: in WAL mode the size of pages is fixed.
        database.make_durable(opened)
    finally:
        opened.close()
    files.sync_file(fresh)
