"""The process around a command line: how it begins quickly, and how it ends at once."""

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

from glaciercli.cli import completion
from glaciercli.config.environment import process_environment


def run() -> NoReturn:
    """Run the words that the process was started with, and end it with the exit code."""
    # What imports make stays to the end: looking for garbage among it costs a tenth of a start.
    gc.disable()
    if sys.stderr is None:
        # The shell closed it: what is told there is told to nobody.
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - until the end
    code = _code()
    for stream in (sys.stdout, sys.stderr):
        # What could not be written was told by then; of one that the shell closed there is none.
        with suppress(OSError, AttributeError, ValueError):
            stream.flush()
    # Everything is committed, closed and said. Taking objects apart one by one, which the
    # system frees at a stroke, would cost another tenth.
    os._exit(code)


def _code() -> int:
    environment = process_environment()
    if environment.get(completion.VARIABLE):
        from glaciercli.cli.completion.answering import answer

        return answer(environment)
    from glaciercli.cli.main import main

    return main()


def settle() -> None:
    """Look for garbage from now on, but never among what was imported."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
