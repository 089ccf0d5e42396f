import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_glacier import GlacierClient

from tests.server.conftest import Bench
from tests.server.payloads import (
    MIB,
    VAULT,
    complete,
    content,
    output,
    refused,
    retrieve,
    send_part,
    tree_hash,
    upload_in_parts,
)
from tests.server.test_archives import stored_files


@pytest.fixture(autouse=True)
def _vault(client: GlacierClient) -> None:
    client.create_vault(vaultName=VAULT)


def begin(client: GlacierClient, part_bytes: int = MIB, text: str = "") -> str:
    opened = client.initiate_multipart_upload(
        vaultName=VAULT, partSize=str(part_bytes), archiveDescription=text
    )
    assert len(opened["uploadId"]) == 92
    return opened["uploadId"]


@pytest.mark.parametrize("part_mib", [1, 2, 4])
def test_parts_become_one_archive(client: GlacierClient, part_mib: int) -> None:
    data = content(6 * MIB + 99)
    archive_id = upload_in_parts(client, data, part_bytes=part_mib * MIB, text="in parts")
    got = output(client, retrieve(client, archive_id))
    assert got["bytes"] == data
    assert got["checksum"] == tree_hash(data)
    assert got["archiveDescription"] == "in parts"


@pytest.mark.covers("E6")
def test_parts_come_in_any_order_and_the_last_sent_counts(client: GlacierClient) -> None:
    data = content(4 * MIB + 5)
    upload_id = begin(client)
    starts = list(range(0, len(data), MIB))
    random.Random(7).shuffle(starts)  # noqa: S311
    for start in starts:
        send_part(client, upload_id, content(min(MIB, len(data) - start), seed=9), start)
    for start in starts:
        part = data[start : start + MIB]
        assert send_part(client, upload_id, part, start) == tree_hash(part)
    archive_id = complete(client, upload_id, data)["archiveId"]
    assert output(client, retrieve(client, archive_id))["bytes"] == data


def test_a_replaced_part_and_an_aborted_upload_free_their_files(bench: Bench) -> None:
    upload_id = begin(bench.client)
    for seed in range(3):
        send_part(bench.client, upload_id, content(MIB, seed), 0)
    assert len(stored_files(bench.data_dir)) == 1
    bench.client.abort_multipart_upload(vaultName=VAULT, uploadId=upload_id)
    assert stored_files(bench.data_dir) == []


@pytest.mark.covers("E6")
def test_an_upload_that_is_completed_and_aborted_at_once_is_one_of_both(bench: Bench) -> None:
    client, files = bench.client, 0
    for seed in range(6):
        data = content(1000, seed)
        upload_id = begin(client)
        send_part(client, upload_id, data, 0)
        deeds: list[Callable[[], Any]] = [
            partial(complete, client, upload_id, data),
            partial(client.abort_multipart_upload, vaultName=VAULT, uploadId=upload_id),
            partial(send_part, client, upload_id, data, 0),
            partial(complete, client, upload_id, data),
        ]
        first, aborted, _, again = at_once(random.Random(seed), deeds)  # noqa: S311
        assert (first is None) is (again is None) is (aborted is not None)
        if first is not None:
            assert first["archiveId"] == again["archiveId"]
            assert output(client, retrieve(client, first["archiveId"]))["bytes"] == data
            files += 1
        assert len(stored_files(bench.data_dir)) == files
    assert client.list_multipart_uploads(vaultName=VAULT)["UploadsList"] == []


def at_once(chance: random.Random, deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """Return what each deed gave, those that ran side by side, and ``None`` for a refusal."""
    ready, order = threading.Barrier(len(deeds)), chance.sample(range(len(deeds)), len(deeds))

    def done(deed: Callable[[], Any]) -> Any:
        ready.wait()
        try:
            return deed()
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in {400, 404}:
                return None
            raise

    with ThreadPoolExecutor(len(deeds)) as pool:
        begun = {number: pool.submit(done, deeds[number]) for number in order}
        return [begun[number].result() for number in range(len(deeds))]


def test_completing_copies_nothing_and_is_repeatable(bench: Bench) -> None:
    data = content(2 * MIB + 1)
    upload_id = begin(bench.client)
    for start in range(0, len(data), MIB):
        send_part(bench.client, upload_id, data[start : start + MIB], start)
    before = sorted(stored_files(bench.data_dir))
    first = complete(bench.client, upload_id, data)
    assert first["checksum"] == tree_hash(data)
    assert complete(bench.client, upload_id, data)["archiveId"] == first["archiveId"]
    assert sorted(stored_files(bench.data_dir)) == before
    with refused("InvalidParameterValueException", 400):
        complete(bench.client, upload_id, data[:-1])
    bench.clock.advance(timedelta(hours=24))
    with refused("ResourceNotFoundException", 404):
        complete(bench.client, upload_id, data)


def test_parts_are_listed_by_range_with_their_hashes(client: GlacierClient) -> None:
    data = content(60 * 10)
    upload_id = begin(client, text="listed")
    for number in (2, 0, 1):
        send_part(client, upload_id, data[:10], number * MIB)
    listed = client.list_parts(vaultName=VAULT, uploadId=upload_id)
    assert [part["RangeInBytes"] for part in listed["Parts"]] == [
        "0-9",
        "1048576-1048585",
        "2097152-2097161",
    ]
    assert listed["Parts"][0]["SHA256TreeHash"] == tree_hash(data[:10])
    assert listed["ArchiveDescription"] == "listed"
    assert listed["PartSizeInBytes"] == MIB
    assert listed["MultipartUploadId"] == upload_id
    pages = client.get_paginator("list_parts").paginate(
        accountId="-", vaultName=VAULT, uploadId=upload_id, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["Parts"]) for page in pages] == [2, 1]


def test_uploads_are_listed_until_they_end(client: GlacierClient) -> None:
    ids = [begin(client, text="  two blanks before") for _ in range(5)]
    pages = client.get_paginator("list_multipart_uploads").paginate(
        accountId="-", vaultName=VAULT, PaginationConfig={"PageSize": 2}
    )
    listed = [upload for page in pages for upload in page["UploadsList"]]
    assert [upload["MultipartUploadId"] for upload in listed] == ids
    assert listed[0]["ArchiveDescription"] == "two blanks before"
    client.abort_multipart_upload(vaultName=VAULT, uploadId=ids[0])
    send_part(client, ids[1], b"all", 0)
    complete(client, ids[1], b"all")
    left = client.list_multipart_uploads(vaultName=VAULT)["UploadsList"]
    assert [upload["MultipartUploadId"] for upload in left] == ids[2:]


def test_aborting_again_is_no_error_and_what_is_completed_cannot_be(client: GlacierClient) -> None:
    upload_id = begin(client)
    for _ in range(2):
        client.abort_multipart_upload(vaultName=VAULT, uploadId=upload_id)
    message = f"The upload ID was not found: {upload_id}"
    with refused("ResourceNotFoundException", 404, message):
        send_part(client, upload_id, b"x", 0)
    done = begin(client)
    send_part(client, done, b"all", 0)
    complete(client, done, b"all")
    with refused("ResourceNotFoundException", 404):
        client.abort_multipart_upload(vaultName=VAULT, uploadId=done)
    with refused("ResourceNotFoundException", 404):
        client.list_parts(vaultName=VAULT, uploadId=done)
    with refused("InvalidParameterValueException", 400):
        client.abort_multipart_upload(vaultName=VAULT, uploadId="no id!")


def test_an_upload_lives_a_day_from_its_last_part(bench: Bench) -> None:
    upload_id = begin(bench.client)
    bench.clock.advance(timedelta(hours=23))
    send_part(bench.client, upload_id, b"x", 0)
    bench.clock.advance(timedelta(hours=23))
    assert bench.client.list_parts(vaultName=VAULT, uploadId=upload_id)["Parts"]
    bench.clock.advance(timedelta(hours=1))
    with refused("ResourceNotFoundException", 404):
        bench.client.list_parts(vaultName=VAULT, uploadId=upload_id)
    begin(bench.client)
    assert stored_files(bench.data_dir) == []


@pytest.mark.parametrize("size", ["1048575", "3145728", "8589934592", "0", "x", "-1048576"])
def test_a_part_size_that_is_no_power_of_two_is_refused(client: GlacierClient, size: str) -> None:
    message = (
        f"Invalid part size: {size}. Part size must not be null, must be a power of two and be"
        " between 1048576 and 4294967296 bytes."
    )
    with refused("InvalidParameterValueException", 400, message):
        client.initiate_multipart_upload(vaultName=VAULT, partSize=size)


@pytest.mark.covers("E5")
@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("bytes 5-4/*", "Invalid Content-Range: bytes 5-4/*"),
        ("bytes=0-9/*", "Invalid Content-Range: bytes=0-9/*"),
        ("bytes 100-109/*", "Invalid Content-Range: bytes 100-109/*"),
        ("bytes 0-8/*", "Content-Range: bytes 0-8/* is incompatible with Content-Length: 10"),
        (
            f"bytes {10_000 * MIB}-{10_000 * MIB + 9}/*",
            (
                "This is part number 10001 for the current multipart upload. It exceeds the"
                " limit of 10000 parts."
            ),
        ),
    ],
)
def test_a_part_out_of_place_is_refused(client: GlacierClient, raw: str, message: str) -> None:
    upload_id = begin(client)
    with refused("InvalidParameterValueException", 400, message):
        client.upload_multipart_part(
            vaultName=VAULT, uploadId=upload_id, range=raw, body=b"0123456789"
        )


def test_a_part_longer_than_the_part_size_is_refused(client: GlacierClient) -> None:
    with refused("InvalidParameterValueException", 400):
        send_part(client, begin(client), content(MIB + 1), 0)


def test_a_range_may_carry_a_total(client: GlacierClient) -> None:
    upload_id = begin(client)
    client.upload_multipart_part(
        vaultName=VAULT, uploadId=upload_id, range="bytes 0-2/3", body=b"abc"
    )
    assert complete(client, upload_id, b"abc")["archiveId"]


def test_an_upload_that_is_not_whole_stays_open(client: GlacierClient) -> None:
    data = content(3 * MIB)
    upload_id = begin(client)
    with refused("InvalidParameterValueException", 400, "The multipart upload has no parts."):
        complete(client, upload_id, data)
    send_part(client, upload_id, data[:MIB], 0)
    send_part(client, upload_id, data[2 * MIB :], 2 * MIB)
    with refused("InvalidParameterValueException", 400):
        complete(client, upload_id, data)
    send_part(client, upload_id, data[MIB : MIB + 9], MIB)
    with refused("InvalidParameterValueException", 400):
        complete(client, upload_id, data)
    send_part(client, upload_id, data[MIB : 2 * MIB], MIB)
    wrong = "ab" * 32
    with refused("InvalidParameterValueException", 400, f"Invalid x-amz-sha256-tree-hash: {wrong}"):
        client.complete_multipart_upload(
            vaultName=VAULT, uploadId=upload_id, archiveSize=str(len(data)), checksum=wrong
        )
    assert complete(client, upload_id, data)["archiveId"]


def test_both_headers_of_completion_are_required(client: GlacierClient) -> None:
    upload_id = begin(client)
    with refused("MissingParameterValueException", 400):
        client.complete_multipart_upload(vaultName=VAULT, uploadId=upload_id, archiveSize="1")
    with refused("MissingParameterValueException", 400):
        client.complete_multipart_upload(vaultName=VAULT, uploadId=upload_id, checksum="0" * 64)
    with refused("MissingParameterValueException", 400):
        client.initiate_multipart_upload(vaultName=VAULT)
