"""What handlers work with: the state of the service, and the questions they share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from glaciercli.ports import Clock, WireResponse
from glaciercli.server import authorisation, times
from glaciercli.server.blobs import BlobStore
from glaciercli.server.catalogue import jobs, uploads, vaults
from glaciercli.server.catalogue.database import Database, Transaction
from glaciercli.server.catalogue.records import ArchiveRecord, VaultRecord
from glaciercli.server.settings import ServiceSettings
from glaciercli.server.vault_names import is_vault_name
from glaciercli.server.wire import Call, WireError, invalid, not_found

#: How long an expired job's content stays, so that a download under way can end.
_GRACE_MS = 3600 * 1000

_PRINTABLE_FIRST, _PRINTABLE_LAST = 0x20, 0x7E
_DESCRIPTION_MAX = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The state that one data directory holds, and the rules that it follows."""

    catalogue: Database
    blobs: BlobStore
    clock: Clock
    settings: ServiceSettings

    def now_ms(self) -> int:
        """Return the time of day in milliseconds."""
        return times.to_ms(self.clock.now())

    def uploads_idle_since_ms(self) -> int:
        """Return the moment before which an upload must have been touched to be forgotten."""
        return self.now_ms() - times.span_ms(self.settings.upload_lifetime)


#: One operation: the state and a call in, an answer out.
Handler: TypeAlias = Callable[[Service, Call], WireResponse]

Found = TypeVar("Found")
FoundArchive = TypeVar("FoundArchive", bound=ArchiveRecord | None)

# A handler gets its vault from one of the next four only, and so cannot forget the vault's
# policies.  They are asked in the transaction of the handler: what a policy denies at the moment
# of a write is not written.  What is not there is said before what is not allowed.


def require_vault(service: Service, tx: Transaction, call: Call) -> VaultRecord:
    """Return the vault that a call names; refuse the call where there is none, or by policy."""
    return require_in_vault(service, tx, call, lambda vault: vault)


def require_in_vault(
    service: Service, tx: Transaction, call: Call, find: Callable[[VaultRecord], Found]
) -> Found:
    """Return what ``find`` finds in the vault of a call, or refuses to be there."""
    vault = _existing_vault(tx, call)
    found = find(vault)
    authorisation.check(tx, call, vault, archive=None, now_ms=service.now_ms())
    return found


def require_archive(
    service: Service,
    tx: Transaction,
    call: Call,
    find: Callable[[VaultRecord], FoundArchive],
) -> FoundArchive:
    """Return the archive that ``find`` finds, unless a policy denies the call for its age."""
    vault = _existing_vault(tx, call)
    archive = find(vault)
    authorisation.check(tx, call, vault, archive=archive, now_ms=service.now_ms())
    return archive


def vault_if_any(service: Service, tx: Transaction, call: Call) -> VaultRecord | None:
    """Return the vault that a call names, ``None`` where there is none; refuse by policy."""
    vault = vaults.find(tx, call.region, call.vault)
    if vault:
        authorisation.check(tx, call, vault, archive=None, now_ms=service.now_ms())
    return vault


def _existing_vault(tx: Transaction, call: Call) -> VaultRecord:
    if not is_vault_name(call.vault):
        # The real service repeats such a name as it came, without an ARN around it.
        raise not_found(f"Vault not found for ARN: {call.vault}")
    vault = vaults.find(tx, call.region, call.vault)
    if vault is None:
        raise not_found(f"Vault not found for ARN: {call.vault_arn()}")
    return vault


def purge_expired(service: Service) -> None:
    """Drop what has outlived its time, and the files that only it needed."""
    expired = service.now_ms() - _GRACE_MS
    with service.catalogue.writing() as tx:
        freed = jobs.purge(tx, expired_until_ms=expired)
        freed += uploads.purge(tx, idle_since_ms=service.uploads_idle_since_ms())
    service.blobs.discard(freed)


def check_description(text: str) -> None:
    """Refuse a description that is too long or holds anything but printable ASCII."""
    printable = all(_PRINTABLE_FIRST <= ord(one) <= _PRINTABLE_LAST for one in text)
    if len(text) > _DESCRIPTION_MAX or not printable:
        raise invalid("Invalid description: it must be at most 1024 characters of printable ASCII")


def page_limit(call: Call, most: int) -> int:
    """Return the page size that a call asks for, or the largest one."""
    asked = call.target.parameter("limit")
    if asked is None:
        return most
    if not (asked.isascii() and asked.isdigit()) or not 1 <= int(asked[:9]) <= most:
        raise invalid(f"Invalid limit: {asked}. It must be a number from 1 to {most}.")
    return int(asked)


def refuse_marker(marker: str) -> WireError:
    """Return the refusal of a marker that this service did not give out."""
    return invalid(f"Invalid marker: {marker}")
