"""One vault, and changes of one."""

from collections.abc import Iterator, Sequence
from typing import Any

from glaciercli.operations.vaults import VaultChange, VaultDetails
from glaciercli.render import words
from glaciercli.render.humanise import moment
from glaciercli.render.views import vaults


def document(result: VaultDetails | VaultChange) -> dict[str, Any]:
    """Return the JSON document."""
    if isinstance(result, VaultChange):
        return {"vault": result.vault, "deed": result.deed, "dry_run": result.dry_run}
    return {
        **vaults.item(result.vault),
        "known_archives": result.known_archives,
        "known_bytes": result.known_bytes,
    }


def columns(result: VaultDetails | VaultChange) -> Sequence[str]:
    """Return the columns of the CSV form."""
    return tuple(document(result))


def items(result: VaultDetails | VaultChange) -> Iterator[dict[str, Any]]:
    """Yield the one object."""
    yield document(result)


def lines(result: VaultDetails | VaultChange) -> Iterator[str]:
    """Yield what there is to say."""
    if isinstance(result, VaultChange):
        would = "would be " if result.dry_run else ""
        yield f"vault {result.vault} {would}{result.deed}"
        return
    vault = result.vault
    yield f"vault           {vault.name}"
    yield f"arn             {vault.arn}"
    yield f"created         {moment(vault.created_at)}"
    yield f"last inventory  {moment(vault.last_inventory_at)}"
    yield f"in it then      {words.total(vault.archive_count, vault.size_bytes)} with overhead"
    yield f"in the key map  {words.total(result.known_archives, result.known_bytes)}"
