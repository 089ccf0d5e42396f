"""A vault that somebody deleted and made anew under its name is another vault."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Server


@pytest.fixture
def tree(work: Path) -> Path:
    made = work / "tree"
    made.mkdir()
    (made / "a").write_bytes(b"one")
    (made / "empty").touch()
    return made


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture
def made_anew(vault: Server, run: Run, tree: Path) -> Callable[[], None]:
    """Store the tree; what comes then lets another client delete the vault and make it anew."""
    run("sync", tree, "photos").ok()
    run("inventory", "refresh", "photos").ok()

    def make_anew() -> None:
        client = vault.client
        for one in run("list", "photos", "-o", "json").ok().json["archives"]:
            client.delete_archive(vaultName="photos", archiveId=one["archive_id"])
        before = client.describe_vault(vaultName="photos")["LastInventoryDate"]
        made_at = before
        # The date of an inventory may have whole seconds alone.
        while moment(made_at) - moment(before) <= timedelta(seconds=1):
            client.delete_vault(vaultName="photos")
            client.create_vault(vaultName="photos")
            made_at = client.describe_vault(vaultName="photos")["CreationDate"]

    return make_anew


@pytest.mark.covers("N15")
def test_what_was_in_the_vault_before_is_stored_again(
    run: Run, tree: Path, made_anew: Callable[[], None]
) -> None:
    made_anew()
    done = run("sync", tree, "photos", "-o", "json").ok()
    assert "vault photos was deleted and made anew on " in done.err
    assert ": 2 archives of before counted as missing" in done.err
    assert sorted(one["name"] for one in done.json["uploaded"]) == ["a", "empty"]
    again = run("sync", tree, "photos", "-o", "json").ok()
    assert (again.json["uploaded"], again.err) == ([], "")
    assert run("inventory", "refresh", "photos", "-o", "json").ok().json["added"] == 0
    run("verify", tree, "photos").ok()
    run("retrieve", "photos/**", "--to", "back", "--wait").ok()


@pytest.mark.covers("N15")
def test_an_inventory_of_the_vault_before_is_not_young_enough(
    run: Run, made_anew: Callable[[], None]
) -> None:
    run("inventory", "refresh", "photos", "--max-age", "1d").ok()
    made_anew()
    shown = run("list", "photos", "-o", "json").ok().json["archives"]
    assert {one["state"] for one in shown} <= {"confirmed", "empty"}
    refreshed = run("inventory", "refresh", "photos", "--max-age", "1d")
    assert (refreshed.code, refreshed.out) == (75, "")
    assert '"photos" has had no inventory yet' in refreshed.err
    shown = run("list", "photos", "-o", "json").ok().json["archives"]
    assert {one["state"] for one in shown} == {"missing"}
