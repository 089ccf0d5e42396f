from datetime import timedelta

import pytest
from mypy_boto3_glacier import GlacierClient

from tests.server.conftest import Bench, OpenBench
from tests.server.payloads import VAULT, refused, upload
from tests.server.vault_policies import ARN, denied, denying, lock, start_lock

POLICY = denying("glacier:DeleteArchive", {"NumericLessThan": {"glacier:ArchiveAgeInDays": 365}})
NO_LOCK = f"No vault lock policy is set for: {ARN}"
INVALID = "The specified vault lock policy is invalid. Provide a valid policy."
DAY = timedelta(hours=24)


@pytest.fixture
def bench(open_bench: OpenBench) -> Bench:
    bench = open_bench()
    bench.client.create_vault(vaultName=VAULT)
    return bench


@pytest.fixture
def vault(bench: Bench) -> GlacierClient:
    return bench.client


def state(client: GlacierClient) -> dict[str, str]:
    found = client.get_vault_lock(vaultName=VAULT)
    return {key: value for key, value in found.items() if isinstance(value, str)}


def complete(client: GlacierClient, lock_id: str) -> None:
    client.complete_vault_lock(vaultName=VAULT, lockId=lock_id)


def test_a_lock_in_progress_is_described_with_its_end(http: Bench) -> None:
    http.client.create_vault(vaultName=VAULT)
    assert len(start_lock(http.client, POLICY)) == 24
    assert state(http.client) == {
        "Policy": POLICY,
        "State": "InProgress",
        "CreationDate": "2026-01-02T03:04:05.678Z",
        "ExpirationDate": "2026-01-03T03:04:05.678Z",
    }


def test_a_completed_lock_keeps_its_date_and_has_no_end(bench: Bench) -> None:
    lock_id = start_lock(bench.client, POLICY)
    bench.clock.advance(timedelta(hours=1))
    complete(bench.client, lock_id)
    bench.clock.advance(timedelta(days=10_000))
    assert state(bench.client) == {
        "Policy": POLICY,
        "State": "Locked",
        "CreationDate": "2026-01-02T03:04:05.678Z",
    }


def test_without_a_lock_there_is_nothing_to_get_or_complete_but_aborting_works(
    vault: GlacierClient,
) -> None:
    with refused("ResourceNotFoundException", 404, NO_LOCK):
        vault.get_vault_lock(vaultName=VAULT)
    with refused("ResourceNotFoundException", 404, NO_LOCK):
        complete(vault, "x" * 24)
    vault.abort_vault_lock(vaultName=VAULT)


def test_a_second_lock_needs_the_first_to_be_aborted(vault: GlacierClient) -> None:
    first = start_lock(vault, POLICY)
    with refused("AccessDeniedException", 403):
        start_lock(vault, POLICY)
    vault.abort_vault_lock(vaultName=VAULT)
    vault.abort_vault_lock(vaultName=VAULT)
    second = start_lock(vault, denying("glacier:DeleteVault"))
    assert state(vault)["Policy"] == denying("glacier:DeleteVault")
    with refused("InvalidParameterValueException", 400, f"Invalid lock ID: {first}"):
        complete(vault, first)
    complete(vault, second)


def test_a_wrong_lock_id_leaves_the_lock_in_progress(vault: GlacierClient) -> None:
    right = start_lock(vault, POLICY)
    with refused("InvalidParameterValueException", 400, "Invalid lock ID: wrong"):
        complete(vault, "wrong")
    assert state(vault)["State"] == "InProgress"
    complete(vault, right)


def test_a_locked_vault_stays_locked(vault: GlacierClient) -> None:
    lock_id = lock(vault, POLICY)
    complete(vault, lock_id)
    with refused("AccessDeniedException", 403):
        complete(vault, "wrong")
    with refused("AccessDeniedException", 403):
        vault.abort_vault_lock(vaultName=VAULT)
    with refused("AccessDeniedException", 403):
        start_lock(vault, POLICY)
    assert state(vault)["State"] == "Locked"


def test_a_lock_in_progress_is_gone_after_a_day(bench: Bench) -> None:
    archive_id = upload(bench.client, b"x")
    lock_id = start_lock(bench.client, POLICY)
    bench.clock.advance(DAY - timedelta(milliseconds=1))
    with denied("DeleteArchive"):
        bench.client.delete_archive(vaultName=VAULT, archiveId=archive_id)
    bench.clock.advance(timedelta(milliseconds=1))
    with refused("ResourceNotFoundException", 404, NO_LOCK):
        bench.client.get_vault_lock(vaultName=VAULT)
    with refused("ResourceNotFoundException", 404, NO_LOCK):
        complete(bench.client, lock_id)
    bench.client.delete_archive(vaultName=VAULT, archiveId=archive_id)
    start_lock(bench.client, POLICY)


def test_an_expired_lock_can_be_aborted(bench: Bench) -> None:
    start_lock(bench.client, POLICY)
    bench.clock.advance(DAY)
    bench.client.abort_vault_lock(vaultName=VAULT)


def test_a_lock_that_denies_everything_can_be_seen_and_aborted(vault: GlacierClient) -> None:
    start_lock(vault, denying("glacier:*"))
    with denied("DescribeVault"):
        vault.describe_vault(vaultName=VAULT)
    assert state(vault)["State"] == "InProgress"
    vault.abort_vault_lock(vaultName=VAULT)
    vault.describe_vault(vaultName=VAULT)


def test_a_lock_that_denies_everything_can_be_completed(vault: GlacierClient) -> None:
    lock(vault, denying("glacier:*"))
    assert state(vault)["State"] == "Locked"
    with denied("DeleteVault"):
        vault.delete_vault(vaultName=VAULT)


def test_an_empty_vault_is_deleted_with_its_lock(vault: GlacierClient) -> None:
    lock(vault, POLICY)
    vault.delete_vault(vaultName=VAULT)
    vault.create_vault(vaultName=VAULT)
    with refused("ResourceNotFoundException", 404, NO_LOCK):
        vault.get_vault_lock(vaultName=VAULT)


@pytest.mark.parametrize("ending", ["in progress", "completed"])
def test_a_lock_can_keep_its_vault_from_being_deleted(vault: GlacierClient, ending: str) -> None:
    lock_id = start_lock(vault, denying("glacier:DeleteVault"))
    if ending == "completed":
        complete(vault, lock_id)
    with denied("DeleteVault"):
        vault.delete_vault(vaultName=VAULT)


@pytest.mark.parametrize(
    "policy",
    [
        "no JSON",
        denying("glacier:DeleteArchive", Principal="me"),
        denying("glacier:DeleteArchive", Resource=ARN + "2"),
        denying("glacier:DeleteArchive", Id="x"),
        denying("glacier:DeleteVault") + " " * 20 * 1024,
    ],
)
def test_a_lock_policy_that_could_not_be_enforced_is_refused(
    vault: GlacierClient, policy: str
) -> None:
    with refused("InvalidParameterValueException", 400, INVALID):
        start_lock(vault, policy)
    with refused("ResourceNotFoundException", 404, NO_LOCK):
        vault.get_vault_lock(vaultName=VAULT)


def test_a_lock_needs_a_policy_and_a_vault(vault: GlacierClient) -> None:
    with refused("MissingParameterValueException", 400, "Required parameter missing: Policy"):
        vault.initiate_vault_lock(vaultName=VAULT, policy={})
    everywhere = denying("glacier:DeleteVault", Resource="*")
    with refused("ResourceNotFoundException", 404):
        vault.initiate_vault_lock(vaultName="nothing", policy={"Policy": everywhere})
    with refused("ResourceNotFoundException", 404):
        vault.abort_vault_lock(vaultName="nothing")
    with refused("ResourceNotFoundException", 404):
        vault.get_vault_lock(vaultName="nothing")
    with refused("ResourceNotFoundException", 404):
        vault.complete_vault_lock(vaultName="nothing", lockId="x")


def test_a_lock_holds_for_everybody_on_the_data_directory(open_bench: OpenBench) -> None:
    first = open_bench()
    first.client.create_vault(vaultName=VAULT)
    lock(first.client, denying("glacier:Upload*"))
    with denied("UploadArchive"):
        upload(open_bench().client, b"x")
