"""What many conformance tests do first, each one a request of its own."""

import json
from hashlib import sha256
from typing import Any

from tests.server.conformance.wire import Answer, Wire
from tests.server.payloads import MIB, content, tree_hash

ACCOUNT = "000000000000"
VAULT = "/-/vaults/examplevault"
ARN = f"arn:aws:glacier:us-east-1:{ACCOUNT}:vaults/examplevault"
OTHER = "/-/vaults/other"

#: Three parts of one MiB, the last one short.
WHOLE = content(2 * MIB + 5)


def hashes(body: bytes, **replaced: str | None) -> dict[str, str | None]:
    """Return the two hash headers of a payload, with underscores in keywords for hyphens."""
    usual = {
        "x-amz-content-sha256": sha256(body).hexdigest(),
        "x-amz-sha256-tree-hash": tree_hash(body),
    }
    return {**usual, **{name.replace("_", "-"): value for name, value in replaced.items()}}


def create(wire: Wire, vault: str = VAULT) -> Answer:
    return wire.ask("PUT", vault).ok(201)


def upload(wire: Wire, body: bytes = b"content", vault: str = VAULT, text: str = "") -> str:
    """Upload an archive and return its ID."""
    headers = hashes(body, x_amz_archive_description=text or None)
    sent = wire.ask("POST", f"{vault}/archives", body, headers=headers).ok(201)
    return sent.headers["x-amz-archive-id"]


def initiate(
    wire: Wire, vault: str = VAULT, *, part_bytes: int = MIB, text: str | None = None
) -> str:
    """Open an upload and return its path."""
    headers = {"x-amz-part-size": str(part_bytes), "x-amz-archive-description": text}
    sent = wire.ask("POST", f"{vault}/multipart-uploads", headers=headers).ok(201)
    return f"{vault}/multipart-uploads/{sent.headers['x-amz-multipart-upload-id']}"


def put_part(
    wire: Wire, upload_path: str, part: bytes, start: int, **replaced: str | None
) -> Answer:
    span = f"bytes {start}-{start + len(part) - 1}/*"
    headers = {"Content-Range": span, **hashes(part, **replaced)}
    return wire.ask("PUT", upload_path, part, headers=headers)


def put_whole(wire: Wire, upload_path: str) -> None:
    for start in range(0, len(WHOLE), MIB):
        put_part(wire, upload_path, WHOLE[start : start + MIB], start).ok(204)


def complete(wire: Wire, upload_path: str, **replaced: str | None) -> Answer:
    usual = {"x-amz-archive-size": str(len(WHOLE)), "x-amz-sha256-tree-hash": tree_hash(WHOLE)}
    given = {name.replace("_", "-"): value for name, value in replaced.items()}
    return wire.ask("POST", upload_path, headers={**usual, **given})


def initiate_job(wire: Wire, vault: str = VAULT, **members: Any) -> Answer:
    return wire.ask("POST", f"{vault}/jobs", json.dumps(members).encode())


def job(wire: Wire, **members: Any) -> str:
    """Start a job and return its path."""
    sent = initiate_job(wire, **members).ok(202)
    return f"{VAULT}/jobs/{sent.headers['x-amz-job-id']}"


def retrieval(wire: Wire, archive_id: str, **members: Any) -> str:
    return job(wire, Type="archive-retrieval", ArchiveId=archive_id, **members)


def inventory(wire: Wire, **members: Any) -> str:
    return job(wire, Type="inventory-retrieval", **members)
