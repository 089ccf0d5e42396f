"""Exports of the key map on their way into a vault: files beside it, which a later run finds again.

Each is named after the archive that it is to be.  What a stopped run left tells of its own time.
"""

import os

from glaciercli.keymap import beside, outgoing
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.key_map_progress import told
from glaciercli.operations.upload_ledger import Ledger
from glaciercli.transfer import flow
from glaciercli.transfer.files import os_errors

#: Where the names of these archives begin.
PREFIX = ".glaciercli/keymap-"
#: What stands between the vault and the rest of the archive's name in the name of a file.
_BETWEEN = "-at-"


def names(context: Context, vault: KnownVault) -> list[str]:
    """Return the names of what was begun for a vault and is not done, the oldest first."""
    directory, begin = _directory(context), _begin(vault)
    if not os.path.isdir(directory):
        return []
    with os_errors(directory):
        found = sorted(one for one in os.listdir(directory) if one.startswith(begin))
    return [PREFIX + one.removeprefix(begin) for one in found]


def path(context: Context, vault: KnownVault, name: str) -> str:
    """Return the file of a name."""
    return os.path.join(_directory(context), _begin(vault) + name.removeprefix(PREFIX))


def write(context: Context, vault: KnownVault, name: str) -> str:
    """Write the present key map into the file of a name, and return its path."""
    source, target = context.key_map.path, path(context, vault, name)
    with told(context.reporter, "exporting the key map", source) as heard:
        outgoing.write(source, target, overwrite=True, heard=heard)
    return target


def is_partly_sent(context: Context, vault: KnownVault, name: str) -> bool:
    """Tell whether a part of it may be at the service, or all of it is known to be."""
    entry = context.key_map.uploads.find(vault.key, name)
    if entry is not None:
        return entry.upload_id is not None
    known = context.key_map.archives.newest(vault, name)
    return known is not None and known.archive_id is not None


def drop(context: Context, vault: KnownVault, name: str) -> None:
    """Give up what was begun; all of it that may have become an archive is in doubt."""
    flow.run_all(
        iter([_given_up(context, vault, name)]),
        workers=1,
        take=lambda _: None,
        together=context.key_map.batch,
    )
    forget(context, vault, name)


def forget(context: Context, vault: KnownVault, name: str) -> None:
    """Remove the file of a name."""
    file = path(context, vault, name)
    with os_errors(file):
        os.unlink(file)


def _given_up(context: Context, vault: KnownVault, name: str) -> flow.Flow[None]:
    ledger = Ledger(context, vault)
    with context.key_map.locks.one_name(vault, name, "the upload"):
        yield from ledger.settle(name)
        yield from ledger.drop(name)


def _begin(vault: KnownVault) -> str:
    return f"vault-{vault.key}{_BETWEEN}"


def _directory(context: Context) -> str:
    return beside.outgoing(context.key_map.path)
