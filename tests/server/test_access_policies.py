import json
from typing import Any

import pytest
from mypy_boto3_glacier import GlacierClient

from tests.server.conftest import OpenBench
from tests.server.payloads import VAULT, refused
from tests.server.vault_policies import ARN, denying, set_access

NONE = f"No vault access policy is set for: {ARN}"
INVALID = "InvalidParameterValueException"


@pytest.fixture
def vault(open_bench: OpenBench) -> GlacierClient:
    client = open_bench().client
    client.create_vault(vaultName=VAULT)
    return client


def access(client: GlacierClient) -> str:
    return client.get_vault_access_policy(vaultName=VAULT)["policy"]["Policy"]


def of_size(size_bytes: int) -> str:
    policy = json.loads(denying("glacier:DeleteVault"))
    bare = json.dumps({**policy, "Id": "ä"}, ensure_ascii=False)
    padding = "x" * (size_bytes - len(bare.encode()))
    return bare.replace("ä", "ä" + padding)


def test_a_policy_is_set_read_letter_by_letter_replaced_and_deleted(
    client: GlacierClient,
) -> None:
    client.create_vault(vaultName=VAULT)
    with refused("ResourceNotFoundException", 404, NONE):
        access(client)
    first = "\n " + denying("glacier:DeleteArchive", Sid="Ünïcode \\ 😀 \u0000") + "\t"
    set_access(client, first)
    assert access(client) == first
    set_access(client, denying("glacier:ListJobs"))
    assert access(client) == denying("glacier:ListJobs")
    client.delete_vault_access_policy(vaultName=VAULT)
    client.delete_vault_access_policy(vaultName=VAULT)
    with refused("ResourceNotFoundException", 404, NONE):
        access(client)


def test_twenty_kilobytes_are_the_limit(vault: GlacierClient) -> None:
    set_access(vault, of_size(20 * 1024))
    with refused(INVALID, 400):
        set_access(vault, of_size(20 * 1024 + 1))
    assert len(access(vault).encode()) == 20 * 1024


@pytest.mark.parametrize(
    "policy",
    [
        "x",
        "[]",
        '{"Version":"2012-10-17","Statement":[]}',
        denying("glacier:DeleteArchives"),
        denying("glacier:DeleteArchive", {"NumericLes": {"glacier:ArchiveAgeInDays": "1"}}),
        denying("glacier:DeleteArchive", {"StringLike": {"aws:UserAgent": "*"}}),
        denying("glacier:DeleteArchive", Resource=ARN + "s"),
        denying("glacier:DeleteArchive", Resource=ARN.replace("0" * 12, "111122223333")),
        denying("glacier:DeleteArchive", Resource=ARN.replace("us-east-1", "us-east-2")),
    ],
)
def test_a_policy_that_could_not_be_enforced_is_refused(vault: GlacierClient, policy: str) -> None:
    set_access(vault, denying("glacier:ListJobs"))
    with refused(INVALID, 400):
        set_access(vault, policy)
    assert access(vault) == denying("glacier:ListJobs")


def test_a_refusal_says_what_is_wrong(vault: GlacierClient) -> None:
    message = "Invalid vault access policy: no such action: glacier:Fly"
    with refused(INVALID, 400, message):
        set_access(vault, denying("glacier:Fly"))


@pytest.mark.parametrize("policy", [{}, {"Policy": ""}])
def test_without_a_policy_something_is_missing(vault: GlacierClient, policy: Any) -> None:
    with refused("MissingParameterValueException", 400, "Required parameter missing: Policy"):
        vault.set_vault_access_policy(vaultName=VAULT, policy=policy)


def test_a_vault_that_is_not_there_has_no_policy(vault: GlacierClient) -> None:
    policy = denying("glacier:*", Resource="*")
    with refused("ResourceNotFoundException", 404):
        vault.get_vault_access_policy(vaultName="nothing")
    with refused("ResourceNotFoundException", 404):
        vault.delete_vault_access_policy(vaultName="nothing")
    with refused("ResourceNotFoundException", 404):
        vault.set_vault_access_policy(vaultName="nothing", policy={"Policy": policy})


def test_the_policy_goes_with_its_vault(vault: GlacierClient) -> None:
    set_access(vault, denying("glacier:ListJobs"))
    vault.delete_vault(vaultName=VAULT)
    vault.create_vault(vaultName=VAULT)
    vault.list_jobs(vaultName=VAULT)
    with refused("ResourceNotFoundException", 404, NONE):
        access(vault)
