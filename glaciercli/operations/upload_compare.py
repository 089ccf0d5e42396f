"""Whether a vault holds a name's content already."""

from glaciercli.core.marks import mark_of
from glaciercli.core.upload_states import is_held
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.results import Skipped, Unsettled, Uploaded, UploadOutcome


def newest_present(context: Context, vault: KnownVault, name: str) -> Archive | None:
    """Return the newest version of a name, ``None`` where the last inventory does not list it.

    An older version is no answer then: whoever asks for the name is given the newest one.
    """
    newest = context.key_map.archives.newest(vault, name)
    return newest if newest is not None and is_held(newest.state) else None


def newest_file(context: Context, vault: KnownVault, name: str) -> Archive | None:
    """Return the newest version of a name where that is a file of bytes, or of none.

    What stands for a link or for another name's file is other than a file of the same bytes.
    """
    newest = newest_present(context, vault, name)
    return newest if newest is not None and mark_of(newest).is_bytes else None


def stored_already(
    known: Archive | None,
    *,
    size_bytes: int,
    tree_hash: bytes | None,
    made: Uploaded | None = None,
) -> UploadOutcome | None:
    """Return what there is to say where a version has this content, ``None`` where it has not.

    An empty file has no tree hash.  A size that nobody told is that of no content.  Where this
    run has ``made`` the version, that is what there is to say.
    """
    if known is None or (known.known_size_bytes, known.tree_hash) != (size_bytes, tree_hash):
        return None
    if made is not None:
        return made
    if known.state is ArchiveState.UNSETTLED:
        return Unsettled(name=known.label, size_bytes=size_bytes)
    return Skipped(name=known.label, reason="stored already, with the same content")
