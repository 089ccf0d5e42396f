"""The vaults that the key map has met."""

from collections.abc import Iterator
from datetime import datetime

from glaciercli.keymap import former_vaults
from glaciercli.keymap.database import Database
from glaciercli.keymap.values import from_ms_or_none, integer, text, to_ms, to_ms_or_none
from glaciercli.model.vaults import KnownVault, StoreIdentity, VaultIdentity

_COLUMNS = "vault_key, endpoint, account, region, name, created_at, gone_at"


class Vaults:
    """Questions about vaults, and what is remembered of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, identity: VaultIdentity, *, created_at: datetime | None) -> KnownVault:
        """Return the row of a vault, made where there was none.

        A vault that was gone and is met again counts as there.
        """
        self._database.execute(
            "INSERT INTO vaults (endpoint, account, region, name, created_at)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (endpoint, account, region, name) DO UPDATE"
            " SET created_at = coalesce(excluded.created_at, created_at), gone_at = NULL",
            (
                identity.endpoint,
                identity.account,
                identity.region,
                identity.name,
                to_ms_or_none(created_at),
            ),
        )
        known = self.find(identity)
        assert known is not None
        return known

    def find(self, identity: VaultIdentity) -> KnownVault | None:
        """Return the row of a vault, one that is gone too."""
        row = self._database.one(
            f"SELECT {_COLUMNS} FROM vaults"
            " WHERE endpoint = ? AND account = ? AND region = ? AND name = ?",
            (identity.endpoint, identity.account, identity.region, identity.name),
        )
        return None if row is None else _vault(row)

    def leave_former(self, vault_key: int) -> int:
        """Let what was in a vault of the same name before count as missing; see ``former_vaults``.

        Returns how many archives that are.
        """
        return former_vaults.leave(self._database, vault_key)

    def forget(self, vault_key: int, *, gone_at: datetime) -> None:
        """Record that a vault is gone; its archives' history stays."""
        self._database.execute(
            "UPDATE vaults SET gone_at = ? WHERE vault_key = ?", (to_ms(gone_at), vault_key)
        )

    def every(self) -> list[KnownVault]:
        """Return all vaults, wherever they are, and those that are gone too."""
        rows = self._database.query(f"SELECT {_COLUMNS} FROM vaults ORDER BY vault_key")
        return [_vault(row) for row in rows]

    def in_store(self, store: StoreIdentity, *, name: str | None = None) -> list[KnownVault]:
        """Return the vaults of a store in order of name.

        A region or an account of ``None`` means any.
        """
        return list(self._matching(store, name))

    def _matching(self, store: StoreIdentity, name: str | None) -> Iterator[KnownVault]:
        rows = self._database.query(
            f"SELECT {_COLUMNS} FROM vaults WHERE endpoint = ?1 AND (?2 IS NULL OR region = ?2)"
            " AND (?3 IS NULL OR account = ?3) AND (?4 IS NULL OR name = ?4)"
            " AND gone_at IS NULL ORDER BY name, account",
            (store.endpoint, store.region, store.account, name),
        )
        return (_vault(row) for row in rows)


def _vault(row: tuple[object, ...]) -> KnownVault:
    key, endpoint, account, region, name, created_at, gone_at = row
    return KnownVault(
        key=integer(key),
        identity=VaultIdentity(
            endpoint=text(endpoint), account=text(account), region=text(region), name=text(name)
        ),
        created_at=from_ms_or_none(created_at),
        gone_at=from_ms_or_none(gone_at),
    )
