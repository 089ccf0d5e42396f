"""Vaults: made, listed, and removed where they are empty."""

from dataclasses import dataclass

from glaciercli import errors
from glaciercli.core.refs import is_vault_name
from glaciercli.model.vault_descriptions import Vault
from glaciercli.operations.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultList:
    """Vaults as the service describes them."""

    vaults: list[Vault]
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultChange:
    """A vault that was made or removed, or would be."""

    vault: str
    deed: str
    dry_run: bool = False
    exit_code: int = 0


def create(context: Context, name: str, *, dry_run: bool) -> VaultChange:
    """Make sure that a vault exists."""
    if not is_vault_name(name):
        raise errors.BadUsage(
            f'"{name}" cannot be the name of a vault',
            hint="1 to 255 of the characters A-Z a-z 0-9 _ - .",
        )
    if not dry_run:
        context.service.create_vault(name)
        vault = context.reach(name)
        context.key_map.journal.write(
            "vault created", at=context.clock.now(), vault_key=vault.key, name=name
        )
    return VaultChange(vault=name, deed="created", dry_run=dry_run)


def list_all(context: Context) -> VaultList:
    """Return every vault of the store, and remember them."""
    vaults = list(context.service.list_vaults())
    with context.key_map.transaction():
        for vault in vaults:
            context.remember(vault)
    return VaultList(vaults=vaults)


def delete(context: Context, name: str, *, dry_run: bool) -> VaultChange:
    """Remove an empty vault; raise ``RefusedByService`` where it is not empty."""
    vault = context.reach(name)
    if not dry_run:
        with context.key_map.locks.whole_vault(vault, "removing the vault"):
            context.service.delete_vault(name)
            with context.key_map.transaction():
                now = context.clock.now()
                context.key_map.vaults.forget(vault.key, gone_at=now)
                context.key_map.journal.write(
                    "vault deleted", at=now, vault_key=vault.key, name=name
                )
    return VaultChange(vault=name, deed="deleted", dry_run=dry_run)
