"""Which vault and which archives a reference stands for, by the key map alone."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache, partial
from itertools import groupby

from glaciercli import errors
from glaciercli.core.globs import barren_folder
from glaciercli.core.refs import Ref, RefKind, glob_pattern, literal_prefix
from glaciercli.core.text import printable
from glaciercli.keymap.store import KeyMapReader
from glaciercli.model.archives import Archive
from glaciercli.model.questions import ArchiveFilter, Glob, Question
from glaciercli.model.vaults import KnownVault, StoreIdentity

#: The glob that every archive matches, also one that nobody named.
EVERYTHING = "**"


def recall(key_map: KeyMapReader, store: StoreIdentity, name: str) -> KnownVault:
    """Return a vault of a store from the key map alone.

    Raises ``VaultNotFound``, and ``BadUsage`` where several accounts have one of that name.
    """
    found = key_map.vaults.in_store(store, name=name)
    if not found:
        raise errors.VaultNotFound(
            name,
            hint="the key map does not know it: glaciercli vault list asks the service",
        )
    if len(found) > 1:
        places = ", ".join(f"{one.identity.account} in {one.identity.region}" for one in found)
        message = f'vault "{name}" is known in several accounts or regions: {places}'
        raise errors.BadUsage(message, hint="--region and --account-id say which")
    return found[0]


def select(
    key_map: KeyMapReader, vault: KnownVault, ref: Ref, *, all_versions: bool = False
) -> Iterator[Archive]:
    """Yield the live archives that a reference stands for, in order of name.

    Of each name the newest version, unless all are asked for.
    """
    question = question_of(key_map, vault, ref, ArchiveFilter(all_versions=all_versions))
    yield from key_map.listings.by_name(question)


def select_some(
    key_map: KeyMapReader, vault: KnownVault, ref: Ref, *, all_versions: bool = False
) -> list[Archive]:
    """Return what ``select`` finds; raise ``ArchiveNotFound`` where that is nothing."""
    found = list(select(key_map, vault, ref, all_versions=all_versions))
    if not found and ref.kind is not RefKind.VAULT:
        raise nothing_found(ref)
    return found


def nothing_found(ref: Ref) -> errors.ArchiveNotFound:
    """Return the error for a reference that stands for no archive."""
    return errors.ArchiveNotFound(
        f'nothing in the key map is "{printable(str(ref))}"',
        hint=f"glaciercli list {ref.vault} shows what is there, "
        f"glaciercli inventory refresh {ref.vault} what the service has",
        vault=ref.vault,
        name=ref.selector if ref.kind is RefKind.NAME else None,
    )


def question_of(
    key_map: KeyMapReader, vault: KnownVault, ref: Ref, wanted: ArchiveFilter
) -> Question:
    """Return what to ask for a reference; raise ``ArchiveNotFound`` for an ID that is none."""
    selector = ref.selector or ""
    question = Question(vault=vault, wanted=wanted)
    if ref.kind is RefKind.VAULT or (ref.kind is RefKind.GLOB and selector == EVERYTHING):
        return question
    if ref.kind is RefKind.ARCHIVE_ID:
        found = _by_id(key_map, vault, selector, deleted=wanted.wants_tombstones)
        # It is meant whether or not its name has a newer version.
        return replace(question, key=found.key, wanted=replace(wanted, all_versions=True))
    if ref.kind is RefKind.NAME:
        return replace(question, name=selector)
    glob = Glob(
        matches=lambda name: _pattern(selector).fullmatch(name) is not None,
        barren_folder=partial(barren_folder, selector),
    )
    return replace(question, prefix=literal_prefix(selector), glob=glob)


def prefix_of(target: Ref) -> str | None:
    """Return what the names of new archives begin with, taken literally.

    Raises ``BadUsage`` where that is no prefix, or one of slashes alone.
    """
    if target.kind is RefKind.ARCHIVE_ID:
        raise errors.BadUsage(
            f'"{printable(str(target))}" is no prefix: an archive cannot go into another',
            hint=f"{target.vault}/name:{printable(str(target.selector))} is taken literally",
        )
    if target.selector is not None and not target.selector.strip("/"):
        # Never read as the whole vault: it is a script's empty variable.
        raise errors.BadUsage(
            f'"{printable(str(target))}" has slashes alone where a prefix should be',
            hint=f"{target.vault} is the whole vault",
        )
    return target.selector


def stands_for(ref: Ref, archive: Archive) -> bool:
    """Tell whether a reference stands for an archive of its vault, whatever the archive's state."""
    selector = ref.selector or ""
    if ref.kind is RefKind.VAULT:
        return True
    if ref.kind is RefKind.ARCHIVE_ID:
        return (archive.archive_id or "").startswith(selector)
    if ref.kind is RefKind.NAME:
        return archive.name == selector
    return _matches(selector, archive)


def newest_of_each(versions: Iterable[Archive]) -> Iterator[Archive]:
    """Yield the first of each name; an archive without a name stands for itself."""
    for name, group in groupby(versions, key=lambda one: one.name):
        if name is None:
            yield from group
        else:
            yield next(group)


def _matches(glob: str, archive: Archive) -> bool:
    """Tell whether an archive matches a glob; one without a name is only in everything."""
    if archive.name is None:
        return glob == EVERYTHING
    return _pattern(glob).fullmatch(archive.name) is not None


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    return glob_pattern(glob)


def _by_id(
    key_map: KeyMapReader, vault: KnownVault, prefix: str, *, deleted: bool = False
) -> Archive:
    """Return the one archive whose ID starts with a prefix; raise ``ArchiveNotFound``.

    One that was deleted is none, unless ``deleted`` asks for those as well.
    """
    known = key_map.archives.by_id_prefix(vault, prefix)
    found = [one for one in known if deleted or one.state.is_live]
    if len(found) > 1:
        message = f'{len(found)} archives of vault "{vault.name}" have IDs starting "{prefix}"'
        raise errors.ArchiveNotFound(message, hint="give more of the ID")
    if not found:
        message = f'no archive of vault "{vault.name}" has an ID starting "{printable(prefix)}"'
        raise errors.ArchiveNotFound(message, hint=f"glaciercli list {vault.name} --long shows IDs")
    return found[0]
