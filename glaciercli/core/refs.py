"""Refs: how a user points at a vault or at archives, ``[STORE:]VAULT[/NAME]``.

NAME may be a glob, ``id:PREFIX`` for the start of an archive ID, or ``name:TEXT`` for a name that
is taken literally.  A vault's name holds neither ``:`` nor ``/``, so a ref reads in one way only.
"""

from dataclasses import dataclass
from enum import Enum
from typing import NoReturn

from glaciercli.core.globs import glob_pattern, is_glob, literal_prefix
from glaciercli.core.text import printable
from glaciercli.errors import BadUsage

__all__ = ["NAME", "Ref", "RefKind", "glob_pattern", "is_vault_name", "literal_prefix", "parse_ref"]

_ID = "id:"
#: Begins a name that is taken as it is.
NAME = "name:"

#: "Naming Vaults" in the Amazon Glacier developer guide.
_VAULT_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")
_VAULT_NAME_MOST = 255

_FORM = "a ref is [STORE:]VAULT[/NAME], for instance photos/2024/*.jpg"


class RefKind(Enum):
    """What a ref's last part says."""

    VAULT = "vault"
    NAME = "name"
    GLOB = "glob"
    ARCHIVE_ID = "id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """A vault, or archives in it."""

    #: None is the store that the command or the settings name.
    store: str | None
    vault: str
    kind: RefKind = RefKind.VAULT
    #: The name, the glob or the start of the archive ID; None for a vault.
    selector: str | None = None

    @property
    def name(self) -> str | None:
        """The literal name, where the ref holds one."""
        return self.selector if self.kind is RefKind.NAME else None

    def __str__(self) -> str:
        """Return text that reads as the same ref."""
        place = self.vault if self.store is None else f"{self.store}:{self.vault}"
        return place if self.selector is None else f"{place}/{self._prefix()}{self.selector}"

    def _prefix(self) -> str:
        """Return what has to stand before the selector for it to read as it is meant."""
        if _classify(self.selector or "") == (self.kind, self.selector):
            return ""
        return {RefKind.ARCHIVE_ID: _ID, RefKind.NAME: NAME}.get(self.kind, "")


def is_vault_name(text: str) -> bool:
    """Tell whether the service would take this as a vault's name."""
    return 0 < len(text) <= _VAULT_NAME_MOST and _VAULT_CHARACTERS.issuperset(text)


def parse_ref(text: str) -> Ref:
    """Return the ref that a user wrote; what is none raises `BadUsage`."""
    place, slash, rest = text.partition("/")
    store, colon, vault = place.rpartition(":")
    if not is_vault_name(vault) or (colon and not is_vault_name(store)):
        _refuse_place(text, vault if colon else place)
    kind, selector = _classify(rest) if slash else (RefKind.VAULT, None)
    if selector == "":
        _refuse_selector(text, place)
    return Ref(store=store if colon else None, vault=vault, kind=kind, selector=selector)


def _classify(text: str) -> tuple[RefKind, str]:
    """Return what the part behind the vault says."""
    if text.startswith(_ID):
        return RefKind.ARCHIVE_ID, text.removeprefix(_ID)
    if text.startswith(NAME):
        return RefKind.NAME, text.removeprefix(NAME)
    return (RefKind.GLOB if is_glob(text) else RefKind.NAME), text


def _refuse_place(text: str, vault: str) -> NoReturn:
    """Say what is wrong before the name."""
    if not text:
        raise BadUsage("the ref is empty", hint=_FORM)
    if text.startswith("/"):
        raise BadUsage(f'"{printable(text)}" names no vault', hint=_FORM)
    if not vault:
        raise BadUsage(f'"{printable(text)}" names a store but no vault', hint=_FORM)
    if not is_vault_name(vault):
        raise BadUsage(
            f'"{printable(vault)}" is no vault name: it takes 1 to 255 of A-Z a-z 0-9 _ . -',
            hint=_FORM,
        )
    raise BadUsage(f'"{printable(text)}" names no store before the ":"', hint=_FORM)


def _refuse_selector(text: str, place: str) -> NoReturn:
    """Say that a ref ends where something has to follow."""
    # Never read as the whole vault: a script with an empty variable would delete it.
    raise BadUsage(
        f'"{printable(text)}" ends where a name should start',
        hint=f"{place} is the vault, {place}/** is everything in it",
    )
