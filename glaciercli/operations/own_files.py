"""What this program works on itself, told by where the key map and the store are."""

import os

from glaciercli.keymap import beside
from glaciercli.transfer.own import OwnFiles, OwnPart


def of(key_map: str, store_data: str | None) -> OwnFiles:
    """Return what belongs to a key map, and to a local store where there is one."""
    parts = [_of_key_map(os.path.abspath(key_map))]
    if store_data is not None:
        parts.append(_of_store(os.path.abspath(store_data)))
    return OwnFiles(parts=tuple(parts))


def _of_key_map(path: str) -> OwnPart:
    return OwnPart(
        path=path,
        name="the key map in use",
        hint="glaciercli keymap store VAULT keeps it",
        files=beside.database_files(path),
        directories=(beside.locks(path),),
        beside=(
            beside.snapshots(path),
            *(
                place(one)
                for place in (beside.spool, beside.outgoing, beside.recovery)
                for one in (path, beside.database_files(path)[0])
            ),
        ),
    )


def _of_store(data: str) -> OwnPart:
    return OwnPart(
        path=data,
        name="the local store in use",
        hint="a store cannot hold itself",
        directories=(data,),
    )
