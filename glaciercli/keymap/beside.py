"""What stands beside a key map, by name.

What all runs share stands beside the file itself, wherever links lead to it from; what a run keeps
for its own next one stands beside the name that it was given.
"""

import os

from glaciercli.keymap.files import COMPANIONS


def locks(path: str) -> str:
    """Return the directory of the locks between runs."""
    return f"{os.path.realpath(path)}.locks"


def snapshots(path: str) -> str:
    """Return the directory of the copies of the last days."""
    return f"{os.path.realpath(path)}.snapshots"


def spool(path: str) -> str:
    """Return the directory of what has no file of its own on its way."""
    return f"{path}.spool"


def outgoing(path: str) -> str:
    """Return the directory of exports that are being stored in a vault."""
    return f"{path}.outgoing"


def recovery(path: str) -> str:
    """Return the directory of stored key maps that are being brought back."""
    return f"{path}.recovery"


def database_files(path: str) -> tuple[str, ...]:
    """Return the key map itself, and what SQLite keeps beside it while it is open."""
    real = os.path.realpath(path)
    return (real, *(f"{real}{suffix}" for suffix in COMPANIONS))
