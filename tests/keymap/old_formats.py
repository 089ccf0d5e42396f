"""Key maps as earlier formats held them."""

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from glaciercli.keymap import database, schema, sources
from tests.keymap.records import NOW

#: The last of the formats that kept archives in words: most is done to these.
IN_WORDS = schema.SMALLER_SINCE - 1


def in_words(lines: Iterable[str | bytes]) -> Iterator[bytes]:
    """Yield the lines of an export as the last format in words gave them out."""
    head, *rows, _last = map(json.loads, lines)
    known = _columns()
    kept = [row for row in rows if row["table"] in known]
    for row in kept:
        table = row["table"]
        for name in row.keys() - known[table] - {"table"}:
            del row[name]
    for line in (head | {"format": IN_WORDS}, *kept, {"rows": len(kept)}):
        yield json.dumps(line).encode() + b"\n"


def _columns() -> dict[str, set[str]]:
    """Return what the tables of that format held."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "old")
        path.touch()
        with closing(database.connect(str(path))) as opened:
            schema.migrate(opened, now=NOW, newest=IN_WORDS)
            tables = sources.tables(opened)
            return {table: set(sources.columns(opened, table)) for table in tables}
