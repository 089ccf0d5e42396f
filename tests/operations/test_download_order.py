"""A download's row is on the disk before its temporary file is."""

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from glaciercli.keymap.store import KeyMap, open_key_map
from glaciercli.model.ranges import ByteRange
from glaciercli.operations.context import Context
from glaciercli.operations.download_flow import Downloader, Place
from glaciercli.ports import JobOutput
from glaciercli.transfer import flow
from tests.fakes import Deaf, MovedClock
from tests.keymap.records import NOW, STORE, add, meet

CONTENT = b"content"


class Shelf:
    """A service that has one output."""

    def read_output(
        self, _vault: str, _job: str, *, span: ByteRange, take: Callable[[JobOutput], Any]
    ) -> Any:
        pieces = iter([CONTENT[span.start : span.stop]])
        return take(JobOutput(span=span, total_bytes=len(CONTENT), tree_hash=None, pieces=pieces))


def kept(path: Path) -> set[str]:
    """Return the temporary files that another process would know of."""
    with closing(sqlite3.connect(path)) as other:
        return {row[0] for row in other.execute("SELECT partial FROM downloads")}


def test_no_temporary_file_is_ahead_of_its_row(tmp_path: Path) -> None:
    path, back, seen = tmp_path / "key-map", tmp_path / "back", set[str]()
    back.mkdir()

    @contextmanager
    def watched(key_map: KeyMap) -> Iterator[None]:
        with key_map.batch():
            yield
            # What was written in this round is not on the disk yet.
            there = {one for one in os.listdir(back) if one.endswith(".partial")}
            assert there <= kept(path)
            seen.update(there)

    with closing(open_key_map(str(path), now=NOW)) as key_map:
        vault, tree = meet(key_map), hashlib.sha256(CONTENT).digest()
        for name in ("a", "b", "c"):
            add(key_map, vault, name, archive_id=name, size_bytes=len(CONTENT), tree_hash=tree)
        numbers = iter(range(9))
        context = Context(
            key_map=key_map,
            store=STORE,
            clock=MovedClock(NOW),
            reporter=Deaf(),
            connect=Shelf,  # type: ignore[arg-type]
            new_tag=lambda: f"tag{next(numbers)}",
            jobs=1,
        )
        downloader = Downloader(context, overwrite=False)
        stories = [
            downloader.fetch(one, Place(root=str(back), components=(one.label,)), "job")
            for one in key_map.archives.live(vault)
        ]
        paths = list(flow.run(stories, workers=1, together=lambda: watched(key_map)))
    assert sorted(Path(one).read_bytes() for one in paths) == [CONTENT] * 3
    assert len(seen) == 3
