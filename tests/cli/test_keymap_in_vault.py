"""A key map in a vault: stored like any file, and brought back by a machine that knows nothing."""

import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from glaciercli.ports import WireResponse
from glaciercli.server.settings import ServiceSettings
from tests.cli.conftest import Run, Server, Serving

PREFIX = ".glaciercli/keymap-"


@pytest.fixture
def stored(vault: Server, run: Run, work: Path) -> Server:
    (work / "a").write_bytes(b"abc")
    run("upload", "a", "photos").ok()
    run("rename", "photos/a", "my name").ok()
    return vault


def names(run: Run, *options: object) -> list[str]:
    said = run("list", "photos", "-o", "json", *options).ok().json
    return [one["name"] for one in said["archives"]]


def copies(run: Run) -> list[str]:
    return [one for one in names(run) if one.startswith(PREFIX)]


@pytest.mark.usefixtures("stored")
def test_a_machine_that_knows_nothing_recovers_everything(run: Run) -> None:
    said = run("keymap", "store", "photos", "-o", "json").ok().json
    assert said["uploaded"][0]["name"] in names(run)
    new = ("--key-map", "new")
    assert "no key map in photos" in run("keymap", "recover", "photos", "--dry-run", *new).ok().out
    back = run("keymap", "recover", "photos", "-o", "json", *new).ok().json
    assert (back["status"], back["name"]) == ("recovered", said["uploaded"][0]["name"])
    assert names(run, *new) == names(run)
    assert "my name" in names(run, *new)
    assert os.listdir("new.recovery") == []
    run("keymap", "check", *new).ok()


def test_recovering_waits_for_the_inventory_and_then_for_the_archive(
    serving: Serving, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = timedelta(seconds=1.5)
    server = serving(ServiceSettings(inventory_delay=slow, standard_delay=slow))
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    server.client.create_vault(vaultName="photos")
    run("keymap", "store", "photos").ok()
    line = ("keymap", "recover", "photos", "-o", "json", "--key-map", "new")
    first = run(*line).failed(75).json
    assert (first["status"], first["waiting_for"]) == ("pending", "inventory")
    assert run(*line).failed(75).json["job_id"] == first["job_id"]
    done = run(*line, "--wait").ok().json
    assert done["status"] == "recovered"
    assert server.service.count("InitiateJob") == 2


@pytest.mark.usefixtures("stored")
def test_a_vault_without_a_key_map_says_so(run: Run) -> None:
    run("keymap", "recover", "photos").failed(11, "holds no key map")


@pytest.mark.usefixtures("stored")
def test_a_file_of_that_name_is_no_key_map(run: Run, work: Path) -> None:
    (work / "x").write_bytes(b"not a key map")
    run("upload", "x", "photos", "--name", f"{PREFIX}2099-01-01T000000Z.jsonl.gz").ok()
    run("keymap", "recover", "photos").failed(11, "holds no key map")


def test_a_store_that_failed_is_begun_anew_with_the_present_key_map(
    stored: Server, run: Run, key_map: Path
) -> None:
    stored.service.breaks("UploadArchive", lambda _: _refusal())
    run("keymap", "store", "photos").failed(1)
    (left,) = os.listdir(f"{key_map}.outgoing")
    begun = PREFIX + left.partition("-at-")[2]
    run("rename", "photos/my name", "another name").ok()
    said = run("keymap", "store", "photos", "--dry-run").ok().out
    assert said.startswith(f"would see to {begun}, which a stopped run began\n")
    said = run("keymap", "store", "photos", "-o", "json").ok().json
    assert [one["name"] for one in said["uploaded"]] == copies(run) != [begun]
    assert os.listdir(f"{key_map}.outgoing") == []
    run("keymap", "recover", "photos", "--key-map", "new").ok()
    assert "another name" in names(run, "--key-map", "new")


def test_a_lost_answer_is_doubted_like_that_of_any_file(stored: Server, run: Run) -> None:
    stored.service.loses("UploadArchive")
    said = run("keymap", "store", "photos", "-o", "json").failed(75).json
    assert len(said["unsettled"]) == 1
    run("inventory", "refresh", "photos").ok()
    assert len(copies(run)) == 1
    run("keymap", "recover", "photos", "--key-map", "new").ok()


@pytest.mark.usefixtures("stored")
def test_older_copies_go_only_when_asked(run: Run) -> None:
    for _ in range(3):
        run("keymap", "store", "photos").ok()
    old = copies(run)
    assert len(copies(run)) == 3
    line = ("keymap", "store", "photos", "--prune", "--keep", "2")
    assert run(*line, "--dry-run").ok().out.count("would delete") == 2
    run(*line).failed(2, "--yes says that it is meant")
    assert len(copies(run)) == 3
    said = run(*line, "--yes", "-o", "json").ok().json
    assert {one["name"] for one in said["deleted"]} == {*old[:2]}
    assert len(copies(run)) == 2


@pytest.mark.usefixtures("stored")
def test_pruning_says_what_it_leaves_to_other_key_maps(run: Run) -> None:
    run("keymap", "store", "photos", "--key-map", "other").ok()
    run("inventory", "refresh", "photos").ok()
    (theirs,) = copies(run)
    line = ("keymap", "store", "photos", "--prune", "--keep", "1", "--yes")
    said = run(*line).ok().err
    assert said.count("may not know all that is in them: 1; glaciercli keymap recover photos") == 1
    assert run("keymap", "recover", "photos", "-o", "json").ok().json["name"] == theirs
    done = run(*line, "-o", "json").ok()
    assert (theirs in [one["name"] for one in done.json["deleted"]], done.err) == (True, "")


@pytest.mark.usefixtures("stored")
def test_a_deletion_that_broke_off_is_seen_through_by_the_same_line(
    run: Run, key_map: Path
) -> None:
    run("keymap", "store", "photos").ok()
    old = copies(run)
    with closing(sqlite3.connect(key_map)) as connection, connection:
        connection.execute("UPDATE archives SET state = 5 WHERE name = ?", old)
    line = ("keymap", "store", "photos", "--prune", "--keep", "1", "--yes")
    assert [one["name"] for one in run(*line, "-o", "json").ok().json["deleted"]] == old


def _refusal() -> WireResponse:
    body = b'{"code":"InvalidParameterValueException","message":"No.","type":"Client"}'
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    return WireResponse(status=400, headers=headers, body=iter([body]))


def test_an_older_inventory_that_is_ready_is_not_the_last_word(stored: Server, run: Run) -> None:
    stored.client.initiate_job(
        vaultName="photos", jobParameters={"Type": "inventory-retrieval", "Format": "JSON"}
    )
    run("keymap", "store", "photos").ok()
    done = run("keymap", "recover", "photos", "-o", "json", "--key-map", "new").ok().json
    assert done["status"] == "recovered"
