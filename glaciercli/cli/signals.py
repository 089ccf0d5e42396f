"""Requests from outside to end the program."""

import signal


def stop_as_on_interrupt() -> None:
    """Let a polite request to end stop the program as Ctrl-C does: with its state saved."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
