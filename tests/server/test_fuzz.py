"""Malformed requests by the thousand: none is a failure of the service, none leaves a trace.

The seeds stand fixed, so that a run can be repeated.  A longer run with other seeds:
``GLACIERCLI_FUZZ=20 pytest tests/server/test_fuzz.py`` does twenty times as many.
"""

import io
import json
import logging
import os
import re
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import Random, SystemRandom

import pytest

from glaciercli.ports import WireRequest, WireResponse
from glaciercli.server import routes
from glaciercli.server.wire import ErrorCode, parse_target
from tests.server.conformance.shapes import model, operations
from tests.server.conformance.signing import Signer
from tests.server.conftest import SETTINGS, Bench, OpenBench
from tests.server.malformed import Known, Sending, break_one, sound
from tests.server.payloads import upload

SHARDS, REQUESTS = 4, 2_500
_TIMES = int(os.environ.get("GLACIERCLI_FUZZ", "0"))  # noqa: TID251 - the tests' own switch
_SEEDS = [SystemRandom().randrange(2**32) for _ in range(SHARDS)] if _TIMES else range(SHARDS)

#: Where things take time, and are refused for want of capacity.
STRICT = replace(
    SETTINGS,
    standard_delay=timedelta(hours=4),
    inventory_delay=timedelta(hours=4),
    on_demand_expedited=False,
    accept_deleted_archives=True,
)

STATUSES = {name: status for name, status, _ in (code.value for code in ErrorCode)}
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{47}")
IN_DATA = re.compile(
    r"(incoming|blobs(/[0-9a-f]{2}(/[0-9a-f]{32})?)?|catalogue\.sqlite3(-wal|-shm|-journal)?"
    r"|credentials[a-z.]*|in-use-[0-9a-f]{32}|data\.lock|[a-z-]*\.jsonl)"
)


def table() -> list[tuple[str, str]]:
    """Return the method and path of every operation."""
    asked = [model().operation_model(name).http for name in operations()]
    return [(one["method"], one["requestUri"]) for one in asked]


@dataclass
class Fuzzer:
    """One stream of requests against one service."""

    bench: Bench
    rng: Random
    known: Known = field(default_factory=lambda: Known(vaults=["v", "w", "."]))
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        account = self.bench.application.credentials
        self.signer = Signer(access_key_id=account.access_key_id, secret=account.secret_access_key)
        self.operations = table()
        self.genuine = True

    def restock(self) -> None:
        """Make sure that there is something to ask for."""
        client = self.bench.client
        for vault in self.known.vaults:
            client.create_vault(vaultName=vault)
        self.known.archives[:] = [upload(client, b"content", vault="v", text="w") for _ in "ab"]
        opened = client.initiate_multipart_upload(vaultName="v", partSize=str(2**20))
        self.known.uploads[:] = [opened["uploadId"]]
        started = client.initiate_job(vaultName="v", jobParameters={"Type": "inventory-retrieval"})
        self.known.jobs[:] = [started["jobId"]]

    def ask(self) -> None:
        """Send one request that is broken, or sound now and then, and look at the answer."""
        sending = sound(self.rng, self.known, self.rng.choice(self.operations))
        for _ in range(self.rng.choice((0, 1, 1, 1, 2, 2, 4))):
            break_one(self.rng, self.known, sending)
        self.send(sending)

    def send(self, sending: Sending) -> None:
        if sending.document is not None:
            sending.body = json.dumps(sending.document).encode()
        if sending.declared == 0:
            sending.declared = len(sending.body)
        request = self._signed(sending)
        answer = self.bench.application.handle(request)
        try:
            self.check(request, answer)
        except AssertionError as error:
            error.add_note(repr(sending)[:3000])
            raise
        finally:
            answer.close()

    def _signed(self, sending: Sending) -> WireRequest:
        given = {name.lower() for name, _ in sending.headers}
        now = self.bench.clock.now()
        usual = (
            ("Host", "glacier.us-east-1.amazonaws.com"),
            ("x-amz-date", now.strftime("%Y%m%dT%H%M%SZ")),
            ("x-amz-glacier-version", "2012-06-01"),
        )
        fields = [*(one for one in usual if one[0].lower() not in given), *sending.headers]
        return WireRequest(
            method=sending.method,
            target=sending.target,
            headers=(*fields, *self._authorization(sending, fields)),
            body=io.BytesIO(sending.body),
            body_bytes=sending.declared,
        )

    def _authorization(
        self, sending: Sending, fields: list[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        hashes = [value for name, value in fields if name.lower() == "x-amz-content-sha256"]
        value = self.signer.authorization(
            sending.method,
            sending.target,
            fields,
            payload_hash=(hashes and hashes[0].strip()) or sha256(sending.body).hexdigest(),
            at=self.bench.clock.now(),
        )
        self.genuine = self.rng.random() < 0.9
        if self.genuine:
            return [("Authorization", value)]
        cut = self.rng.randrange(len(value))
        junk = self.rng.choice(("", "\xff", "=", ",", "/", "0" * 64, "Credential=,", " "))
        broken = value[:cut] + junk + value[cut + self.rng.randrange(9) :]
        return [("Authorization", broken)] * self.rng.randrange(3)

    def check(self, request: WireRequest, answer: WireResponse) -> None:
        body = b"".join(answer.body)
        headers = dict(answer.headers)
        assert REQUEST_ID.fullmatch(headers["x-amzn-RequestId"])
        for name, value in headers.items():
            assert re.fullmatch(r"[\x20-\x7e]*", name + value), headers
        assert headers.get("Content-Length") == (None if answer.status == 204 else str(len(body)))
        self._learn(headers, body)
        if answer.status < 300:
            target = parse_target(request.target)
            self.seen[routes.find(request.method, target).route.operation] += 1
            return
        document = json.loads(body)
        assert headers["Content-Type"] == "application/json"
        assert list(document) == ["code", "message", "type"]
        assert answer.status == STATUSES[document["code"]]
        # Without capacity an Expedited retrieval is refused as the server's fault, and means it.
        meant = document["code"] == "InsufficientCapacityException"
        assert document["type"] == ("Server" if meant else "Client"), document
        assert isinstance(document["message"], str)
        if self.genuine and all(value.isascii() for _, value in request.headers):
            assert "request signature we calculated" not in document["message"]
        self.seen[document["code"]] += 1

    def _learn(self, headers: dict[str, str], body: bytes) -> None:
        """Remember what was made, so that it is asked for."""
        for name, known in (
            ("x-amz-archive-id", self.known.archives),
            ("x-amz-multipart-upload-id", self.known.uploads),
            ("x-amz-job-id", self.known.jobs),
            ("x-amz-lock-id", self.known.locks),
        ):
            if name in headers:
                known.append(headers[name])
        if headers.get("Content-Type") == "application/json":
            # A range of an inventory is JSON by name only.
            whole = body.startswith(b"{") and body.endswith(b"}")
            marker = json.loads(body).get("Marker") if whole else None
            self.known.markers += [marker] if marker else []


def files_around(bench: Bench) -> set[Path]:
    top = bench.data_dir.parent
    return {path for path in top.rglob("*") if not path.is_relative_to(bench.data_dir)}


def check_directory(bench: Bench) -> None:
    """Check that the data directory holds what the catalogue knows, and nothing else."""
    found = {str(path.relative_to(bench.data_dir)) for path in bench.data_dir.rglob("*")}
    assert [name for name in found if not IN_DATA.fullmatch(name)] == []
    with closing(sqlite3.connect(bench.data_dir / "catalogue.sqlite3")) as catalogue:
        assert catalogue.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert catalogue.execute("PRAGMA foreign_key_check").fetchall() == []
        known = {row[0] for row in catalogue.execute("SELECT file FROM blobs")}
        query = "SELECT output_file FROM jobs WHERE output_file IS NOT NULL"
        known |= {row[0] for row in catalogue.execute(query)}
    assert {Path(name).name for name in found if re.match(r"blobs/../", name)} == known


def check_it_works(bench: Bench) -> None:
    """Check that a life cycle succeeds, whatever came before."""
    client = bench.connect("eu-west-1")
    client.create_vault(vaultName="after")
    archive_id = upload(client, b"content", vault="after")
    job_id = client.initiate_job(
        vaultName="after", jobParameters={"Type": "archive-retrieval", "ArchiveId": archive_id}
    )["jobId"]
    bench.clock.advance(timedelta(hours=4))
    assert client.get_job_output(vaultName="after", jobId=job_id)["body"].read() == b"content"
    client.delete_archive(vaultName="after", archiveId=archive_id)
    client.delete_vault(vaultName="after")


@pytest.mark.timeout(120 * max(1, _TIMES))
@pytest.mark.parametrize("seed", _SEEDS)
def test_malformed_requests_are_refused_and_nothing_else_happens(
    open_bench: OpenBench, caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    bench = open_bench(STRICT if seed % 2 else SETTINGS)
    before = files_around(bench)
    fuzzer = Fuzzer(bench, Random(seed))  # noqa: S311 - to be repeated, not secret
    for number in range(REQUESTS * max(1, _TIMES)):
        if number % 100 == 0:
            bench.clock.advance(timedelta(hours=5))
            fuzzer.restock()
        fuzzer.ask()
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert files_around(bench) == before
    check_directory(bench)
    check_it_works(bench)
    # What is refused at the door proves nothing about the rooms behind it.
    assert len(fuzzer.seen.keys() & set(operations())) > 28
    assert len(fuzzer.seen.keys() - set(operations())) >= 8
