"""InitiateJob, DescribeJob, ListJobs: every documented answer."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from glaciercli.server.settings import ServiceSettings
from tests.server.conformance import steps
from tests.server.conformance.steps import (
    ACCOUNT,
    ARN,
    OTHER,
    VAULT,
    initiate_job,
    inventory,
    retrieval,
    upload,
)
from tests.server.conformance.wire import Wire, check_refused, invalid, missing, not_found
from tests.server.conftest import SETTINGS
from tests.server.payloads import MIB, content, tree_hash

JOBS = f"{VAULT}/jobs"
BODY = content(2 * MIB + 5)
HOURS = timedelta(hours=1)


@pytest.fixture
def settings() -> ServiceSettings:
    """Nothing is ready at once, so that "not yet" is seen as well."""
    return replace(
        SETTINGS,
        expedited_delay=3 * HOURS / 60,
        standard_delay=4 * HOURS,
        bulk_delay=8 * HOURS,
        inventory_delay=4 * HOURS,
    )


@pytest.fixture
def archive(wire: Wire, vault: str) -> str:
    return upload(wire, BODY, vault)


def archive_job(path: str, archive_id: str, **different: Any) -> dict[str, Any]:
    """Return what is said of a retrieval that has just started."""
    return {
        "Action": "ArchiveRetrieval",
        "ArchiveId": archive_id,
        "ArchiveSHA256TreeHash": tree_hash(BODY),
        "ArchiveSizeInBytes": len(BODY),
        "Completed": False,
        "CompletionDate": None,
        "CreationDate": "2026-01-02T03:04:05.678Z",
        "InventoryRetrievalParameters": None,
        "InventorySizeInBytes": None,
        "JobDescription": None,
        "JobId": path.rpartition("/")[2],
        "JobOutputPath": None,
        "OutputLocation": None,
        "RetrievalByteRange": f"0-{len(BODY) - 1}",
        "SelectParameters": None,
        "SHA256TreeHash": tree_hash(BODY),
        "SNSTopic": None,
        "StatusCode": "InProgress",
        "StatusMessage": None,
        "Tier": "Standard",
        "VaultARN": ARN,
        "NextInventoryRetrievalMarker": None,
        **different,
    }


def inventory_job(path: str, **different: Any) -> dict[str, Any]:
    absent = ("ArchiveId", "ArchiveSHA256TreeHash", "ArchiveSizeInBytes", "RetrievalByteRange")
    nothing = dict.fromkeys((*absent, "SHA256TreeHash", "Tier"))
    parameters = {
        "EndDate": None,
        "Format": "JSON",
        "Limit": None,
        "Marker": None,
        "StartDate": None,
    }
    return archive_job(
        path,
        "",
        Action="InventoryRetrieval",
        InventoryRetrievalParameters=parameters,
        **{**nothing, **different},
    )


def test_a_job_answers_id_and_location(wire: Wire, archive: str) -> None:
    answer = initiate_job(wire, Type="archive-retrieval", ArchiveId=archive).ok(202)
    job_id = answer.headers["x-amz-job-id"]
    assert len(job_id) == 92
    assert answer.headers["Location"] == f"/{ACCOUNT}/vaults/examplevault/jobs/{job_id}"


def test_a_retrieval_is_described_before_and_after_it_ends(wire: Wire, archive: str) -> None:
    path = retrieval(wire, archive)
    assert wire.ask("GET", path).json == archive_job(path, archive)
    wire.clock.advance(4 * HOURS)
    assert wire.ask("GET", path).json == archive_job(
        path,
        archive,
        Completed=True,
        CompletionDate="2026-01-02T07:04:05.678Z",
        StatusCode="Succeeded",
        StatusMessage="Succeeded",
    )


@pytest.mark.usefixtures("archive")
def test_an_inventory_is_described_before_and_after_it_ends(wire: Wire) -> None:
    path = inventory(wire, Description="monthly", SNSTopic="arn:aws:sns:us-east-1:000000000000:t")
    given = {"JobDescription": "monthly", "SNSTopic": "arn:aws:sns:us-east-1:000000000000:t"}
    assert wire.ask("GET", path).json == inventory_job(path, **given)
    wire.clock.advance(4 * HOURS)
    size = len(wire.ask("GET", f"{path}/output").ok(200).body)
    assert wire.ask("GET", path).json == inventory_job(
        path,
        **given,
        Completed=True,
        CompletionDate="2026-01-02T07:04:05.678Z",
        InventorySizeInBytes=size,
        StatusCode="Succeeded",
        StatusMessage="Succeeded",
    )


def test_the_members_of_a_job_come_in_the_documented_order(wire: Wire, archive: str) -> None:
    path = retrieval(wire, archive)
    assert list(wire.ask("GET", path).json) == list(archive_job(path, archive))


@pytest.mark.parametrize(
    ("tier", "wait"), [("Expedited", HOURS / 20), ("Standard", 4 * HOURS), ("Bulk", 8 * HOURS)]
)
def test_a_tier_is_echoed_and_takes_its_time(
    wire: Wire, archive: str, tier: str, wait: timedelta
) -> None:
    path = retrieval(wire, archive, Tier=tier)
    assert wire.ask("GET", path).json["Tier"] == tier
    wire.clock.advance(wait - timedelta(seconds=1))
    assert wire.ask("GET", path).json["Completed"] is False
    wire.clock.advance(timedelta(seconds=1))
    assert wire.ask("GET", path).json["Completed"] is True


def test_null_means_absent_and_parameters_may_be_wrapped(wire: Wire, archive: str) -> None:
    unused = ("Description", "Format", "RetrievalByteRange", "SNSTopic", "Tier")
    members: dict[str, Any] = {"Type": "archive-retrieval", "ArchiveId": archive}
    members |= dict.fromkeys((*unused, "InventoryRetrievalParameters"))
    initiate_job(wire, **members).ok(202)
    initiate_job(wire, jobParameters=members).ok(202)


@pytest.mark.parametrize(
    "media",
    [None, "application/x-www-form-urlencoded", "text/plain", "application/json; charset=x"],
)
def test_the_media_type_of_a_document_does_not_matter(
    wire: Wire, archive: str, media: str | None
) -> None:
    body = json.dumps({"Type": "archive-retrieval", "ArchiveId": archive}).encode()
    wire.ask("POST", JOBS, body, headers={"Content-Type": media}).ok(202)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"Type"', b"\xff", b"{'Type':1}"])
@pytest.mark.usefixtures("vault")
def test_what_is_no_json_object_is_no_document(wire: Wire, body: bytes) -> None:
    check_refused(wire.ask("POST", JOBS, body), 400, "SerializationException")


@pytest.mark.parametrize(
    "members",
    [
        {"Type": 7},
        {"Type": ["archive-retrieval"]},
        {"Type": "archive-retrieval", "ArchiveId": {}},
        {"Type": "inventory-retrieval", "Description": 5},
        {"Type": "inventory-retrieval", "InventoryRetrievalParameters": []},
        {"Type": "inventory-retrieval", "InventoryRetrievalParameters": "x"},
        {"Type": "inventory-retrieval", "InventoryRetrievalParameters": {"StartDate": 1}},
    ],
)
@pytest.mark.usefixtures("archive")
def test_members_of_another_type_are_no_document(wire: Wire, members: dict[str, Any]) -> None:
    check_refused(initiate_job(wire, **members), 400, "SerializationException")


@pytest.mark.usefixtures("vault")
def test_type_and_archive_are_required(wire: Wire) -> None:
    absent: list[dict[str, Any]] = [{}, {"Type": None}, {"Type": ""}]
    for members in absent:
        missing(initiate_job(wire, **members), "Type")
    absent = [{}, {"ArchiveId": None}, {"ArchiveId": ""}]
    for members in absent:
        missing(initiate_job(wire, Type="archive-retrieval", **members), "ArchiveId")


@pytest.mark.parametrize(
    "members",
    [
        {"Type": "select"},
        {"Type": "Archive-Retrieval"},
        {"Tier": "standard"},
        {"Tier": "Fast"},
        {"Description": "x" * 1025},
        {"Description": "Zürich"},
        {"Description": "a\tb"},
        {"InventoryRetrievalParameters": {}},
        {"RetrievalByteRange": "0-1"},
        {"RetrievalByteRange": "1-1048575"},
        {"RetrievalByteRange": "0-1048576"},
        {"RetrievalByteRange": "1048576-1048575"},
        {"RetrievalByteRange": f"0-{3 * MIB - 1}"},
        {"RetrievalByteRange": f"{3 * MIB}-{4 * MIB - 1}"},
        {"RetrievalByteRange": "bytes=0-1048575"},
        {"RetrievalByteRange": "0-"},
        {"RetrievalByteRange": "-1048576"},
        {"RetrievalByteRange": "x"},
    ],
)
def test_wrong_values_of_a_retrieval(wire: Wire, archive: str, members: dict[str, Any]) -> None:
    usual = {"Type": "archive-retrieval", "ArchiveId": archive}
    invalid(initiate_job(wire, **{**usual, **members}))


@pytest.mark.parametrize(
    ("span", "aligned"),
    [
        (f"0-{MIB - 1}", True),
        (f"{MIB}-{2 * MIB - 1}", True),
        (f"{2 * MIB}-{2 * MIB + 4}", True),
        (f"0-{2 * MIB - 1}", True),
        (f"{MIB}-{2 * MIB + 4}", False),
        (f"0-{2 * MIB + 4}", True),
    ],
)
def test_a_range_has_a_hash_where_it_is_a_node_of_the_tree(
    wire: Wire, archive: str, span: str, *, aligned: bool
) -> None:
    path = retrieval(wire, archive, RetrievalByteRange=span)
    first, last = map(int, span.split("-"))
    expected = tree_hash(BODY[first : last + 1]) if aligned else None
    assert wire.ask("GET", path).json == archive_job(
        path, archive, RetrievalByteRange=span, SHA256TreeHash=expected
    )


@pytest.mark.parametrize(
    "members",
    [
        {"Format": "XML"},
        {"Format": "json"},
        {"ArchiveId": "x"},
        {"RetrievalByteRange": "0-1048575"},
        {"Description": "x" * 1025},
        {"InventoryRetrievalParameters": {"Limit": "0"}},
        {"InventoryRetrievalParameters": {"Limit": "-1"}},
        {"InventoryRetrievalParameters": {"Limit": "x"}},
        {"InventoryRetrievalParameters": {"Limit": "1.5"}},
        {"InventoryRetrievalParameters": {"StartDate": "yesterday"}},
        {"InventoryRetrievalParameters": {"EndDate": "2026-13-01T00:00:00Z"}},
        {"InventoryRetrievalParameters": {"Marker": "x"}},
    ],
)
@pytest.mark.usefixtures("archive")
def test_wrong_values_of_an_inventory(wire: Wire, members: dict[str, Any]) -> None:
    invalid(initiate_job(wire, Type="inventory-retrieval", **members))


@pytest.mark.usefixtures("archive")
def test_a_description_of_1024_characters_is_echoed(wire: Wire) -> None:
    path = inventory(wire, Description="x" * 1024)
    assert wire.ask("GET", path).json["JobDescription"] == "x" * 1024


@pytest.mark.usefixtures("archive")
def test_a_tier_is_no_matter_for_an_inventory(wire: Wire) -> None:
    assert wire.ask("GET", inventory(wire, Tier="Bulk")).json["Tier"] is None


@pytest.mark.usefixtures("archive")
def test_the_parameters_of_an_inventory_are_echoed(wire: Wire) -> None:
    given = {"StartDate": "2026-01-01T00:00:00Z", "EndDate": "2026-02-01T00:00:00Z", "Limit": "7"}
    path = inventory(wire, Format="CSV", InventoryRetrievalParameters=given)
    echoed = {**given, "Format": "CSV", "Marker": None}
    assert wire.ask("GET", path).json["InventoryRetrievalParameters"] == echoed


def test_an_archive_that_is_not_here_is_not_found(wire: Wire, archive: str) -> None:
    steps.create(wire, OTHER)
    answer = initiate_job(wire, OTHER, Type="archive-retrieval", ArchiveId=archive)
    not_found(answer, f"The archive ID was not found: {archive}")
    wire.ask("DELETE", f"{VAULT}/archives/{archive}").ok(204)
    answer = initiate_job(wire, Type="archive-retrieval", ArchiveId=archive)
    not_found(answer, f"The archive ID was not found: {archive}")


@pytest.mark.usefixtures("vault")
def test_a_vault_that_was_never_written_to_has_no_inventory(wire: Wire) -> None:
    not_found(initiate_job(wire, Type="inventory-retrieval"))


def test_a_job_needs_a_vault(wire: Wire) -> None:
    answer = initiate_job(wire, Type="inventory-retrieval")
    not_found(answer, f"Vault not found for ARN: {ARN}")


def test_a_job_is_known_for_a_day_after_it_ends(wire: Wire, archive: str) -> None:
    path = retrieval(wire, archive)
    wire.clock.advance(27 * HOURS)
    wire.ask("GET", path).ok(200)
    wire.clock.advance(2 * HOURS)
    message = f"The job ID was not found: {path.rpartition('/')[2]}"
    for below in ("", "/output"):
        not_found(wire.ask("GET", path + below), message)
    assert wire.ask("GET", JOBS).json == {"JobList": [], "Marker": None}


def test_a_job_is_known_in_its_own_vault_only(wire: Wire, archive: str) -> None:
    path = retrieval(wire, archive)
    steps.create(wire, OTHER)
    elsewhere = path.replace("examplevault", "other")
    message = f"The job ID was not found: {path.rpartition('/')[2]}"
    for below in ("", "/output"):
        not_found(wire.ask("GET", elsewhere + below), message)
    not_found(wire.ask("GET", f"{JOBS}/a%20b"), "The job ID was not found: a b")


def listed(wire: Wire, query: str = "") -> list[str]:
    jobs = wire.ask("GET", JOBS + query).ok(200).json["JobList"]
    return [f"{JOBS}/{job['JobId']}" for job in jobs]


def test_jobs_are_listed_newest_first_as_they_are_described(wire: Wire, archive: str) -> None:
    paths = []
    for _ in range(3):
        paths.append(retrieval(wire, archive))
        wire.clock.advance(HOURS)
    assert listed(wire) == paths[::-1]
    assert wire.ask("GET", JOBS).json["JobList"][0] == wire.ask("GET", paths[2]).json


def test_jobs_are_chosen_by_status_and_completion(wire: Wire, archive: str) -> None:
    done = retrieval(wire, archive)
    wire.clock.advance(4 * HOURS)
    running = retrieval(wire, archive)
    expected = {
        "": [running, done],
        "?completed=&statuscode=": [running, done],
        "?completed=true": [done],
        "?completed=false": [running],
        "?statuscode=InProgress": [running],
        "?statuscode=Succeeded": [done],
        "?statuscode=Failed": [],
        "?statuscode=Succeeded&completed=true": [done],
        "?statuscode=Succeeded&completed=false": [],
        "?statuscode=InProgress&completed=true": [],
    }
    assert {query: listed(wire, query) for query in expected} == expected


@pytest.mark.usefixtures("vault")
def test_wrong_filters_are_refused(wire: Wire) -> None:
    answer = wire.ask("GET", f"{JOBS}?statuscode=finished")
    invalid(answer, "The job status code is not valid: finished")
    for text in ("True", "1", "yes"):
        invalid(wire.ask("GET", f"{JOBS}?completed={text}"))
