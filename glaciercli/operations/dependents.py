"""Archives that another name depends on: further names of a file have no content of their own."""

from collections.abc import Iterator, Sequence

from glaciercli import errors
from glaciercli.core.marks import stands_for
from glaciercli.core.refs import Ref, RefKind
from glaciercli.core.sync_links import FurtherName
from glaciercli.core.text import printable
from glaciercli.model.archives import Archive
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context


def check_unneeded(context: Context, vault: KnownVault, archives: Sequence[Archive]) -> None:
    """Raise ``RefusedByService`` where a name that stays stands for one that goes."""
    going = {one.key for one in archives}
    for further, mark in _marks(context, vault, firsts={one.label for one in archives}):
        if mark.key in going:
            continue
        needed = stands_for(mark, context.key_map.archives.named(vault, further.first))
        if needed is not None and needed.key in going:
            raise errors.RefusedByService(
                _needed_by(further),
                hint=f"nothing was changed; name {_ref(vault, further)} as well, or leave both",
            )


def check_rename(context: Context, vault: KnownVault, archive: Archive, name: str) -> None:
    """Raise ``RefusedByService`` where another name would stand for something else, or nothing."""
    for further, mark in _marks(context, vault, firsts={archive.label, name}):
        versions = list(context.key_map.archives.named(vault, further.first))
        needed = stands_for(mark, versions)
        left = [one for one in versions if one.key != archive.key]
        found = stands_for(mark, left if further.first != name else _newest_first(archive, left))
        if needed is not None and (found is None or found.key != needed.key):
            raise errors.RefusedByService(
                _needed_by(further),
                hint="nothing was changed; if that name is not needed, "
                f"glaciercli delete {_ref(vault, further)} gives it up",
            )


def _newest_first(archive: Archive, versions: Sequence[Archive]) -> list[Archive]:
    """Return the versions of a name once an archive is one of them."""
    return sorted((archive, *versions), key=lambda one: (one.uploaded_at, one.key), reverse=True)


def _marks(
    context: Context, vault: KnownVault, *, firsts: set[str]
) -> Iterator[tuple[FurtherName, Archive]]:
    """Yield the further names of some files, each with the archive that says so."""
    for further in context.key_map.trees.further_names(vault):
        if further.first in firsts:
            mark = context.key_map.archives.newest(vault, further.name)
            if mark is not None:
                yield further, mark


def _needed_by(further: FurtherName) -> str:
    first, name = printable(further.first), printable(further.name)
    return f'"{first}" holds what "{name}" stands for: it is another name of the same file'


def _ref(vault: KnownVault, further: FurtherName) -> str:
    ref = Ref(store=None, vault=vault.name, kind=RefKind.NAME, selector=further.name)
    return printable(str(ref))
