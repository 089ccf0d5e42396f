"""CreateVault, DescribeVault, ListVaults, DeleteVault."""

from typing import Any

from glaciercli.ports import WireResponse
from glaciercli.server import snapshots, times
from glaciercli.server.catalogue import vaults
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import VaultRecord
from glaciercli.server.service import (
    Service,
    page_limit,
    refuse_marker,
    require_vault,
    vault_if_any,
)
from glaciercli.server.vault_names import is_vault_name
from glaciercli.server.wire import (
    Call,
    ErrorCode,
    WireError,
    empty_answer,
    invalid,
    json_answer,
)

_MAX_VAULTS = 1000
_PAGE_MAX = 10

#: Counted for each archive in a vault's size, and billed ("Pricing" in the developer guide).
_OVERHEAD_BYTES = 32 * 1024


def create_vault(service: Service, call: Call) -> WireResponse:
    """Make sure that a vault exists; answer 201 with its location either way."""
    if not is_vault_name(call.vault):
        raise invalid(
            f"Invalid vault name: {call.vault}. It must be 1 to 255 characters of a-z, A-Z, 0-9,"
            " '_' (underscore), '-' (hyphen), and '.' (period)."
        )
    # The AWS SDK for JavaScript (version 2) sends an empty object where there is nothing to send.
    if call.document not in (b"", b"{}"):
        raise invalid("The request body must be empty.")
    with service.catalogue.writing() as tx:
        if vaults.find(tx, call.region, call.vault) is None:
            _create(tx, call, service.now_ms())
    return empty_answer(201, {"Location": call.location()})


def _create(tx: Transaction, call: Call, now_ms: int) -> None:
    if vaults.count(tx, call.region) >= _MAX_VAULTS:
        raise WireError(
            ErrorCode.LIMIT_EXCEEDED, f"The limit of {_MAX_VAULTS} vaults per region is reached."
        )
    vaults.insert(tx, call.region, call.vault, now_ms)


def describe_vault(service: Service, call: Call) -> WireResponse:
    """Answer what the last inventory saw of a vault."""
    with service.catalogue.reading() as tx:
        vault = require_vault(service, tx, call)
        return json_answer(_description(service, tx, call, vault))


def list_vaults(service: Service, call: Call) -> WireResponse:
    """Answer a page of the vaults of a region in ASCII order; the marker is inclusive."""
    limit = page_limit(call, _PAGE_MAX)
    first = _first_name(call)
    with service.catalogue.reading() as tx:
        found = vaults.page(tx, call.region, first, limit + 1)
        listed = [_description(service, tx, call, vault) for vault in found[:limit]]
    marker = call.vault_arn(found[limit].name) if len(found) > limit else None
    return json_answer({"Marker": marker, "VaultList": listed})


def _first_name(call: Call) -> str:
    marker = call.target.parameter("marker")
    if marker is None:
        return ""
    name = marker.rpartition("vaults/")[2]
    if not is_vault_name(name) or marker not in (name, call.vault_arn(name)):
        raise refuse_marker(marker)
    return name


def _description(
    service: Service, tx: Transaction, call: Call, vault: VaultRecord
) -> dict[str, Any]:
    snapshot = snapshots.latest(tx, vault, service.settings, service.now_ms())
    count, size = vaults.seen_by(tx, vault, snapshot) if snapshot else (0, 0)
    return {
        "CreationDate": times.api_date(vault.created_ms),
        "LastInventoryDate": times.api_date(snapshot.date_ms) if snapshot else None,
        "NumberOfArchives": count,
        "SizeInBytes": size + count * _OVERHEAD_BYTES,
        "VaultARN": call.vault_arn(vault.name),
        "VaultName": vault.name,
    }


def delete_vault(service: Service, call: Call) -> WireResponse:
    """Delete a vault that is empty; one that is gone already is no error."""
    with service.catalogue.writing() as tx:
        vault = vault_if_any(service, tx, call)
        freed = _delete(service, tx, call, vault) if vault else []
    service.blobs.discard(freed)
    return empty_answer(204)


def _delete(service: Service, tx: Transaction, call: Call, vault: VaultRecord) -> list[str]:
    if not snapshots.is_deletable(tx, vault, service.settings, service.now_ms()):
        raise invalid(f"Vault not empty or recently written to: {call.vault_arn()}")
    return vaults.delete(tx, vault.row)
