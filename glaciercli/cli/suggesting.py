"""A hint at what somebody may have meant whose vault or name there is not."""

from contextlib import suppress
from typing import TYPE_CHECKING

from glaciercli import errors
from glaciercli.core.text import printable

if TYPE_CHECKING:
    from glaciercli.cli.app import App


def suggest(error: errors.VaultNotFound | errors.ArchiveNotFound, app: "App") -> None:
    """Put the nearest vault or name before an error's hint, where there is one in the key map."""
    # The error itself is what matters: a key map that cannot be read is told of elsewhere.
    with suppress(errors.GlacierCliError):
        near = _nearest(error, app)
        if near is not None:
            meant = f'did you mean "{printable(near)}"?'
            error.hint = f"{meant} if not: {error.hint}" if error.hint else meant


def _nearest(error: errors.VaultNotFound | errors.ArchiveNotFound, app: "App") -> str | None:
    from glaciercli.operations.nearest import nearest_name, nearest_vault

    if isinstance(error, errors.VaultNotFound):
        return nearest_vault(app.reader, app.store, error.vault)
    if error.vault is None or error.name is None:
        return None
    for vault in app.reader.vaults.in_store(app.store, name=error.vault):
        found = nearest_name(app.reader, vault, error.name)
        if found is not None:
            return str(found)
    return None
