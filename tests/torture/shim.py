"""The library that ends a process at its k-th change of the disk: built, loaded, armed."""

import ctypes
import enum
import mmap
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_SOURCE = Path(__file__).with_name("kill_points.c")
_PRELOAD = "LD_PRELOAD"


def compiler() -> str | None:
    """Return the C compiler of this machine, if it has one."""
    return shutil.which("cc") if sys.platform == "linux" else None


def build(directory: Path) -> Path:
    """Build the library."""
    built = directory / "kill_points.so"
    found = compiler()
    assert found, "there is no C compiler"
    flags = ["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-D_LARGEFILE64_SOURCE"]
    subprocess.run([found, *flags, "-o", built, _SOURCE, "-ldl"], check=True)
    return built


def environment_with(library: Path) -> dict[str, str]:
    """Return the environment of a process that has the library in front."""
    return {**os.environ, _PRELOAD: str(library)}  # noqa: TID251 - handed on as it is


class Lies(enum.IntFlag):
    """Of what ``fsync`` says that it is on the disk without having done anything."""

    NOTHING = 0
    FILES = 1
    DIRECTORIES = 2


class Of(enum.IntEnum):
    """Which calls count."""

    CHANGES = 0
    #: Those that take a descriptor.
    OPENS = 1
    #: Those that read a file.
    READS = 2
    #: Those that let the content of a file last, but for SQLite's own.
    SYNCS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How a call fails that would otherwise end the process."""

    #: As in ``errno``.
    error: int
    #: Whether all calls from that one on fail.
    lasts: bool
    of: Of = Of.CHANGES


class KillPoints:
    """The library in this process; what is armed counts in its children too."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)
        self._shared = mmap.mmap(-1, ctypes.sizeof(ctypes.c_long))
        self._passed = ctypes.c_long.from_buffer(self._shared)

    def begin(self) -> None:
        """Let nothing have been counted yet."""
        self._passed.value = 0

    def arm(self, *, kill_at: int, torn: bool) -> None:
        """Count from now on; end this process at the ``kill_at``-th change, never for 0."""
        self._library.torture_arm(
            ctypes.byref(self._passed), ctypes.c_long(kill_at), ctypes.c_int(torn)
        )

    def disarm(self) -> None:
        """Count no more."""
        self._library.torture_arm(None, ctypes.c_long(0), ctypes.c_int(0))

    def let_fail(self, failure: Failure | None) -> None:
        """Let the call at which this process would end fail instead; let it end for ``None``."""
        wanted = failure or Failure(error=0, lasts=False)
        self._library.torture_fail(
            ctypes.c_int(wanted.error),
            ctypes.c_int(wanted.lasts),
            ctypes.c_int(wanted.of),
        )

    @property
    def passed(self) -> int:
        """How many changes the last armed process came to."""
        return self._passed.value

    def set_ahead(self, seconds: int) -> None:
        """Let the clock of the day be ahead by so much."""
        self._library.torture_set_ahead(ctypes.c_long(seconds))

    def stop_clock(self, at_s: int) -> None:
        """Let the clock of the day stand still; let it go for 0."""
        self._library.torture_stop_clock(ctypes.c_long(at_s))

    def set_chance(self, seed: int) -> None:
        """Let what is called random follow from a seed; from the machine for 0."""
        self._library.torture_seed(ctypes.c_uint64(seed))
        if seed:
            random.seed(seed)

    def set_lies(self, lies: Lies) -> None:
        """Let ``fsync`` do nothing and say that it did."""
        self._library.torture_set_lies(ctypes.c_int(lies))


def is_loaded() -> bool:
    """Tell whether this process has the library in front."""
    return hasattr(ctypes.CDLL(None), "torture_arm")
