"""Every limit of time, by the one clock: a millisecond before it, and at it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from mypy_boto3_glacier import GlacierClient

from glaciercli.server.settings import ServiceSettings
from tests.server.conftest import Bench, OpenBench
from tests.server.payloads import (
    MIB,
    VAULT,
    complete,
    content,
    output,
    refused,
    retrieve,
    send_part,
    start,
    upload,
    upload_in_parts,
)
from tests.server.test_archives import stored_files

REALISTIC = replace(ServiceSettings.realistic(), clock_skew=None)
TICK = timedelta(milliseconds=1)
DAY = timedelta(hours=24)


@pytest.fixture
def realistic(open_bench: OpenBench) -> Bench:
    """A service that takes as long as the real one, with a vault."""
    bench = open_bench(REALISTIC)
    bench.client.create_vault(vaultName=VAULT)
    return bench


def status(client: GlacierClient, job_id: str) -> str:
    return client.describe_job(vaultName=VAULT, jobId=job_id)["StatusCode"]


def job_ids(client: GlacierClient) -> list[str]:
    return [job["JobId"] for job in client.list_jobs(vaultName=VAULT)["JobList"]]


def check_life(bench: Bench, job_id: str, delay: timedelta) -> None:
    """Follow a job from its start to the end of its output."""
    client, clock = bench.client, bench.clock
    clock.advance(delay - TICK)
    assert status(client, job_id) == "InProgress"
    with refused("InvalidParameterValueException", 400):
        output(client, job_id)
    clock.advance(TICK)
    assert status(client, job_id) == "Succeeded"
    clock.advance(DAY - TICK)
    assert output(client, job_id)["bytes"]
    assert (status(client, job_id), job_ids(client)) == ("Succeeded", [job_id])
    clock.advance(TICK)
    assert job_ids(client) == []
    gone = ("ResourceNotFoundException", 404, f"The job ID was not found: {job_id}")
    with refused(*gone):
        status(client, job_id)
    with refused(*gone):
        output(client, job_id)


@pytest.mark.parametrize(
    ("tier", "delay"),
    [
        ("Expedited", timedelta(minutes=3)),
        ("Standard", timedelta(hours=4)),
        ("Bulk", timedelta(hours=8)),
    ],
)
def test_a_retrieval_takes_the_time_of_its_tier_and_lives_a_day(
    realistic: Bench, tier: str, delay: timedelta
) -> None:
    job_id = retrieve(realistic.client, upload(realistic.client, b"data"), Tier=tier)
    check_life(realistic, job_id, delay)


def test_an_inventory_takes_four_hours_and_lives_a_day(realistic: Bench) -> None:
    upload(realistic.client, b"data")
    realistic.clock.advance(DAY)
    check_life(realistic, start(realistic.client, Type="inventory-retrieval"), timedelta(hours=4))


def test_an_inventory_is_made_a_day_after_the_last_one(realistic: Bench) -> None:
    client, clock = realistic.client, realistic.clock

    def counted() -> Any:
        found = client.describe_vault(vaultName=VAULT)
        return found.get("LastInventoryDate"), found["NumberOfArchives"]

    upload(client, b"first")
    clock.advance(DAY - TICK)
    assert counted() == (None, 0)
    with refused("ResourceNotFoundException", 404):
        start(client, Type="inventory-retrieval")
    clock.advance(TICK)
    assert counted() == ("2026-01-03T03:04:05.678Z", 1)
    start(client, Type="inventory-retrieval")
    clock.advance(TICK)
    upload(client, b"second")
    clock.advance(DAY - 2 * TICK)
    assert counted() == ("2026-01-03T03:04:05.678Z", 1)
    clock.advance(TICK)
    assert counted() == ("2026-01-04T03:04:05.678Z", 2)


def test_an_emptied_vault_can_be_deleted_from_its_next_inventory_on(realistic: Bench) -> None:
    client, clock = realistic.client, realistic.clock
    archive_id = upload(client, b"x")
    clock.advance(DAY)
    client.delete_archive(vaultName=VAULT, archiveId=archive_id)
    # What happens in the moment of an inventory is in the next one.
    clock.advance(DAY - TICK)
    with refused("InvalidParameterValueException", 400):
        client.delete_vault(vaultName=VAULT)
    clock.advance(TICK)
    client.delete_vault(vaultName=VAULT)


def test_an_empty_inventory_is_not_enough_after_a_later_write(realistic: Bench) -> None:
    client, clock = realistic.client, realistic.clock
    first = upload(client, b"x")
    client.delete_archive(vaultName=VAULT, archiveId=first)
    clock.advance(DAY)
    assert client.describe_vault(vaultName=VAULT)["NumberOfArchives"] == 0
    second = upload(client, b"x")
    client.delete_archive(vaultName=VAULT, archiveId=second)
    clock.advance(DAY - TICK)
    with refused("InvalidParameterValueException", 400):
        client.delete_vault(vaultName=VAULT)
    clock.advance(TICK)
    client.delete_vault(vaultName=VAULT)


def begin(client: GlacierClient) -> str:
    return client.initiate_multipart_upload(vaultName=VAULT, partSize=str(MIB))["uploadId"]


def uploads(client: GlacierClient) -> list[str]:
    listed = client.list_multipart_uploads(vaultName=VAULT)["UploadsList"]
    return [one["MultipartUploadId"] for one in listed]


def test_an_upload_lives_a_day_from_its_start_and_from_each_part(realistic: Bench) -> None:
    client, clock = realistic.client, realistic.clock
    upload_id = begin(client)
    clock.advance(DAY - TICK)
    send_part(client, upload_id, b"x", 0)
    clock.advance(DAY - TICK)
    assert uploads(client) == [upload_id]
    # Looking at it does not keep it.
    client.list_parts(vaultName=VAULT, uploadId=upload_id)
    clock.advance(TICK)
    assert uploads(client) == []
    gone = ("ResourceNotFoundException", 404, f"The upload ID was not found: {upload_id}")
    with refused(*gone):
        client.list_parts(vaultName=VAULT, uploadId=upload_id)
    with refused(*gone):
        send_part(client, upload_id, b"x", 0)
    with refused(*gone):
        complete(client, upload_id, b"x")
    with refused(*gone):
        client.abort_multipart_upload(vaultName=VAULT, uploadId=upload_id)


def test_a_finished_upload_can_be_finished_again_for_a_day(realistic: Bench) -> None:
    client, clock = realistic.client, realistic.clock
    completed, aborted = begin(client), begin(client)
    clock.advance(timedelta(hours=20))
    send_part(client, completed, b"x", 0)
    first = complete(client, completed, b"x")["archiveId"]
    client.abort_multipart_upload(vaultName=VAULT, uploadId=aborted)
    clock.advance(DAY - TICK)
    assert complete(client, completed, b"x")["archiveId"] == first
    client.abort_multipart_upload(vaultName=VAULT, uploadId=aborted)
    clock.advance(TICK)
    with refused("ResourceNotFoundException", 404):
        complete(client, completed, b"x")
    with refused("ResourceNotFoundException", 404):
        client.abort_multipart_upload(vaultName=VAULT, uploadId=aborted)


def test_a_download_under_way_ends_although_its_job_expires(realistic: Bench) -> None:
    client, clock = realistic.client, realistic.clock
    data = content(3 * MIB)
    # In parts: each is a file of its own, which is opened only when the download gets to it.
    archive_id = upload_in_parts(client, data)
    job_id = retrieve(client, archive_id, Tier="Expedited")
    client.delete_archive(vaultName=VAULT, archiveId=archive_id)
    clock.advance(timedelta(minutes=3) + DAY - TICK)
    answer = client.get_job_output(vaultName=VAULT, jobId=job_id)
    first = answer["body"].read(MIB)
    # What opens an upload drops what has outlived its time: an hour after the end of the job.
    clock.advance(timedelta(hours=1))
    client.initiate_multipart_upload(vaultName=VAULT, partSize=str(MIB))
    with answer["body"] as body:
        assert first + body.read() == data
    clock.advance(TICK)
    client.initiate_multipart_upload(vaultName=VAULT, partSize=str(MIB))
    assert stored_files(realistic.data_dir) == []
