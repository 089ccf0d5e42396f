import json
import random
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from mypy_boto3_glacier import GlacierClient

from glaciercli.core.ranges import is_tree_aligned
from glaciercli.model.jobs import Tier
from glaciercli.model.ranges import ByteRange
from glaciercli.server.handlers import job_requests
from glaciercli.server.settings import ServiceSettings
from tests.server.conftest import Bench, OpenBench
from tests.server.payloads import (
    MIB,
    VAULT,
    content,
    output,
    refused,
    retrieve,
    start,
    tree_hash,
    upload,
    upload_in_parts,
)
from tests.server.test_archives import stored_files

TOPIC = "arn:aws:sns:us-east-1:000000000000:topic"
DATA = content(6 * MIB + MIB // 2)


@pytest.fixture
def archive_id(client: GlacierClient) -> str:
    client.create_vault(vaultName=VAULT)
    return upload_in_parts(client, DATA, part_bytes=2 * MIB, text="six and a half")


def test_a_job_is_described_with_every_field(client: GlacierClient, archive_id: str) -> None:
    job_id = retrieve(client, archive_id, Description="why", Tier="Bulk", SNSTopic=TOPIC)
    assert len(job_id) == 92
    described: Any = client.describe_job(vaultName=VAULT, jobId=job_id)
    described.pop("ResponseMetadata")
    assert described == {
        "Action": "ArchiveRetrieval",
        "ArchiveId": archive_id,
        "ArchiveSHA256TreeHash": tree_hash(DATA),
        "ArchiveSizeInBytes": len(DATA),
        "Completed": True,
        "CompletionDate": "2026-01-02T03:04:05.678Z",
        "CreationDate": "2026-01-02T03:04:05.678Z",
        "JobDescription": "why",
        "JobId": job_id,
        "RetrievalByteRange": f"0-{len(DATA) - 1}",
        "SHA256TreeHash": tree_hash(DATA),
        "SNSTopic": TOPIC,
        "StatusCode": "Succeeded",
        "StatusMessage": "Succeeded",
        "Tier": "Bulk",
        "VaultARN": f"arn:aws:glacier:us-east-1:000000000000:vaults/{VAULT}",
    }


def test_a_job_ripens_by_the_clock_and_expires_a_day_later(open_bench: OpenBench) -> None:
    bench = open_bench(ServiceSettings(clock_skew=None, standard_delay=timedelta(hours=4)))
    bench.client.create_vault(vaultName=VAULT)
    job_id = retrieve(bench.client, upload(bench.client, b"data"))
    running: Any = bench.client.describe_job(vaultName=VAULT, jobId=job_id)
    assert (running["Completed"], running["StatusCode"]) == (False, "InProgress")
    assert "CompletionDate" not in running
    bench.clock.advance(timedelta(hours=4) - timedelta(milliseconds=1))
    message = f"The job is not currently available for download: {job_id}"
    with refused("InvalidParameterValueException", 400, message):
        output(bench.client, job_id)
    bench.clock.advance(timedelta(milliseconds=1))
    assert output(bench.client, job_id)["bytes"] == b"data"
    bench.clock.advance(timedelta(hours=24))
    with refused("ResourceNotFoundException", 404, f"The job ID was not found: {job_id}"):
        bench.client.describe_job(vaultName=VAULT, jobId=job_id)
    with refused("ResourceNotFoundException", 404):
        output(bench.client, job_id)


def test_the_realistic_policy_has_a_delay_for_each_tier() -> None:
    delays = [ServiceSettings.realistic().retrieval_delay(tier) for tier in Tier]
    assert delays == [timedelta(minutes=3), timedelta(hours=4), timedelta(hours=8)]


def test_every_range_is_answered_with_the_right_bytes_and_hash(
    client: GlacierClient, archive_id: str
) -> None:
    marks = [0, MIB, 2 * MIB, 3 * MIB, 4 * MIB, 5 * MIB, 6 * MIB, len(DATA)]
    whole = retrieve(client, archive_id)
    for first in range(len(marks) - 1):
        for last in range(first + 1, len(marks)):
            span = ByteRange(marks[first], marks[last])
            got = output(client, whole, range=f"bytes={span.start}-{span.last}")
            assert got["status"] == 206
            assert got["contentRange"] == f"bytes {span.start}-{span.last}/{len(DATA)}"
            assert got["bytes"] == DATA[span.start : span.stop]
            expected = tree_hash(got["bytes"]) if is_tree_aligned(span, len(DATA)) else None
            assert got.get("checksum") == expected


def test_a_ranged_job_counts_from_its_own_start(client: GlacierClient, archive_id: str) -> None:
    job_id = retrieve(client, archive_id, RetrievalByteRange=f"{4 * MIB}-{len(DATA) - 1}")
    described = client.describe_job(vaultName=VAULT, jobId=job_id)
    assert described["SHA256TreeHash"] == tree_hash(DATA[4 * MIB :])
    assert described["ArchiveSizeInBytes"] == len(DATA)
    got = output(client, job_id)
    assert (got["status"], got["bytes"]) == (200, DATA[4 * MIB :])
    assert got["checksum"] == tree_hash(DATA[4 * MIB :])
    part = output(client, job_id, range=f"bytes={2 * MIB}-{9 * MIB}")
    assert (
        part["contentRange"] == f"bytes {2 * MIB}-{len(DATA) - 4 * MIB - 1}/{len(DATA) - 4 * MIB}"
    )
    assert part["checksum"] == tree_hash(DATA[6 * MIB :])


def test_a_job_that_is_no_node_of_the_tree_proves_nothing(
    client: GlacierClient, archive_id: str
) -> None:
    job_id = retrieve(client, archive_id, RetrievalByteRange=f"{MIB}-{3 * MIB - 1}")
    assert "SHA256TreeHash" not in client.describe_job(vaultName=VAULT, jobId=job_id)
    assert "checksum" not in output(client, job_id)
    assert "checksum" not in output(client, job_id, range=f"bytes=0-{MIB - 1}")


@pytest.mark.parametrize("raw", ["0-99", "1-1048576", "1048576-0", "0-9999999999", "x", "0-"])
def test_a_retrieval_range_off_the_mebibytes_is_refused(
    client: GlacierClient, archive_id: str, raw: str
) -> None:
    with refused("InvalidParameterValueException", 400):
        retrieve(client, archive_id, RetrievalByteRange=raw)


@pytest.mark.parametrize(
    ("raw", "status", "first", "last"),
    [
        ("", 200, 0, 6815743),
        ("bytes 0-99/1000", 200, 0, 6815743),
        ("bytes=9-3", 200, 0, 6815743),
        ("bytes=-", 200, 0, 6815743),
        ("bytes=6815740-", 206, 6815740, 6815743),
        ("bytes=-4", 206, 6815740, 6815743),
        ("bytes=0-0", 206, 0, 0),
        ("bytes=6815743-99999999", 206, 6815743, 6815743),
    ],
)
def test_a_range_header_is_read_as_real_clients_write_it(
    client: GlacierClient, archive_id: str, raw: str, status: int, first: int, last: int
) -> None:
    got = output(client, retrieve(client, archive_id), range=raw)
    assert (got["status"], got["bytes"]) == (status, DATA[first : last + 1])


def test_a_range_beyond_the_end_is_a_400_and_never_a_416(
    client: GlacierClient, archive_id: str
) -> None:
    job_id = retrieve(client, archive_id)
    message = "The start of the range is larger than size of retrieved data: bytes=8388608-9"
    with refused("InvalidParameterValueException", 400, message + "000000"):
        output(client, job_id, range="bytes=8388608-9000000")
    with refused("InvalidParameterValueException", 400):
        output(client, job_id, range="bytes=0-1,4-5")


@pytest.mark.parametrize(
    ("parameters", "code", "status"),
    [
        ({}, "MissingParameterValueException", 400),
        ({"Type": "archive-retrieval"}, "MissingParameterValueException", 400),
        ({"Type": "select"}, "InvalidParameterValueException", 400),
        ({"Type": "inventory-retrieval", "SNSTopic": "x"}, "InvalidParameterValueException", 400),
        (
            {"Type": "inventory-retrieval", "SNSTopic": f"{TOPIC}\r\nx: y"},
            "InvalidParameterValueException",
            400,
        ),
        ({"Type": "other"}, "InvalidParameterValueException", 400),
        ({"Type": "archive-retrieval", "ArchiveId": "x"}, "ResourceNotFoundException", 404),
        (
            {"Type": "archive-retrieval", "ArchiveId": "x", "Tier": "Slow"},
            "InvalidParameterValueException",
            400,
        ),
        (
            {"Type": "inventory-retrieval", "ArchiveId": "x"},
            "InvalidParameterValueException",
            400,
        ),
        (
            {"Type": "inventory-retrieval", "Format": "XML"},
            "InvalidParameterValueException",
            400,
        ),
        (
            {"Type": "inventory-retrieval", "Description": "ü"},
            "InvalidParameterValueException",
            400,
        ),
        (
            {"Type": "inventory-retrieval", "InventoryRetrievalParameters": {"Limit": "0"}},
            "InvalidParameterValueException",
            400,
        ),
        (
            {"Type": "inventory-retrieval", "InventoryRetrievalParameters": {"Marker": "?"}},
            "InvalidParameterValueException",
            400,
        ),
        (
            {"Type": "inventory-retrieval", "InventoryRetrievalParameters": {"StartDate": "now"}},
            "InvalidParameterValueException",
            400,
        ),
    ],
)
def test_a_job_that_makes_no_sense_is_refused(
    client: GlacierClient, archive_id: str, parameters: dict[str, Any], code: str, status: int
) -> None:
    assert archive_id
    with refused(code, status):
        start(client, **parameters)


def test_a_deleted_archive_stays_readable_through_its_jobs(bench: Bench) -> None:
    client = bench.client
    client.create_vault(vaultName=VAULT)
    archive_id = upload(client, DATA)
    job_id = retrieve(client, archive_id)
    client.delete_archive(vaultName=VAULT, archiveId=archive_id)
    assert output(client, job_id)["bytes"] == DATA
    with refused("ResourceNotFoundException", 404, f"The archive ID was not found: {archive_id}"):
        retrieve(client, archive_id)
    bench.clock.advance(timedelta(hours=26))
    keep = upload(client, b"keep")
    retrieve(client, keep)
    assert [path.stat().st_size for path in stored_files(bench.data_dir)] == [4]


def test_jobs_are_listed_newest_first_with_filters_and_pages(open_bench: OpenBench) -> None:
    bench = open_bench(
        ServiceSettings(clock_skew=None, bulk_delay=timedelta(hours=8)), over_http=True
    )
    client = bench.client
    client.create_vault(vaultName=VAULT)
    archive_id = upload(client, b"data")
    tiers = ["Standard", "Bulk", "Standard", "Bulk", "Standard"]
    ids = [retrieve(client, archive_id, Tier=tier) for tier in tiers]
    ids.reverse()

    def listed(**wanted: str) -> list[str]:
        pages = client.get_paginator("list_jobs").paginate(
            accountId="-", vaultName=VAULT, PaginationConfig={"PageSize": 2}, **wanted
        )
        return [job["JobId"] for page in pages for job in page["JobList"]]

    running, done = [ids[1], ids[3]], [ids[0], ids[2], ids[4]]
    assert listed() == ids
    assert listed(completed="true") == listed(statuscode="Succeeded") == done
    assert listed(completed="false") == listed(statuscode="InProgress") == running
    assert listed(statuscode="Failed") == listed(completed="false", statuscode="Succeeded") == []
    with refused(
        "InvalidParameterValueException", 400, "The job status code is not valid: finished"
    ):
        client.list_jobs(vaultName=VAULT, statuscode="finished")
    with refused("InvalidParameterValueException", 400):
        client.list_jobs(vaultName=VAULT, completed="yes")
    with refused("InvalidParameterValueException", 400):
        client.list_jobs(vaultName=VAULT, marker="nonsense")


def test_any_pieces_of_an_output_make_the_whole(client: GlacierClient, archive_id: str) -> None:
    job_id = retrieve(client, archive_id)
    chance = random.Random(3)  # noqa: S311
    for _ in range(5):
        cuts = sorted(chance.sample(range(1, len(DATA)), 6))
        pieces = [
            output(client, job_id, range=f"bytes={first}-{stop - 1}")["bytes"]
            for first, stop in pairwise([0, *cuts, len(DATA)])
        ]
        assert b"".join(pieces) == DATA


def test_a_body_may_be_wrapped_or_carry_nulls() -> None:
    bare = {"Type": "archive-retrieval", "ArchiveId": "x", "Format": None, "Tier": None}
    wished = job_requests.parse(json.dumps(bare).encode())
    assert job_requests.parse(json.dumps({"jobParameters": bare}).encode()) == wished
