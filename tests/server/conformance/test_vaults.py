"""CreateVault, DescribeVault, ListVaults, DeleteVault: every documented answer."""

from collections.abc import Iterator
from itertools import chain

import pytest

from glaciercli.server.catalogue import vaults
from glaciercli.server.catalogue.database import Database
from tests.server.conformance.steps import ACCOUNT, ARN, VAULT, create, upload
from tests.server.conformance.wire import Wire, check_refused, invalid, not_found
from tests.server.conftest import Bench

LIST = "/-/vaults"
PREFIX = ARN.removesuffix("examplevault")


def described(name: str, *, created: str = "2026-01-02T03:04:05.678Z") -> dict[str, object]:
    return {
        "CreationDate": created,
        "LastInventoryDate": None,
        "NumberOfArchives": 0,
        "SizeInBytes": 0,
        "VaultARN": PREFIX + name,
        "VaultName": name,
    }


def names(wire: Wire, query: str = "") -> list[str]:
    listed = wire.ask("GET", LIST + query).ok(200).json["VaultList"]
    return [vault["VaultName"] for vault in listed]


def pages(wire: Wire, limit: int) -> Iterator[list[str]]:
    marker = ""
    while True:
        page = wire.ask("GET", f"{LIST}?limit={limit}&marker={marker}").ok(200).json
        yield [vault["VaultName"] for vault in page["VaultList"]]
        if page["Marker"] is None:
            return
        marker = page["Marker"].replace(":", "%3A").replace("/", "%2F")


def test_a_vault_is_created_at_its_location(wire: Wire) -> None:
    for path in (VAULT, f"/{ACCOUNT}/vaults/examplevault"):
        answer = wire.ask("PUT", path).ok(201)
        assert answer.headers["Location"] == f"/{ACCOUNT}/vaults/examplevault"


@pytest.mark.parametrize("name", ["a", "v" * 255, ".", "..", "-", "_", "A.b-c_9"])
def test_legal_names(wire: Wire, name: str) -> None:
    wire.ask("PUT", f"{LIST}/{name}").ok(201)
    assert wire.ask("GET", f"{LIST}/{name}").json == described(name)
    wire.ask("DELETE", f"{LIST}/{name}").ok(204)
    not_found(wire.ask("GET", f"{LIST}/{name}"), f"Vault not found for ARN: {PREFIX}{name}")


@pytest.mark.parametrize(
    ("sent", "name"),
    [("v" * 256, "v" * 256), ("a%20b", "a b"), ("a%2Fb", "a/b"), ("%C3%A4", "ä"), ("a%00", "a\0")],
)
def test_illegal_names(wire: Wire, sent: str, name: str) -> None:
    invalid(wire.ask("PUT", f"{LIST}/{sent}"))
    not_found(wire.ask("GET", f"{LIST}/{sent}"), f"Vault not found for ARN: {name}")
    wire.ask("DELETE", f"{LIST}/{sent}").ok(204)


def test_a_vault_is_created_from_an_empty_body(wire: Wire) -> None:
    invalid(wire.ask("PUT", VAULT, b'{"a":1}'))
    not_found(wire.ask("GET", VAULT))
    # What the AWS SDK for JavaScript (version 2) makes of it.
    wire.ask("PUT", VAULT, b"{}").ok(201)


def test_a_thousand_and_first_vault_is_one_too_many(bench: Bench, wire: Wire) -> None:
    catalogue = Database.open(bench.data_dir / "catalogue.sqlite3")
    with catalogue.writing() as tx:
        for number in range(999):
            vaults.insert(tx, "us-east-1", f"v{number}", 0)
    catalogue.close()
    create(wire)
    check_refused(wire.ask("PUT", f"{LIST}/more"), 400, "LimitExceededException")
    create(wire)


def test_a_name_of_either_case_is_a_vault_of_its_own(wire: Wire) -> None:
    for name in ("b", "B", "a"):
        wire.ask("PUT", f"{LIST}/{name}").ok(201)
    assert names(wire) == ["B", "a", "b"]


def test_a_vault_counts_what_its_inventory_saw_with_32_kib_each(wire: Wire, vault: str) -> None:
    upload(wire, b"12345")
    upload(wire, b"123")
    document = wire.ask("GET", vault).json
    assert document["LastInventoryDate"] == "2026-01-02T03:04:05.678Z"
    assert (document["NumberOfArchives"], document["SizeInBytes"]) == (2, 8 + 2 * 32_768)


@pytest.mark.parametrize(
    "limit", ["0", "11", "-1", "x", "1.5", "%20", "1%20", "%D9%A1", "99999999999"]
)
def test_a_limit_is_one_to_ten(wire: Wire, limit: str) -> None:
    invalid(wire.ask("GET", f"{LIST}?limit={limit}"))


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 20, 21])
def test_pages_hold_ten_and_a_full_last_page_has_no_marker(wire: Wire, count: int) -> None:
    expected = [f"v{number:02}" for number in range(count)]
    for name in reversed(expected):
        wire.ask("PUT", f"{LIST}/{name}").ok(201)
    found = list(pages(wire, 10))
    assert len(found) == max(1, -(-count // 10))
    assert all(len(page) == 10 for page in found[:-1])
    assert [*chain(*found)] == expected
    assert (
        names(wire) == names(wire, "?limit=&marker=") == names(wire, "?limit=10") == expected[:10]
    )


def test_pages_of_one_lose_and_repeat_nothing_while_vaults_come_and_go(wire: Wire) -> None:
    for name in ("b", "d", "f"):
        wire.ask("PUT", f"{LIST}/{name}").ok(201)
    walk = pages(wire, 1)
    assert next(walk) == ["b"]
    wire.ask("PUT", f"{LIST}/a").ok(201)
    wire.ask("PUT", f"{LIST}/e").ok(201)
    wire.ask("DELETE", f"{LIST}/d").ok(204)
    assert [*chain(*walk)] == ["e", "f"]


def test_a_marker_is_the_first_vault_of_the_next_page(wire: Wire) -> None:
    for name in ("a", "b"):
        wire.ask("PUT", f"{LIST}/{name}").ok(201)
    assert wire.ask("GET", f"{LIST}?limit=1").json["Marker"] == f"{PREFIX}b"
    assert wire.ask("GET", f"{LIST}?limit=1&marker={PREFIX}b").json == {
        "Marker": None,
        "VaultList": [described("b")],
    }


@pytest.mark.parametrize(
    "marker",
    ["arn:aws:s3:::b", "a b", f"{PREFIX}", "arn:aws:glacier:eu-west-1:000000000000:vaults/b"],
)
def test_a_marker_of_no_vault_here_is_refused(wire: Wire, marker: str) -> None:
    invalid(wire.ask("GET", f"{LIST}?marker={marker.replace(' ', '%20')}"))


def test_a_vault_that_was_written_to_is_not_deleted(wire: Wire, vault: str) -> None:
    archive_id = upload(wire)
    invalid(wire.ask("DELETE", vault), f"Vault not empty or recently written to: {ARN}")
    wire.ask("DELETE", f"{vault}/archives/{archive_id}").ok(204)
    wire.ask("DELETE", vault).ok(204)
    wire.ask("DELETE", vault).ok(204)


def test_a_vault_made_anew_remembers_nothing(wire: Wire, vault: str) -> None:
    wire.ask("POST", f"{vault}/multipart-uploads", headers={"x-amz-part-size": "1048576"}).ok(201)
    wire.ask("DELETE", vault).ok(204)
    create(wire)
    assert wire.ask("GET", f"{vault}/multipart-uploads").json["UploadsList"] == []


@pytest.mark.parametrize(
    ("method", "below"),
    [
        ("GET", ""),
        ("GET", "/jobs"),
        ("GET", "/jobs/x"),
        ("GET", "/jobs/x/output"),
        ("GET", "/multipart-uploads"),
        ("GET", "/multipart-uploads/x"),
        ("DELETE", "/multipart-uploads/x"),
        ("DELETE", "/archives/x"),
    ],
)
def test_everything_in_a_vault_that_is_not_there_is_not_found(
    wire: Wire, method: str, below: str
) -> None:
    not_found(wire.ask(method, VAULT + below), f"Vault not found for ARN: {ARN}")
    illegal = wire.ask(method, f"{LIST}/a%20b{below}")
    not_found(illegal, "Vault not found for ARN: a b")
