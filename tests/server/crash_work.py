"""Work for a service that is going to be killed, and what must be true of it afterwards."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException

from tests.server.payloads import MIB, content, tree_hash
from tests.server.raw_http import Answer, Served, ask, hashes

_PART = MIB
_MOST = 200_000


@dataclass
class Upload:
    """A multipart upload: what was acknowledged of it."""

    body: bytes
    parts: dict[int, str] = field(default_factory=dict)


@dataclass
class Ledger:
    """What one client was told, and what it asked for without hearing an answer."""

    stored: dict[str, bytes] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    #: Deletions and completions that were sent and not answered.
    doubtful: set[str] = field(default_factory=set)
    uploads: dict[str, Upload] = field(default_factory=dict)


class Worker:
    """A client that works until the service is gone."""

    def __init__(self, server: Served, seed: int) -> None:
        self.ledger = Ledger()
        self._server = server
        self._chance = random.Random(seed)  # noqa: S311 - no secret

    def work(self) -> None:
        acts: list[Callable[[], None]] = [self._store, self._store, self._build, self._delete]
        try:
            while True:
                self._chance.choice(acts)()
        except (OSError, HTTPException):
            pass

    def _body(self, most: int) -> bytes:
        return content(self._chance.randrange(1, most), seed=self._chance.randrange(10_000))

    def _store(self) -> None:
        body = self._body(_MOST)
        sent = self._ask("POST", "archives", 201, body, **hashes(body))
        self.ledger.stored[sent.headers["x-amz-archive-id"]] = body

    def _delete(self) -> None:
        if not self.ledger.stored:
            return
        archive_id = self._chance.choice(list(self.ledger.stored))
        del self.ledger.stored[archive_id]
        self.ledger.doubtful.add(archive_id)
        self._ask("DELETE", f"archives/{archive_id}", 204)
        self.ledger.doubtful.remove(archive_id)
        self.ledger.deleted.add(archive_id)

    def _build(self) -> None:
        opened = self._ask("POST", "multipart-uploads", 201, x_amz_part_size=str(_PART))
        upload_id = opened.headers["x-amz-multipart-upload-id"]
        upload = Upload(body=content(_PART, seed=1) + self._body(_MOST))
        self.ledger.uploads[upload_id] = upload
        send_parts(self._server, upload_id, upload)
        if self._chance.random() < 0.5:
            del self.ledger.uploads[upload_id]
            self.ledger.doubtful.add(upload_id)
            archive_id = complete(self._server, upload_id, upload)
            self.ledger.doubtful.remove(upload_id)
            self.ledger.stored[archive_id] = upload.body

    def _ask(
        self, method: str, what: str, status: int, body: bytes | None = None, **headers: str
    ) -> Answer:
        answer = ask(self._server, method, f"/-/vaults/v/{what}", body, **headers)
        assert answer.status == status, answer
        return answer


def send_parts(server: Served, upload_id: str, upload: Upload) -> None:
    """Send the parts that are missing."""
    for start in range(0, len(upload.body), _PART):
        if start in upload.parts:
            continue
        part = upload.body[start : start + _PART]
        span = f"bytes {start}-{start + len(part) - 1}/*"
        target = f"/-/vaults/v/multipart-uploads/{upload_id}"
        sent = ask(server, "PUT", target, part, content_range=span, **hashes(part))
        assert sent.status == 204, sent
        upload.parts[start] = tree_hash(part)


def complete(server: Served, upload_id: str, upload: Upload) -> str:
    """Make the parts an archive and return its ID."""
    done = ask(
        server,
        "POST",
        f"/-/vaults/v/multipart-uploads/{upload_id}",
        x_amz_archive_size=str(len(upload.body)),
        x_amz_sha256_tree_hash=tree_hash(upload.body),
    )
    assert done.status == 201, done
    return done.headers["x-amz-archive-id"]


def retrieved(server: Served, **wish: str) -> Answer:
    """Return the output of a job, or the refusal of the job."""
    job = ask(server, "POST", "/-/vaults/v/jobs", json.dumps(wish).encode())
    if job.status != 202:
        return job
    return ask(server, "GET", job.headers["location"] + "/output")


def check(server: Served, ledger: Ledger) -> None:
    """Fail unless everything that was acknowledged is as it was acknowledged."""
    for archive_id, body in ledger.stored.items():
        check_whole(server, archive_id, body)
    for archive_id in ledger.deleted:
        assert retrieved(server, Type="archive-retrieval", ArchiveId=archive_id).status == 404
    for upload_id, upload in ledger.uploads.items():
        listed = ask(server, "GET", f"/-/vaults/v/multipart-uploads/{upload_id}").json["Parts"]
        parts = {
            int(one["RangeInBytes"].partition("-")[0]): one["SHA256TreeHash"] for one in listed
        }
        # A part whose answer was lost may be there as well, and is whole then.
        assert parts.items() >= upload.parts.items()
        send_parts(server, upload_id, upload)
        check_whole(server, complete(server, upload_id, upload), upload.body)


def check_whole(server: Served, archive_id: str, body: bytes) -> None:
    """Fail unless an archive has this content."""
    output = retrieved(server, Type="archive-retrieval", ArchiveId=archive_id)
    assert output.body == body
    assert output.headers["x-amz-sha256-tree-hash"] == tree_hash(body)


def check_what_is_listed(server: Served, known: set[str]) -> None:
    """Fail unless every archive that nobody was told of is whole all the same."""
    inventory = retrieved(server, Type="inventory-retrieval").json["ArchiveList"]
    assert {one["ArchiveId"] for one in inventory} >= known
    for one in inventory:
        if one["ArchiveId"] not in known:
            output = retrieved(server, Type="archive-retrieval", ArchiveId=one["ArchiveId"])
            assert tree_hash(output.body) == one["SHA256TreeHash"]
            assert len(output.body) == one["Size"]
