import io
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from mypy_boto3_glacier import GlacierClient

from glaciercli.ports import WireRequest
from glaciercli.server import routes
from tests.server.conftest import SETTINGS, Bench, OpenBench
from tests.server.payloads import VAULT, output, refused, retrieve, start, tree_hash, upload
from tests.server.test_archives import stored_files
from tests.server.vault_policies import (
    CALLS,
    ROOT,
    Stored,
    denied,
    denying,
    lock,
    set_access,
    start_lock,
    store,
)

ACCESS_CALLS = {"DeleteVaultAccessPolicy", "GetVaultAccessPolicy", "SetVaultAccessPolicy"}
LOCK_CALLS = {"AbortVaultLock", "CompleteVaultLock", "GetVaultLock"}

YOUNG = {"NumericLessThan": {"glacier:ArchiveAgeInDays": "30"}}


@pytest.fixture
def bench(open_bench: OpenBench) -> Bench:
    return open_bench()


@pytest.fixture
def held(bench: Bench) -> Stored:
    return store(bench.client)


def test_every_operation_on_a_vault_is_among_the_calls() -> None:
    on_vaults = {route.operation for route in routes.ROUTES if "{vault}" in route.pattern}
    # A vault that is created has no policy yet, and creating it again changes nothing.
    assert on_vaults - {"CreateVault"} == set(CALLS)


@pytest.mark.parametrize("operation", sorted(CALLS))
def test_every_call_works_without_a_policy(held: Stored, operation: str) -> None:
    client = held.client
    if operation == "DeleteVault":
        client.delete_archive(vaultName=VAULT, archiveId=held.archive_id)
    if operation == "GetVaultAccessPolicy":
        set_access(client, denying("glacier:DeleteVault"))
    if operation in ("CompleteVaultLock", "GetVaultLock"):
        lock_id = start_lock(client, denying("glacier:DeleteVault"))
        client.complete_vault_lock(vaultName=VAULT, lockId=lock_id)
    if operation != "CompleteVaultLock":
        CALLS[operation](client, held)


@pytest.mark.parametrize("operation", sorted(CALLS.keys() - ACCESS_CALLS))
def test_an_access_policy_denies_every_operation(held: Stored, operation: str) -> None:
    start_lock(held.client, denying("glacier:ListJobs", Principal={"AWS": "111122223333"}))
    set_access(held.client, denying(f"glacier:{operation}"))
    with denied(operation):
        CALLS[operation](held.client, held)


@pytest.mark.parametrize("operation", sorted(CALLS.keys() - LOCK_CALLS))
def test_a_lock_in_progress_denies_every_operation(held: Stored, operation: str) -> None:
    set_access(held.client, denying("glacier:ListJobs", Principal={"AWS": "111122223333"}))
    start_lock(held.client, denying("glacier:*"))
    with denied(operation):
        CALLS[operation](held.client, held)


def test_a_policy_denies_only_what_it_names(held: Stored) -> None:
    set_access(held.client, denying(["glacier:AddTagsToVault", "glacier:Upload*"]))
    for operation in sorted(CALLS.keys() - {"AddTagsToVault", "DeleteVault"} - LOCK_CALLS):
        if not operation.startswith(("Upload", "Delete", "Abort", "Complete")):
            CALLS[operation](held.client, held)
    set_access(held.client, denying(["glacier:AddTagsToVault", "glacier:Upload*"]))
    with denied("AddTagsToVault"):
        CALLS["AddTagsToVault"](held.client, held)
    with denied("UploadMultipartPart"):
        CALLS["UploadMultipartPart"](held.client, held)


def test_a_denied_call_changes_nothing(bench: Bench, held: Stored) -> None:
    files = sorted(stored_files(bench.data_dir))
    start_lock(held.client, denying(["glacier:Delete*", "glacier:Upload*", "glacier:Abort*"]))
    for operation in ("DeleteArchive", "UploadArchive", "AbortMultipartUpload", "DeleteVault"):
        with denied(operation):
            CALLS[operation](held.client, held)
    assert sorted(stored_files(bench.data_dir)) == files
    held.client.abort_vault_lock(vaultName=VAULT)
    assert output(held.client, retrieve(held.client, held.archive_id))["bytes"] == b"archive"
    CALLS["CompleteMultipartUpload"](held.client, held)


def test_the_owner_can_always_see_and_change_an_access_policy(held: Stored) -> None:
    everything = denying("glacier:*")
    set_access(held.client, everything)
    found = held.client.get_vault_access_policy(vaultName=VAULT)
    assert found["policy"]["Policy"] == everything
    set_access(held.client, denying("*"))
    held.client.delete_vault_access_policy(vaultName=VAULT)
    held.client.describe_vault(vaultName=VAULT)


def test_a_lock_can_forbid_that_the_access_policy_changes(held: Stored) -> None:
    lock(held.client, denying("glacier:*VaultAccessPolicy"))
    with denied("SetVaultAccessPolicy"):
        set_access(held.client, denying("glacier:ListJobs"))


@pytest.mark.parametrize("ending", ["in progress", "completed"])
def test_a_lock_holds_until_an_archive_is_old_enough(
    bench: Bench, held: Stored, ending: str
) -> None:
    if ending == "completed":
        lock(held.client, denying("glacier:DeleteArchive", YOUNG))
    bench.clock.advance(timedelta(days=30) - timedelta(milliseconds=1))
    if ending == "in progress":
        start_lock(held.client, denying("glacier:DeleteArchive", YOUNG))
    with denied("DeleteArchive"):
        held.client.delete_archive(vaultName=VAULT, archiveId=held.archive_id)
    bench.clock.advance(timedelta(milliseconds=1))
    held.client.delete_archive(vaultName=VAULT, archiveId=held.archive_id)


def test_the_age_of_an_archive_counts_for_jobs_too(bench: Bench, held: Stored) -> None:
    set_access(held.client, denying("glacier:InitiateJob", YOUNG))
    with denied("InitiateJob"):
        retrieve(held.client, held.archive_id)
    start(held.client, Type="inventory-retrieval")
    bench.clock.advance(timedelta(days=30))
    retrieve(held.client, held.archive_id)


def test_a_condition_on_a_tag_follows_the_tags(held: Stored) -> None:
    hold = {"StringLike": {"glacier:ResourceTag/LegalHold": ["true", ""]}}
    lock(held.client, denying("glacier:DeleteArchive", hold))
    for value in ("true", ""):
        held.client.add_tags_to_vault(vaultName=VAULT, Tags={"legalhold": value})
        with denied("DeleteArchive"):
            held.client.delete_archive(vaultName=VAULT, archiveId=held.archive_id)
    # IAM takes both keys for one; any of the two values is enough for a denial.
    for tags in ({"LegalHold": "false"}, {"LegalHold": "true", "legalhold": "false"}):
        held.client.add_tags_to_vault(vaultName=VAULT, Tags=tags)
        with denied("DeleteArchive"):
            held.client.delete_archive(vaultName=VAULT, archiveId=held.archive_id)
    held.client.remove_tags_from_vault(vaultName=VAULT, TagKeys=["LegalHold"])
    held.client.delete_archive(vaultName=VAULT, archiveId=held.archive_id)


@pytest.mark.parametrize(
    ("condition", "denies"),
    [
        ({"Bool": {"aws:SecureTransport": "false"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({"ArnEquals": {"aws:PrincipalArn": ROOT}}, True),
        ({"ArnNotLike": {"AWS:PRINCIPALARN": "arn:aws:iam::*:root"}}, False),
        ({"StringEquals": {"aws:PrincipalAccount": "000000000000"}}, True),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-01-02T03:04:05Z"}}, True),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-01-02T03:04:06Z"}}, False),
        ({"NumericEquals": {"aws:EpochTime": 1767323045}}, True),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, False),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, True),
        ({"Null": {"glacier:ArchiveAgeInDays": "true"}}, True),
    ],
)
def test_the_circumstances_of_a_call_are_known(
    held: Stored, condition: Any, *, denies: bool
) -> None:
    set_access(held.client, denying("glacier:ListJobs", condition))
    if denies:
        with denied("ListJobs"):
            held.client.list_jobs(vaultName=VAULT)
    else:
        held.client.list_jobs(vaultName=VAULT)


def test_a_denial_of_somebody_else_is_none_for_the_owner(held: Stored) -> None:
    alice = "arn:aws:iam::000000000000:user/alice"
    set_access(held.client, denying("glacier:*", Principal={"AWS": [alice, "111122223333"]}))
    held.client.list_jobs(vaultName=VAULT)
    set_access(held.client, denying("glacier:*", Principal={"AWS": [alice, "000000000000"]}))
    with denied("ListJobs"):
        held.client.list_jobs(vaultName=VAULT)


def test_what_is_not_there_is_said_before_what_is_not_allowed(held: Stored) -> None:
    client = held.client
    set_access(client, denying("glacier:*", Resource="*"))
    with refused("ResourceNotFoundException", 404, "The job ID was not found: x"):
        client.describe_job(vaultName=VAULT, jobId="x")
    with refused("ResourceNotFoundException", 404, "The upload ID was not found: x"):
        client.list_parts(vaultName=VAULT, uploadId="x")
    with refused("ResourceNotFoundException", 404, "The archive ID was not found: x"):
        retrieve(client, "x")
    with refused("ResourceNotFoundException", 404, "The archive ID was not found: x"):
        client.delete_archive(vaultName=VAULT, archiveId="x")
    with refused("ResourceNotFoundException", 404):
        client.describe_vault(vaultName="nothing")
    client.delete_vault(vaultName="nothing")


def test_a_wrong_value_is_said_before_what_is_not_allowed(held: Stored) -> None:
    set_access(held.client, denying("glacier:*"))
    with refused("InvalidParameterValueException", 400):
        held.client.list_jobs(vaultName=VAULT, limit="0")


def test_what_is_not_allowed_is_said_before_the_state(held: Stored) -> None:
    set_access(held.client, denying("glacier:DeleteVault"))
    with denied("DeleteVault"):
        held.client.delete_vault(vaultName=VAULT)


def test_a_denial_of_one_vault_does_not_reach_another(held: Stored) -> None:
    set_access(held.client, denying("glacier:*", Resource="*"))
    held.client.create_vault(vaultName="other")
    upload(held.client, b"x", vault="other")


class Interrupting(io.BytesIO):
    """A body that does something when its first bytes are asked for."""

    def __init__(self, data: bytes, client: GlacierClient) -> None:
        super().__init__(data)
        self._client = client

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() == 0:
            start_lock(self._client, denying("glacier:Upload*"))
        return super().read(size)


@pytest.mark.parametrize("path", ["archives", "multipart-uploads/{upload}"])
def test_a_denial_that_comes_while_a_body_arrives_counts(open_bench: OpenBench, path: str) -> None:
    bench = open_bench(replace(SETTINGS, verify_signatures=False))
    held = store(bench.client)
    files = sorted(stored_files(bench.data_dir))
    data = b"late"
    fields = {
        "x-amz-glacier-version": "2012-06-01",
        "x-amz-content-sha256": sha256(data).hexdigest(),
        "x-amz-sha256-tree-hash": tree_hash(data),
        "content-range": "bytes 0-3/*",
    }
    request = WireRequest(
        method="POST" if path == "archives" else "PUT",
        target=f"/-/vaults/{VAULT}/{path.format(upload=held.upload_id)}",
        headers=tuple(fields.items()),
        body=Interrupting(data, bench.client),
        body_bytes=len(data),
    )
    answer = bench.application.handle(request)
    assert (answer.status, b"glacier:Upload" in b"".join(answer.body)) == (403, True)
    assert sorted(stored_files(bench.data_dir)) == files
    assert bench.client.describe_vault(vaultName=VAULT)["NumberOfArchives"] == 1
