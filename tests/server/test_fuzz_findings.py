"""What malformed requests brought to light, one test for each."""

import io
from hashlib import sha256

from glaciercli.ports import WireRequest
from tests.server.conformance.signing import Signer
from tests.server.conftest import Bench, OpenBench


def message(bench: Bench, target: str) -> str:
    """Return the message that answers a signed request for a target of raw bytes."""
    account, now = bench.application.credentials, bench.clock.now()
    signer = Signer(access_key_id=account.access_key_id, secret=account.secret_access_key)
    fields = (
        ("Host", "localhost"),
        ("x-amz-date", now.strftime("%Y%m%dT%H%M%SZ")),
        ("x-amz-glacier-version", "2012-06-01"),
    )
    authorization = signer.authorization(
        "GET", target, fields, payload_hash=sha256().hexdigest(), at=now
    )
    request = WireRequest(
        method="GET",
        target=target,
        headers=(*fields, ("Authorization", authorization)),
        body=io.BytesIO(),
        body_bytes=0,
    )
    return b"".join(bench.application.handle(request).body).decode()


def test_bytes_that_should_have_been_encoded_are_signed_and_read_as_utf_8(
    open_bench: OpenBench,
) -> None:
    bench, raw = open_bench(), "Zürich".encode().decode("latin-1")
    assert "Vault not found for ARN: Zürich" in message(bench, f"/-/vaults/{raw}?x={raw}")
    assert "The job status code is not valid: Zürich" in message(
        bench, f"/-/vaults/v/jobs?statuscode={raw}"
    )
