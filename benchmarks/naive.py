"""boto3 as its documentation shows it: the peer that most scripts are.

python benchmarks/naive.py up FILE URL        parts of 16 MiB, four threads, hashed by boto3
python benchmarks/naive.py small FOLDER URL   upload_archive for one file after the other
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.utils import calculate_tree_hash

_PART_BYTES = 16 * 1024**2
_THREADS = 4


def upload(file: str, client: Any) -> None:
    """Store a file in parts."""
    size = os.path.getsize(file)
    begun = client.initiate_multipart_upload(vaultName="bench", partSize=str(_PART_BYTES))

    def send(start: int) -> None:
        with open(file, "rb") as source:
            source.seek(start)
            body = source.read(_PART_BYTES)
        client.upload_multipart_part(
            vaultName="bench",
            uploadId=begun["uploadId"],
            range=f"bytes {start}-{start + len(body) - 1}/*",
            body=body,
        )

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(send, range(0, size, _PART_BYTES)))
    with open(file, "rb") as source:
        whole = calculate_tree_hash(source)
    client.complete_multipart_upload(
        vaultName="bench", uploadId=begun["uploadId"], archiveSize=str(size), checksum=whole
    )


def small(folder: str, client: Any) -> None:
    """Store the files of a folder, one request each."""
    for entry in os.scandir(folder):
        with open(entry.path, "rb") as source:
            client.upload_archive(vaultName="bench", archiveDescription=entry.name, body=source)


if __name__ == "__main__":
    work, place, url = sys.argv[1:]
    {"up": upload, "small": small}[work](place, boto3.client("glacier", endpoint_url=url))
