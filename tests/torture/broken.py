"""Programs that lose something, so that it shows that what looks for losses finds them.

Each is the real program with a fault around it that programs of this kind have had.
"""

import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from glaciercli.cli.main import main
from tests.torture.program import Entry


def _forget(argv: Sequence[str]) -> int:
    """Forget at the start what was under way."""
    if _key_map().exists():
        with closing(sqlite3.connect(_key_map())) as opened, opened:
            opened.execute("DELETE FROM uploads")
    return main(argv)


def _record_late(argv: Sequence[str]) -> int:
    """Work on a copy of the key map, and put it in place once all is done."""
    if not _key_map().exists():
        return main(argv)
    copy = _key_map().with_name("copy.sqlite3")
    shutil.copy(_key_map(), copy)
    code = main([*argv, "--key-map", str(copy)])
    copy.replace(_key_map())
    return code


def _write_in_place(argv: Sequence[str]) -> int:
    """Write a file that is to be replaced into the very file."""
    if "--overwrite" not in argv:
        return main(argv)
    target = Path("all.jsonl")
    made = Path("made.partial")
    code = main([str(made) if one == str(target) else one for one in argv])
    with target.open("wb", buffering=0) as file:
        for line in made.read_bytes().splitlines(keepends=True):
            file.write(line)
    made.unlink()
    return code


def _key_map() -> Path:
    return Path(os.environ["XDG_DATA_HOME"], "glaciercli", "key-map.sqlite3")  # noqa: TID251


PROGRAMS: dict[str, Entry] = {
    "sound": main,
    "forgetful": _forget,
    "late": _record_late,
    "in place": _write_in_place,
}
