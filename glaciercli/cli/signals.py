"""Requests from outside to end the program."""

import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

#: After what time an interrupt that went down is asked for again, in seconds.
_AGAIN_S = 0.01


class Termination(KeyboardInterrupt):
    """What a request of the system to end is raised as: an interrupt by somebody else."""


def stop_as_on_interrupt() -> None:
    """Let a polite request to end stop the program as Ctrl-C does: with its state saved."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _terminate)
    sys.unraisablehook = _asking_again(sys.unraisablehook)


def _terminate(_number: int, _frame: object) -> "NoReturn":
    raise Termination


def _asking_again(
    others: "Callable[[sys.UnraisableHookArgs], object]",
) -> "Callable[[sys.UnraisableHookArgs], None]":
    """Return a hook for what is raised where Python goes on all the same.

    An interrupt that comes while an object goes away is such a case: it would be lost.
    """

    def hook(unraisable: "sys.UnraisableHookArgs") -> None:
        if not issubclass(unraisable.exc_type, KeyboardInterrupt):
            others(unraisable)
            return
        own = issubclass(unraisable.exc_type, Termination)
        signal.signal(signal.SIGALRM, _terminate if own else signal.default_int_handler)
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)

    return hook
