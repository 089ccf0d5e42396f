from datetime import timedelta

import pytest
from mypy_boto3_glacier import GlacierClient

from glaciercli.server.catalogue import vaults
from glaciercli.server.catalogue.database import Database
from tests.server.conftest import Bench
from tests.server.payloads import VAULT, refused, upload

ARN = "arn:aws:glacier:us-east-1:000000000000:vaults/"


def test_a_new_vault_is_empty_and_has_no_inventory(client: GlacierClient) -> None:
    assert client.create_vault(vaultName=VAULT)["location"] == f"/000000000000/vaults/{VAULT}"
    described = client.describe_vault(vaultName=VAULT)
    assert described["VaultARN"] == ARN + VAULT
    assert described["VaultName"] == VAULT
    assert described["CreationDate"] == "2026-01-02T03:04:05.678Z"
    assert (described["NumberOfArchives"], described["SizeInBytes"]) == (0, 0)
    assert "LastInventoryDate" not in described


def test_creating_a_vault_again_keeps_its_archives_and_its_date(bench: Bench) -> None:
    bench.client.create_vault(vaultName=VAULT)
    upload(bench.client, b"one")
    bench.clock.advance(timedelta(days=1))
    bench.client.create_vault(vaultName=VAULT)
    described = bench.client.describe_vault(vaultName=VAULT)
    assert described["CreationDate"] == "2026-01-02T03:04:05.678Z"
    assert described["NumberOfArchives"] == 1


def test_a_vaults_size_counts_32_kib_for_each_archive(client: GlacierClient) -> None:
    client.create_vault(vaultName=VAULT)
    upload(client, b"12345")
    assert client.describe_vault(vaultName=VAULT)["SizeInBytes"] == 5 + 32 * 1024


@pytest.mark.parametrize("name", [".", "..", "A", "a", "v" * 255, "-._x"])
def test_every_legal_name_is_a_vault_of_its_own(client: GlacierClient, name: str) -> None:
    client.create_vault(vaultName=name)
    client.create_vault(vaultName="other")
    upload(client, b"x", vault=name)
    assert client.describe_vault(vaultName=name)["VaultName"] == name
    assert [one["VaultName"] for one in client.list_vaults()["VaultList"]] == sorted(
        [name, "other"]
    )


@pytest.mark.covers("E1")
@pytest.mark.parametrize("name", ["a b", "a/b", "ä", "v" * 256, "a%2Fb"])
def test_an_illegal_name_is_refused(client: GlacierClient, name: str) -> None:
    with refused("InvalidParameterValueException", 400):
        client.create_vault(vaultName=name)
    with refused("ResourceNotFoundException", 404, f"Vault not found for ARN: {name}"):
        client.describe_vault(vaultName=name)


def test_an_empty_name_is_refused_rather_than_taken_for_the_list(client: GlacierClient) -> None:
    with refused("InvalidParameterValueException", 400):
        client.describe_vault(vaultName="")


def test_a_vault_that_is_not_there_is_named_by_its_arn(client: GlacierClient) -> None:
    with refused("ResourceNotFoundException", 404, f"Vault not found for ARN: {ARN}nothing"):
        client.describe_vault(vaultName="nothing")


def test_vaults_are_listed_in_ascii_order_ten_a_page(client: GlacierClient) -> None:
    names = [f"v{number:02}" for number in range(21)] + ["Z", "_"]
    for name in names:
        client.create_vault(vaultName=name)
    first = client.list_vaults()
    assert len(first["VaultList"]) == 10
    assert first["Marker"] == f"{ARN}v08"
    pages = client.get_paginator("list_vaults").paginate(
        accountId="-", PaginationConfig={"PageSize": 7}
    )
    assert [vault["VaultName"] for page in pages for vault in page["VaultList"]] == sorted(names)


def test_a_marker_works_though_its_vault_is_gone(client: GlacierClient) -> None:
    for name in ("a", "b", "c"):
        client.create_vault(vaultName=name)
    marker = client.list_vaults(limit="1")["Marker"]
    client.delete_vault(vaultName="b")
    listed = client.list_vaults(marker=marker, limit="")["VaultList"]
    assert [vault["VaultName"] for vault in listed] == ["c"]


@pytest.mark.parametrize("limit", ["0", "11", "-1", "x", "1.5"])
def test_a_page_size_out_of_reach_is_refused(client: GlacierClient, limit: str) -> None:
    with refused("InvalidParameterValueException", 400):
        client.list_vaults(limit=limit)


def test_a_marker_of_another_list_is_refused(client: GlacierClient) -> None:
    with refused("InvalidParameterValueException", 400):
        client.list_vaults(marker="arn:aws:s3:::bucket")


def test_the_last_page_has_no_marker(client: GlacierClient) -> None:
    client.create_vault(vaultName="a")
    assert "Marker" not in client.list_vaults(limit="1")


def test_deleting_a_vault_that_is_not_there_is_no_error(client: GlacierClient) -> None:
    client.delete_vault(vaultName="nothing")


def test_a_vault_with_archives_is_not_deleted(client: GlacierClient) -> None:
    client.create_vault(vaultName=VAULT)
    archive_id = upload(client, b"x")
    message = f"Vault not empty or recently written to: {ARN}{VAULT}"
    with refused("InvalidParameterValueException", 400, message):
        client.delete_vault(vaultName=VAULT)
    client.delete_archive(vaultName=VAULT, archiveId=archive_id)
    client.delete_vault(vaultName=VAULT)
    with refused("ResourceNotFoundException", 404):
        client.describe_vault(vaultName=VAULT)


def test_regions_are_apart(bench: Bench) -> None:
    east, west = bench.connect("us-east-1"), bench.connect("us-west-2")
    east.create_vault(vaultName=VAULT)
    archive_id = upload(east, b"x")
    assert west.list_vaults()["VaultList"] == []
    west.create_vault(vaultName=VAULT)
    with refused("ResourceNotFoundException", 404):
        west.initiate_job(
            vaultName=VAULT, jobParameters={"Type": "archive-retrieval", "ArchiveId": archive_id}
        )
    arn = west.describe_vault(vaultName=VAULT)["VaultARN"]
    assert arn == f"arn:aws:glacier:us-west-2:000000000000:vaults/{VAULT}"


def test_the_own_account_number_works_and_another_is_refused(client: GlacierClient) -> None:
    client.create_vault(vaultName=VAULT, accountId="000000000000")
    assert client.describe_vault(vaultName=VAULT)["VaultName"] == VAULT
    with refused("AccessDeniedException", 403):
        client.create_vault(vaultName=VAULT, accountId="111122223333")
    with refused("InvalidParameterValueException", 400):
        client.create_vault(vaultName=VAULT, accountId="")


def test_a_thousand_vaults_are_the_limit(bench: Bench) -> None:
    catalogue = Database.open(bench.data_dir / "catalogue.sqlite3")
    with catalogue.writing() as tx:
        for number in range(1000):
            vaults.insert(tx, "us-east-1", f"v{number}", 0)
    catalogue.close()
    bench.client.create_vault(vaultName="v0")
    with refused("LimitExceededException", 400):
        bench.client.create_vault(vaultName="one-more")
    bench.connect("us-west-2").create_vault(vaultName="one-more")
