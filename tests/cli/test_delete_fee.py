"""What ``delete`` says of the fee for what is younger than 90 days."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("stored")


@pytest.fixture
def stored(local: Run, photos: Path) -> None:
    """A vault with two archives."""
    for name in ("new", "old"):
        (photos / name).write_bytes(b"abc")
    local("upload", "new", "old", "photos").ok()


def age(key_map: Path, name: str, span: timedelta, *, size: int = 2**40 - 2**15) -> None:
    """Make an archive older and larger, in the key map."""
    with closing(sqlite3.connect(key_map)) as connection, connection:
        done = connection.execute(
            "UPDATE archives SET uploaded_at = uploaded_at - ?, size_bytes = ? WHERE name = ?",
            (span // timedelta(milliseconds=1), size, name),
        )
        assert done.rowcount == 1


def test_the_fee_is_for_what_is_younger_than_90_days(local: Run, key_map: Path) -> None:
    age(key_map, "new", timedelta(days=60))
    age(key_map, "old", timedelta(days=91))
    fee = local("delete", "photos/**", "--dry-run", "-o", "json").ok().json["early_deletion"]
    assert (fee["young_archives"], fee["young_bytes"]) == (1, 2**40 - 2**15)
    # 1 TiB with its overhead, for the last of three months, but for the seconds of this test.
    assert 3_686_000 < int(fee["usd"].replace(".", "")) <= 3_686_400
    assert fee["billed"] is False


def test_people_are_told_the_fee_with_its_price_before_they_are_asked(
    local: Run, key_map: Path
) -> None:
    age(key_map, "new", timedelta(days=60))
    age(key_map, "old", timedelta(days=91))
    said = local("delete", "photos/**").failed(2)
    assert "1 archive is younger than 90 days: $3.69 for the rest of them" in said.err
    assert "prices: us-east-1, AWS price list, 2025-07-04" in said.err
    assert "this store bills nothing" in said.err


def test_what_is_old_costs_nothing_and_nothing_is_said(local: Run, key_map: Path) -> None:
    for name in ("new", "old"):
        age(key_map, name, timedelta(days=91))
    said = local("delete", "photos/**", "--dry-run").ok()
    assert said.lines[2:] == ["2 archives, 2.0 TiB to delete"]


def test_an_unknown_size_counts_as_empty_and_that_is_said(local: Run, key_map: Path) -> None:
    local("inventory", "refresh", "photos").ok()
    age(key_map, "new", timedelta(days=60))
    age(key_map, "old", timedelta(days=60), size=0)
    removal = ("vault", "delete", "photos", "--with-archives")
    for line in (("delete", "photos/**"), removal):
        said = local(*line, "--dry-run").ok().out
        assert "2 archives, 1.0 TiB and 1 of unknown size" in said
        assert "$3.69 for the rest of them, 1 of unknown size counted as empty" in said
    assert local(*removal, "--dry-run", "-o", "json").ok().json["to_ask_unmeasured"] == 1


def test_an_upload_in_the_future_counts_as_new_and_the_clock_is_doubted(
    local: Run, key_map: Path
) -> None:
    age(key_map, "new", timedelta(days=-400))
    said = local("delete", "photos/new", "--dry-run").ok()
    assert "1 archive is younger than 90 days: $11.06 for the rest of them" in said.out
    assert "uploaded in the future" in said.out


def test_a_region_without_prices_is_told_and_never_free(
    local: Run, home: Path, photos: Path
) -> None:
    mars = ("--region", "mars-north-1")
    local("vault", "create", "rover", *mars).ok()
    local("upload", photos / "new", "rover", *mars).ok()
    line = ("delete", "rover/new", "--dry-run", *mars)
    fee = local(*line, "-o", "json").ok().json["early_deletion"]
    assert fee["usd"] is None
    assert fee["missing_prices"] == ["mars-north-1/vault/early-deletion"]
    assert "unknown: no price of mars-north-1/vault/early-deletion" in local(*line).ok().out
    config = home / "config" / "glaciercli" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[prices.mars-north-1]\nas_of = 2026-01-01\n"vault/early-deletion" = 1000\n')
    said = local(*line, "-o", "json").ok().json
    # 32,771 bytes for three months.
    assert said["early_deletion"]["usd"].startswith("0.09")
    assert said["prices"] == [
        {
            "row": "mars-north-1/vault/early-deletion",
            "usd": "1000",
            "unit": "GB-month",
            "as_of": "2026-01-01",
            "source": "your configuration",
            "note": "",
        }
    ]
