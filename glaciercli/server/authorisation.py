"""Whether the policies of a vault deny a call.

Everybody who comes in is the owner of the vaults, who needs no permission: only a denial counts.
The owner signs with the account's own key, so policies see the account's root.
"""

from glaciercli.server import times
from glaciercli.server.catalogue import access_policies, tags, vault_locks
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import ArchiveRecord, VaultRecord
from glaciercli.server.policies import actions, grammar, keys
from glaciercli.server.policies.requests import Caller, Request
from glaciercli.server.wire import Call, ErrorCode, WireError

_DAY_MS = 24 * 3600 * 1000

# Where the developer guide is silent, it is decided here that no policy locks its owner out of
# itself.  A lock in progress can be read, taken back and completed though it denies everything,
# and an access policy can be read and replaced by the account's root.  The other of the two may
# well deny these: a lock can forbid that the access policy changes.
_LOCK_OPERATIONS = frozenset({"AbortVaultLock", "CompleteVaultLock", "GetVaultLock"})
_ACCESS_OPERATIONS = frozenset(
    {"DeleteVaultAccessPolicy", "GetVaultAccessPolicy", "SetVaultAccessPolicy"}
)


def check(
    tx: Transaction,
    call: Call,
    vault: VaultRecord,
    *,
    archive: ArchiveRecord | None,
    now_ms: int,
) -> None:
    """Refuse a call that a policy of the vault denies; ``archive`` is the one it is about."""
    policies = _in_force(tx, call, vault, now_ms)
    if not policies:
        return
    request = _request(tx, call, vault, archive, now_ms)
    if any(grammar.parse(policy).denies(request) for policy in policies):
        raise WireError(
            ErrorCode.ACCESS_DENIED,
            f"User: {request.caller.arn} is not authorized to perform: {request.action}"
            f" on resource: {request.resource}",
        )


def _in_force(tx: Transaction, call: Call, vault: VaultRecord, now_ms: int) -> list[str]:
    lock = vault_locks.find(tx, vault.row, now_ms=now_ms)
    access = access_policies.find(tx, vault.row)
    found = []
    if lock and call.operation not in _LOCK_OPERATIONS:
        found.append(lock.policy)
    if access and call.operation not in _ACCESS_OPERATIONS:
        found.append(access)
    return found


def _request(
    tx: Transaction, call: Call, vault: VaultRecord, archive: ArchiveRecord | None, now_ms: int
) -> Request:
    root = f"arn:aws:iam::{call.account}:root"
    context = {
        keys.CURRENT_TIME: (times.api_date(now_ms),),
        keys.EPOCH_TIME: (str(now_ms // 1000),),
        keys.PRINCIPAL_ACCOUNT: (call.account,),
        keys.PRINCIPAL_ARN: (root,),
        # The front speaks plain HTTP; what may stand before it does not tell.
        keys.SECURE_TRANSPORT: ("false",),
    }
    if archive:
        context[keys.ARCHIVE_AGE] = (str((now_ms - archive.created_ms) // _DAY_MS),)
    for key, value in tags.find(tx, vault.row).items():
        # IAM does not tell capitals in the keys of tags apart, vaults do.
        name = keys.TAG_PREFIX + key.lower()
        context[name] = (*context.get(name, ()), value)
    return Request(
        caller=Caller(arn=root, account=call.account),
        action=actions.PREFIX + call.operation,
        resource=call.vault_arn(),
        context=context,
    )
