"""A key map of an earlier format, which the next run brings to the newest one."""

import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from glaciercli.keymap import database, exchange, schema, sources
from tests.keymap import old_formats
from tests.torture.program import Program
from tests.torture.scenarios import before
from tests.torture.world import World

#: Where the key map of before stays beside the world.
_KEPT = "key-map-before"

#: What holds the moment of the migration itself.
_DATED = {"migrations", "journal"}

_ROWS = 'SELECT * FROM "{}"'

_LATE = datetime(2026, 1, 1, tzinfo=UTC)


def prepare(world: World, program: Program) -> None:
    """Have stored archives, an upload under way, and a key map of an earlier format."""
    before.listed(world, program)
    before.unfinished(world, program)
    with sources.source(str(world.key_map)) as opened:
        lines = [*old_formats.in_words(exchange.lines(opened))]
    world.key_map.unlink()
    world.key_map.touch(0o600)
    path = str(world.key_map)
    exchange.fill(path, lines, path=path, now=_LATE)
    shutil.copy(path, world.home / _KEPT)


def check_stands(world: World) -> None:
    """Raise where a key map is neither what it was nor what one of the migrations made of it."""
    with tempfile.TemporaryDirectory() as place:
        # With what SQLite needs to take back half a transaction, and not in its place.
        for path in world.key_map.parent.glob(f"{world.key_map.name}*"):
            if path.is_file():
                shutil.copy(path, place)
        version, rows = _content(Path(place, world.key_map.name))
        made = Path(place, "made")
        shutil.copy(world.home / _KEPT, made)
        with closing(database.connect(str(made))) as opened:
            schema.migrate(opened, now=_LATE, newest=version)
        old, wanted = _content(made)
        assert (old, rows) == (version, wanted), f"half a migration to format {version}"


def _content(path: Path) -> tuple[int, dict[str, list[tuple[object, ...]]]]:
    """Return the format of a key map and all its rows but for when what was done."""
    with closing(sqlite3.connect(path)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (version,) = opened.execute("PRAGMA user_version").fetchone()
        tables = [
            name
            for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name not in _DATED
        ]
        opened.text_factory = bytes
        rows = {name: sorted(opened.execute(_ROWS.format(name)), key=repr) for name in tables}
    return version, rows
