"""What somebody may have meant who asks for a vault or a name that there is not."""

from collections.abc import Sequence
from difflib import get_close_matches

from glaciercli.core.globs import literal_glob
from glaciercli.core.refs import Ref, RefKind
from glaciercli.keymap.store import KeyMapReader
from glaciercli.model.vaults import KnownVault, StoreIdentity

#: How many names of a folder are compared, and how long a word may be: comparing takes the
#: product of two lengths.
_MOST, _LONGEST = 1000, 200


def nearest_vault(key_map: KeyMapReader, store: StoreIdentity, name: str) -> str | None:
    """Return the other vault whose name is the most like one, if any is alike."""
    # The key map may know the very vault that the service has no more.
    others = [one.name for one in key_map.vaults.in_store(store) if one.name != name]
    return _nearest(name, others)


def nearest_name(key_map: KeyMapReader, vault: KnownVault, name: str) -> Ref | None:
    """Return the name that is the most like one, step by step; for a folder, all that is in it."""
    found = _nearest_steps(key_map, vault, name)
    if not found.endswith("/"):
        return _ref(vault, RefKind.NAME, found) if found else None
    return _ref(vault, RefKind.GLOB, f"{literal_glob(found)}**")


def _nearest_steps(key_map: KeyMapReader, vault: KnownVault, name: str) -> str:
    found = ""
    *folders, last = name.split("/")
    for step in filter(None, (*(f"{one}/" for one in folders), last)):
        there = key_map.names.steps(vault, prefix=found, most=_MOST)
        near = _nearest(step, [one.removeprefix(found) for one in there])
        if near is None:
            return ""
        found += near
        if not found.endswith("/"):
            break
    return found


def _ref(vault: KnownVault, kind: RefKind, selector: str) -> Ref:
    return Ref(store=None, vault=vault.name, kind=kind, selector=selector)


def _nearest(word: str, there: Sequence[str]) -> str | None:
    short = [one for one in there if len(one) <= _LONGEST]
    return next(iter(get_close_matches(word[:_LONGEST], short, n=1)), None)
