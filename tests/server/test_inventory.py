import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from mypy_boto3_glacier import GlacierClient

from glaciercli.server.settings import ServiceSettings
from tests.server.conftest import Bench, OpenBench
from tests.server.payloads import VAULT, output, refused, start, tree_hash, upload
from tests.server.raw_http import ask, open_anonymous

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


def test_the_next_marker_stands_in_both_places_and_is_null_at_the_end(
    open_bench: OpenBench,
) -> None:
    bench = open_anonymous(open_bench, inventory_delay=timedelta(hours=4))
    bench.client.create_vault(vaultName=VAULT)
    stored = [upload(bench.client, b"x%d" % number) for number in range(4)]

    def page(marker: str | None) -> tuple[str, Any]:
        wanted: Any = {"Limit": "2", **({"Marker": marker} if marker else {})}
        job_id = start(
            bench.client, Type="inventory-retrieval", InventoryRetrievalParameters=wanted
        )
        running = described(bench, job_id)
        # While it runs it says where it starts, and nothing about what follows.
        assert running["InventoryRetrievalParameters"]["Marker"] == marker
        assert running["NextInventoryRetrievalMarker"] is None
        assert running["InventorySizeInBytes"] is None
        bench.clock.advance(timedelta(hours=4))
        return job_id, described(bench, job_id)

    first_id, first = page(None)
    marker = first["NextInventoryRetrievalMarker"]
    assert marker
    assert first["InventoryRetrievalParameters"]["Marker"] == marker
    # Two more are all there are: nothing follows, although the page is full.
    second_id, second = page(marker)
    assert second["NextInventoryRetrievalMarker"] is None
    assert second["InventoryRetrievalParameters"]["Marker"] is None
    found = [ids(json.loads(output(bench.client, one)["bytes"])) for one in (first_id, second_id)]
    assert found == [stored[:2], stored[2:]]


def described(bench: Bench, job_id: str) -> Any:
    """Return what DescribeJob answers, the nulls that boto3 drops included."""
    return ask(bench, "GET", f"/-/vaults/{VAULT}/jobs/{job_id}").json


def test_pages_and_dates_go_together(bench: Bench) -> None:
    client = bench.client
    client.create_vault(vaultName=VAULT)
    stored = []
    for _ in range(6):
        stored.append(upload(client, b"x"))
        bench.clock.advance(timedelta(days=1))
    found: list[str] = []
    marker: str | None = None
    while not found or marker:
        wanted: Any = {
            "StartDate": "2026-01-03T00:00:00Z",
            "EndDate": "2026-01-06T12:00:00Z",
            "Limit": "3",
            **({"Marker": marker} if marker else {}),
        }
        job_id = start(client, Type="inventory-retrieval", InventoryRetrievalParameters=wanted)
        found += ids(json.loads(output(client, job_id)["bytes"]))
        parameters = client.describe_job(vaultName=VAULT, jobId=job_id)
        marker = parameters["InventoryRetrievalParameters"].get("Marker")
    assert found == stored[1:5]


def read_csv(text: str) -> list[list[str]]:
    """Read an inventory by the rules that were observed, without our own reader."""
    head, *lines = text.removesuffix("\n").split("\n")
    assert head == "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash"
    rows = []
    for line in lines:
        archive_id, _, rest = line.partition(",")
        quoted, created, size, digest = rest.rsplit(",", 3)
        assert quoted[0] == quoted[-1] == '"'
        assert len(quoted) > 1
        rows.append([archive_id, quoted[1:-1].replace('\\"', '"'), created, size, digest])
    return rows


def test_every_description_comes_back_from_a_csv(bench: Bench) -> None:
    client = bench.client
    client.create_vault(vaultName=VAULT)
    upload(client, b"x")
    texts = ["".join(one) for length in range(6) for one in product('a,"\\', repeat=length)]
    with bench.application.service.catalogue.writing() as tx:
        tx.executemany(
            """
            INSERT INTO archives
                (vault, archive_id, description, size, tree_hash, created_at, created_write)
            VALUES (1, ?, ?, ?, x'00', 0, 1)
            """,
            ((f"id{number}", text, number) for number, text in enumerate(texts)),
        )
    got = output(client, start(client, Type="inventory-retrieval", Format="CSV"))
    rows = read_csv(got["bytes"].decode())
    assert rows[:-1] == [
        [f"id{number}", text, "1970-01-01T00:00:00Z", str(number), "00"]
        for number, text in enumerate(texts)
    ]


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


def test_an_inventory_waits_for_a_write_that_has_its_date_already(open_bench: OpenBench) -> None:
    bench = open_bench(DAILY)
    client, service = bench.client, bench.application.service
    client.create_vault(vaultName=VAULT)
    stored = upload(client, b"first")
    with ThreadPoolExecutor(1) as pool:
        with service.catalogue.writing() as tx:
            tx.execute(
                """
                INSERT INTO archives
                    (vault, archive_id, description, size, tree_hash, created_at, created_write)
                VALUES (1, 'late', '', 1, x'00', ?, 2)
                """,
                (service.now_ms(),),
            )
            tx.execute("UPDATE vaults SET write_count = 2")
            bench.clock.advance(timedelta(hours=24))
            taken = pool.submit(take, client)
            with pytest.raises(TimeoutError):
                taken.result(timeout=0.2)
        assert ids(taken.result()) == [stored, "late"]


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
