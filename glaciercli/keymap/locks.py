"""Locks between runs: two that would change the same thing do not.

Each vault has a lock file; a run locks one byte of it for each name that it works on, or all of
it.  The kernel frees the bytes when the process ends, however it ends.
"""

import errno
import fcntl
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

from glaciercli import errors
from glaciercli.model.vaults import KnownVault

#: Byte 0 stands for the vault itself; names follow.
_WHOLE = 0
_NAMES_START = 1
_HASH_BYTES = 7
#: Behind all names.
_SYNC = _NAMES_START + (1 << 8 * _HASH_BYTES)
_TASKS_START = _SYNC + 1


class Locks:
    """The lock files beside one key map."""

    def __init__(self, directory: str) -> None:
        self._directory = directory
        # Closing any descriptor of a file frees all of the process's locks on it, so each
        # file is opened once and stays open.
        self._descriptors: dict[int, int] = {}
        # The kernel lets a process take its own lock again, but frees it at the first release.
        self._held_times: Counter[tuple[int, int]] = Counter()

    @contextmanager
    def whole_vault(self, vault: KnownVault, purpose: str) -> Iterator[None]:
        """Hold everything of a vault, or raise ``Busy``."""
        with self._held(vault, start=_WHOLE, length=0, purpose=purpose):
            yield

    @contextmanager
    def one_name(self, vault: KnownVault, name: str, purpose: str) -> Iterator[None]:
        """Hold one name of a vault, or raise ``Busy``."""
        with self._held(vault, start=_NAMES_START + _hash(name), length=1, purpose=purpose):
            yield

    def is_free(self, vault: KnownVault, name: str) -> bool:
        """Tell whether no other run works on a name."""
        if self._held_times[vault.key, _WHOLE]:
            return True
        try:
            with self.one_name(vault, name, "a look"):
                return True
        except errors.Busy:
            return False

    @contextmanager
    def one_sync(self, vault: KnownVault, purpose: str) -> Iterator[None]:
        """Hold what only one sync of a vault may have, or raise ``Busy``."""
        with self._held(vault, start=_SYNC, length=1, purpose=purpose):
            yield

    @contextmanager
    def one_task(self, vault: KnownVault, task: str, purpose: str) -> Iterator[None]:
        """Hold what only one run may do for a vault at a time, or raise ``Busy``.

        A task is no name of an archive: whatever it is called, it keeps no name from anybody.
        """
        with self._held(vault, start=_TASKS_START + _hash(task), length=1, purpose=purpose):
            yield

    def close(self) -> None:
        """Give up every lock."""
        for descriptor in self._descriptors.values():
            os.close(descriptor)
        self._descriptors.clear()

    @contextmanager
    def _held(self, vault: KnownVault, *, start: int, length: int, purpose: str) -> Iterator[None]:
        busy = errors.Busy(
            f'another run is changing vault "{vault.name}": {purpose} has to wait',
            hint="run the same line again when the other run is done",
        )
        try:
            descriptor = self._open(vault)
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
        except OSError as error:
            if error.errno in {errno.EACCES, errno.EAGAIN} and vault.key in self._descriptors:
                raise busy from error
            raise errors.FileProblem(
                f'no lock can be taken below "{self._directory}": {error.strerror}',
                hint="put the key map where it can be written, with --key-map FILE",
            ) from error
        place = (vault.key, start)
        self._held_times[place] += 1
        try:
            yield
        finally:
            self._held_times[place] -= 1
            if vault.key in self._descriptors and not self._held_times[place]:
                fcntl.lockf(descriptor, fcntl.LOCK_UN, length, start)

    def _open(self, vault: KnownVault) -> int:
        if vault.key not in self._descriptors:
            os.makedirs(self._directory, mode=0o700, exist_ok=True)
            path = os.path.join(self._directory, f"vault-{vault.key}.lock")
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._descriptors[vault.key] = os.open(path, flags, 0o600)
        return self._descriptors[vault.key]


def _hash(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES).digest()
    return int.from_bytes(digest, "big")
