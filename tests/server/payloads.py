"""Content for tests, and the steps that many of them share."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.utils import calculate_tree_hash
from mypy_boto3_glacier import GlacierClient

MIB = 1024 * 1024
VAULT = "photos"


def content(size: int, seed: int = 0) -> bytes:
    """Return bytes of which no two MiB are the same."""
    pattern = bytes((seed + index * 7) % 251 for index in range(65_537))
    return (pattern * (size // len(pattern) + 1))[:size]


def tree_hash(data: bytes) -> str:
    # The stubs ask for a file name, the function for a file.
    file: Any = io.BytesIO(data)
    return str(calculate_tree_hash(file))


@contextmanager
def refused(code: str, status: int, message: str | None = None) -> Iterator[None]:
    """Expect an error answer with a code, a status, and a message where one is given."""
    with pytest.raises(ClientError) as caught:
        yield
    response: Any = caught.value.response
    assert response["Error"]["Code"] == code
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert len(response["ResponseMetadata"]["RequestId"]) == 47
    if message is not None:
        assert response["Error"]["Message"] == message


def upload(client: GlacierClient, data: bytes, *, vault: str = VAULT, text: str = "") -> str:
    sent = client.upload_archive(vaultName=vault, body=data, archiveDescription=text)
    return sent["archiveId"]


def upload_in_parts(
    client: GlacierClient, data: bytes, *, part_bytes: int = MIB, text: str = ""
) -> str:
    opened = client.initiate_multipart_upload(
        vaultName=VAULT, partSize=str(part_bytes), archiveDescription=text
    )
    for start in range(0, len(data), part_bytes):
        send_part(client, opened["uploadId"], data[start : start + part_bytes], start)
    return str(complete(client, opened["uploadId"], data)["archiveId"])


def send_part(client: GlacierClient, upload_id: str, part: bytes, start: int) -> str:
    sent = client.upload_multipart_part(
        vaultName=VAULT,
        uploadId=upload_id,
        range=f"bytes {start}-{start + len(part) - 1}/*",
        body=part,
    )
    return sent["checksum"]


def complete(client: GlacierClient, upload_id: str, data: bytes) -> Any:
    return client.complete_multipart_upload(
        vaultName=VAULT,
        uploadId=upload_id,
        archiveSize=str(len(data)),
        checksum=tree_hash(data),
    )


def start(client: GlacierClient, **parameters: Any) -> str:
    wanted: Any = parameters
    return client.initiate_job(vaultName=VAULT, jobParameters=wanted)["jobId"]


def retrieve(client: GlacierClient, archive_id: str, **parameters: Any) -> str:
    return start(client, Type="archive-retrieval", ArchiveId=archive_id, **parameters)


def output(client: GlacierClient, job_id: str, **parameters: Any) -> Any:
    """Return the answer of GetJobOutput with its body read."""
    answer: Any = client.get_job_output(vaultName=VAULT, jobId=job_id, **parameters)
    answer["bytes"] = answer["body"].read()
    answer["body"].close()
    return answer
