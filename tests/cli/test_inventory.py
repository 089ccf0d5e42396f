"""``glaciercli inventory``: refreshed, imported, exported and shown."""

import csv
import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from glaciercli.cli.clock import SystemClock
from glaciercli.ports import WireRequest, WireResponse
from glaciercli.server.settings import ServiceSettings
from tests.cli.conftest import Run, Server, Serving, Spawn, finished
from tests.cli.wire import Gate

COUNTS = ("added", "confirmed", "missing", "not_yet_listed", "deleted")


@pytest.fixture
def stored(local: Run, photos: Path) -> Path:
    """A vault with two archives; returns the current directory."""
    for name in ("a", "b"):
        (photos / name).write_bytes(name.encode())
    local("upload", "a", "b", "photos").ok()
    return photos


def listed(local: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = local("list", "-o", "json").ok().json["archives"]
    return found


def ahead(**span: float) -> str:
    """Return a moment from now as an inventory dates itself."""
    return f"{SystemClock().now() + timedelta(**span):%Y-%m-%dT%H:%M:%SZ}"


def inventory_of(local: Run, **head: Any) -> dict[str, Any]:
    """Return the inventory that the service would give for what the key map holds."""
    return {
        "VaultARN": "arn:aws:glacier:us-east-1:000000000000:vaults/photos",
        "InventoryDate": ahead(hours=1),
        **head,
        "ArchiveList": [
            {
                "ArchiveId": one["archive_id"],
                "ArchiveDescription": one["description"],
                "CreationDate": one["uploaded_at"],
                "Size": one["size_bytes"],
                "SHA256TreeHash": one["tree_hash"],
            }
            for one in listed(local)
        ],
    }


def test_a_refresh_has_its_fixed_shape(local: Run, stored: Path) -> None:
    said = local("inventory", "refresh", "photos", "-o", "json").ok().json
    assert said["status"] == "reconciled"
    assert said["inventory_date"].endswith("Z")
    assert [said[key] for key in COUNTS] == [0, 2, 0, 0, 0]
    assert [one["state"] for one in listed(local)] == ["confirmed", "confirmed"]
    (stored / "c").write_bytes(b"c")
    local("upload", "c", "photos").ok()
    assert local("inventory", "refresh", "photos").ok().lines[1] == "  3 confirmed"


@pytest.mark.usefixtures("stored")
def test_the_line_forms_of_a_refresh_hold_one_item(local: Run) -> None:
    (one,) = local("inventory", "refresh", "photos", "-o", "jsonl").ok().jsonl
    assert one["confirmed"] == 2
    text = local("inventory", "refresh", "photos", "-o", "csv").ok().out
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["status"] == "reconciled"


@pytest.mark.usefixtures("stored")
def test_a_lost_key_map_is_rebuilt_from_the_vault(local: Run, key_map: Path) -> None:
    local("inventory", "refresh", "photos").ok()
    before = listed(local)
    key_map.unlink()
    said = local("inventory", "refresh", "photos", "-o", "json").ok().json
    assert [said[key] for key in COUNTS] == [2, 0, 0, 0, 0]
    assert said["names_by_format"] == {"gc1": 2}
    assert listed(local) == before


@pytest.mark.usefixtures("stored")
def test_an_inventory_that_is_young_enough_is_not_asked_for_again(local: Run) -> None:
    local("inventory", "refresh", "photos").ok()
    said = local("inventory", "refresh", "photos", "--max-age", "1h").ok()
    assert "young enough" in said.out
    assert len(local("job", "list", "-o", "json").json["jobs"]) == 1


@pytest.mark.covers("N14")
@pytest.mark.usefixtures("photos")
def test_a_vault_that_never_had_an_inventory_is_not_ready(local: Run) -> None:
    local("inventory", "refresh", "photos").failed(75, "has had no inventory yet")


@pytest.mark.covers("N14")
def test_an_inventory_under_way_is_requested_then_pending_then_taken_in(
    run: Run, serving: Serving, work: Path
) -> None:
    server = serving(ServiceSettings(inventory_delay=timedelta(seconds=2)))
    server.client.create_vault(vaultName="photos")
    (work / "a").write_bytes(b"a")

    def far(*argv: str) -> Any:
        return run(*server.options, *argv, env=server.env)

    far("upload", "a", "photos").ok()
    line = ("inventory", "refresh", "photos", "-o", "json")
    first = far(*line).failed(75).json
    assert first["status"] == "requested"
    second = far(*line).failed(75).json
    assert (second["status"], second["job_id"]) == ("pending", first["job_id"])
    assert "run the same line again" in far(*line[:3]).failed(75).out
    done = far(*line, "--wait").ok().json
    assert (done["status"], done["confirmed"]) == ("reconciled", 1)
    assert server.service.count("InitiateJob") == 1


def test_an_inventory_as_csv_that_others_asked_for_is_in_nobodys_way(
    run: Run, serving: Serving, work: Path
) -> None:
    server = serving()
    server.client.create_vault(vaultName="photos")
    (work / "a").write_bytes(b"a")
    run(*server.options, "upload", "a", "photos", env=server.env).ok()
    server.client.initiate_job(
        vaultName="photos", jobParameters={"Type": "inventory-retrieval", "Format": "CSV"}
    )
    said = run(*server.options, "inventory", "refresh", "photos", env=server.env).ok()
    assert "1 confirmed" in said.out


def test_an_older_inventory_that_nobody_used_is_passed_over(
    run: Run, serving: Serving, work: Path
) -> None:
    server = serving()
    server.client.create_vault(vaultName="photos")
    for name in ("a", "b"):
        (work / name).write_bytes(name.encode())
        run(*server.options, "upload", name, "photos", env=server.env).ok()
        server.client.initiate_job(
            vaultName="photos", jobParameters={"Type": "inventory-retrieval"}
        )
    for _ in range(3):
        run(*server.options, "inventory", "refresh", "photos", env=server.env).ok()


def test_what_may_not_be_listed_yet_is_not_called_missing(
    run: Run, serving: Serving, work: Path
) -> None:
    server = serving()
    server.client.create_vault(vaultName="photos")
    for name in ("a", "b", "empty"):
        (work / name).write_bytes(b"" if name == "empty" else name.encode())

    def far(*argv: str) -> Any:
        return run(*server.options, *argv, env=server.env)

    far("upload", "a", "b", "empty", "photos").ok()
    for one in far("list", "-o", "json").json["archives"]:
        if one["name"] != "b":
            server.client.delete_archive(vaultName="photos", archiveId=one["archive_id"])
    far("inventory", "refresh", "photos").ok()
    # On the real service an upload may take days to be listed: not yet missing.
    assert {one["state"] for one in far("list", "-o", "json").json["archives"]} == {
        "uploaded",
        "confirmed",
        "empty",
    }


def test_a_saved_inventory_is_taken_in_without_the_network(
    local: Run, stored: Path, key_map: Path
) -> None:
    (stored / "saved.json").write_text(json.dumps(inventory_of(local)))
    before = listed(local)
    key_map.unlink()
    said = local("inventory", "import", "photos", "saved.json", "-o", "json").ok().json
    assert [said[key] for key in COUNTS] == [2, 0, 0, 0, 0]
    assert [one["name"] for one in listed(local)] == ["a", "b"]
    assert [one["archive_id"] for one in listed(local)] == [one["archive_id"] for one in before]
    again = local("inventory", "import", "photos", "saved.json", "-o", "json").ok().json
    assert [again[key] for key in COUNTS] == [0, 2, 0, 0, 0]


@pytest.mark.covers("H6")
def test_what_an_inventory_lacks_is_missing_and_stays(local: Run, stored: Path) -> None:
    saved = inventory_of(local)
    del saved["ArchiveList"][0]
    (stored / "saved.json").write_text(json.dumps(saved))
    said = local("inventory", "import", "photos", "saved.json", "-o", "json").ok().json
    assert said["missing"] == 1
    assert local("list", "--state", "missing").ok().lines[0].endswith("a")
    assert "not in the inventory that should list it" in local("inventory", "show", "photos").out
    again = local("inventory", "import", "photos", "saved.json", "-o", "json").ok().json
    assert (again["confirmed"], again["missing"]) == (1, 1)
    assert len(listed(local)) == 2


def test_a_dry_run_of_an_import_changes_nothing(local: Run, stored: Path) -> None:
    saved = inventory_of(local)
    del saved["ArchiveList"][0]
    (stored / "saved.json").write_text(json.dumps(saved))
    before = listed(local)
    said = local("inventory", "import", "photos", "saved.json", "--dry-run").ok()
    assert "would be taken in" in said.lines[0]
    assert listed(local) == before


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (lambda text: text[: len(text) // 2], 1, "malformed"),
        (lambda text: text.replace("vaults/photos", "vaults/other"), 2, 'that of vault "other"'),
        (lambda text: text.replace(":000000000000:", ":111111111111:"), 2, "account 111111111111"),
        (lambda text: text.replace("arn:aws:glacier:", "photos:"), 1, "malformed"),
        (
            lambda text: re.sub(r'"InventoryDate": "[^"]*"', '"InventoryDate": "soon"', text),
            1,
            "malformed",
        ),
        (
            lambda text: re.sub(
                r'"InventoryDate": "[^"]*"', f'"InventoryDate": "{ahead(hours=25)}"', text
            ),
            1,
            "in the future",
        ),
        (lambda text: text.replace('"Size": 1', '"Size": -1'), 1, "malformed"),
        (lambda _: "", 1, "malformed"),
        (lambda _: "\x00\x01", 1, "malformed"),
        (lambda _: "[]", 1, "malformed"),
    ],
)
def test_a_saved_inventory_that_is_no_good_changes_nothing(
    local: Run, stored: Path, change: Any, code: int, words: str
) -> None:
    (stored / "saved.json").write_text(change(json.dumps(inventory_of(local))))
    before = listed(local)
    said = local("inventory", "import", "photos", "saved.json").failed(code, words)
    assert said.out == ""
    assert listed(local) == before
    assert local("inventory", "show", "photos", "-o", "json").json["inventory_date"] is None


@pytest.mark.covers("H5")
def test_an_inventory_older_than_the_last_one_is_refused(local: Run, stored: Path) -> None:
    for name, date in (("new", ahead(hours=2)), ("old", ahead(hours=1))):
        (stored / name).write_text(json.dumps(inventory_of(local, InventoryDate=date)))
    local("inventory", "import", "photos", "new").ok()
    local("inventory", "import", "photos", "old").failed(1, "is older than the last")


@pytest.mark.usefixtures("stored")
def test_an_export_is_json_unless_another_form_is_asked_for(local: Run) -> None:
    whole = local("inventory", "export", "photos").ok().json["archives"]
    assert [one["name"] for one in whole] == ["a", "b"]
    assert local("inventory", "export", "photos", "-o", "jsonl").ok().jsonl == whole
    rows = list(
        csv.DictReader(io.StringIO(local("inventory", "export", "photos", "-o", "csv").out))
    )
    assert [row["archive_id"] for row in rows] == [one["archive_id"] for one in whole]


@pytest.mark.usefixtures("stored")
def test_what_needs_a_look_is_shown_with_its_reason(local: Run) -> None:
    said = local("inventory", "show", "photos", "-o", "json").ok().json
    assert said["inventory_date"] is None
    assert len(said["differences"]) == 2
    assert all("not yet in an inventory" in one["reason"] for one in said["differences"])
    local("inventory", "refresh", "photos").ok()
    after = local("inventory", "show", "photos", "-o", "json").ok().json
    assert after["differences"] == []
    assert after["archive_count"] == 2
    assert local("inventory", "show", "photos", "-o", "csv").ok().out.startswith("vault,name,")


@pytest.mark.usefixtures("stored")
def test_any_archive_is_explained_in_a_sentence(local: Run) -> None:
    (line,) = local("inventory", "show", "photos/a").ok().lines[2:]
    assert re.fullmatch(r"uploaded: a: uploaded here .+Z, not yet in an inventory; none yet", line)
    local("inventory", "refresh", "photos").ok()
    (one,) = local("inventory", "show", "photos/a", "-o", "jsonl").ok().jsonl
    assert "listed by the inventory of" in one["reason"]
    assert one["listed_at"] is not None
    local("delete", "photos/a", "--yes").ok()
    (gone,) = local("inventory", "show", f"photos/id:{one['archive_id']}", "-o", "jsonl").ok().jsonl
    assert gone["deleted_at"] is not None
    assert gone["agreed_date"] is None
    assert gone["reason"].startswith("deleted ")
    both = local("inventory", "show", "photos/*", "-o", "csv").ok().out
    assert [row["state"] for row in csv.DictReader(io.StringIO(both))] == ["deleted", "confirmed"]
    local("inventory", "show", "photos/nothing").failed(11, "photos/nothing")
    local("inventory", "show", "nowhere/a").failed(10)


def test_what_is_missing_is_told_since_when(local: Run, stored: Path) -> None:
    local("inventory", "refresh", "photos").ok()
    saved = inventory_of(local)
    del saved["ArchiveList"][0]
    (stored / "saved.json").write_text(json.dumps(saved))
    local("inventory", "import", "photos", "saved.json").ok()
    (one,) = local("inventory", "show", "photos", "-o", "jsonl").ok().jsonl
    assert one["missing_since_date"] == saved["InventoryDate"]
    assert one["listed_at"] < one["missing_since_date"]
    assert "should list it since that of" in one["reason"]


def test_an_older_inventory_of_the_service_ends_in_a_new_request(local: Run, stored: Path) -> None:
    local("inventory", "refresh", "photos").ok()
    (stored / "saved.json").write_text(json.dumps(inventory_of(local)))
    local("inventory", "import", "photos", "saved.json").ok()
    for asked in (3, 5):
        local("inventory", "refresh", "photos").failed(75, "tells nothing new")
        assert len(local("job", "list", "-o", "json").json["jobs"]) == asked


def test_a_refresh_under_way_keeps_another_from_running_and_no_file_from_being_stored(
    vault: Server, run: Run, spawn: Spawn, work: Path
) -> None:
    (work / "inventory").write_bytes(b"abc")
    gate = Gate(vault.service)
    vault.service.breaks("InitiateJob", gate)
    first = spawn("inventory", "refresh", "photos")
    gate.wait_until_asked()
    run("upload", "inventory", "photos").ok()
    run("inventory", "refresh", "photos").failed(12, "the inventory has to wait")
    gate.let_go()
    finished(first)


@pytest.mark.covers("N14")
def test_waiting_ends_when_the_service_makes_no_inventory(
    remote: Run, server: Server, work: Path
) -> None:
    def failed(request: WireRequest) -> WireResponse:
        answer = server.service.inner.handle(request)
        text = b"".join(answer.body).replace(b'"Succeeded"', b'"Failed"')
        said = json.loads(text)
        for job in said["JobList"]:
            job["StatusMessage"] = "the vault is on fire"
        body = json.dumps(said).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        return WireResponse(status=200, headers=headers, body=iter([body]))

    server.client.create_vault(vaultName="photos")
    (work / "a").write_bytes(b"abc")
    remote("upload", "a", "photos").ok()
    server.service.breaks("ListJobs", *[failed] * 9)
    remote("inventory", "refresh", "photos", "--wait").failed(75, "the vault is on fire")
    assert server.service.count("InitiateJob") == 2


def test_a_dry_run_of_refresh_asks_for_nothing_and_changes_nothing(
    local: Run, photos: Path, key_map: Path
) -> None:
    (photos / "a").write_bytes(b"a")
    local("upload", "a", "photos").ok()
    before = local("list", "photos", "-o", "json").ok().out
    assert local("inventory", "refresh", "photos", "--dry-run").ok().lines == [
        "the inventory of photos would be requested"
    ]
    assert local("job", "list", "photos", "-o", "json").ok().json["jobs"] == []
    local("inventory", "refresh", "photos").ok()
    key_map.unlink()
    said = local("inventory", "refresh", "photos", "--dry-run", "-o", "json").ok().json
    assert (said["status"], said["added"], said["dry_run"]) == ("reconciled", 1, True)
    assert local("list", "photos", "-o", "json").ok().json["archives"] == []
    assert "uploaded" in before
