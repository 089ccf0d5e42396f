"""A disk that does not take what it should: a clean refusal, nothing left over, and then on."""

import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mypy_boto3_glacier import GlacierClient

from glaciercli.server.blobs import BlobStore, Incoming
from glaciercli.server.handlers.payloads import entering
from tests.server.conftest import Bench
from tests.server.payloads import MIB, VAULT, content, refused, send_part, start, upload


@pytest.fixture(autouse=True)
def _vault(client: GlacierClient) -> None:
    client.create_vault(vaultName=VAULT)


@contextmanager
def limited(kind: int, most: int) -> Iterator[None]:
    """Hold this process to a limit for a while."""
    soft, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))


@contextmanager
def nothing_enters(bench: Bench, table: str) -> Iterator[None]:
    """Let the catalogue fail where a row is entered, as it does where the disk is full."""
    connection = sqlite3.connect(bench.data_dir / "catalogue.sqlite3")
    connection.execute(
        f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    yield
    connection.execute("DROP TRIGGER full")
    connection.close()


def stored(data_dir: Path) -> list[Path]:
    return [
        path
        for place in ("incoming", "blobs")
        for path in (data_dir / place).rglob("*")
        if path.is_file()
    ]


def in_parts(client: GlacierClient) -> Callable[[], object]:
    opened = client.initiate_multipart_upload(vaultName=VAULT, partSize=str(MIB))
    return lambda: send_part(client, opened["uploadId"], content(MIB), 0)


@pytest.mark.covers("E7")
def test_content_that_the_disk_does_not_take_is_refused_and_dropped(
    bench: Bench, client: GlacierClient
) -> None:
    upload(client, b"before")
    with limited(resource.RLIMIT_FSIZE, MIB), refused("ServiceUnavailableException", 503):
        upload(client, content(2 * MIB))
    upload(client, content(2 * MIB))
    assert sorted(path.stat().st_size for path in stored(bench.data_dir)) == [6, 2 * MIB]
    assert client.describe_vault(vaultName=VAULT)["NumberOfArchives"] == 2


@pytest.mark.parametrize("table", ["archives", "parts", "jobs"])
def test_content_that_the_catalogue_does_not_take_is_dropped(
    bench: Bench, client: GlacierClient, table: str
) -> None:
    upload(client, b"before")
    steps: dict[str, Callable[[], object]] = {
        "archives": lambda: upload(client, b"lost"),
        "parts": in_parts(client),
        "jobs": lambda: start(client, Type="inventory-retrieval"),
    }
    # On a disk that is full the file would be what keeps it full.
    with nothing_enters(bench, table), refused("ServiceUnavailableException", 500):
        steps[table]()
    assert len(stored(bench.data_dir)) == 1
    steps[table]()
    assert len(stored(bench.data_dir)) == 2


def test_content_that_got_into_the_catalogue_is_kept_whatever_failed_then(
    bench: Bench, client: GlacierClient
) -> None:
    upload(client, b"kept")
    (kept,) = stored(bench.data_dir)
    service = bench.application.service
    with pytest.raises(ZeroDivisionError), entering(service, kept.name):
        raise ZeroDivisionError
    assert stored(bench.data_dir) == [kept]


def test_content_whose_place_cannot_be_made_durable_is_dropped(tmp_path: Path) -> None:
    store = BlobStore(tmp_path)
    with Incoming(store, "00first") as incoming:
        incoming.keep()
    with Incoming(store, "00second") as incoming:
        free = os.dup(0)
        os.close(free)
        with limited(resource.RLIMIT_NOFILE, free), pytest.raises(OSError, match="open files"):
            incoming.keep()
    assert [path.name for path in stored(tmp_path)] == ["00first"]
