"""Access policies and vault locks: every documented answer, and every step of a lock's life."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.server.conformance.steps import ARN, OTHER, VAULT, create, upload
from tests.server.conformance.wire import Answer, Wire, check_refused, invalid, missing, not_found

ACCESS, LOCK = f"{VAULT}/access-policy", f"{VAULT}/lock-policy"
BAD_LOCK = "The specified vault lock policy is invalid. Provide a valid policy."
NO_ACCESS = f"No vault access policy is set for: {ARN}"


def policy(**different: Any) -> str:
    """Return a policy that forbids to delete archives."""
    usual = {"Effect": "Deny", "Principal": "*", "Action": "glacier:DeleteArchive", "Resource": ARN}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**usual, **different}]})


def put(wire: Wire, text: Any) -> Answer:
    return wire.ask("PUT", ACCESS, json.dumps({"Policy": text}).encode())


def lock(wire: Wire, text: Any) -> Answer:
    return wire.ask("POST", LOCK, json.dumps({"Policy": text}).encode())


def lock_id(wire: Wire) -> str:
    return lock(wire, policy()).ok(201).headers["x-amz-lock-id"]


def denied(answer: Answer) -> None:
    check_refused(answer, 403, "AccessDeniedException")


@pytest.mark.usefixtures("vault")
def test_an_access_policy_is_kept_letter_by_letter(wire: Wire) -> None:
    not_found(wire.ask("GET", ACCESS), NO_ACCESS)
    for text in (policy(), f"  {policy(Sid='é')}\n"):
        put(wire, text).ok(204)
        assert wire.ask("GET", ACCESS).json == {"Policy": text}
    for _ in range(2):
        wire.ask("DELETE", ACCESS).ok(204)
        not_found(wire.ask("GET", ACCESS), NO_ACCESS)


WRONG = (
    "x",
    "{}",
    "[]",
    "null",
    policy()[:-1],
    policy(Effect="Perhaps"),
    policy(Resource="arn:aws:s3:::bucket"),
    policy(Action="s3:GetObject", Resource=[]),
    policy(Sid="x" * 20_480),
)


@pytest.mark.usefixtures("vault")
@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_policy_is_refused(wire: Wire, text: str) -> None:
    invalid(put(wire, text))
    not_found(wire.ask("GET", ACCESS), NO_ACCESS)
    invalid(lock(wire, text), BAD_LOCK)
    not_found(wire.ask("GET", LOCK))


@pytest.mark.usefixtures("vault")
def test_a_policy_has_at_most_20_kb(wire: Wire) -> None:
    longest = policy() + " " * (20_480 - len(policy()))
    invalid(put(wire, longest + " "))
    invalid(lock(wire, longest + " "), BAD_LOCK)
    put(wire, longest).ok(204)
    lock(wire, longest).ok(201)


@pytest.mark.usefixtures("vault")
def test_a_policy_is_required_and_is_text(wire: Wire) -> None:
    wrong: tuple[Any, ...] = (5, {}, [], True)
    for send in (put, lock):
        for absent in (None, ""):
            missing(send(wire, absent), "Policy")
        for other in wrong:
            check_refused(send(wire, other), 400, "SerializationException")
    check_refused(wire.ask("PUT", ACCESS, b"{"), 400, "SerializationException")
    check_refused(wire.ask("POST", LOCK, b"{"), 400, "SerializationException")


@pytest.mark.parametrize(("method", "path"), [("GET", ACCESS), ("DELETE", ACCESS), ("GET", LOCK),
                                              ("DELETE", LOCK), ("POST", f"{LOCK}/x")])  # fmt: skip
def test_policies_need_a_vault(wire: Wire, method: str, path: str) -> None:
    message = f"Vault not found for ARN: {ARN}"
    not_found(wire.ask(method, path), message)
    not_found(put(wire, policy()), message)
    not_found(lock(wire, policy()), message)


def test_either_policy_denies_at_once(wire: Wire, vault: str) -> None:
    archive = f"{vault}/archives/{upload(wire)}"
    put(wire, policy()).ok(204)
    denied(wire.ask("DELETE", archive))
    wire.ask("DELETE", ACCESS).ok(204)
    lock_id(wire)
    denied(wire.ask("DELETE", archive))
    wire.ask("DELETE", LOCK).ok(204)
    wire.ask("DELETE", archive).ok(204)


def test_an_archive_is_denied_before_its_age_only(wire: Wire, vault: str) -> None:
    archive = f"{vault}/archives/{upload(wire)}"
    young = {"NumericLessThan": {"glacier:ArchiveAgeInDays": "365"}}
    put(wire, policy(Condition=young)).ok(204)
    denied(wire.ask("DELETE", archive))
    wire.clock.advance(timedelta(days=365))
    wire.ask("DELETE", archive).ok(204)


@pytest.mark.usefixtures("vault")
def test_a_lock_in_progress_is_described(wire: Wire) -> None:
    assert len(lock_id(wire)) == 24
    assert wire.ask("GET", LOCK).json == {
        "CreationDate": "2026-01-02T03:04:05.678Z",
        "ExpirationDate": "2026-01-03T03:04:05.678Z",
        "Policy": policy(),
        "State": "InProgress",
    }


@pytest.mark.usefixtures("vault")
def test_a_lock_in_progress(wire: Wire) -> None:
    right = lock_id(wire)
    denied(lock(wire, policy()))
    invalid(wire.ask("POST", f"{LOCK}/{'a' * 24}"))
    assert wire.ask("GET", LOCK).json["State"] == "InProgress"
    wire.ask("POST", f"{LOCK}/{right}").ok(204)


@pytest.mark.usefixtures("vault")
def test_a_lock_is_final(wire: Wire) -> None:
    right = lock_id(wire)
    wire.ask("POST", f"{LOCK}/{right}").ok(204)
    wire.clock.advance(timedelta(days=400))
    wire.ask("POST", f"{LOCK}/{right}").ok(204)
    denied(wire.ask("POST", f"{LOCK}/{'a' * 24}"))
    denied(wire.ask("DELETE", LOCK))
    denied(lock(wire, policy()))
    described = wire.ask("GET", LOCK).json
    assert (described["State"], described["ExpirationDate"]) == ("Locked", None)


@pytest.mark.usefixtures("vault")
def test_without_a_lock(wire: Wire) -> None:
    not_found(wire.ask("GET", LOCK))
    not_found(wire.ask("POST", f"{LOCK}/{'a' * 24}"))
    for _ in range(2):
        wire.ask("DELETE", LOCK).ok(204)


@pytest.mark.usefixtures("vault")
def test_a_lock_that_nobody_completes_is_gone_after_a_day(wire: Wire) -> None:
    old = lock_id(wire)
    wire.clock.advance(timedelta(hours=24))
    not_found(wire.ask("GET", LOCK))
    not_found(wire.ask("POST", f"{LOCK}/{old}"))
    assert lock_id(wire) != old


@pytest.mark.usefixtures("vault")
def test_a_policy_is_of_one_vault(wire: Wire) -> None:
    put(wire, policy()).ok(204)
    create(wire, OTHER)
    not_found(wire.ask("GET", f"{OTHER}/access-policy"))
    archive_id = upload(wire, vault=OTHER)
    wire.ask("DELETE", f"{OTHER}/archives/{archive_id}").ok(204)
