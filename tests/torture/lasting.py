"""The real program, line after line in one process, which saves what a fork costs each time.

A line that leaves something behind in its process - a descriptor, a thread - is the last one there.
"""

import gc
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

from glaciercli.cli.main import main
from tests.torture.program import PATIENCE_S, Ended, Entry, Order, Program, ended, forked
from tests.torture.shim import KillPoints

#: Longer than a thread needs that has nothing left to do.
_MOMENT_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worker:
    process: int
    pipe: Connection


class LastingProgram(Program):
    """Runs what is to be killed in a process of its own, and everything else in one that lasts."""

    def __init__(
        self, points: KillPoints, home: Path, scratch: Path, *, entry: Entry = main
    ) -> None:
        super().__init__(points, home, scratch, entry=entry)
        self._worker: _Worker | None = None

    def carry_out(self, order: Order) -> Ended:
        """Run what an order says."""
        if order.is_to_die:
            return super().carry_out(order)
        worker = self._worker or self._hired()
        self._points.begin()
        worker.pipe.send(order)
        code, is_clean = self._answer(worker)
        if not is_clean:
            self.close()
        return self._ended(code)

    def close(self) -> None:
        """Let go of the process."""
        if self._worker is not None:
            self._worker.pipe.close()
            os.waitpid(self._worker.process, 0)
            self._worker = None

    def _hired(self) -> _Worker:
        ours, theirs = Pipe()
        process = forked()
        if not process:
            ours.close()
            self._serve(theirs)
        theirs.close()
        self._worker = _Worker(process=process, pipe=ours)
        return self._worker

    def _answer(self, worker: _Worker) -> tuple[int, bool]:
        """Return an exit code, and whether the process can go on."""
        if worker.pipe.poll(PATIENCE_S):
            with suppress(EOFError):
                code, is_clean = worker.pipe.recv()
                return code, is_clean
        # It is dead, or waits for something that does not come.
        self._worker = None
        code = ended(worker.process, patience_s=1)
        worker.pipe.close()
        return code, True

    def _serve(self, pipe: Connection) -> NoReturn:
        try:
            self._settle()
            before = _held()
            is_clean = True
            while is_clean:
                code = self._code_of(pipe.recv())
                is_clean = _held() == before
                pipe.send((code, is_clean))
            pipe.recv()
        except EOFError:
            # Whoever asked for runs is gone.
            pass
        finally:
            os._exit(0)

    def _code_of(self, order: Order) -> int:
        self._take_streams()
        # What an earlier line has read too much of, or could not write, is none of this one's.
        sys.stdin, sys.stdout, sys.stderr = (
            open(number, mode, closefd=False)  # noqa: SIM115 - it stays open
            for number, mode in enumerate("rww")
        )
        try:
            return self._obey(order)
        except BaseException:  # noqa: BLE001 - the end of a line is not the end of this process
            os.write(2, traceback.format_exc().encode())
            return 1
        finally:
            self._points.disarm()


@contextmanager
def lasting(
    points: KillPoints, home: Path, scratch: Path, *, entry: Entry = main
) -> Iterator[LastingProgram]:
    """Lend a program whose process ends with the block."""
    program = LastingProgram(points, home, scratch, entry=entry)
    try:
        yield program
    finally:
        program.close()


def _held() -> tuple[int, int]:
    """Return how many descriptors and threads a process keeps."""
    gc.collect()
    # What this line has left for good is not looked at after each one to come.
    gc.freeze()
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            # One that was told to end needs a moment for it.
            thread.join(_MOMENT_S)
    return len(os.listdir("/proc/self/fd")), threading.active_count()
