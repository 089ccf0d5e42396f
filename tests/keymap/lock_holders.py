"""Another process that holds a name of a vault, or all of it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from glaciercli.model.vaults import KnownVault
from tests.keymap.records import identity

#: The first that a key map meets.
VAULT = KnownVault(key=1, identity=identity(), created_at=None, gone_at=None)

_HOLDER = """
import sys
from contextlib import ExitStack
from glaciercli.keymap.locks import Locks
from tests.keymap.lock_holders import VAULT
locks = Locks(sys.argv[1])
with ExitStack() as held:
    if len(sys.argv) > 2:
        held.enter_context(locks.one_name(VAULT, sys.argv[2], "the upload"))
    else:
        held.enter_context(locks.whole_vault(VAULT, "the removal"))
    print("held", flush=True)
    sys.stdin.readline()
print("free", flush=True)
sys.stdin.readline()
"""


@contextmanager
def held_elsewhere(directory: str, *names: str) -> Iterator["subprocess.Popen[str]"]:
    """Hold a name, or the whole vault, in another process."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, directory, *names],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
        holder.kill()
