"""Whatever a result holds, what is said of it fits the schema of a command that says it."""

import csv
import io
import json
import types
import typing
from collections.abc import Iterator
from typing import Any

import pytest

from glaciercli.operations.duplicates import DuplicateList
from glaciercli.operations.listing import ArchiveList
from glaciercli.render.output import View, write
from glaciercli.render.schemas.catalogue import DOCUMENTS, document_schema, line_schema
from glaciercli.render.views import (
    account,
    archives,
    configured,
    cost,
    deletions,
    doctor,
    drills,
    duplicates,
    hashes,
    imports,
    inventories,
    jobs,
    key_maps,
    naming,
    removals,
    rename,
    report,
    retrievals,
    stored_key_maps,
    syncs,
    unfinished,
    uploads,
    vault,
    vault_locks,
    vault_notifications,
    vault_policies,
    vault_tags,
    vaults,
    verifications,
)
from tests.cli.documents import complaint
from tests.render.made_results import TURNS, made

#: The commands that say something through each view.
SAYING: dict[View, tuple[str, ...]] = {
    account: (
        "account policy show",
        "account policy set",
        "account capacity list",
        "account capacity buy",
    ),
    archives: ("list", "inventory export"),
    configured: ("config show", "config init"),
    cost: ("cost",),
    deletions: ("delete",),
    doctor: ("doctor",),
    drills: ("verify",),
    duplicates: ("list",),
    hashes: ("treehash",),
    imports: ("inventory import",),
    inventories: ("inventory refresh", "inventory show"),
    jobs: ("job list", "job show"),
    key_maps: (
        "keymap check",
        "keymap backup",
        "keymap restore",
        "keymap snapshots",
        "keymap export",
        "keymap import",
        "keymap merge",
    ),
    naming: ("keymap name-from",),
    removals: ("vault delete",),
    rename: ("rename",),
    report: ("report",),
    retrievals: ("retrieve",),
    stored_key_maps: ("keymap store", "keymap recover"),
    syncs: ("sync",),
    unfinished: ("upload-parts list", "upload-parts abort"),
    uploads: ("upload",),
    vault: ("vault create", "vault delete", "vault show"),
    vault_locks: ("vault lock show", "vault lock start", "vault lock complete"),
    vault_notifications: ("vault notify show", "vault notify set", "vault notify remove"),
    vault_policies: ("vault policy show", "vault policy set", "vault policy remove"),
    vault_tags: ("vault tag list", "vault tag set", "vault tag unset"),
    vaults: ("vault list",),
    verifications: ("verify",),
}

#: What the views of listings take: they do not say it.
LISTINGS: dict[View, type] = {archives: ArchiveList, duplicates: DuplicateList}


def cases() -> Iterator[Any]:
    for view, commands in SAYING.items():
        kind = LISTINGS.get(view) or typing.get_type_hints(view.document)["result"]
        kinds = typing.get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
        for one in kinds:
            yield pytest.param(view, commands, one, id=one.__name__)


@pytest.mark.parametrize(("view", "commands", "kind"), list(cases()))
def test_what_is_said_of_a_result_fits_a_schema(
    view: View, commands: tuple[str, ...], kind: type
) -> None:
    for turn in range(TURNS):
        document = json.loads(said(view, made(kind, turn), "json"))
        wrong = [complaint(document_schema(one), document) for one in commands]
        assert None in wrong, (turn, wrong, document)
        lines = said(view, made(kind, turn), "jsonl").splitlines()
        for line in lines:
            wrong = [complaint(line_schema(one), json.loads(line)) for one in commands]
            assert None in wrong, (turn, wrong, line)
        # Each member of a line has a column: else the writer would refuse it.
        heading, *rows = csv.reader(io.StringIO(said(view, made(kind, turn), "csv")))
        assert [len(row) for row in rows] == [len(heading)] * len(lines)


def said(view: View, result: Any, form: str) -> str:
    stream = io.StringIO()
    write(result, view, stream, form=form)
    return stream.getvalue()


def test_every_document_is_said_by_a_view() -> None:
    said_here = {one for commands in SAYING.values() for one in commands}
    # Paths are rows of the command's own, and a lock ends in one of two ways.
    assert set(DOCUMENTS) - said_here == {"config path", "keymap path", "vault lock abort"}
