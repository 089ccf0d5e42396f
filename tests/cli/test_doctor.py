"""``glaciercli doctor``: what it finds, what it says to do, and that it changes nothing."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from glaciercli.server.settings import ServiceSettings
from tests.cli.conftest import Done, Run, Server, Serving
from tests.fakes import MovedClock


def found(done: Done) -> dict[str, Any]:
    """What was found, by what was looked at; of several findings the worst one."""
    order = ("ok", "note", "warning", "problem")
    listed = sorted(done.json["findings"], key=lambda one: order.index(one["status"]))
    return {one["check"]: one for one in listed}


def served(serving: Serving, monkeypatch: pytest.MonkeyPatch, ahead: timedelta) -> Server:
    """Start a service with a vault, and with a clock that is so far ahead."""
    clock = MovedClock(datetime.now(UTC) + ahead)  # noqa: TID251 - it is compared with the real one
    settings = ServiceSettings(clock_skew=None, upload_lifetime=timedelta(days=30))
    server = serving(settings, clock=clock)
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    server.client.create_vault(vaultName="photos")
    return server


def test_where_all_is_well_it_says_so(local: Run, photos: Path) -> None:
    (photos / "a").write_bytes(b"a")
    local("upload", "a", "photos").ok()
    local("inventory", "refresh", "photos").ok()
    done = local("doctor", "-o", "json").ok()
    assert (done.json["problems"], done.json["warnings"]) == (0, 0)
    statuses = {check: one["status"] for check, one in found(done).items()}
    for check in ("key_map", "disk", "credentials", "service", "clock", "inventory", "uploads"):
        assert statuses[check] == "ok", check
    assert statuses["glacier:DeleteArchive"] == "ok"
    assert statuses["glacier:UploadArchive"] == "note"
    lines = local("doctor").ok().lines
    assert lines[-1] == "0 problems, 0 warnings"
    assert any("operations tried, and allowed" in one for one in lines)
    assert len(local("doctor", "photos", "-o", "jsonl").ok().jsonl) > 30


def test_nothing_is_changed(run: Run, vault: Server) -> None:
    vault.client.upload_archive(vaultName="photos", body=b"x")
    vault.client.add_tags_to_vault(vaultName="photos", Tags={"a": "b"})
    before = vault.client.describe_vault(vaultName="photos")["LastInventoryDate"]
    run("doctor").ok()
    after = vault.client.describe_vault(vaultName="photos")
    assert (after["NumberOfArchives"], after["LastInventoryDate"]) == (1, before)
    assert vault.client.list_tags_for_vault(vaultName="photos")["Tags"] == {"a": "b"}
    assert vault.client.list_jobs(vaultName="photos")["JobList"] == []


def test_what_a_policy_denies_is_told_with_the_commands_that_need_it(
    local: Run, photos: Path
) -> None:
    del photos
    local("vault", "policy", "set", "photos", "--preset", "deny-delete").ok()
    denied = found(local("doctor", "-o", "json").ok())["glacier:DeleteArchive"]
    assert denied["status"] == "warning"
    assert "sync --delete" in denied["message"]
    assert "docs/iam.md" in denied["advice"]


def test_a_lock_in_progress_is_told(local: Run, photos: Path) -> None:
    del photos
    local("vault", "lock", "start", "photos", "--preset", "deny-delete").ok()
    assert found(local("doctor", "-o", "json").ok())["lock"]["status"] == "warning"


def test_a_lock_that_another_machine_started_is_told(local: Run, photos: Path) -> None:
    del photos
    local("vault", "lock", "start", "photos", "--preset", "deny-delete").ok()
    done = local("doctor", "-o", "json", "--key-map", "other.sqlite3").ok()
    assert "ends by itself at" in found(done)["lock"]["message"]


@pytest.mark.covers("N17")
@pytest.mark.parametrize(
    ("ahead", "status", "code"),
    [(timedelta(minutes=2), "warning", 0), (timedelta(hours=-2), "problem", 1)],
)
def test_a_wrong_clock_is_found_by_the_date_of_an_answer(
    run: Run,
    serving: Serving,
    monkeypatch: pytest.MonkeyPatch,
    *,
    ahead: timedelta,
    status: str,
    code: int,
) -> None:
    served(serving, monkeypatch, ahead)
    done = run("doctor", "-o", "json")
    assert done.code == code
    clock = found(done)["clock"]
    assert clock["status"] == status
    assert "timedatectl" in clock["advice"]


def test_abandoned_uploads_and_jobs_about_to_expire_are_told(
    run: Run, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = served(serving, monkeypatch, timedelta(hours=-30))
    server.client.initiate_multipart_upload(vaultName="photos", partSize="1048576")
    stored = server.client.upload_archive(vaultName="photos", body=b"x")
    server.client.initiate_job(
        vaultName="photos",
        jobParameters={"Type": "archive-retrieval", "ArchiveId": stored["archiveId"]},
    )
    told = found(run("doctor", "photos", "-o", "json"))
    assert "upload-parts abort photos" in told["uploads"]["advice"]
    assert told["jobs"]["status"] == "warning"
    assert "retrieve" in told["jobs"]["advice"]


def test_without_a_service_it_still_says_what_there_is(run: Run) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x"}
    line = ("--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:9", "doctor")
    done = run(*line, "-o", "json", env=keys)
    assert done.code == 1
    told = found(done)
    assert told["service"]["status"] == "problem"
    assert "check the network" in told["service"]["advice"]
    assert "...MPLE from env" in told["credentials"]["message"]
    assert told["disk"]["status"] == "ok"


def test_without_credentials_it_says_how_to_give_them(run: Run) -> None:
    done = run("--region", "us-east-1", "doctor", "-o", "json")
    assert done.code == 1
    assert "AWS_PROFILE" in found(done)["credentials"]["advice"]


def test_a_damaged_key_map_is_one_problem(local: Run, key_map: Path) -> None:
    key_map.write_bytes(b"garbage")
    done = local("doctor", "-o", "json")
    assert (done.code, done.json["problems"]) == (1, 1)
    assert found(done)["key_map"]["advice"] is not None


def test_a_key_map_that_fails_when_it_is_read_hides_nothing_else(
    local: Run, photos: Path, key_map: Path
) -> None:
    (photos / "a").write_bytes(b"a")
    local("upload", "a", "photos").ok()
    whole = key_map.read_bytes()
    # The heading and the table of tables stay.
    key_map.write_bytes(whole[:8192] + b"\xaa" * (len(whole) - 8192))
    done = local("doctor", "-o", "json")
    assert done.code == 1
    assert found(done)["key_map"]["status"] == "problem"
    assert found(done)["service"]["status"] == "ok"


def test_a_vault_that_does_not_exist_is_a_problem(local: Run, photos: Path) -> None:
    del photos
    done = local("doctor", "nothing", "-o", "json")
    assert (done.code, found(done)["vault"]["status"]) == (1, "problem")


class Who(BaseHTTPRequestHandler):
    """Answers who somebody is."""

    def do_POST(self) -> None:
        body = (
            b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
            b"<GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/ann</Arn>"
            b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
        )
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def who() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Who) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("vault")
def test_whose_credentials_they_are_is_asked(run: Run, who: str) -> None:
    done = run("doctor", "-o", "json", env={"AWS_ENDPOINT_URL_STS": who}).ok()
    assert "arn:aws:iam::111122223333:user/ann" in found(done)["credentials"]["message"]
