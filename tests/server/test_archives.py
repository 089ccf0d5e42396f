import io
from pathlib import Path

import pytest
from mypy_boto3_glacier import GlacierClient

from tests.server.conftest import Bench
from tests.server.payloads import MIB, VAULT, content, output, refused, retrieve, tree_hash, upload


@pytest.fixture(autouse=True)
def _vault(client: GlacierClient) -> None:
    client.create_vault(vaultName=VAULT)


@pytest.mark.parametrize("size", [1, MIB - 1, MIB, MIB + 1, 3 * MIB + 17])
def test_what_was_uploaded_comes_back(client: GlacierClient, size: int) -> None:
    data = content(size)
    sent = client.upload_archive(vaultName=VAULT, body=data, archiveDescription='a  "b", c\\')
    assert sent["checksum"] == tree_hash(data)
    assert len(sent["archiveId"]) == 138
    assert sent["location"] == f"/000000000000/vaults/{VAULT}/archives/{sent['archiveId']}"
    got = output(client, retrieve(client, sent["archiveId"]))
    assert got["bytes"] == data
    assert got["checksum"] == tree_hash(data)
    assert got["archiveDescription"] == 'a  "b", c\\'


def test_a_file_is_sent_from_where_it_stands(client: GlacierClient) -> None:
    file = io.BytesIO(b"head" + content(MIB))
    file.seek(4)
    sent = client.upload_archive(vaultName=VAULT, body=file)
    assert output(client, retrieve(client, sent["archiveId"]))["bytes"] == content(MIB)


def test_equal_content_makes_two_archives(client: GlacierClient) -> None:
    assert upload(client, b"same") != upload(client, b"same")


def test_an_empty_archive_is_refused(client: GlacierClient) -> None:
    with refused("InvalidParameterValueException", 400, "Invalid Content-Length: 0"):
        client.upload_archive(vaultName=VAULT, body=b"")


@pytest.mark.covers("E5")
def test_a_wrong_tree_hash_is_refused_and_nothing_is_stored(bench: Bench) -> None:
    wrong = "0" * 64
    message = f"Checksum mismatch: expected {wrong}, computed {tree_hash(b'data')}"
    with refused("InvalidParameterValueException", 400, message):
        bench.client.upload_archive(vaultName=VAULT, body=b"data", checksum=wrong)
    assert stored_files(bench.data_dir) == []


@pytest.mark.parametrize("text", ["tab\there", "x" * 1025])
def test_an_illegal_description_is_refused(client: GlacierClient, text: str) -> None:
    with refused("InvalidParameterValueException", 400):
        upload(client, b"x", text=text)


def test_a_description_that_is_not_ascii_fails_as_a_signature_does(client: GlacierClient) -> None:
    with refused("InvalidSignatureException", 403):
        upload(client, b"x", text="Zürich")


def test_an_upload_to_no_vault_is_refused(client: GlacierClient) -> None:
    with refused("ResourceNotFoundException", 404):
        upload(client, b"x", vault="nothing")


def test_deleting_an_archive_frees_its_content(bench: Bench) -> None:
    archive_id = upload(bench.client, b"data")
    assert len(stored_files(bench.data_dir)) == 1
    bench.client.delete_archive(vaultName=VAULT, archiveId=archive_id)
    assert stored_files(bench.data_dir) == []
    assert bench.client.describe_vault(vaultName=VAULT)["NumberOfArchives"] == 0


def test_deleting_an_archive_again_is_no_error(client: GlacierClient) -> None:
    archive_id = upload(client, b"data")
    for _ in range(2):
        client.delete_archive(vaultName=VAULT, archiveId=archive_id)
    client.delete_archive(vaultName=VAULT, archiveId="A" * 138)


def test_an_id_that_cannot_be_one_is_not_found(client: GlacierClient) -> None:
    with refused("ResourceNotFoundException", 404):
        client.delete_archive(vaultName=VAULT, archiveId="short")


def test_an_archive_is_not_deleted_through_another_vault(client: GlacierClient) -> None:
    client.create_vault(vaultName="other")
    archive_id = upload(client, b"data")
    arn = "arn:aws:glacier:us-east-1:000000000000:vaults/other"
    with refused("InvalidParameterValueException", 400, f"Invalid vault name: {arn}"):
        client.delete_archive(vaultName="other", archiveId=archive_id)
    assert output(client, retrieve(client, archive_id))["bytes"] == b"data"


def stored_files(data_dir: Path) -> list[Path]:
    places = [*data_dir.glob("blobs/*/*"), *data_dir.glob("incoming/*")]
    return [path for path in places if path.is_file()]
