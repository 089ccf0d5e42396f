"""The bridge between a boto3 client and an application without a socket."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from mypy_boto3_glacier import GlacierClient

from glaciercli.ports import WireRequest, WireResponse
from glaciercli.service.in_process import answer_in_process


class Recorder:
    """An application that remembers what it was asked and answers what it was told to."""

    def __init__(self) -> None:
        self.requests: list[WireRequest] = []
        self.bodies: list[bytes] = []
        self.closed = 0
        self.pieces_taken = 0

    def handle(self, request: WireRequest) -> WireResponse:
        self.requests.append(request)
        self.bodies.append(request.body.read())
        headers = {"Content-Length": "3000", "x-amz-archive-id": "id"}
        return WireResponse(status=200, headers=headers, body=self._pieces(), close=self._close)

    def _pieces(self) -> Iterator[bytes]:
        for number in range(3):
            self.pieces_taken += 1
            yield bytes([number]) * 1000

    def _close(self) -> None:
        self.closed += 1

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.requests[-1].headers if key.lower() == name]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def client(recorder: Recorder) -> Iterator[GlacierClient]:
    made = boto3.client(
        "glacier",
        region_name="us-east-1",
        endpoint_url="http://localhost:1234",
        aws_access_key_id="key",
        aws_secret_access_key="secret",  # noqa: S106
        config=Config(retries={"total_max_attempts": 1}),
    )
    answer_in_process(made, recorder)
    yield made
    made.close()


def test_a_request_arrives_as_it_would_over_a_socket(
    client: GlacierClient, recorder: Recorder
) -> None:
    client.upload_archive(vaultName="a b", body=b"data", archiveDescription="ä")
    request = recorder.requests[-1]
    assert (request.method, request.target) == ("POST", "/-/vaults/a%20b/archives")
    assert recorder.bodies == [b"data"]
    assert request.body_bytes == 4
    assert recorder.header("host") == ["localhost:1234"]
    assert recorder.header("x-amz-archive-description") == ["ä".encode().decode("latin-1")]
    assert recorder.header("authorization")[0].startswith("AWS4-HMAC-SHA256 ")


def test_a_query_is_part_of_the_target(client: GlacierClient, recorder: Recorder) -> None:
    client.list_vaults(limit="5", marker="a:b")
    path, _, query = recorder.requests[-1].target.partition("?")
    assert (path, sorted(query.split("&"))) == ("/-/vaults", ["limit=5", "marker=a%3Ab"])


def test_a_file_is_read_from_where_it_stands(
    client: GlacierClient, recorder: Recorder, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"headbody")
    with path.open("rb") as file:
        file.seek(4)
        client.upload_archive(vaultName="v", body=file)
    client.upload_archive(vaultName="v", body=io.BytesIO(b"memory"))
    client.create_vault(vaultName="v")
    assert recorder.bodies == [b"body", b"memory", b""]
    assert recorder.requests[0].body_bytes == 4


def test_an_output_is_streamed_and_closed(client: GlacierClient, recorder: Recorder) -> None:
    answer: Any = client.get_job_output(vaultName="v", jobId="j")
    body = answer["body"]
    assert recorder.pieces_taken == 0
    assert body.read(500) == bytes(500)
    assert recorder.pieces_taken == 1
    assert body.read(1000) == bytes(500) + b"\1" * 500
    assert body.read() == b"\1" * 500 + b"\2" * 1000
    assert body.read() == b""
    body.close()
    assert recorder.closed == 1


def test_an_output_is_iterated_in_chunks(client: GlacierClient) -> None:
    body = client.get_job_output(vaultName="v", jobId="j")["body"]
    assert [len(chunk) for chunk in body.iter_chunks(1024)] == [1024, 1024, 952]


def test_an_output_fills_a_buffer(client: GlacierClient) -> None:
    body: Any = client.get_job_output(vaultName="v", jobId="j")["body"]
    buffer = bytearray(1500)
    assert body.readinto(buffer) == 1500
    assert bytes(buffer) == bytes(1000) + b"\1" * 500


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://glacier.us-east-1.amazonaws.com", "glacier.us-east-1.amazonaws.com"),
        ("http://localhost:80", "localhost"),
        ("http://[::1]:81", "[::1]:81"),
    ],
)
def test_the_host_is_the_one_that_was_signed(recorder: Recorder, url: str, host: str) -> None:
    client = boto3.client(
        "glacier",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="key",
        aws_secret_access_key="secret",  # noqa: S106
    )
    answer_in_process(client, recorder)
    client.list_vaults()
    client.close()
    assert recorder.header("host") == [host]
