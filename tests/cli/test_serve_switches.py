"""The switches of ``glaciercli serve``: each reaches the service, through the real program."""

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from mypy_boto3_glacier import GlacierClient

from tests.cli.conftest import Spawn, finished
from tests.server.endpoint import listening


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running service and a client of it."""

    process: "subprocess.Popen[bytes]"
    client: GlacierClient


Serve = Callable[..., Served]

TOPIC = "arn:aws:sns:us-east-1:000000000000:topic"


@pytest.fixture
def serve(spawn: Spawn, tmp_path: Path) -> Iterator[Serve]:
    """Start the program with some switches and return it with a client."""
    with ExitStack() as stack:

        def start(*switches: object) -> Served:
            process = spawn(
                "serve", "--port", "0", "--data", tmp_path / "data", "--anonymous", *switches
            )
            assert process.stdout
            client = boto3.client(
                "glacier",
                region_name="us-east-1",
                endpoint_url=process.stdout.readline().decode().strip(),
                aws_access_key_id="anybody",
                aws_secret_access_key="anything",  # noqa: S106 - no secret
                config=Config(retries={"total_max_attempts": 1}),
            )
            stack.callback(client.close)
            return Served(process=process, client=client)

        yield start


def refusal(question: Callable[[], Any]) -> str:
    """Return the code of the refusal, or nothing."""
    try:
        question()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def begin(client: GlacierClient, archive_id: str, tier: Any, **more: Any) -> str:
    parameters: Any = {"Type": "archive-retrieval", "ArchiveId": archive_id, "Tier": tier, **more}
    return client.initiate_job(vaultName="photos", jobParameters=parameters)["jobId"]


def stored(client: GlacierClient) -> str:
    client.create_vault(vaultName="photos")
    return client.upload_archive(vaultName="photos", body=b"words")["archiveId"]


def eventually(come: Callable[[], bool]) -> None:
    pause = Event()
    for _ in range(1000):
        if come():
            return
        pause.wait(0.02)
    raise AssertionError


def test_capacity_and_late_failures(serve: Serve) -> None:
    client = serve("--expedited-needs-capacity", "--late-failures").client
    archive_id = stored(client)
    code = refusal(lambda: begin(client, archive_id, "Expedited"))
    assert code == "InsufficientCapacityException"
    client.delete_archive(vaultName="photos", archiveId=archive_id)
    job_id = begin(client, archive_id, "Standard")
    assert client.describe_job(vaultName="photos", jobId=job_id)["StatusCode"] == "Failed"


def test_an_inventory_job_takes_as_long_as_wanted(serve: Serve) -> None:
    client = serve("--inventory-delay", "1h").client
    stored(client)
    parameters: Any = {"Type": "inventory-retrieval"}
    job_id = client.initiate_job(vaultName="photos", jobParameters=parameters)["jobId"]
    assert client.describe_job(vaultName="photos", jobId=job_id)["StatusCode"] == "InProgress"


def test_a_closed_service_and_a_request_rate(serve: Serve) -> None:
    client = serve("--closed-to-new-customers", "--request-rate", "0.001").client
    code = refusal(lambda: client.create_vault(vaultName="photos"))
    assert code == "NoLongerSupportedException"
    assert refusal(client.list_vaults) == "ThrottlingException"


def test_notifications_go_to_a_file_and_stay_there(serve: Serve, work: Path) -> None:
    client = serve("--notify-to", "done.log").client
    job_id = begin(client, stored(client), "Bulk", SNSTopic=TOPIC)
    log = work / "done.log"
    eventually(lambda: log.read_bytes().endswith(b"\n"))
    assert json.loads(log.read_bytes())["JobId"] == job_id


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_not_delivered_is_sent_by_the_next_start(
    serve: Serve, number: signal.Signals
) -> None:
    with listening() as endpoint:
        endpoint.answering.clear()
        first = serve("--notify-to", endpoint.url)
        job_id = begin(first.client, stored(first.client), "Bulk", SNSTopic=TOPIC)
        eventually(lambda: len(endpoint.received) == 1)
        # It has no answer yet, and nobody waits for one.
        first.process.send_signal(number)
        said = finished(first.process)
        assert said.code == (-number if number == signal.SIGKILL else 0)
        assert "hidden" not in said.err
        assert "Traceback" not in said.err
        endpoint.answering.set()
        serve("--notify-to", endpoint.url)
        eventually(lambda: len(endpoint.received) == 2)
        assert [json.loads(one.body)["JobId"] for one in endpoint.received] == [job_id] * 2


def test_a_receiver_that_cannot_be_used_is_told_at_the_start(spawn: Spawn) -> None:
    said = finished(spawn("serve", "--port", "0", "--notify-to", "missing/log"))
    said.failed(1, 'cannot write to "missing/log": No such file or directory')
    said = finished(spawn("serve", "--port", "0", "--notify-to", "ftp://me:secret@host/"))
    assert "secret" not in said.failed(2, "http://127.0.0.1:9000/done").err


def test_a_fault_plan_spoils_what_it_names(serve: Serve, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('[[fault]]\ndo = "answer"\noperations = "ListVaults"\nnth = 1\n')
    client = serve("--fault", plan).client
    assert refusal(client.list_vaults) == "ServiceUnavailableException"
    assert client.list_vaults()["VaultList"] == []


def test_a_fault_plan_that_makes_no_sense_is_refused(spawn: Spawn, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text("[[fault]]\n")
    process = spawn("serve", "--port", "0", "--data", tmp_path / "data", "--fault", plan)
    finished(process).failed(2, 'what to "do"')


def test_the_clock_is_moved_by_hand(serve: Serve, tmp_path: Path) -> None:
    ahead = tmp_path / "ahead"
    client = serve("--retrieval-delay", "4h", "--clock", ahead).client
    job_id = begin(client, stored(client), "Standard")

    def status() -> str:
        return client.describe_job(vaultName="photos", jobId=job_id)["StatusCode"]

    seen = [status()]
    for text in ("3.9h\n", "no duration", "4.1h", "1h"):
        ahead.write_text(text)
        seen.append(status())
    assert seen == ["InProgress", "InProgress", "InProgress", "Succeeded", "Succeeded"]
