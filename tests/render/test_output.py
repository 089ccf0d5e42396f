"""Results in four forms, and what reaches a terminal."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from glaciercli import errors
from glaciercli.core.reconcile import Verdict
from glaciercli.core.standing import Standing
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.jobs import Tier
from glaciercli.model.vaults import VaultIdentity
from glaciercli.operations.delete import Deleted, DeleteReport
from glaciercli.operations.hashes import FileHash, HashReport
from glaciercli.operations.inventory import InventoryFresh, InventoryWait
from glaciercli.operations.inventory_state import InventoryState, Remark
from glaciercli.operations.listing import ArchiveList
from glaciercli.operations.reconcile import ReconcileReport
from glaciercli.operations.results import ItemFailure, Skipped, Unsettled, Uploaded
from glaciercli.operations.retrieve import Pending, Retrieved, RetrieveReport
from glaciercli.operations.sync_request import SyncReport
from glaciercli.operations.upload import UploadReport
from glaciercli.render.output import View, write
from glaciercli.render.views import (
    archives,
    archives_long,
    deletions,
    hashes,
    inventories,
    retrievals,
    uploads,
)

#: Everything that a terminal could take ill: escapes, a line feed, a bidi override, no UTF-8.
EVIL = "\x1b[2J\nx\r\u202egnp.exe\x9b\udcff\x07"

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FAILED = [ItemFailure(name=EVIL, error=errors.FileProblem(f'"{EVIL}"', hint=f"try {EVIL}"))]
SKIPPED = [Skipped(name=EVIL, reason=EVIL)]
UPLOADED = [Uploaded(name=EVIL, archive_id="id", size_bytes=1, tree_hash=b"\x01" * 32)]
UNSETTLED = [Unsettled(name=EVIL, size_bytes=1)]
ARCHIVE = Archive(
    key=1,
    vault=VaultIdentity(endpoint="aws", account="1", region="r", name="photos"),
    archive_id="id",
    name=EVIL,
    description=EVIL,
    tag=None,
    size_bytes=1,
    tree_hash=b"\x01" * 32,
    modified_ns=1,
    uploaded_at=NOW,
    state=ArchiveState.MISSING,
    listed_at=None,
    deleted_at=None,
)


@dataclass(frozen=True)
class Case:
    """A result and how it is said; made anew each time, because some are read only once."""

    view: View
    made: Any

    def said(self, form: str) -> str:
        stream = io.StringIO()
        write(self.made(), self.view, stream, form=form)
        return stream.getvalue()


CASES = {
    "upload": Case(
        uploads,
        lambda: UploadReport(
            vault="v", uploaded=UPLOADED, skipped=SKIPPED, unsettled=UNSETTLED, failed=FAILED
        ),
    ),
    "sync": Case(
        uploads,
        lambda: SyncReport(
            vault="v",
            uploaded=UPLOADED,
            skipped=SKIPPED,
            unsettled=UNSETTLED,
            failed=FAILED,
            unchanged=3,
        ),
    ),
    "retrieve": Case(
        retrievals,
        lambda: RetrieveReport(
            retrieved=[Retrieved(name=EVIL, path=EVIL, size_bytes=1)],
            skipped=SKIPPED,
            pending=[Pending(name=EVIL, job_id=None, tier=Tier.BULK, expected_at=NOW)],
            failed=FAILED,
        ),
    ),
    "delete": Case(
        deletions,
        lambda: DeleteReport(deleted=[Deleted(name=EVIL, archive_id="id")], failed=FAILED),
    ),
    "treehash": Case(
        hashes,
        lambda: HashReport(hashes=[FileHash(path=EVIL, tree_hash=b"\x01" * 32)], failed=FAILED),
    ),
    "list": Case(archives, lambda: ArchiveList(iter([ARCHIVE]))),
    "list --long": Case(archives_long, lambda: ArchiveList(iter([ARCHIVE]))),
    "inventory show": Case(
        inventories,
        lambda: InventoryState(
            vault="photos",
            inventory_date=NOW,
            reconciled_at=NOW,
            archive_count=1,
            known_archives=1,
            known_bytes=1,
            remarks=[Remark(archive=ARCHIVE, standing=Standing(sentence="why"))],
        ),
    ),
}

STATUSES = {
    "reconciled": Case(
        inventories,
        lambda: ReconcileReport(
            vault="photos", inventory_date=NOW, verdicts=_counted(Verdict.ADD, Verdict.MISSING)
        ),
    ),
    "pending": Case(
        inventories,
        lambda: InventoryWait(
            vault="photos", status="pending", job_id="j", expected_at=NOW + timedelta(hours=1)
        ),
    ),
    "fresh": Case(inventories, lambda: InventoryFresh(vault="photos", inventory_date=NOW)),
}


def _counted(*verdicts: Verdict) -> Any:
    from collections import Counter

    return Counter(verdicts)


each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


@pytest.mark.covers("H2")
@each_case
@pytest.mark.parametrize("form", ["text", "json", "jsonl", "csv"])
def test_nothing_from_outside_reaches_the_terminal_as_it_is(case: Case, form: str) -> None:
    said = case.said(form)
    assert said
    assert all(line.isprintable() for line in said.split("\n"))


@each_case
def test_json_is_ascii_and_holds_names_exactly(case: Case) -> None:
    said = case.said("json")
    assert said.isascii()
    assert EVIL in set(texts(json.loads(said)))


@each_case
def test_json_lines_are_one_object_a_line(case: Case) -> None:
    said = case.said("jsonl")
    assert said.isascii()
    rows = [json.loads(line) for line in said.splitlines()]
    assert rows
    assert all(isinstance(row, dict) for row in rows)


@pytest.mark.covers("H3")
@each_case
def test_csv_has_a_heading_and_a_cell_for_every_column(case: Case) -> None:
    rows = list(csv.reader(io.StringIO(case.said("csv"))))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) == len(case.said("jsonl").splitlines()) + 1


@pytest.mark.parametrize("case", STATUSES.values(), ids=STATUSES)
def test_an_inventory_has_one_shape_whatever_its_status(case: Case) -> None:
    said = json.loads(case.said("json"))
    assert said["status"] in {"requested", "pending", "reconciled"}
    fixed = {"inventory_date", "added", "confirmed", "missing", "not_yet_listed", "deleted"}
    assert said.keys() >= fixed
    assert len(case.said("csv").splitlines()) == 2
    assert case.said("text")
