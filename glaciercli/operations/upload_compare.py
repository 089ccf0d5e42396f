"""Whether a vault holds a name's content already."""

from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.results import Skipped, Unsettled


def newest_present(context: Context, vault: KnownVault, name: str) -> Archive | None:
    """Return the newest version of a name that no inventory has missed."""
    versions = context.key_map.archives.named(vault, name)
    return next((one for one in versions if one.state is not ArchiveState.MISSING), None)


def stored_already(
    known: Archive | None, *, size_bytes: int, tree_hash: bytes | None
) -> Skipped | Unsettled | None:
    """Return what there is to say where a version has this content, ``None`` where it has not.

    An empty file has no tree hash.
    """
    if known is None or (known.size_bytes, known.tree_hash) != (size_bytes, tree_hash):
        return None
    if known.state is ArchiveState.UNSETTLED:
        return Unsettled(name=known.label, size_bytes=size_bytes)
    return Skipped(name=known.label, reason="stored already, with the same content")
