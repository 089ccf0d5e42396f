"""Key maps for tests, and what is put into them."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from glaciercli.keymap import database, schema
from glaciercli.keymap.store import KeyMap, KeyMapReader
from glaciercli.model.archives import ArchiveState
from glaciercli.model.new_archives import NewArchive
from glaciercli.model.vaults import KnownVault, StoreIdentity, VaultIdentity

Opener = Callable[..., KeyMapReader]

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
HOUR = timedelta(hours=1)


def identity(name: str = "photos", *, account: str = "123456789012") -> VaultIdentity:
    return VaultIdentity(
        endpoint="https://glacier.us-east-1.amazonaws.com",
        account=account,
        region="us-east-1",
        name=name,
    )


STORE = StoreIdentity(endpoint=identity().endpoint, region=None, account=None)


def in_memory() -> "closing[KeyMap]":
    """Return a key map without a file, for tests that need very many."""
    opened = database.connect_memory()
    schema.migrate(opened, now=NOW)
    return closing(KeyMap(opened))


def meet(key_map: KeyMap, name: str = "photos") -> KnownVault:
    return key_map.vaults.remember(identity(name), created_at=NOW)


def new(name: str | None, archive_id: str | None = "ID", **others: Any) -> NewArchive:
    facts: dict[str, Any] = {
        "name_source": "none" if name is None else "upload",
        "description": "",
        "tag": None,
        "size_bytes": 3,
        "tree_hash": b"h" * 32,
        "modified_ns": None,
        "uploaded_at": NOW,
        "state": ArchiveState.UPLOADED,
    }
    return NewArchive(name=name, archive_id=archive_id, **{**facts, **others})


def add(key_map: KeyMap, vault: KnownVault, name: str | None, **others: Any) -> int:
    return key_map.archives.add(vault.key, new(name, **others))
