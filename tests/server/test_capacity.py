from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from mypy_boto3_glacier import GlacierClient

from tests.server.conftest import SETTINGS, START, Bench, OpenBench
from tests.server.payloads import VAULT, refused, retrieve, start, upload


def move_to(bench: Bench, moment: datetime) -> None:
    bench.clock.advance(moment - bench.clock.now())


def listed(client: GlacierClient) -> list[tuple[str, str]]:
    units = client.list_provisioned_capacity()["ProvisionedCapacityList"]
    return [(unit["StartDate"], unit["ExpirationDate"]) for unit in units]


def test_a_unit_is_listed_from_its_purchase_to_its_end(bench: Bench) -> None:
    client = bench.client
    assert listed(client) == []
    bought = client.purchase_provisioned_capacity()
    assert bought["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert len(bought["capacityId"]) == 24
    units = client.list_provisioned_capacity()["ProvisionedCapacityList"]
    assert [unit["CapacityId"] for unit in units] == [bought["capacityId"]]
    assert listed(client) == [("2026-01-02T03:04:05.678Z", "2026-02-02T03:04:05.000Z")]
    assert listed(bench.connect("eu-west-1")) == []
    end = datetime(2026, 2, 2, 3, 4, 5, tzinfo=UTC)
    move_to(bench, end - timedelta(milliseconds=1))
    assert len(listed(client)) == 1
    move_to(bench, end)
    assert listed(client) == []


@pytest.mark.parametrize(
    ("bought", "ends"),
    [
        ("2026-01-28T23:59:59.999Z", "2026-02-28T23:59:59.000Z"),
        ("2026-01-29T12:00:00.000Z", "2026-02-28T12:00:00.000Z"),
        ("2026-01-31T12:00:00.500Z", "2026-02-28T12:00:00.000Z"),
        ("2028-01-31T12:00:00.001Z", "2028-02-29T12:00:00.000Z"),
        ("2026-02-28T12:00:00.000Z", "2026-03-28T12:00:00.000Z"),
        ("2026-08-31T12:00:00.000Z", "2026-09-30T12:00:00.000Z"),
        ("2026-12-31T00:00:00.000Z", "2027-01-31T00:00:00.000Z"),
    ],
)
def test_a_unit_ends_at_the_same_second_of_the_next_month(
    open_bench: OpenBench, bought: str, ends: str
) -> None:
    bench = open_bench()
    move_to(bench, datetime.fromisoformat(bought))
    bench.client.purchase_provisioned_capacity()
    assert listed(bench.client) == [(bought, ends)]


def test_a_third_unit_is_refused_while_two_are_active(bench: Bench) -> None:
    client = bench.client
    client.purchase_provisioned_capacity()
    bench.clock.advance(timedelta(days=1))
    client.purchase_provisioned_capacity()
    with refused("LimitExceededException", 400):
        client.purchase_provisioned_capacity()
    assert [begun for begun, _ in listed(client)] == [
        "2026-01-02T03:04:05.678Z",
        "2026-01-03T03:04:05.678Z",
    ]
    bench.connect("eu-west-1").purchase_provisioned_capacity()
    move_to(bench, datetime(2026, 2, 2, 3, 4, 5, tzinfo=UTC))
    client.purchase_provisioned_capacity()
    assert len(listed(client)) == 2


def test_without_on_demand_capacity_expedited_jobs_need_units(open_bench: OpenBench) -> None:
    bench = open_bench(replace(SETTINGS, on_demand_expedited=False))
    client, clock = bench.client, bench.clock
    client.create_vault(vaultName=VAULT)
    archive_id = upload(client, b"data")

    def turned_away() -> None:
        with refused("InsufficientCapacityException", 503):
            retrieve(client, archive_id, Tier="Expedited")

    turned_away()
    for tier in ("Standard", "Bulk"):
        retrieve(client, archive_id, Tier=tier)
    start(client, Type="inventory-retrieval", Tier="Expedited")
    client.purchase_provisioned_capacity()
    for _ in range(3):
        retrieve(client, archive_id, Tier="Expedited")
        clock.advance(timedelta(minutes=1))
    turned_away()
    client.purchase_provisioned_capacity()
    for _ in range(3):
        retrieve(client, archive_id, Tier="Expedited")
    turned_away()
    # Five minutes after the first of them.
    clock.advance(timedelta(minutes=2) - timedelta(milliseconds=1))
    turned_away()
    clock.advance(timedelta(milliseconds=1))
    retrieve(client, archive_id, Tier="Expedited")
    turned_away()
    move_to(bench, START + timedelta(days=40))
    turned_away()


def test_on_demand_expedited_jobs_are_served_without_units(client: GlacierClient) -> None:
    client.create_vault(vaultName=VAULT)
    archive_id = upload(client, b"data")
    for _ in range(7):
        retrieve(client, archive_id, Tier="Expedited")
