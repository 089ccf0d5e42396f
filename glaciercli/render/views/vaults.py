"""Vaults, listed."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.model.vault_descriptions import Vault
from glaciercli.operations.vaults import VaultList
from glaciercli.render import values
from glaciercli.render.columns import Line, Table
from glaciercli.render.humanise import moment, size


def document(result: VaultList) -> dict[str, Any]:
    """Return the JSON document."""
    return {"vaults": list(items(result))}


def columns(_result: VaultList) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return ("name", "archive_count", "size_bytes", "created_at", "last_inventory_at", "arn")


def items(result: VaultList) -> Iterator[dict[str, Any]]:
    """Yield an object for each vault."""
    return (item(one) for one in result.vaults)


def lines(result: VaultList) -> Iterator[Line]:
    """Yield a table; counts and sizes are those of each vault's last inventory."""
    if not result.vaults:
        return
    rows = [
        (
            one.name,
            f"{one.archive_count:,}",
            size(one.size_bytes),
            moment(one.created_at),
            moment(one.last_inventory_at),
        )
        for one in result.vaults
    ]
    yield Table(("vault", "archives", "size", "created", "last inventory"), rows)


def item(one: Vault) -> dict[str, Any]:
    """Return one vault as JSON has it."""
    return {
        "name": one.name,
        "archive_count": one.archive_count,
        "size_bytes": one.size_bytes,
        "created_at": values.time(one.created_at),
        "last_inventory_at": values.time(one.last_inventory_at),
        "arn": one.arn,
    }
