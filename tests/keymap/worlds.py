"""Key maps that several machines may have of the same vaults, made up by hypothesis."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from glaciercli.keymap import database, described, exchange, identifiers, schema
from glaciercli.keymap.codes import source_code, state_code
from glaciercli.keymap.database import Database, Parameter, decode_text
from glaciercli.keymap.merge import Merger
from glaciercli.model.archives import ArchiveState
from glaciercli.model.care import MergeCounts
from tests.keymap.records import NOW

MOMENTS = st.integers(1_000, 1_020)
NAMES = st.sampled_from(["a", "b/c", "\udcff\udc80", "é\0x", "\U0001f600"])
LIVE = {"uploaded", "confirmed", "missing", "unsettled", "empty"}

Row = dict[str, Any]


@dataclass(frozen=True)
class Thing:
    """An archive as it is at the service."""

    number: int
    vault: int
    tagged: bool
    uploaded_at: int

    @property
    def empty(self) -> bool:
        return self.number % 3 == 0

    @property
    def facts(self) -> Row:
        return {
            "vault_key": self.vault,
            "archive_id": f"{self.number:03}ID",
            "description": f"text {self.number}",
            "tag": f"tag {self.number}" if self.tagged else None,
            "size_bytes": 0 if self.empty else self.number,
            "tree_hash": None if self.empty else bytes([self.number]) * 32,
            "uploaded_at": self.uploaded_at,
        }


def things() -> st.SearchStrategy[list[Thing]]:
    made = st.builds(
        Thing,
        number=st.integers(0, 6),
        vault=st.integers(1, 2),
        tagged=st.booleans(),
        uploaded_at=MOMENTS,
    )
    return st.lists(made, max_size=5, unique_by=lambda one: one.number)


@dataclass(frozen=True)
class View:
    """What one machine knows."""

    tables: dict[str, list[Row]]


@st.composite
def views(draw: st.DrawFn, world: list[Thing]) -> View:
    keys = draw(st.permutations([1, 2]))
    gone = st.none() | MOMENTS
    vaults = [
        {
            "vault_key": keys[place],
            "endpoint": "aws",
            "account": "1",
            "region": "r",
            "name": f"vault {place}",
            "created_at": draw(st.none() | MOMENTS),
            "gone_at": draw(gone),
        }
        for place in (0, 1)
    ]
    known = [one for one in world if draw(st.booleans())]
    seen = [draw(known_archives(one, keys[one.vault - 1])) for one in known]
    journal = [
        {
            "at": draw(MOMENTS),
            "vault_key": row["vault_key"],
            "event": "renamed",
            "archive_id": row["archive_id"],
            "name": row["name"],
            "detail": "",
        }
        for row in seen
        if row["name_source"] == "user" and draw(st.booleans())
    ]
    inventories = [
        {
            "vault_key": draw(st.integers(1, 2)),
            "inventory_date": date,
            "job_id": draw(st.none() | st.just("J")),
            "complete": draw(st.integers(0, 1)),
            "archive_count": 3,
            "reconciled_at": date,
        }
        for date in draw(st.lists(MOMENTS, max_size=2, unique=True))
    ]
    return View(
        {
            "vaults": vaults,
            "archives": seen,
            "inventories": inventories,
            "journal": journal,
            **draw(works(len(seen))),
        }
    )


@st.composite
def known_archives(draw: st.DrawFn, thing: Thing, vault_key: int) -> Row:
    # Without a mark nobody can tell that what has no ID yet is what has one elsewhere.
    has_id = draw(st.booleans()) if thing.tagged else thing.number % 2 == 0
    if has_id:
        live = {"empty", "missing"} if thing.empty else {"uploaded", "confirmed", "missing"}
    else:
        live = {"missing", "unsettled"}
    states = sorted(live | {"deleted"} | ({"deleting"} if has_id else set()))
    state = draw(st.sampled_from(states))
    source = draw(st.sampled_from(["user", "upload", "description", "none"]))
    listed = draw(MOMENTS) if state in {"confirmed", "missing"} and has_id else None
    # A machine dates by its own clock what no inventory has told.
    own_date = listed is None and (has_id or thing.tagged)
    return {
        **thing.facts,
        "uploaded_at": draw(MOMENTS) if own_date else thing.uploaded_at,
        "vault_key": vault_key,
        "archive_id": thing.facts["archive_id"] if has_id else None,
        "name": None if source == "none" else draw(NAMES),
        "name_source": source,
        "modified_ns": draw(st.none() | st.integers(-5, 5)),
        "mode": draw(st.none() | st.sampled_from([0o100644, 0o100755])),
        "state": state,
        "listed_at": listed,
        "deleted_at": draw(MOMENTS) if state in {"deleting", "deleted"} else None,
    }


@st.composite
def works(draw: st.DrawFn, archives: int) -> dict[str, list[Row]]:
    """What is under way."""
    names = draw(st.lists(NAMES, max_size=2, unique=True))
    jobs = draw(st.lists(st.sampled_from(["J1", "J2"]), max_size=2, unique=True))
    uploads = [
        {
            "upload_key": key,
            "vault_key": 1,
            "name": name,
            "path": "/p",
            "size_bytes": 5,
            "modified_ns": 1,
            "device": 1,
            "inode": 1,
            "part_bytes": 4,
            "description": "d",
            "tag": f"upload {name}" if key == 1 else None,
            "upload_id": draw(st.none() | st.just(f"U{key}")),
            "stage": "intended",
            "tree_hash": None,
            "begun_at": 7,
        }
        for key, name in enumerate(names, start=1)
    ]
    parts = [
        {"upload_key": one["upload_key"], "start": 0, "stop": 4, "tree_hash": b"h" * 32}
        for one in uploads
        if draw(st.booleans())
    ]
    downloads = (
        [
            {
                "download_key": 1,
                "archive_key": 1,
                "target": "/t",
                "partial": "/t~",
                "range_bytes": 4,
                "begun_at": 7,
            }
        ]
        if archives and draw(st.booleans())
        else []
    )
    return {
        "uploads": uploads,
        "upload_parts": parts,
        "jobs": [
            {"vault_key": 2, "job_id": job, "action": "InventoryRetrieval", "archive_id": None,
             "tier": None, "tag": f"tag {job}",
             "status": draw(st.sampled_from(["InProgress", "Succeeded"])),
             "status_message": "", "created_at": 7, "completed_at": None, "size_bytes": None,
             "tree_hash": None, "whole": 1, "gone_at": draw(st.none() | MOMENTS)}
            for job in jobs
        ],
        "downloads": downloads,
        "download_ranges": [{"download_key": 1, "start": 0, "stop": 4, "tree_hash": b"h" * 32}
                            for _ in downloads],
    }  # fmt: skip


@contextmanager
def opened(view: View | None) -> Iterator[Database]:
    """A key map in memory that holds what a machine knows."""
    with closing(database.connect_memory()) as made:
        schema.migrate(made, now=NOW)
        for table, rows in ({} if view is None else view.tables).items():
            for row in rows:
                _put(made, table, dict(row))
        yield made


def _put(made: Database, table: str, row: Row) -> None:
    if table == "archives":
        name, description, _, tag = described.kept_columns(
            row["description"], row["name"], row.get("modified_ns"), row["tag"]
        )
        row |= {
            "name": decode_text(name) if isinstance(name, bytes) else name,
            "archive_id": identifiers.kept(row["archive_id"]),
            "description": description,
            "tag": tag,
            "name_source": source_code(row["name_source"]),
            "state": state_code(ArchiveState(row["state"])),
        }
    marks = ", ".join("CAST(? AS TEXT)" if isinstance(one, str) else "?" for one in row.values())
    values: list[Parameter] = [
        database.encode_text(one) if isinstance(one, str) else one for one in row.values()
    ]
    columns = ", ".join(row)
    made.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)  # noqa: S608


def saved(made: Database, path: Path) -> str:
    """Write a key map to a file."""
    path.unlink(missing_ok=True)
    path.touch()
    with closing(database.connect(str(path))) as target:
        made.copy_into(target, pages=-1, advanced=lambda _done, _total: None)
    return str(path)


def merge(into: Database, other: Database, place: Path) -> MergeCounts:
    return Merger(into).merge(
        saved(other, place), now=NOW, dry_run=False, heard=lambda _done, _total: None
    )


def rows(made: Database) -> list[Row]:
    return [json.loads(line) for line in exchange.lines(made)]


def archives(made: Database) -> list[Row]:
    """The archives, each with its vault in the place of row keys, in an order of their own."""
    lines = rows(made)
    vaults = {one["vault_key"]: one["name"] for one in lines if one.get("table") == "vaults"}
    found = [one for one in lines if one.get("table") == "archives"]
    for one in found:
        one["vault"] = vaults[one.pop("vault_key")]
        del one["archive_key"]
    return sorted(found, key=json.dumps)


def vaults(made: Database) -> list[Row]:
    found = [one for one in rows(made) if one.get("table") == "vaults"]
    for one in found:
        del one["vault_key"]
    return sorted(found, key=json.dumps)
