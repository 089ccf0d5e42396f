"""What a data directory survives: kills, sharing, damage, leftovers."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from mypy_boto3_glacier import GlacierClient

from glaciercli.errors import Busy, FileProblem
from glaciercli.server import integrity, locks
from glaciercli.server.application import GlacierApplication
from glaciercli.server.catalogue.database import Database
from glaciercli.service.in_process import answer_in_process
from tests.fakes import MovedClock
from tests.server.conftest import SETTINGS, Bench, OpenBench
from tests.server.payloads import VAULT, output, retrieve, upload
from tests.server.test_archives import stored_files

# Uploads for ever, and says of each archive that it was acknowledged.
UPLOADER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import boto3
from glaciercli.server.application import GlacierApplication
from glaciercli.service.in_process import answer_in_process
from tests.fakes import MovedClock
from tests.server.conftest import SETTINGS

clock = MovedClock(datetime(2026, 1, 2, tzinfo=UTC))
application = GlacierApplication.open(Path(sys.argv[1]), clock=clock, settings=SETTINGS)
client = boto3.client(
    "glacier", region_name="us-east-1", endpoint_url="http://glacier.test",
    aws_access_key_id=application.credentials.access_key_id,
    aws_secret_access_key=application.credentials.secret_access_key,
)
answer_in_process(client, application)
client.create_vault(vaultName="photos")
for number in range(int(sys.argv[2])):
    data = b"%d of %s" % (number, sys.argv[3].encode()) * 1000
    sent = client.upload_archive(vaultName="photos", body=data)
    print(sent["archiveId"], sent["checksum"], flush=True)
"""


def uploader(data_dir: Path, count: int, name: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", UPLOADER, str(data_dir), str(count), name],
        stdout=subprocess.PIPE,
        text=True,
        env={
            "PATH": os.defpath,
            "AWS_EC2_METADATA_DISABLED": "true",
            "PYTHONPATH": str(Path.cwd()),
        },
    )


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def reopened(data_dir: Path, clock: MovedClock, session: boto3.Session) -> Iterator["Reopen"]:
    opened = Reopen(data_dir, clock, session)
    yield opened
    opened.close()


class Reopen:
    """Opens a data directory again, with a client."""

    def __init__(self, data_dir: Path, clock: MovedClock, session: boto3.Session) -> None:
        self._data_dir, self._clock, self._session = data_dir, clock, session
        self._open: list[GlacierApplication] = []

    def application(self) -> GlacierApplication:
        made = GlacierApplication.open(self._data_dir, clock=self._clock, settings=SETTINGS)
        self._open.append(made)
        return made

    def client(self) -> GlacierClient:
        application = self.application()
        client = self._session.client(
            "glacier",
            region_name="us-east-1",
            endpoint_url="http://glacier.test",
            aws_access_key_id=application.credentials.access_key_id,
            aws_secret_access_key=application.credentials.secret_access_key,
        )
        answer_in_process(client, application)
        return client

    def close(self) -> None:
        while self._open:
            self._open.pop().close()


def test_everything_acknowledged_survives_a_kill(data_dir: Path, reopened: Reopen) -> None:
    with uploader(data_dir, 1_000_000, "killed") as process:
        assert process.stdout
        acknowledged = [process.stdout.readline().split() for _ in range(25)]
        process.send_signal(signal.SIGKILL)
        acknowledged += [line.split() for line in process.stdout if len(line.split()) == 2]
    client = reopened.client()
    for archive_id, checksum in acknowledged:
        assert output(client, retrieve(client, archive_id))["checksum"] == checksum
    listed = client.describe_vault(vaultName=VAULT)["NumberOfArchives"]
    # One more may have been stored whose acknowledgement was not said in time.
    assert len(acknowledged) <= listed <= len(acknowledged) + 1
    assert len(stored_files(data_dir)) == listed


def test_three_processes_share_a_directory(data_dir: Path, reopened: Reopen) -> None:
    processes = [uploader(data_dir, 20, name) for name in ("one", "two", "three")]
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    ids = [line.split()[0] for text in outputs for line in text.splitlines()]
    client = reopened.client()
    assert client.describe_vault(vaultName=VAULT)["NumberOfArchives"] == len(ids) == 60
    for archive_id in ids:
        assert output(client, retrieve(client, archive_id))["status"] == 200


def test_two_services_on_one_directory_see_each_others_work(reopened: Reopen) -> None:
    one, two = reopened.client(), reopened.client()
    one.create_vault(vaultName=VAULT)
    archive_id = upload(two, b"shared")
    job_id = retrieve(one, archive_id)
    assert output(two, job_id)["bytes"] == b"shared"


@pytest.mark.covers("E6")
def test_many_threads_write_at_once(open_bench: OpenBench) -> None:
    bench = open_bench()
    client = bench.client
    client.create_vault(vaultName=VAULT)
    threads = [
        threading.Thread(target=lambda: [upload(client, b"x") for _ in range(10)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.describe_vault(vaultName=VAULT)["NumberOfArchives"] == 80


def leftovers(data_dir: Path) -> list[Path]:
    paths = [data_dir / "incoming" / "half", data_dir / "blobs" / "00" / "00orphan"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"left over")
    (data_dir / "in-use").touch()
    return paths


def test_leftovers_of_a_crash_are_swept_and_nothing_else(data_dir: Path, reopened: Reopen) -> None:
    client = reopened.client()
    client.create_vault(vaultName=VAULT)
    archive_id = upload(client, b"kept")
    job_id = retrieve(client, archive_id)
    inventory_id = client.initiate_job(
        vaultName=VAULT, jobParameters={"Type": "inventory-retrieval"}
    )["jobId"]
    reopened.close()
    paths = leftovers(data_dir)
    client = reopened.client()
    assert [path.exists() for path in paths] == [False, False]
    assert output(client, job_id)["bytes"] == b"kept"
    assert archive_id.encode() in output(client, inventory_id)["bytes"]


def test_nothing_is_swept_while_another_uses_the_directory(
    data_dir: Path, reopened: Reopen
) -> None:
    reopened.application()
    paths = leftovers(data_dir)
    reopened.application()
    assert all(path.exists() for path in paths)


def test_a_crash_is_noticed_though_another_ended_in_order_since(
    data_dir: Path, reopened: Reopen
) -> None:
    with uploader(data_dir, 1_000_000, "killed") as process:
        assert process.stdout
        process.stdout.readline()
        reopened.application()
        process.send_signal(signal.SIGKILL)
    half = data_dir / "incoming" / "half"
    half.write_bytes(b"left over")
    reopened.close()
    assert half.exists()
    reopened.application()
    assert not half.exists()


def test_nothing_is_left_in_use_when_all_ended_in_order(data_dir: Path, reopened: Reopen) -> None:
    reopened.application()
    reopened.application()
    assert len(list(data_dir.glob("in-use*"))) == 2
    reopened.close()
    assert list(data_dir.glob("in-use*")) == []


def test_a_directory_is_served_once_only(data_dir: Path) -> None:
    with (
        locks.serving(data_dir),
        pytest.raises(Busy, match=str(data_dir)),
        locks.serving(data_dir),
    ):
        pass
    with locks.serving(data_dir):
        pass


def test_credentials_are_made_once_and_kept_private(data_dir: Path, reopened: Reopen) -> None:
    first = reopened.application().credentials
    assert reopened.application().credentials == first
    assert (data_dir / "credentials.json").stat().st_mode & 0o777 == 0o600
    assert data_dir.stat().st_mode & 0o777 == 0o700
    assert first.account_id == "000000000000"
    assert first.secret_access_key not in repr(first)


@pytest.mark.covers("P15")
def test_nobody_else_may_read_anything(data_dir: Path, reopened: Reopen) -> None:
    # The directory itself may be open to all, where somebody else made it.
    data_dir.mkdir(mode=0o755)
    client = reopened.client()
    client.create_vault(vaultName=VAULT)
    upload(client, b"private")
    assert stored_files(data_dir)
    assert [path for path in data_dir.rglob("*") if path.stat().st_mode & 0o077] == []


def test_the_account_number_of_the_file_counts(data_dir: Path, reopened: Reopen) -> None:
    reopened.application()
    reopened.close()
    path = data_dir / "credentials.json"
    kept = json.loads(path.read_text())
    path.write_text(json.dumps({**kept, "account_id": "123456789012"}))
    location = reopened.client().create_vault(vaultName=VAULT)["location"]
    assert location == f"/123456789012/vaults/{VAULT}"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"account_id": "1"}'])
def test_credentials_that_make_no_sense_are_refused(
    data_dir: Path, reopened: Reopen, text: str
) -> None:
    reopened.application()
    reopened.close()
    (data_dir / "credentials.json").write_text(text)
    with pytest.raises(FileProblem):
        reopened.application()


def test_a_catalogue_that_is_no_database_is_refused(data_dir: Path, reopened: Reopen) -> None:
    data_dir.mkdir()
    (data_dir / "catalogue.sqlite3").write_bytes(b"no database at all" * 100)
    with pytest.raises(FileProblem, match="catalogue"):
        reopened.application()


@pytest.mark.parametrize("pragma", ["user_version = 99", "application_id = 7"])
def test_a_newer_or_foreign_catalogue_is_refused(
    data_dir: Path, reopened: Reopen, pragma: str
) -> None:
    reopened.application()
    reopened.close()
    connection = sqlite3.connect(data_dir / "catalogue.sqlite3")
    connection.execute(f"PRAGMA {pragma}")
    connection.close()
    with pytest.raises(FileProblem, match=r"newer|not a catalogue"):
        reopened.application()


@pytest.mark.covers("E8")
def test_a_damaged_catalogue_is_refused(data_dir: Path, reopened: Reopen) -> None:
    client = reopened.client()
    client.create_vault(vaultName=VAULT)
    reopened.close()
    path = data_dir / "catalogue.sqlite3"
    data = bytearray(path.read_bytes())
    data[4096 + 8 : 12 * 4096] = b"\xff" * (11 * 4096 - 8)
    path.write_bytes(data)
    with pytest.raises(FileProblem):
        reopened.application()


@pytest.mark.parametrize("state", ["missing", "empty"])
def test_content_without_a_catalogue_is_not_swept_away(
    data_dir: Path, reopened: Reopen, state: str
) -> None:
    client = reopened.client()
    client.create_vault(vaultName=VAULT)
    upload(client, b"precious")
    reopened.close()
    (data_dir / "catalogue.sqlite3").unlink()
    if state == "empty":
        (data_dir / "catalogue.sqlite3").touch()
    (data_dir / "in-use").touch()
    with pytest.raises(FileProblem, match=state):
        reopened.application()
    assert len(stored_files(data_dir)) == 1


@pytest.mark.parametrize("place", ["a file instead of a directory", "a link to itself"])
def test_content_that_cannot_be_looked_at_is_damage(
    data_dir: Path, reopened: Reopen, place: str
) -> None:
    client = reopened.client()
    client.create_vault(vaultName=VAULT)
    archive_id = upload(client, b"precious")
    (path,) = stored_files(data_dir)
    path.unlink()
    if place == "a link to itself":
        path.symlink_to(path)
    else:
        path.parent.rmdir()
        path.parent.touch()
    service = reopened.application().service
    with pytest.raises(FileProblem, match="cannot be read"):
        integrity.look(service.catalogue, service.blobs)
    (damage,) = integrity.check(service.catalogue, service.blobs)
    assert damage.archive_ids == (archive_id,)


def test_the_settings_of_the_catalogue_are_durable(tmp_path: Path) -> None:
    catalogue = Database.open(tmp_path / "catalogue.sqlite3")
    with catalogue.reading() as tx:
        assert tx.execute("PRAGMA journal_mode").fetchone()[0] in {"truncate", "wal"}
        assert tx.execute("PRAGMA synchronous").fetchone()[0] == 2
    catalogue.close()


def test_a_failure_inside_is_a_500_with_a_request_id(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    client = bench.client
    client.create_vault(vaultName=VAULT)
    job_id = retrieve(client, upload(client, b"x"))
    for path in (bench.data_dir / "incoming",):
        path.rmdir()
    with pytest.raises(client.exceptions.ServiceUnavailableException) as caught:
        upload(client, b"y")
    request_id = caught.value.response["ResponseMetadata"]["RequestId"]
    assert request_id in caplog.text
    assert output(client, job_id)["bytes"] == b"x"
