"""A data directory of an earlier version works on, with all that was in it."""

import sqlite3
from pathlib import Path

import pytest
from mypy_boto3_glacier import GlacierClient

from glaciercli.server.catalogue import schema
from tests.server.conftest import Bench, OpenBench
from tests.server.payloads import VAULT, complete, output, tree_hash

#: The files that the catalogue refers to.
CONTENT = {
    "ab95cd05f923f8185e73db096ffa0168": b"old content",
    "d6e417ccdf6dd3865382e6002b9512af": b"part",
}


@pytest.fixture
def bench(tmp_path: Path, open_bench: OpenBench) -> Bench:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    connection = sqlite3.connect(data_dir / "catalogue.sqlite3")
    connection.executescript(Path(__file__).with_name("catalogue_step_1.sql").read_text())
    connection.close()
    (data_dir / "credentials.json").write_text(
        '{"access_key_id": "AKIDOLD", "secret_access_key": "old"}'
    )
    for name, data in CONTENT.items():
        place = data_dir / "blobs" / name[:2]
        place.mkdir(parents=True)
        (place / name).write_bytes(data)
    # It was ended by a kill, in the middle of an upload.
    (data_dir / "incoming").mkdir()
    (data_dir / "incoming" / "half").write_bytes(b"half")
    (data_dir / "in-use").touch()
    return open_bench()


@pytest.fixture
def client(bench: Bench) -> GlacierClient:
    return bench.client


def test_what_was_stored_is_still_there(client: GlacierClient) -> None:
    described = client.describe_vault(vaultName=VAULT)
    assert described["NumberOfArchives"] == 1
    (job,) = client.list_jobs(vaultName=VAULT)["JobList"]
    assert job["StatusCode"] == "Succeeded"
    assert output(client, job["JobId"])["bytes"] == b"old content"


def test_an_upload_that_was_begun_can_be_completed(client: GlacierClient) -> None:
    (upload,) = client.list_multipart_uploads(vaultName=VAULT)["UploadsList"]
    done = complete(client, upload["MultipartUploadId"], b"part")
    assert done["checksum"] == tree_hash(b"part")
    assert client.describe_vault(vaultName=VAULT)["NumberOfArchives"] == 2


def test_what_the_earlier_version_did_not_know_works(client: GlacierClient) -> None:
    client.add_tags_to_vault(vaultName=VAULT, Tags={"a": "b"})
    assert client.list_tags_for_vault(vaultName=VAULT)["Tags"] == {"a": "b"}
    assert client.get_data_retrieval_policy()["Policy"]["Rules"] == [{"Strategy": "None"}]


def test_the_directory_is_up_to_date_and_tidy(bench: Bench) -> None:
    with bench.application.service.catalogue.reading() as tx:
        assert schema.version(tx) == schema.VERSION
    assert list((bench.data_dir / "incoming").iterdir()) == []
    assert not (bench.data_dir / "in-use").exists()
