"""Archives that another name depends on: further names of a file have no content of their own."""

from collections.abc import Sequence

from glaciercli import errors
from glaciercli.core.text import printable
from glaciercli.model.archives import Archive
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context


def check_unneeded(context: Context, vault: KnownVault, archives: Sequence[Archive]) -> None:
    """Raise ``RefusedByService`` where a name that stays stands for one that goes."""
    going = {one.label: one.key for one in archives}
    for further in context.key_map.trees.further_names(vault):
        key = going.get(further.first)
        if key is None or further.name in going:
            continue
        newest = context.key_map.archives.newest(vault, further.first)
        # An older version is what nobody stands for.
        if newest is not None and newest.key == key:
            first, name = printable(further.first), printable(further.name)
            raise errors.RefusedByService(
                f'"{first}" holds what "{name}" stands for: it is another name of the same file',
                hint=f"nothing was changed; name {vault.name}/{name} as well, or leave both",
            )
