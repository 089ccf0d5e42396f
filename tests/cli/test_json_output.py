"""docs/json-output.md is true: its session is run, and the fields are those that it shows."""

import csv
import io
import json
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from glaciercli.cli.clock import SystemClock
from glaciercli.cli.manual_entries import program
from glaciercli.server.application import GlacierApplication
from glaciercli.server.settings import ServiceSettings
from glaciercli.service import session as endpoints
from tests.cli.conftest import Done, Run

DOCUMENT = Path(__file__).parents[2] / "docs" / "json-output.md"

#: Objects whose keys are values: they differ from run to run.
OPEN = {"names_by_format", "reasons"}


#: An archive that a journal knows, and the tree hash of "sea and sand".
NAMELESS = "9" * 138
SEA_AND_SAND = "ba10e8398ffedf66b896f0d97429a8fd326fa35058c38f123741f99720eaa798"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A line of the documented session, and what it is said to print."""

    line: str
    printed: str


def session() -> list[Step]:
    found = re.findall(
        r"```console\n\$ ([^\n]+)\n```\n\n```(?:json|text)\n(.*?)\n```",
        DOCUMENT.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    return [Step(line=line, printed=printed) for line, printed in found]


def shape(value: Any) -> Any:
    """The keys of a document, of its objects, and of the first object of each list."""
    if isinstance(value, dict):
        return {key: None if key in OPEN else shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(one) for one in value[:1]]
    return None


@pytest.fixture
def files(work: Path) -> None:
    """The files that the session speaks of."""
    inventory = {
        "VaultARN": "arn:aws:glacier:us-east-1:000000000000:vaults/old",
        "InventoryDate": "2026-01-02T00:00:00Z",
        "ArchiveList": [
            {
                "ArchiveId": "a" * 138,
                "ArchiveDescription": "tape 1",
                "CreationDate": "2026-01-01T00:00:00Z",
                "Size": 5,
                "SHA256TreeHash": "0" * 64,
            }
        ],
    }
    contents = {
        "Pictures/2024/beach.jpg": "sea and sand",
        "Pictures/2024/hill.jpg": "a mountain",
        "other/new.jpg": "new",
        "inventory.json": json.dumps(inventory),
        "journal.log": f"B\t1\tCREATED\t{NAMELESS}\t12\tNONE\t{SEA_AND_SAND}\t{NAMELESS}\n",
    }
    for name, text in contents.items():
        path = work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (1_767_225_600, 1_767_225_600))


def shapes_of(done: Done, printed: str, form: str) -> tuple[Any, Any]:
    """What was printed and what is documented, in the same form."""
    said = done.out or done.err.splitlines()[-1]
    if form == "csv":
        rows = [next(csv.reader(io.StringIO(text))) for text in (said, printed)]
        return rows[0], rows[1]
    if form == "jsonl":
        said, printed = said.splitlines()[0], printed.splitlines()[0]
    return shape(json.loads(said)), shape(json.loads(printed))


def begin_an_upload(store: Path) -> None:
    """Begin an upload that nobody finishes."""
    with GlacierApplication.open(
        store, clock=SystemClock(), settings=ServiceSettings()
    ) as application:
        account = application.credentials
        there = endpoints.Endpoint(
            region="us-east-1",
            url="http://local.invalid",
            access_key=account.access_key_id,
            secret_key=account.secret_access_key,
        )
        endpoints.connect_in_process(application, there).initiate_multipart_upload(
            vaultName="photos", archiveDescription="their backup", partSize="1048576"
        )


@pytest.mark.usefixtures("files")
def test_the_documented_session_prints_what_it_shows(local: Run, home: Path) -> None:
    steps = session()
    assert len(steps) > 20
    for step in steps:
        if "upload-parts" in step.line:
            (catalogue,) = home.rglob("catalogue.sqlite3")
            begin_an_upload(catalogue.parent)
        if "vault delete old" in step.line:
            local("vault", "create", "old").ok()
        words = shlex.split(step.line)[1:]
        done = local(*words)
        got, documented = shapes_of(done, step.printed, words[-1])
        assert got == documented, step.line


def test_every_command_is_documented() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for entry in program().leaves():
        assert f"\n## {entry.line}\n" in text or f"`{entry.line}`" in text, entry.line


def members(value: Any) -> list[tuple[str, Any]]:
    """Every member of every object in a document."""
    if isinstance(value, list):
        return [found for one in value for found in members(one)]
    if isinstance(value, dict):
        return [*value.items(), *(found for one in value.values() for found in members(one))]
    return []


def test_sizes_and_times_keep_to_the_rules() -> None:
    documents = [json.loads(one.printed) for one in session() if one.printed.startswith("{\n")]
    for name, value in members(documents):
        if "size" in name:
            assert name.endswith("_bytes")
        if name.endswith("_bytes"):
            assert isinstance(value, int)
        if name.endswith(("_at", "_date")) and value is not None:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value)


def test_what_happens_meanwhile_is_told_in_objects(local: Run, photos: Path) -> None:
    (photos / "beach.jpg").write_text("sea")
    stored = local("upload", "beach.jpg", "photos", "-o", "jsonl", "-v").ok()
    fetched = local("retrieve", "photos/*", "--to", "back/", "-o", "jsonl", "-v").ok()
    # Each line has been held against its schema.
    told = [json.loads(line)["event"] for one in (stored, fetched) for line in one.err.splitlines()]
    assert set(told) >= {"transfers_planned", "transfer_started", "transfer_finished", "notice"}
