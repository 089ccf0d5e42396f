"""What the service says puzzles people: it reaches them in words that say what to do."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from glaciercli.server.settings import ServiceSettings
from tests.cli.conftest import Run, Server, Serving
from tests.cli.dates import hours_from_now
from tests.fakes import MovedClock


def reached(serving: Serving, monkeypatch: pytest.MonkeyPatch, **given: object) -> Server:
    """Start a service that the environment leads to."""
    server = serving(**given)  # type: ignore[arg-type]
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    return server


def test_a_vault_that_is_not_empty_names_the_line_that_empties_it(run: Run, vault: Server) -> None:
    vault.client.upload_archive(vaultName="photos", body=b"x")
    said = run("vault", "delete", "photos").failed(14, 'vault "photos" is not empty')
    assert "vault delete --with-archives" in said.err


@pytest.mark.covers("N15")
def test_an_archive_of_another_vault_is_not_called_a_wrong_name(
    run: Run, vault: Server, work: Path
) -> None:
    vault.client.create_vault(vaultName="other")
    stored = vault.client.upload_archive(vaultName="other", body=b"x")
    inventory = {
        "VaultARN": "arn:aws:glacier:us-east-1:000000000000:vaults/photos",
        "InventoryDate": hours_from_now(1),
        "ArchiveList": [
            {
                "ArchiveId": stored["archiveId"],
                "ArchiveDescription": "x",
                "CreationDate": "2026-01-01T00:00:00Z",
                "Size": 1,
                "SHA256TreeHash": stored["checksum"],
            }
        ],
    }
    (work / "inventory.json").write_text(json.dumps(inventory))
    run("vault", "show", "photos").ok()
    run("inventory", "import", "photos", "inventory.json").ok()
    said = run("delete", "photos/x", "--yes").failed(1, 'does not belong to vault "photos"')
    assert "inventory refresh photos" in said.err
    assert "Invalid vault name" not in said.err


def test_a_vault_without_an_inventory_says_when_there_will_be_one(
    run: Run, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ServiceSettings(inventory_interval=timedelta(days=1))
    server = reached(serving, monkeypatch, settings=settings)
    server.client.create_vault(vaultName="photos")
    said = run("inventory", "refresh", "photos").failed(75, "has had no inventory yet")
    assert "about a day after the first upload" in said.err


@pytest.mark.covers("N17")
def test_a_wrong_clock_is_told_with_how_wrong_it_is(
    run: Run, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = MovedClock(datetime.now(UTC) + timedelta(hours=2))  # noqa: TID251 - botocore's clock
    reached(serving, monkeypatch, clock=ahead)
    said = run("vault", "list").failed(13, "120 minutes behind that of the service")
    assert "timedatectl" in said.err


def test_a_new_customer_is_told_what_to_do_instead(
    run: Run, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached(serving, monkeypatch, settings=ServiceSettings(closed_to_new_customers=True))
    said = run("vault", "create", "photos").failed(14, "takes no new customers")
    for words in ("DEEP_ARCHIVE", "--local", "--region", "glaciercli doctor"):
        assert words in said.err
