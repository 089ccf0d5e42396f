from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_glacier import GlacierClient

from tests.server.conftest import SETTINGS, Bench, OpenBench
from tests.server.payloads import MIB, VAULT, content, refused, retrieve, start, upload
from tests.server.raw_http import ask, open_anonymous

FOUR_HOURS = replace(
    SETTINGS, standard_delay=timedelta(hours=4), inventory_delay=timedelta(hours=4)
)
DENIED = "InitiateJob request denied by current data retrieval policy."


def limit(client: GlacierClient, strategy: str, number: int | None = None) -> None:
    rule: Any = {"Strategy": strategy, **({"BytesPerHour": number} if number else {})}
    client.set_data_retrieval_policy(Policy={"Rules": [rule]})


def rules(client: GlacierClient) -> Any:
    return client.get_data_retrieval_policy()["Policy"]["Rules"]


def denied() -> Any:
    return refused("PolicyEnforcedException", 400, DENIED)


@pytest.fixture
def slow(open_bench: OpenBench) -> Bench:
    """A service whose Standard retrievals take four hours."""
    bench = open_bench(FOUR_HOURS)
    bench.client.create_vault(vaultName=VAULT)
    return bench


def store_large(bench: Bench, name: str, size_bytes: int) -> None:
    """Enter an archive that is far larger than what is on the disk."""
    with bench.application.service.catalogue.writing() as tx:
        tx.execute(
            """
            INSERT INTO archives
                (vault, archive_id, description, size, tree_hash, created_at, created_write)
            VALUES (1, ?, '', ?, x'00', 0, 1)
            """,
            (name, size_bytes),
        )


def test_a_policy_is_kept_for_its_region_until_the_next(bench: Bench) -> None:
    client = bench.client
    assert rules(client) == [{"Strategy": "None"}]
    limit(client, "BytesPerHour", 2**63 - 1)
    assert rules(client) == [{"Strategy": "BytesPerHour", "BytesPerHour": 2**63 - 1}]
    assert rules(bench.connect("eu-west-1")) == [{"Strategy": "None"}]
    limit(client, "FreeTier")
    assert rules(client) == [{"Strategy": "FreeTier"}]


def test_a_policy_goes_over_the_wire_with_every_member(open_bench: OpenBench) -> None:
    bench, path = open_anonymous(open_bench), "/-/policies/data-retrieval"

    def got() -> bytes:
        return ask(bench, "GET", path).body

    assert got() == b'{"Policy":{"Rules":[{"BytesPerHour":null,"Strategy":"None"}]}}'
    rule = b'{"Policy":{"Rules":[{"Strategy":"BytesPerHour","BytesPerHour":10737418240}]}}'
    answer = ask(bench, "PUT", path, rule, content_type="application/x-www-form-urlencoded")
    assert (answer.status, answer.body) == (204, b"")
    expected = b'{"Policy":{"Rules":[{"BytesPerHour":10737418240,"Strategy":"BytesPerHour"}]}}'
    assert got() == expected
    for wrong in (b"", b"[]", rule[:-1], rule.replace(b"10737418240", b'"1"')):
        assert ask(bench, "PUT", path, wrong).json["code"] == "SerializationException"
    assert got() == expected


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (None, "MissingParameterValueException"),
        ({}, "MissingParameterValueException"),
        ({"Rules": []}, "InvalidParameterValueException"),
        ({"Rules": [{"Strategy": "None"}] * 2}, "InvalidParameterValueException"),
        ({"Rules": [{}]}, "MissingParameterValueException"),
        ({"Rules": [{"Strategy": "Some"}]}, "InvalidParameterValueException"),
        ({"Rules": [{"Strategy": "BytesPerHour"}]}, "MissingParameterValueException"),
        (
            {"Rules": [{"Strategy": "BytesPerHour", "BytesPerHour": 0}]},
            "InvalidParameterValueException",
        ),
        (
            {"Rules": [{"Strategy": "BytesPerHour", "BytesPerHour": 2**63}]},
            "InvalidParameterValueException",
        ),
        (
            {"Rules": [{"Strategy": "FreeTier", "BytesPerHour": 1}]},
            "InvalidParameterValueException",
        ),
        (
            {"Rules": [{"Strategy": "None", "BytesPerHour": 1}]},
            "InvalidParameterValueException",
        ),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(
    client: GlacierClient, policy: Any, code: str
) -> None:
    limit(client, "FreeTier")
    with refused(code, 400):
        client.set_data_retrieval_policy(**({} if policy is None else {"Policy": policy}))
    assert rules(client) == [{"Strategy": "FreeTier"}]


def test_bytes_per_hour_counts_what_runs_and_what_is_new(slow: Bench) -> None:
    client = slow.client
    archive_id = upload(client, content(3 * MIB))
    # Three MiB in four hours, twice and not a byte more.
    limit(client, "BytesPerHour", 3 * MIB * 2 // 4)
    for _ in range(2):
        retrieve(client, archive_id)
    with denied():
        retrieve(client, archive_id)
    with denied():
        retrieve(client, archive_id, RetrievalByteRange=f"0-{MIB - 1}")
    slow.clock.advance(timedelta(hours=4) - timedelta(milliseconds=1))
    with denied():
        retrieve(client, archive_id)
    slow.clock.advance(timedelta(milliseconds=1))
    retrieve(client, archive_id)


def test_a_job_that_alone_breaks_the_limit_is_refused(slow: Bench) -> None:
    archive_id = upload(slow.client, b"12345678")
    limit(slow.client, "BytesPerHour", 1)
    with denied():
        retrieve(slow.client, archive_id, Tier="Standard")
    limit(slow.client, "BytesPerHour", 2)
    with denied():
        retrieve(slow.client, upload(slow.client, b"123456789"), Tier="Standard")
    retrieve(slow.client, archive_id, Tier="Standard")


def test_only_the_bytes_of_a_range_count(slow: Bench) -> None:
    archive_id = upload(slow.client, content(2 * MIB))
    limit(slow.client, "BytesPerHour", MIB // 4)
    with denied():
        retrieve(slow.client, archive_id)
    retrieve(slow.client, archive_id, RetrievalByteRange=f"0-{MIB - 1}")


def test_other_tiers_and_inventories_are_never_refused(slow: Bench) -> None:
    archive_id = upload(slow.client, b"12345678")
    limit(slow.client, "BytesPerHour", 1)
    for tier in ("Expedited", "Bulk"):
        retrieve(slow.client, archive_id, Tier=tier)
    start(slow.client, Type="inventory-retrieval")
    # Nor do they count.
    limit(slow.client, "BytesPerHour", 2)
    retrieve(slow.client, archive_id)


def test_a_policy_rules_its_own_region(slow: Bench) -> None:
    other = slow.connect("eu-west-1")
    other.create_vault(vaultName=VAULT)
    there, here = upload(other, b"12345678"), upload(slow.client, b"12345678")
    limit(slow.client, "BytesPerHour", 2)
    for _ in range(3):
        retrieve(other, there)
    retrieve(slow.client, here)
    with denied():
        retrieve(slow.client, here)
    limit(slow.client, "None")
    retrieve(slow.client, here)


def test_free_tier_gives_each_day_its_share_of_the_month(open_bench: OpenBench) -> None:
    bench = open_bench()
    client, clock = bench.client, bench.clock
    client.create_vault(vaultName=VAULT)
    # January has 31 days.
    share = 10 * 1024**3 // 31
    store_large(bench, "all", share)
    store_large(bench, "more", share + 1)
    small = upload(client, b"x")
    retrieve(client, small, Tier="Bulk")
    limit(client, "FreeTier")
    with denied():
        retrieve(client, "more")
    retrieve(client, "all")
    with denied():
        retrieve(client, small)
    retrieve(client, small, Tier="Expedited")
    clock.advance(timedelta(hours=20, minutes=55, seconds=54, milliseconds=321))
    with denied():
        retrieve(client, small)
    # The first moment of the next day in UTC.
    clock.advance(timedelta(milliseconds=1))
    retrieve(client, "all")
    with denied():
        retrieve(client, small)
    # February has 28 days, and so larger shares.
    clock.advance(timedelta(days=30))
    retrieve(client, "more")


def test_what_was_begun_before_free_tier_was_chosen_counts(open_bench: OpenBench) -> None:
    bench = open_bench()
    bench.client.create_vault(vaultName=VAULT)
    store_large(bench, "all", 10 * 1024**3 // 31)
    retrieve(bench.client, "all")
    limit(bench.client, "FreeTier")
    with denied():
        retrieve(bench.client, "all")


def test_of_requests_at_once_only_as_many_pass_as_fit(slow: Bench) -> None:
    archive_id = upload(slow.client, b"12345678")
    limit(slow.client, "BytesPerHour", 3 * 8 // 4)

    def told(_: int) -> str:
        try:
            retrieve(slow.client, archive_id)
        except ClientError as error:
            return error.response["Error"]["Message"]
        return "accepted"

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(told, range(16)))
    assert answers == [DENIED] * 13 + ["accepted"] * 3
