"""Notifications: which messages there are, where they go, and what becomes of failures."""

import asyncio
import json
import logging
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from glaciercli.errors import BadUsage, FileProblem
from glaciercli.server.notices import receivers
from glaciercli.server.notices.outbox import Outbox
from glaciercli.server.notices.receivers import LogFile, Receiver, UrlReceiver
from tests.server.conftest import SETTINGS, Bench, OpenBench
from tests.server.endpoint import Endpoint, listening
from tests.server.payloads import VAULT, refused, retrieve, start, tree_hash, upload

VAULT_TOPIC = "arn:aws:sns:us-east-1:000000000000:vault-topic"
JOB_TOPIC = "arn:aws:sns:us-east-1:000000000000:job-topic"
ARCHIVE, INVENTORY = "ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"
SLOW = replace(SETTINGS, standard_delay=timedelta(hours=4), accept_deleted_archives=True)


@pytest.fixture
def slow(open_bench: OpenBench) -> Bench:
    """A service whose Standard retrievals take four hours, with a vault."""
    bench = open_bench(SLOW)
    bench.client.create_vault(vaultName=VAULT)
    return bench


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with listening() as found:
        yield found


def subscribe(bench: Bench, *events: Any) -> None:
    bench.client.set_vault_notifications(
        vaultName=VAULT,
        vaultNotificationConfig={"SNSTopic": VAULT_TOPIC, "Events": list(events)},
    )


def outbox(bench: Bench, receiver: Receiver) -> Outbox:
    return Outbox(bench.application.service, "000000000000", receiver)


def log_of(bench: Bench) -> tuple[Outbox, Path]:
    path = bench.data_dir.parent / "notices.log"
    return outbox(bench, LogFile(str(path))), path


def deliver(box: Outbox) -> None:
    asyncio.run(box.deliver_due())


def messages(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_message_is_the_description_of_the_job_to_the_letter(slow: Bench) -> None:
    box, path = log_of(slow)
    subscribe(slow, ARCHIVE)
    archive_id = upload(slow.client, b"data")
    job_id = retrieve(slow.client, archive_id, Description="why")
    slow.clock.advance(timedelta(hours=4) - timedelta(milliseconds=1))
    deliver(box)
    assert path.read_bytes() == b""
    slow.clock.advance(timedelta(milliseconds=1))
    deliver(box)
    digest = tree_hash(b"data")
    expected = {
        "Action": "ArchiveRetrieval",
        "ArchiveId": archive_id,
        "ArchiveSHA256TreeHash": digest,
        "ArchiveSizeInBytes": 4,
        "Completed": True,
        "CompletionDate": "2026-01-02T07:04:05.678Z",
        "CreationDate": "2026-01-02T03:04:05.678Z",
        "InventoryRetrievalParameters": None,
        "InventorySizeInBytes": None,
        "JobDescription": "why",
        "JobId": job_id,
        "JobOutputPath": None,
        "OutputLocation": None,
        "RetrievalByteRange": "0-3",
        "SelectParameters": None,
        "SHA256TreeHash": digest,
        "SNSTopic": None,
        "StatusCode": "Succeeded",
        "StatusMessage": "Succeeded",
        "Tier": "Standard",
        "VaultARN": f"arn:aws:glacier:us-east-1:000000000000:vaults/{VAULT}",
        "NextInventoryRetrievalMarker": None,
    }
    assert path.read_bytes() == json.dumps(expected, separators=(",", ":")).encode() + b"\n"
    deliver(box)
    assert len(messages(path)) == 1


def test_an_inventory_and_a_failure_are_told_of_too(slow: Bench) -> None:
    box, path = log_of(slow)
    subscribe(slow, ARCHIVE, INVENTORY)
    archive_id = upload(slow.client, b"data")
    inventory = start(slow.client, Type="inventory-retrieval", Format="CSV")
    slow.client.delete_archive(vaultName=VAULT, archiveId=archive_id)
    failing = retrieve(slow.client, archive_id)
    deliver(box)
    slow.clock.advance(timedelta(hours=4))
    deliver(box)
    first, second = messages(path)
    assert (first["JobId"], first["Action"]) == (inventory, "InventoryRetrieval")
    assert first["InventorySizeInBytes"] > 0
    assert first["InventoryRetrievalParameters"]["Format"] == "CSV"
    assert (first["ArchiveId"], first["Tier"], first["StatusCode"]) == (None, None, "Succeeded")
    assert (second["JobId"], second["StatusCode"]) == (failing, "Failed")
    assert (second["Completed"], second["StatusMessage"]) == (True, "The archive was deleted.")


def test_only_who_asked_is_told(slow: Bench, endpoint: Endpoint) -> None:
    box = outbox(slow, UrlReceiver(endpoint.url))
    subscribe(slow, ARCHIVE)
    archive_id = upload(slow.client, b"data")
    # In order: to nobody, to the job's topic, to the vault's, to both.
    start(slow.client, Type="inventory-retrieval")
    deliver(box)
    start(slow.client, Type="inventory-retrieval", SNSTopic=JOB_TOPIC)
    deliver(box)
    retrieve(slow.client, archive_id, Tier="Bulk")
    deliver(box)
    retrieve(slow.client, archive_id, Tier="Bulk", SNSTopic=JOB_TOPIC)
    deliver(box)
    topics = [one.headers["x-amz-sns-topic-arn"] for one in endpoint.received]
    assert topics == [JOB_TOPIC, VAULT_TOPIC, VAULT_TOPIC, JOB_TOPIC]
    # What ended before somebody asked to be told is over.
    subscribe(slow, ARCHIVE, INVENTORY)
    deliver(box)
    assert len(endpoint.received) == 4


def test_a_topic_that_is_named_twice_is_told_twice(slow: Bench, endpoint: Endpoint) -> None:
    box = outbox(slow, UrlReceiver(endpoint.url))
    subscribe(slow, ARCHIVE)
    retrieve(slow.client, upload(slow.client, b"x"), Tier="Bulk", SNSTopic=VAULT_TOPIC)
    deliver(box)
    assert [one.headers["x-amz-sns-topic-arn"] for one in endpoint.received] == [VAULT_TOPIC] * 2
    assert len({one.headers["x-amz-sns-message-id"] for one in endpoint.received}) == 2


def test_a_post_has_the_form_of_raw_message_delivery(slow: Bench, endpoint: Endpoint) -> None:
    box = outbox(slow, UrlReceiver(endpoint.url))
    upload(slow.client, b"data")
    job_id = start(slow.client, Type="inventory-retrieval", SNSTopic=JOB_TOPIC)
    deliver(box)
    (got,) = endpoint.received
    assert (got.method, got.path) == ("POST", "/done?key=hidden")
    assert got.headers["content-type"] == "text/plain; charset=UTF-8"
    assert got.headers["x-amz-sns-message-type"] == "Notification"
    assert got.headers["x-amz-sns-topic-arn"] == JOB_TOPIC
    assert got.headers["x-amz-sns-rawdelivery"] == "true"
    assert len(got.headers["x-amz-sns-message-id"]) == 36
    assert json.loads(got.body)["JobId"] == job_id


def test_a_failure_is_tried_again_after_growing_pauses(
    slow: Bench, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    box = outbox(slow, UrlReceiver(endpoint.url))
    endpoint.statuses = [500, 404, 302, 503, 500, 500, 500, 500, 500]
    start_job = retrieve(slow.client, upload(slow.client, b"x"), Tier="Bulk", SNSTopic=JOB_TOPIC)
    attempts: list[int] = []
    for second in range(310):
        with caplog.at_level(logging.WARNING):
            deliver(box)
        if len(endpoint.received) > len(attempts):
            attempts.append(second)
        slow.clock.advance(timedelta(seconds=1))
    assert attempts == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]
    assert {one.method for one in endpoint.received} == {"POST"}
    assert len({one.headers["x-amz-sns-message-id"] for one in endpoint.received}) == 1
    assert json.loads(endpoint.received[-1].body)["JobId"] == start_job
    assert "HTTP status 404" in caplog.text
    assert "hidden" not in caplog.text


def test_of_two_messages_only_the_one_that_failed_is_repeated(
    slow: Bench, endpoint: Endpoint
) -> None:
    box = outbox(slow, UrlReceiver(endpoint.url))
    endpoint.statuses = [200, 500]
    subscribe(slow, ARCHIVE)
    retrieve(slow.client, upload(slow.client, b"x"), Tier="Bulk", SNSTopic=JOB_TOPIC)
    for _ in range(3):
        deliver(box)
        slow.clock.advance(timedelta(seconds=1))
    topics = [one.headers["x-amz-sns-topic-arn"] for one in endpoint.received]
    assert topics == [VAULT_TOPIC, JOB_TOPIC, JOB_TOPIC]


def test_after_a_restart_what_had_not_arrived_is_sent_and_nothing_else(
    slow: Bench, endpoint: Endpoint
) -> None:
    archive_id = upload(slow.client, b"x")
    retrieve(slow.client, archive_id, Tier="Bulk", SNSTopic=JOB_TOPIC)
    deliver(outbox(slow, UrlReceiver(endpoint.url)))
    endpoint.statuses = [500]
    lost = retrieve(slow.client, archive_id, Tier="Bulk", SNSTopic=JOB_TOPIC)
    deliver(outbox(slow, UrlReceiver(endpoint.url)))
    again = outbox(slow, UrlReceiver(endpoint.url))
    for _ in range(2):
        deliver(again)
    told = [json.loads(one.body)["JobId"] for one in endpoint.received]
    assert told[1:] == [lost, lost]
    ids = [one.headers["x-amz-sns-message-id"] for one in endpoint.received]
    assert ids[0] != ids[1] == ids[2]


def test_what_expired_before_it_could_be_delivered_is_given_up(
    slow: Bench, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    box = outbox(slow, UrlReceiver(endpoint.url))
    endpoint.statuses = [500] * 2
    archive_id = upload(slow.client, b"x")
    retrieve(slow.client, archive_id, Tier="Bulk", SNSTopic=JOB_TOPIC)
    deliver(box)
    slow.clock.advance(timedelta(hours=24) - timedelta(milliseconds=1))
    deliver(box)
    assert len(endpoint.received) == 2
    slow.clock.advance(timedelta(milliseconds=1))
    # Neither by who has tried, nor by who is switched on only now.
    deliver(box)
    deliver(outbox(slow, UrlReceiver(endpoint.url)))
    assert len(endpoint.received) == 2
    assert "jobs gone before their notifications arrived: 1" in caplog.text


def test_an_endpoint_that_is_slow_or_gone_is_no_more_than_a_failure(
    slow: Bench, endpoint: Endpoint
) -> None:
    endpoint.answering.clear()
    box = outbox(slow, UrlReceiver(endpoint.url, answer_s=0.2))
    archive_id = upload(slow.client, b"x")
    for _ in range(3):
        retrieve(slow.client, archive_id, Tier="Bulk", SNSTopic=JOB_TOPIC)
    deliver(box)
    # Each of them was tried, though the first had no answer.
    assert len({one.body for one in endpoint.received}) == 3
    endpoint.answering.set()
    slow.clock.advance(timedelta(seconds=1))
    deliver(box)
    deliver(box)
    assert len(endpoint.received) == 6
    nowhere = outbox(slow, UrlReceiver("http://127.0.0.1:1/"))
    retrieve(slow.client, archive_id, Tier="Bulk", SNSTopic=JOB_TOPIC)
    deliver(nowhere)
    deliver(box)
    assert len(endpoint.received) == 7


def test_a_log_is_for_its_owner_and_outlives_being_moved_or_torn(slow: Bench) -> None:
    box, path = log_of(slow)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    archive_id = upload(slow.client, b"x")

    def tell() -> str:
        job_id = retrieve(slow.client, archive_id, Tier="Bulk", SNSTopic=JOB_TOPIC)
        deliver(box)
        return job_id

    first = tell()
    moved = path.with_suffix(".1")
    path.rename(moved)
    second = tell()
    with path.open("ab") as file:
        # What a crash of the machine may leave behind.
        file.write(b'{"Action":"Arch')
    third = tell()
    assert [one["JobId"] for one in messages(moved)] == [first]
    lines = path.read_bytes().splitlines()
    assert [json.loads(lines[0])["JobId"], lines[1], json.loads(lines[2])["JobId"]] == [
        second,
        b'{"Action":"Arch',
        third,
    ]


def test_a_log_whose_directory_went_away_is_tried_again(slow: Bench) -> None:
    place = slow.data_dir.parent / "logs"
    place.mkdir()
    box = outbox(slow, LogFile(str(place / "log")))
    (place / "log").unlink()
    place.rmdir()
    job_id = retrieve(slow.client, upload(slow.client, b"x"), Tier="Bulk", SNSTopic=JOB_TOPIC)
    deliver(box)
    place.mkdir()
    slow.clock.advance(timedelta(seconds=1))
    deliver(box)
    assert [one["JobId"] for one in messages(place / "log")] == [job_id]


def test_a_log_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="No such file or directory"):
        receivers.receiver(str(tmp_path / "missing" / "log"))
    with pytest.raises(FileProblem, match="directory"):
        receivers.receiver(str(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileProblem, match="no regular file"):
        receivers.receiver(str(tmp_path / "pipe"))


@pytest.mark.parametrize(
    "url", ["ftp://host/", "http://", "http://:80/", "http://host:x/", "https:///x", "://"]
)
def test_a_url_of_another_kind_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(BadUsage) as caught:
        receivers.receiver(url)
    assert url not in str(caught.value)


def test_a_job_of_a_deleted_vault_is_told_to_nobody(slow: Bench, endpoint: Endpoint) -> None:
    box = outbox(slow, UrlReceiver(endpoint.url))
    endpoint.statuses = [500]
    archive_id = upload(slow.client, b"x")
    retrieve(slow.client, archive_id, Tier="Bulk", SNSTopic=JOB_TOPIC)
    deliver(box)
    slow.client.delete_archive(vaultName=VAULT, archiveId=archive_id)
    slow.client.delete_vault(vaultName=VAULT)
    slow.clock.advance(timedelta(hours=1))
    deliver(box)
    assert len(endpoint.received) == 1
    with refused("ResourceNotFoundException", 404):
        slow.client.list_jobs(vaultName=VAULT)
