"""Requests from outside to end the program."""

import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: After what time an interrupt that went down is asked for again, in seconds.
_AGAIN_S = 0.01


def stop_as_on_interrupt() -> None:
    """Let a polite request to end stop the program as Ctrl-C does: with its state saved."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    sys.unraisablehook = _asking_again(sys.unraisablehook)


def _asking_again(
    others: "Callable[[sys.UnraisableHookArgs], object]",
) -> "Callable[[sys.UnraisableHookArgs], None]":
    """Return a hook for what is raised where Python goes on all the same.

    An interrupt that comes while an object goes away is such a case: it would be lost.
    """

    def hook(unraisable: "sys.UnraisableHookArgs") -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, _AGAIN_S)
        else:
            others(unraisable)

    return hook
