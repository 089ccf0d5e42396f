"""InitiateVaultLock, AbortVaultLock, CompleteVaultLock, GetVaultLock.

Rules: "Amazon S3 Glacier Vault Lock" in the Amazon Glacier developer guide.  A lock is in progress
for a day, in which it is in force and can be taken back; a completed one stays for good.
"""

from dataclasses import replace
from datetime import timedelta

from glaciercli.ports import WireResponse
from glaciercli.server import identifiers, times
from glaciercli.server.catalogue import vault_locks
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import VaultRecord
from glaciercli.server.catalogue.vault_locks import VaultLockRecord
from glaciercli.server.handlers import policy_documents
from glaciercli.server.policies.problem import PolicyProblem
from glaciercli.server.service import Service, require_in_vault, require_vault
from glaciercli.server.wire import (
    Call,
    ErrorCode,
    WireError,
    empty_answer,
    invalid,
    json_answer,
    not_found,
)

_LIFETIME = timedelta(hours=24)


def initiate_vault_lock(service: Service, call: Call) -> WireResponse:
    """Put a lock policy in force for a day; answer 201 with the ID that completes the lock."""
    policy = policy_documents.given(call)
    try:
        policy_documents.check(policy, call.vault_arn())
    except PolicyProblem as problem:
        raise invalid(
            "The specified vault lock policy is invalid. Provide a valid policy."
        ) from problem
    with service.catalogue.writing() as tx:
        vault = require_vault(service, tx, call)
        lock = _new_lock(policy, service.now_ms())
        if vault_locks.find(tx, vault.row, now_ms=lock.created_ms):
            raise _conflict(call, "already has a lock in progress or is locked")
        vault_locks.put(tx, vault.row, lock)
    return empty_answer(201, {"x-amz-lock-id": lock.lock_id})


def _new_lock(policy: str, now_ms: int) -> VaultLockRecord:
    return VaultLockRecord(
        lock_id=identifiers.new_lock_id(),
        policy=policy,
        created_ms=now_ms,
        expires_ms=now_ms + times.span_ms(_LIFETIME),
    )


def _conflict(call: Call, state: str) -> WireError:
    return WireError(ErrorCode.ACCESS_DENIED, f"The vault {state}: {call.vault_arn()}")


def abort_vault_lock(service: Service, call: Call) -> WireResponse:
    """Take back a lock in progress; a vault without one is no error."""
    with service.catalogue.writing() as tx:
        vault = require_vault(service, tx, call)
        lock = vault_locks.find(tx, vault.row, now_ms=service.now_ms())
        if lock and lock.locked:
            raise _conflict(call, "is locked")
        vault_locks.remove(tx, vault.row)
    return empty_answer(204)


def complete_vault_lock(service: Service, call: Call) -> WireResponse:
    """Make a lock in progress final; repeating it is no error."""
    with service.catalogue.writing() as tx:
        vault, lock = _require_lock(service, tx, call)
        if lock.lock_id != call.names["lock"]:
            raise _wrong_id(call, lock)
        vault_locks.put(tx, vault.row, replace(lock, expires_ms=None))
    return empty_answer(204)


def _require_lock(
    service: Service, tx: Transaction, call: Call
) -> tuple[VaultRecord, VaultLockRecord]:
    def find(vault: VaultRecord) -> tuple[VaultRecord, VaultLockRecord]:
        lock = vault_locks.find(tx, vault.row, now_ms=service.now_ms())
        if lock is None:
            raise not_found(f"No vault lock policy is set for: {call.vault_arn()}")
        return vault, lock

    return require_in_vault(service, tx, call, find)


def _wrong_id(call: Call, lock: VaultLockRecord) -> WireError:
    if lock.locked:
        return _conflict(call, "was locked with another lock ID")
    return invalid(f"Invalid lock ID: {call.names['lock']}")


def get_vault_lock(service: Service, call: Call) -> WireResponse:
    """Answer the lock policy of a vault, and how far the lock is."""
    with service.catalogue.reading() as tx:
        _, lock = _require_lock(service, tx, call)
    return json_answer(
        {
            "CreationDate": times.api_date(lock.created_ms),
            "ExpirationDate": None if lock.expires_ms is None else times.api_date(lock.expires_ms),
            "Policy": lock.policy,
            "State": "Locked" if lock.locked else "InProgress",
        }
    )
