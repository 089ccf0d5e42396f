import json
from datetime import timedelta
from typing import Any

import pytest
from mypy_boto3_glacier import GlacierClient

from glaciercli.server.settings import ServiceSettings
from tests.server.conftest import Bench, OpenBench
from tests.server.payloads import VAULT, output, refused, start, tree_hash, upload

ARN = f"arn:aws:glacier:us-east-1:000000000000:vaults/{VAULT}"
DAILY = ServiceSettings(clock_skew=None, inventory_interval=timedelta(hours=24))


def take(client: GlacierClient, **parameters: Any) -> Any:
    """Return the inventory as it is at this moment."""
    return json.loads(
        output(client, start(client, Type="inventory-retrieval", **parameters))["bytes"]
    )


def ids(inventory: Any) -> list[str]:
    return [archive["ArchiveId"] for archive in inventory["ArchiveList"]]


def test_an_inventory_lists_what_the_vault_holds(bench: Bench) -> None:
    client = bench.client
    client.create_vault(vaultName=VAULT)
    first = upload(client, b"first", text='one "quoted", and a \\')
    bench.clock.advance(timedelta(seconds=90))
    second = upload(client, b"second")
    job_id = start(client, Type="inventory-retrieval", Format="JSON")
    got = output(client, job_id)
    assert got["contentType"] == "application/json"
    assert "checksum" not in got
    expected = {
        "VaultARN": ARN,
        "InventoryDate": "2026-01-02T03:05:35Z",
        "ArchiveList": [
            {
                "ArchiveId": first,
                "ArchiveDescription": 'one "quoted", and a \\',
                "CreationDate": "2026-01-02T03:04:05Z",
                "Size": 5,
                "SHA256TreeHash": tree_hash(b"first"),
            },
            {
                "ArchiveId": second,
                "ArchiveDescription": "",
                "CreationDate": "2026-01-02T03:05:35Z",
                "Size": 6,
                "SHA256TreeHash": tree_hash(b"second"),
            },
        ],
    }
    assert got["bytes"] == json.dumps(expected, separators=(",", ":")).encode()
    described = client.describe_job(vaultName=VAULT, jobId=job_id)
    assert described["Action"] == "InventoryRetrieval"
    assert described["InventorySizeInBytes"] == len(got["bytes"])
    assert described["InventoryRetrievalParameters"] == {"Format": "JSON"}
    assert "Tier" not in described


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a,1", '"a,1"'),
        ('a,1"2', '"a,1\\"2"'),
        ('a,1\\"2', '"a,1\\\\"2"'),
        ("x\\", '"x\\"'),
        ("", '""'),
    ],
)
def test_a_csv_escapes_as_the_real_one_does(client: GlacierClient, text: str, written: str) -> None:
    client.create_vault(vaultName=VAULT)
    archive_id = upload(client, b"data", text=text)
    got = output(client, start(client, Type="inventory-retrieval", Format="CSV"))
    assert got["contentType"] == "text/csv"
    assert got["bytes"].decode() == (
        "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\n"
        f"{archive_id},{written},2026-01-02T03:04:05Z,4,{tree_hash(b'data')}\n"
    )


def test_a_vault_never_written_to_has_no_inventory(client: GlacierClient) -> None:
    client.create_vault(vaultName=VAULT)
    with refused("ResourceNotFoundException", 404):
        start(client, Type="inventory-retrieval")


def test_the_content_is_fixed_when_the_job_is_initiated(client: GlacierClient) -> None:
    client.create_vault(vaultName=VAULT)
    kept = upload(client, b"kept")
    job_id = start(client, Type="inventory-retrieval")
    upload(client, b"later")
    client.delete_archive(vaultName=VAULT, archiveId=kept)
    assert ids(json.loads(output(client, job_id)["bytes"])) == [kept]


def test_an_inventory_has_every_write_acknowledged_before_it(client: GlacierClient) -> None:
    client.create_vault(vaultName=VAULT)
    stored: list[str] = []
    for number in range(10):
        stored.append(upload(client, b"x%d" % number))
        assert ids(take(client)) == stored
        if number % 3 == 0:
            client.delete_archive(vaultName=VAULT, archiveId=stored.pop())
            assert ids(take(client)) == stored


def test_an_inventory_is_cut_by_date(bench: Bench) -> None:
    client = bench.client
    client.create_vault(vaultName=VAULT)
    stored = []
    for _ in range(4):
        stored.append(upload(client, b"x"))
        bench.clock.advance(timedelta(days=1))
    cut = {"StartDate": "2026-01-03T03:04:05.678Z", "EndDate": "2026-01-05T03:04:05.678Z"}
    assert ids(take(client, InventoryRetrievalParameters=cut)) == stored[1:3]
    assert ids(take(client, InventoryRetrievalParameters={"EndDate": "2026-01-03"})) == stored[:1]
    late = {"StartDate": "2027-01-01T00:00:00Z"}
    assert ids(take(client, InventoryRetrievalParameters=late)) == []


def test_an_inventory_comes_in_pages(client: GlacierClient) -> None:
    client.create_vault(vaultName=VAULT)
    stored = [upload(client, b"x%d" % number) for number in range(7)]
    found: list[str] = []
    marker: str | None = None
    pages = 0
    while pages == 0 or marker:
        wanted: dict[str, str] = {"Limit": "3", **({"Marker": marker} if marker else {})}
        job_id = start(client, Type="inventory-retrieval", InventoryRetrievalParameters=wanted)
        page = ids(json.loads(output(client, job_id)["bytes"]))
        described: Any = client.describe_job(vaultName=VAULT, jobId=job_id)
        marker = described["InventoryRetrievalParameters"].get("Marker")
        assert described["InventoryRetrievalParameters"]["Limit"] == "3"
        found += page
        pages += 1
    assert (found, pages) == (stored, 3)


def test_a_long_inventory_is_whole(client: GlacierClient, bench: Bench) -> None:
    client.create_vault(vaultName=VAULT)
    stored = [upload(client, b"x") for _ in range(3)]
    catalogue = bench.application.service.catalogue
    with catalogue.writing() as tx:
        tx.execute(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
            INSERT INTO archives
                (vault, archive_id, description, size, tree_hash, created_at, created_write)
            SELECT 1, 'made' || i, '', 1, x'00', i / 3, 1 FROM n
            """
        )
    listed = ids(take(client))
    assert len(listed) == len(set(listed)) == 5003
    assert listed[-3:] == stored


def test_a_daily_inventory_shows_the_vault_as_it_was(open_bench: OpenBench) -> None:
    bench = open_bench(DAILY)
    client, clock = bench.client, bench.clock
    client.create_vault(vaultName=VAULT)
    clock.advance(timedelta(hours=1))
    first = upload(client, b"first")
    assert client.describe_vault(vaultName=VAULT)["NumberOfArchives"] == 0
    with refused("ResourceNotFoundException", 404):
        take(client)
    clock.advance(timedelta(hours=23) - timedelta(milliseconds=1))
    client.delete_archive(vaultName=VAULT, archiveId=first)
    clock.advance(timedelta(milliseconds=1))
    second = upload(client, b"second")
    described = client.describe_vault(vaultName=VAULT)
    assert described["LastInventoryDate"] == "2026-01-03T03:04:05.678Z"
    # What came in the very moment of the inventory is in the next one.
    assert (described["NumberOfArchives"], ids(take(client))) == (0, [])
    clock.advance(timedelta(hours=24))
    described = client.describe_vault(vaultName=VAULT)
    assert described["LastInventoryDate"] == "2026-01-04T03:04:05.678Z"
    assert (described["NumberOfArchives"], ids(take(client))) == (1, [second])


def test_a_daily_inventory_keeps_its_date_until_something_changes(open_bench: OpenBench) -> None:
    bench = open_bench(DAILY)
    client, clock = bench.client, bench.clock
    client.create_vault(vaultName=VAULT)
    first = upload(client, b"first")
    clock.advance(timedelta(hours=24))
    client.delete_archive(vaultName=VAULT, archiveId=first)
    second = upload(client, b"second")
    assert ids(take(client)) == [first]
    assert client.describe_vault(vaultName=VAULT)["SizeInBytes"] == 5 + 32 * 1024
    clock.advance(timedelta(days=9))
    described = client.describe_vault(vaultName=VAULT)
    assert described["LastInventoryDate"] == "2026-01-04T03:04:05.678Z"
    assert ids(take(client)) == [second]


def test_an_emptied_vault_waits_for_its_next_inventory(open_bench: OpenBench) -> None:
    bench = open_bench(DAILY)
    client, clock = bench.client, bench.clock
    client.create_vault(vaultName=VAULT)
    client.delete_vault(vaultName=VAULT)
    client.create_vault(vaultName=VAULT)
    archive_id = upload(client, b"x")
    message = f"Vault not empty or recently written to: {ARN}"
    for _ in range(2):
        with refused("InvalidParameterValueException", 400, message):
            client.delete_vault(vaultName=VAULT)
        clock.advance(timedelta(hours=30))
    client.delete_archive(vaultName=VAULT, archiveId=archive_id)
    with refused("InvalidParameterValueException", 400, message):
        client.delete_vault(vaultName=VAULT)
    clock.advance(timedelta(hours=24))
    client.delete_vault(vaultName=VAULT)
