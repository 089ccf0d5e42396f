"""``glaciercli retrieve``: asked for, waited for, fetched, proved and put in its place."""

import csv
import io
import os
import sqlite3
import threading
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from glaciercli.ports import WireRequest, WireResponse
from glaciercli.server.settings import ServiceSettings
from tests.cli.conftest import Run, Server, Serving, Spawn, finished

FILES = {"2024/a.jpg": b"aaaa", "2024/b.jpg": b"bb", "2025/c.txt": b"c", "empty": b""}


@pytest.fixture
def stored(local: Run, photos: Path) -> Path:
    """A vault with a few archives; returns the current directory."""
    for name, content in FILES.items():
        path = photos / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    local("upload", "source", "photos").ok()
    return photos


def found(directory: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_everything_comes_back_with_its_time(local: Run, stored: Path) -> None:
    local("retrieve", "photos/**", "--to", "back").ok()
    assert found(stored / "back") == FILES
    times = {path.stat().st_mtime_ns for path in (stored / "back").rglob("*") if path.is_file()}
    assert times == {1_700_000_000_123_456_789}


def test_the_document_has_its_fixed_shape(local: Run, stored: Path) -> None:
    said = local("retrieve", "photos/2024/a.jpg", "--to", "back/", "-o", "json").ok().json
    path = str(stored / "back" / "2024" / "a.jpg")
    assert said["retrieved"] == [{"name": "2024/a.jpg", "path": path, "size_bytes": 4}]
    assert said["pending"] == said["failed"] == []


def test_the_line_forms_have_an_object_or_a_row_for_each_archive(local: Run, stored: Path) -> None:
    rows = local("retrieve", "photos/2024/*", "--to", "back", "-o", "jsonl").ok().jsonl
    assert {one["name"] for one in rows} == {"2024/a.jpg", "2024/b.jpg"}
    text = local("retrieve", "photos/**", "--to", "back", "-o", "csv").ok().out
    assert {(one["outcome"], one["name"]) for one in csv.DictReader(io.StringIO(text))} == {
        ("skipped", "2024/a.jpg"),
        ("skipped", "2024/b.jpg"),
        ("retrieved", "2025/c.txt"),
        ("retrieved", "empty"),
    }
    assert found(stored / "back") == FILES


def test_a_glob_brings_what_it_matches(local: Run, stored: Path) -> None:
    local("retrieve", "photos/*/*.jpg", "--to", "back").ok()
    assert set(found(stored / "back")) == {"2024/a.jpg", "2024/b.jpg"}


def test_one_archive_can_go_to_a_file_of_another_name(local: Run, stored: Path) -> None:
    local("retrieve", "photos/2025/c.txt", "--to", "mine.txt").ok()
    assert (stored / "mine.txt").read_bytes() == b"c"


def test_the_current_directory_is_the_default(local: Run, stored: Path) -> None:
    local("retrieve", "photos/2025/c.txt").ok()
    assert (stored / "2025" / "c.txt").read_bytes() == b"c"


def test_the_start_of_an_id_points_at_an_archive(local: Run, stored: Path) -> None:
    (one,) = local("list", "photos/2025/c.txt", "-o", "json").json["archives"]
    local("retrieve", f"photos/id:{one['archive_id'][:12]}", "--to", "c").ok()
    assert (stored / "c").read_bytes() == b"c"


@pytest.mark.parametrize("name", ["2024/a.jpg", "empty"])
def test_standard_output_takes_the_bytes_and_nothing_else(
    local: Run, stored: Path, name: str
) -> None:
    before = found(stored)
    assert local("retrieve", f"photos/{name}", "--to", "-").ok().raw == FILES[name]
    # Once more: nothing that the first run left behind may stand in the way.
    assert local("retrieve", f"photos/{name}", "--to", "-").ok().raw == FILES[name]
    assert found(stored) == before


@pytest.mark.usefixtures("stored")
def test_what_a_killed_run_left_keeps_nothing_from_standard_output(local: Run, home: Path) -> None:
    spool = home / "key-map.sqlite3.spool"
    spool.mkdir(exist_ok=True)
    for key in range(1, 6):
        (spool / f"archive-{key}").write_bytes(FILES["2024/a.jpg"])
    assert local("retrieve", "photos/2024/a.jpg", "--to", "-").ok().raw == FILES["2024/a.jpg"]
    assert local("retrieve", "photos/2024/b.jpg", "--to", "-").ok().raw == FILES["2024/b.jpg"]


def test_standard_output_takes_one_archive_at_a_time(local: Run, stored: Path) -> None:
    local("retrieve", "photos/2024/*", "--to", "-").failed(2, "one archive at a time")
    assert found(stored / "source")


def test_every_version_comes_back_beside_the_others(local: Run, stored: Path) -> None:
    (stored / "c.txt").write_bytes(b"newer")
    local("upload", "c.txt", "photos/2025").ok()
    local("retrieve", "photos/2025/c.txt", "--all-versions", "--to", "back/").ok()
    assert sorted(found(stored / "back").values()) == [b"c", b"newer"]


def test_a_target_that_holds_the_archive_already_is_left_alone(local: Run, stored: Path) -> None:
    (stored / "c").write_bytes(b"c")
    said = local("retrieve", "photos/2025/c.txt", "--to", "c", "-o", "json").ok().json
    assert said["retrieved"] == []
    assert "holds it already" in said["skipped"][0]["reason"]


def test_a_target_that_differs_is_not_replaced_unless_told_so(local: Run, stored: Path) -> None:
    (stored / "c").write_bytes(b"mine")
    said = local("retrieve", "photos/2025/c.txt", "--to", "c").failed(1, "exists already")
    assert "hint: --overwrite" in said.err
    assert (stored / "c").read_bytes() == b"mine"
    assert local("job", "list", "-o", "json").json == {"jobs": []}
    local("retrieve", "photos/2025/c.txt", "--to", "c", "--overwrite").ok()
    assert (stored / "c").read_bytes() == b"c"


def test_content_that_the_local_store_has_lost_is_told_soon(
    local: Run, stored: Path, home: Path
) -> None:
    (blobs,) = home.rglob("blobs")
    for one in blobs.rglob("*"):
        if one.is_file():
            one.unlink()
    begun = time.monotonic()
    local("retrieve", "photos/**", "--to", "back/").failed(17)
    assert time.monotonic() - begun < 30
    assert not any((stored / "back" / name).exists() for name, content in FILES.items() if content)


def test_two_archives_for_one_place_are_told_before_anything_is_asked_for(
    local: Run, stored: Path
) -> None:
    local("vault", "create", "other").ok()
    local("upload", "source", "other").ok()
    said = local("retrieve", "photos/2025/c.txt", "other/2025/c.txt", "--to", "back")
    said.failed(3, "would both be")
    assert found(stored / "back") == {"2025/c.txt": b"c"}
    assert len(local("job", "list", "-o", "json").json["jobs"]) == 1


@pytest.mark.parametrize("vault", ["photos", "other"])
def test_what_several_references_stand_for_gets_places_beside_one_another(
    local: Run, stored: Path, vault: str
) -> None:
    local("vault", "create", "other").ok()
    for name, place in (("x", "photos"), ("x/y", vault)):
        (stored / "one").write_bytes(name.encode())
        local("upload", "one", place, "--name", name).ok()
    line = ("retrieve", "photos/x", f"{vault}/x/y", "--to", "back")
    said = local(*line).ok()
    assert '"x" gets another name here: a directory has that name' in said.err
    (other,) = {*found(stored / "back")} - {"x/y"}
    assert other.startswith("x.")
    assert found(stored / "back") == {"x/y": b"x/y", other: b"x"}
    assert len(local(*line, "-o", "json").ok().json["skipped"]) == 2


def test_a_dry_run_asks_for_nothing(local: Run, stored: Path) -> None:
    said = local("retrieve", "photos/2024/*", "--to", "back", "--dry-run").ok()
    assert said.lines[:2] == ["would start 2024/a.jpg", "would start 2024/b.jpg"]
    assert not (stored / "back").exists()
    assert local("job", "list", "-o", "json").json == {"jobs": []}


def test_an_unknown_name_is_told_with_its_own_code(local: Run, stored: Path) -> None:
    said = local("retrieve", "photos/nothing").failed(11, "photos/nothing")
    assert "hint: glaciercli list photos" in said.err
    assert found(stored / "source") == FILES


SLOW = ServiceSettings(standard_delay=timedelta(seconds=2.5))


def test_what_is_not_ready_is_said_and_fetched_by_the_same_line_later(
    run: Run, serving: Serving, work: Path
) -> None:
    server = serving(SLOW)
    server.client.create_vault(vaultName="photos")
    (work / "a").write_bytes(b"abc")
    run(*server.options, "upload", "a", "photos", env=server.env).ok()
    line = (*server.options, "retrieve", "photos/a", "--to", "back/", "-o", "json")
    asked = run(*line, env=server.env).failed(75).json
    (one,) = asked["pending"]
    assert one["name"] == "a"
    assert one["tier"] == "standard"
    assert one["expected_at"]
    again = run(*line, env=server.env).failed(75).json
    assert again["pending"][0]["job_id"] == one["job_id"]
    said = run(*line[:-2], env=server.env).failed(75)
    assert "run the same line again" in said.out
    ready = run(*line, "--wait", env=server.env).ok().json
    assert ready["retrieved"][0]["path"] == str(work / "back" / "a")
    assert (work / "back" / "a").read_bytes() == b"abc"
    assert server.service.count("InitiateJob") == 1


def test_a_job_that_was_started_elsewhere_is_adopted(
    run: Run, serving: Serving, work: Path
) -> None:
    server = serving()
    server.client.create_vault(vaultName="photos")
    (work / "a").write_bytes(b"abc")
    run(*server.options, "upload", "a", "photos", env=server.env).ok()
    (one,) = run(*server.options, "list", "-o", "json", env=server.env).json["archives"]
    job = server.client.initiate_job(
        vaultName="photos",
        jobParameters={"Type": "archive-retrieval", "ArchiveId": one["archive_id"]},
    )
    run(*server.options, "retrieve", "photos/a", "--to", "back/", env=server.env).ok()
    assert (work / "back" / "a").read_bytes() == b"abc"
    assert [seen.target.split("/")[-2] for seen in server.service.seen if seen.span] == [
        job["jobId"]
    ]
    assert server.service.count("InitiateJob") == 1


@pytest.mark.covers("N13")
def test_an_expired_job_is_asked_for_again(run: Run, serving: Serving, work: Path) -> None:
    server = serving(ServiceSettings(job_lifetime=timedelta(0)))
    server.client.create_vault(vaultName="photos")
    (work / "a").write_bytes(b"abc")
    run(*server.options, "upload", "a", "photos", env=server.env).ok()
    line = (*server.options, "retrieve", "photos/a", "--to", "back/")
    run(*line, env=server.env).failed(75)
    run(*line, env=server.env).failed(75)
    assert server.service.count("InitiateJob") == 2


@pytest.mark.covers("N13")
def test_a_job_that_failed_is_told_and_asked_for_again(
    run: Run, serving: Serving, work: Path
) -> None:
    server = serving(ServiceSettings(accept_deleted_archives=True))
    server.client.create_vault(vaultName="photos")
    (work / "a").write_bytes(b"abc")
    run(*server.options, "upload", "a", "photos", env=server.env).ok()
    (one,) = run(*server.options, "list", "-o", "json", env=server.env).json["archives"]
    server.client.delete_archive(vaultName="photos", archiveId=one["archive_id"])
    line = (*server.options, "retrieve", "photos/a", "--to", "back/")
    for count in (1, 2):
        run(*line, env=server.env).failed(75, "has failed or expired")
        assert server.service.count("InitiateJob") == count
    assert server.service.count("GetJobOutput") == 0
    assert not (work / "back" / "a").exists()


@pytest.fixture
def far(remote: Run, server: Server, work: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A vault with one archive in a service over HTTP, which the environment leads to."""
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    server.client.create_vault(vaultName="photos")
    (work / "a").write_bytes(b"abc")
    remote("upload", "a", "photos").ok()
    return remote


def refuse(status: int, message: str) -> Any:
    def answer(_: WireRequest) -> WireResponse:
        code = "ServiceUnavailableException" if status == 500 else "ResourceNotFoundException"
        body = f'{{"code":"{code}","message":"{message}","type":"Client"}}'.encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        return WireResponse(status=status, headers=headers, body=iter([body]))

    return answer


def test_a_job_that_another_run_is_asking_for_is_not_asked_for_again(
    far: Run, server: Server, spawn: Spawn
) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def late(request: WireRequest) -> WireResponse:
        asked.set()
        go_on.wait(30)
        return server.service.inner.handle(request)

    server.service.breaks("InitiateJob", late)
    process = spawn(*server.options, "retrieve", "photos/a", "--to", "first")
    assert asked.wait(30)
    for _ in range(2):
        far("retrieve", "photos/a", "--to", "second").failed(75)
    go_on.set()
    finished(process).ok()
    far("retrieve", "photos/a", "--to", "second").ok()
    assert server.service.count("InitiateJob") == 1


def test_a_job_that_another_run_started_since_the_plan_is_used(
    far: Run, server: Server, spawn: Spawn
) -> None:
    def late(request: WireRequest) -> WireResponse:
        finished(spawn(*server.options, "retrieve", "photos/a", "--to", "first")).ok()
        return server.service.inner.handle(request)

    server.service.breaks("ListJobs", late)
    far("retrieve", "photos/a", "--to", "second").ok()
    assert server.service.count("InitiateJob") == 1


def test_a_job_that_another_run_started_since_the_listing_is_used(
    far: Run, server: Server, spawn: Spawn
) -> None:
    def late(request: WireRequest) -> WireResponse:
        listed = server.service.inner.handle(request)
        finished(spawn(*server.options, "retrieve", "photos/a", "--to", "first")).ok()
        return listed

    server.service.breaks("ListJobs", late)
    far("retrieve", "photos/a", "--to", "second").ok()
    assert server.service.count("InitiateJob") == 1


def test_an_answer_that_was_lost_is_waited_for_and_then_asked_for_again(
    far: Run, server: Server, key_map: Path
) -> None:
    line = ("retrieve", "photos/a", "--to", "back")
    server.service.breaks("InitiateJob", refuse(500, "Lost."))
    for _ in range(2):
        far(*line).failed(75)
    assert server.service.count("InitiateJob") == 0
    with closing(sqlite3.connect(key_map)) as connection, connection:
        connection.execute("UPDATE jobs SET created_at = created_at - 15 * 60 * 1000")
    far(*line).ok()
    assert server.service.count("InitiateJob") == 1


@pytest.mark.covers("N13")
def test_an_output_that_is_gone_though_its_job_is_listed_is_asked_for_again(
    far: Run, server: Server, work: Path
) -> None:
    server.service.breaks("GetJobOutput", refuse(404, "The job ID was not found: it expired"))
    (one,) = far("retrieve", "photos/a", "--to", "back", "-o", "json").failed(75).json["pending"]
    assert one["job_id"] is None
    far("retrieve", "photos/a", "--to", "back").ok()
    assert (work / "back").read_bytes() == b"abc"
    assert server.service.count("InitiateJob") == 2


def test_a_second_name_that_a_kill_left_beside_a_file_is_cleared_away(
    local: Run, stored: Path, key_map: Path
) -> None:
    line = ("retrieve", "photos/2024/a.jpg", "--to", "back/")
    local(*line).ok()
    place = stored / "back" / "2024"
    os.link(place / "a.jpg", place / ".a.jpg.left.partial")
    with closing(sqlite3.connect(key_map)) as connection, connection:
        connection.execute(
            "INSERT INTO downloads (archive_key, target, partial, range_bytes, begun_at)"
            " SELECT archive_key, ?, '.a.jpg.left.partial', 1048576, 0 FROM archives"
            " WHERE name = '2024/a.jpg'",
            (str(place / "a.jpg"),),
        )
    local(*line).ok()
    assert found(stored / "back") == {"2024/a.jpg": b"aaaa"}
    with closing(sqlite3.connect(key_map)) as connection:
        assert connection.execute("SELECT count(*) FROM downloads").fetchone() == (0,)
