"""``glaciercli cost``: every amount, by arithmetic of the test's own in millionths of a dollar."""

import csv
import io
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

GB = 2**30
SIZES = {"2024/a.tar": 5 * 2**40, "2024/b.tar": 3 * 2**30 + 1, "c": 17}


@pytest.fixture
def stored(local: Run, photos: Path, key_map: Path) -> None:
    """A vault with three archives that are large in the key map."""
    for name in SIZES:
        path = photos / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    local("upload", "source", "photos").ok()
    with closing(sqlite3.connect(key_map)) as connection, connection:
        for name, size in SIZES.items():
            connection.execute("UPDATE archives SET size_bytes = ? WHERE name = ?", (size, name))


def configure(home: Path, text: str) -> None:
    config = home / "config" / "glaciercli" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(text)


def up(numerator: int, denominator: int = GB) -> int:
    return -(-numerator // denominator)


def micro(amount: Any) -> int:
    whole, _, rest = amount["usd"].partition(".")
    assert len(rest) == 6
    return int(whole + rest)


@pytest.mark.usefixtures("stored")
def test_the_totals_are_those_of_the_price_table(local: Run) -> None:
    said = local("cost", "photos", "-o", "json").ok().json
    size = sum(SIZES.values())
    assert (said["archives"], said["size_bytes"], said["region"]) == (3, size, "us-east-1")
    assert micro(said["storing_per_month"]) == up(size * 3600) + up(3 * 32768 * 3600)
    one = said["storing_as_one_archive_per_month"]
    assert micro(one) == up(size * 3600) + up(32768 * 3600)
    prices = {"bulk": (2500, 25_000), "standard": (10_000, 30_000), "expedited": (30_000, 10**7)}
    moved = up(size * 90_000)
    for tier in said["retrieving"]:
        each_gb, each_thousand = prices[tier["tier"]]
        assert micro(tier) == up(size * each_gb) + up(3 * each_thousand, 1000) + moved
        assert (tier["requests"], tier["asked_bytes"]) == (3, size)
    assert [one["tier"] for one in said["retrieving"]] == ["bulk", "standard", "expedited"]
    whole_fee = up((size + 3 * 32768) * 90 * 3600, GB * 30)
    # The test itself took a moment.
    assert whole_fee - 1000 < micro(said["deleting_now"]) <= whole_fee


def amounts(value: Any) -> list[dict[str, Any]]:
    """Every amount in a document."""
    if isinstance(value, list):
        return [found for one in value for found in amounts(one)]
    if not isinstance(value, dict):
        return []
    own = [value] if "charges" in value else []
    return own + [found for one in value.values() for found in amounts(one)]


@pytest.mark.usefixtures("stored")
def test_every_amount_is_the_sum_of_charges_that_lead_to_a_row_with_date_and_source(
    local: Run,
) -> None:
    said = local("cost", "photos", "-o", "json").ok().json
    rows = {one["row"]: one for one in said["prices"]}
    used = set()
    for amount in amounts(said):
        assert micro(amount) == sum(micro(one) for one in amount["charges"])
        for one in amount["charges"]:
            used.add(one["row"])
            assert one["unit"] == rows[one["row"]]["unit"]
    assert used == set(rows)
    assert all(one["as_of"] and one["source"] for one in rows.values())
    text = local("cost", "photos").ok().out
    for one in rows.values():
        assert f"price: {one['row']}: ${one['usd']} per {one['unit']}, {one['as_of']}, " in text


@pytest.mark.usefixtures("stored")
def test_people_read_a_table_of_tiers(local: Run) -> None:
    lines = local("cost", "photos/2024/**").ok().lines
    assert lines[0] == "photos/2024/**: 2 archives, 5.0 TiB, in us-east-1"
    assert lines[1] == "storing: $18.45 a month"
    assert lines[2] == "stored as one archive: $18.45 a month"
    assert [line.split()[0] for line in lines[3:7]] == ["tier", "bulk", "standard", "expedited"]
    assert lines[5].split() == [
        *("standard", "2", "5.0", "TiB", "5", "h", "$51.24", "$461.08", "$512.31")
    ]


@pytest.mark.usefixtures("stored")
def test_the_csv_form_has_a_row_for_each_charge(local: Run) -> None:
    text = local("cost", "photos/c", "-o", "csv").ok().out
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {one["deed"] for one in rows} == {"storing_per_month", "retrieving", "deleting_now"}
    assert all(one["row"].startswith("us-east-1/") and one["usd"] for one in rows)


@pytest.mark.usefixtures("stored")
def test_a_price_of_the_users_own_goes_before_amazons(local: Run, home: Path) -> None:
    configure(home, '[prices.us-east-1]\n"vault/storage" = 0.1\n"vault/retrieval/bulk" = 0\n')
    said = local("cost", "photos", "-o", "json").ok().json
    assert micro(said["storing_per_month"]) == up(sum(SIZES.values()) * 10**5) + up(
        3 * 32768 * 10**5
    )
    (row,) = [one for one in said["prices"] if one["row"] == "us-east-1/vault/storage"]
    assert (row["usd"], row["as_of"], row["source"]) == ("0.1", None, "your configuration")
    bulk = said["retrieving"][0]["charges"][0]
    assert (bulk["usd"], bulk["row"]) == ("0.000000", "us-east-1/vault/retrieval/bulk")


@pytest.mark.usefixtures("stored")
def test_in_the_region_of_the_vaults_bytes_leave_free(local: Run, home: Path) -> None:
    configure(home, '[stores.local]\nkind = "local"\nsame_region = true\n')
    said = local("cost", "photos/c", "-o", "json").ok().json
    assert {one["what"] for one in said["retrieving"][1]["charges"]} == {
        "standard retrieval",
        "standard retrieval requests",
    }


def test_a_region_without_prices_says_so(local: Run, photos: Path) -> None:
    mars = ("--region", "mars-north-1")
    local("vault", "create", "rover", *mars).ok()
    (photos / "a").write_bytes(b"x")
    local("upload", "a", "rover", *mars).ok()
    said = local("cost", "rover", *mars, "-o", "json").ok().json
    assert [one["usd"] for one in amounts(said)] == [None] * 6
    assert said["storing_per_month"]["missing_prices"] == ["mars-north-1/vault/storage"]
    assert said["prices"] == []
    text = local("cost", "rover", *mars).ok().out
    assert "storing: unknown: no price of mars-north-1/vault/storage" in text
    assert "$" not in text
    rows = local("cost", "rover", *mars, "-o", "jsonl").ok().jsonl
    assert {one["what"] for one in rows} == {"missing price"}


@pytest.mark.covers("H11")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[prices.us-east-1]\n"vault/gold" = 1\n', 'nothing is sold as "vault/gold"'),
        ('[prices.us-east-1]\n"vault/storage" = -1\n', '"-1" is no amount of dollars'),
        ('[prices.us-east-1]\n"vault/storage" = nan\n', "is no amount of dollars"),
        ('[prices.us-east-1]\n"vault/storage" = inf\n', "is no amount of dollars"),
        ('[prices.us-east-1]\n"vault/storage" = true\n', "is no amount of dollars"),
        ('[prices.us-east-1]\n"vault/storage" = "a lot"\n', "is no amount of dollars"),
        ("[prices]\nstorage = 1\n", "prices in the configuration are tables"),
        ("prices = 1\n", 'line 1: "prices" is a table'),
        ('[stores.x]\nbilled = "yes"\n', 'line 2: "billed" is true or false'),
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(
    local: Run, home: Path, text: str, words: str
) -> None:
    configure(home, text)
    local("cost", "photos").failed(2, words)


def test_what_does_not_exist_has_no_cost(local: Run, photos: Path) -> None:
    assert local("cost", "photos").ok().lines[0] == "photos: 0 archives, 0 B, in us-east-1"
    local("cost", "nosuch").failed(10)
    local("cost", "photos/nosuch").failed(11)
    assert not list(photos.iterdir())


@pytest.mark.usefixtures("stored")
def test_every_version_of_a_vault_is_paid_for(local: Run, work: Path) -> None:
    (work / "c").write_bytes(b"newer")
    local("upload", "c", "photos").ok()
    assert local("cost", "photos", "-o", "json").ok().json["archives"] == 4
    assert local("cost", "photos/c", "-o", "json").ok().json["size_bytes"] == 5
    both = local("cost", "photos/c", "--all-versions", "-o", "json").ok().json
    assert both["size_bytes"] == 5 + SIZES["c"]
