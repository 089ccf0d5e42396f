from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from mypy_boto3_glacier import GlacierClient

from tests.server.conftest import SETTINGS, Bench, OpenBench
from tests.server.payloads import (
    MIB,
    VAULT,
    content,
    output,
    refused,
    retrieve,
    tree_hash,
    upload,
    upload_in_parts,
)
from tests.server.test_archives import stored_files

LATE = replace(SETTINGS, accept_deleted_archives=True, standard_delay=timedelta(hours=4))
DATA = content(3 * MIB)


@pytest.fixture
def late(open_bench: OpenBench) -> Bench:
    bench = open_bench(LATE)
    bench.client.create_vault(vaultName=VAULT)
    return bench


def deleted(client: GlacierClient) -> str:
    archive_id = upload_in_parts(client, DATA, part_bytes=2 * MIB)
    client.delete_archive(vaultName=VAULT, archiveId=archive_id)
    return archive_id


def described(client: GlacierClient, job_id: str) -> Any:
    return client.describe_job(vaultName=VAULT, jobId=job_id)


def listed(client: GlacierClient, **wanted: Any) -> list[str]:
    jobs = client.list_jobs(vaultName=VAULT, **wanted)["JobList"]
    return [job["JobId"] for job in jobs]


def test_a_job_for_a_deleted_archive_runs_and_then_fails(late: Bench) -> None:
    client = late.client
    job_id = retrieve(client, deleted(client))
    late.clock.advance(timedelta(hours=4) - timedelta(milliseconds=1))
    running = described(client, job_id)
    assert (running["Completed"], running["StatusCode"]) == (False, "InProgress")
    assert "StatusMessage" not in running
    with refused("InvalidParameterValueException", 400):
        output(client, job_id)
    late.clock.advance(timedelta(milliseconds=1))
    failed = described(client, job_id)
    assert (failed["Completed"], failed["StatusCode"]) == (True, "Failed")
    assert failed["StatusMessage"] == "The archive was deleted."
    assert failed["CompletionDate"] == "2026-01-02T07:04:05.678Z"
    assert failed["SHA256TreeHash"] == failed["ArchiveSHA256TreeHash"] == tree_hash(DATA)
    message = f"The job has failed and has no output: {job_id}"
    with refused("InvalidParameterValueException", 400, message):
        output(client, job_id)
    late.clock.advance(timedelta(hours=24))
    with refused("ResourceNotFoundException", 404):
        described(client, job_id)


def test_a_failing_job_for_a_stretch_is_described_too(late: Bench) -> None:
    job_id = retrieve(late.client, deleted(late.client), RetrievalByteRange=f"0-{MIB - 1}")
    for state in ("InProgress", "Failed"):
        told = described(late.client, job_id)
        assert (told["StatusCode"], told["RetrievalByteRange"]) == (state, f"0-{MIB - 1}")
        assert "SHA256TreeHash" not in told
        late.clock.advance(timedelta(hours=4))


def test_a_job_of_before_the_deletion_succeeds_beside_one_that_fails(late: Bench) -> None:
    client = late.client
    archive_id = upload(client, DATA)
    early = retrieve(client, archive_id)
    client.delete_archive(vaultName=VAULT, archiveId=archive_id)
    failing = retrieve(client, archive_id)
    late.clock.advance(timedelta(hours=4))
    assert output(client, early)["bytes"] == DATA
    with refused("InvalidParameterValueException", 400):
        output(client, failing)


def test_a_job_that_fails_keeps_no_content(late: Bench) -> None:
    client = late.client
    archive_id = upload(client, DATA)
    retrieve(client, archive_id)
    client.delete_archive(vaultName=VAULT, archiveId=archive_id)
    late.clock.advance(timedelta(hours=24))
    failing = retrieve(client, archive_id)
    assert [path.stat().st_size for path in stored_files(late.data_dir)] == [len(DATA)]
    # The job of before the deletion is forgotten, and the content goes with it.
    late.clock.advance(timedelta(hours=6))
    retrieve(client, upload(client, b"keep"))
    assert [path.stat().st_size for path in stored_files(late.data_dir)] == [4]
    assert described(client, failing)["StatusCode"] == "Failed"


def test_failed_jobs_are_found_by_their_status(late: Bench) -> None:
    client = late.client
    kept = upload(client, b"kept")
    gone = deleted(client)
    good, bad = retrieve(client, kept), retrieve(client, gone)
    late.clock.advance(timedelta(hours=4))
    running = retrieve(client, gone)
    assert listed(client) == [running, bad, good]
    assert listed(client, statuscode="Failed") == [bad]
    assert listed(client, statuscode="Succeeded") == [good]
    assert listed(client, statuscode="InProgress") == [running]
    assert listed(client, completed="true") == [bad, good]
    assert listed(client, completed="true", statuscode="Failed") == [bad]
    assert listed(client, completed="false", statuscode="Failed") == []


def test_what_never_was_is_refused_all_the_same(late: Bench) -> None:
    late.client.create_vault(vaultName="other")
    elsewhere = upload(late.client, b"x", vault="other")
    for archive_id in ("never", elsewhere):
        message = f"The archive ID was not found: {archive_id}"
        with refused("ResourceNotFoundException", 404, message):
            retrieve(late.client, archive_id)


@pytest.mark.parametrize("name", ["SelectParameters", "OutputLocation"])
@pytest.mark.parametrize("kind", ["archive-retrieval", "inventory-retrieval", "select"])
def test_nothing_of_select_is_accepted(client: GlacierClient, kind: str, name: str) -> None:
    client.create_vault(vaultName=VAULT)
    archive_id = upload(client, b"x")
    value: Any = {"SelectParameters": {"Expression": "x"}, "OutputLocation": {"S3": {}}}[name]
    parameters: Any = {"Type": kind, name: value}
    if kind == "archive-retrieval":
        parameters["ArchiveId"] = archive_id
    with refused("InvalidParameterValueException", 400):
        client.initiate_job(vaultName=VAULT, jobParameters=parameters)
