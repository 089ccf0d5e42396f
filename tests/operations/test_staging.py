"""Reading an inventory, which takes long, is in nobody's way and leaves nothing behind."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from glaciercli.core.listed import ListedArchive
from glaciercli.keymap.store import KeyMap, open_key_map
from glaciercli.operations.context import Context
from glaciercli.operations.reconcile import Snapshot, reconcile
from tests.fakes import Deaf, MovedClock, unreached
from tests.keymap.records import HOUR, NOW, STORE, add, meet


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "key-map")


@pytest.fixture
def key_map(path: str) -> Iterator[KeyMap]:
    with closing(open_key_map(path, now=NOW)) as opened:
        yield opened


@pytest.fixture
def context(key_map: KeyMap) -> Context:
    return Context(
        key_map=key_map,
        store=STORE,
        clock=MovedClock(NOW),
        reporter=Deaf(),
        connect=unreached,
        new_tag=unreached,
        jobs=1,
    )


SNAPSHOT = Snapshot(inventory_date=NOW, complete=True, job_id="J", lag=0 * HOUR)
LISTED = ListedArchive(
    archive_id="A", description="", created_at=NOW - HOUR, size_bytes=3, tree_hash=b"h" * 32
)


@pytest.mark.covers("H7")
def test_another_run_writes_while_an_inventory_is_read(context: Context, path: str) -> None:
    vault = meet(context.key_map)

    def listed() -> Iterator[ListedArchive]:
        yield LISTED
        with closing(open_key_map(path, now=NOW)) as other:
            add(other, vault, "b", archive_id="B", uploaded_at=NOW + HOUR)
        yield LISTED

    reconcile(context, vault, SNAPSHOT, listed())
    assert {one.archive_id for one in context.key_map.archives.live(vault)} == {"A", "B"}
    context.key_map.staging.clear()


def test_an_inventory_that_is_torn_changes_nothing(context: Context) -> None:
    vault = meet(context.key_map)

    def torn() -> Iterator[ListedArchive]:
        yield LISTED
        raise EOFError

    with pytest.raises(EOFError):
        reconcile(context, vault, SNAPSHOT, torn())
    assert list(context.key_map.archives.live(vault)) == []
    assert context.key_map.inventories.newest(vault.key) is None
    reconcile(context, vault, SNAPSHOT, [LISTED])
    assert [one.archive_id for one in context.key_map.archives.live(vault)] == ["A"]
