"""Names that were chosen to do harm: byte for byte, in their place, and harmless on a screen.

``GLACIERCLI_NAMES=10000`` tries that many of each kind; the suite has few.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.cli import hostile_names
from tests.cli.conftest import Run, Server, Spawn
from tests.cli.terminals import on_terminal

_COUNT = int(os.environ.get("GLACIERCLI_NAMES", "50"))  # noqa: TID251 - how long it may take
_SEED = int(os.environ.get("GLACIERCLI_SEED", "8"))  # noqa: TID251 - to be repeated

#: What no terminal may get of a name: controls but for our own line ends, in both their forms,
#: and what turns or hides text.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e"
    "\u2066-\u2069\ufeff\udc80-\udcff]"
)


def plant(root: Path, names: list[bytes]) -> dict[bytes, bytes]:
    """Make a file of each name; one that would stand in the way of another is left out."""
    made = {}
    for number, name in enumerate(names):
        path = os.path.join(os.fsencode(root), name)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            Path(os.fsdecode(path)).write_bytes(b"content %d" % number)
        except OSError:
            continue
        made[name] = b"content %d" % number
    return made


def contents(root: Path) -> dict[bytes, bytes]:
    found = {}
    for place, _, names in os.walk(root):
        for name in names:
            path = Path(place, name)
            found[os.fsencode(path.relative_to(root))] = path.read_bytes()
    return found


def around(home: Path) -> dict[str, int]:
    """Return everything in a home but what the program keeps, and when it changed."""
    own = {str(home / one) for one in ("data", "work/back", "work/tree")}
    found = {}
    for place, directories, names in os.walk(home):
        directories[:] = [one for one in directories if os.path.join(place, one) not in own]
        for name in names:
            if not name.startswith("key-map.sqlite3"):
                found[os.path.join(place, name)] = os.lstat(os.path.join(place, name)).st_mtime_ns
    return found


@pytest.mark.covers("F9", "F10")
def test_files_of_hostile_names_come_back_through_a_fresh_key_map(
    local: Run, photos: Path, home: Path, key_map: Path
) -> None:
    names = hostile_names.file_names(Random(_SEED), _COUNT)  # noqa: S311 - no secret
    wanted = plant(photos / "tree", names)
    assert len(wanted) > 0.9 * _COUNT
    local("upload", "tree", "photos", "-q").ok()
    key_map.unlink()
    local("inventory", "refresh", "photos").ok()
    before = around(home)
    local("retrieve", "photos/**", "--to", "back", "-q").ok()
    assert contents(photos / "back") == wanted
    assert around(home) == before


def can_be_a_file(name: str) -> bool:
    """Tell whether a name is that of a file below a directory, in words of the test's own."""
    steps = [one for one in name.split("/") if one not in {"", "."}]
    stays = ".." not in steps and "\0" not in name and not name.endswith(("/", "/."))
    return stays and max(len(os.fsencode(one)) for one in steps) <= 255


@pytest.mark.covers("H1")
def test_hostile_descriptions_lead_nowhere(
    remote: Run, server: Server, home: Path, work: Path
) -> None:
    outside = home / "outside"
    outside.mkdir()
    server.client.create_vault(vaultName="photos")
    wanted: dict[str, bytes] = {}
    chance = Random(_SEED)  # noqa: S311 - no secret
    for name, text in hostile_names.descriptions(chance, _COUNT, outside=str(outside)):
        content = b"content %d" % len(wanted)
        # Half a character is kept as the bytes that would be it.
        wanted[name.replace("\ud800", os.fsdecode(b"\xed\xa0\x80"))] = content
        server.client.upload_archive(vaultName="photos", archiveDescription=text, body=content)
    remote("inventory", "refresh", "photos").ok()
    before = around(home)
    done = remote("retrieve", "photos/**", "--to", "back", "-o", "json")
    assert done.code == 3, done.err
    check_places(done.json, wanted, work / "back")
    assert around(home) == before


def check_places(said: Any, wanted: Mapping[str, bytes], back: Path) -> None:
    """Check that each archive lies where its name says, or was refused."""
    refused = {one["name"] for one in said["failed"]}
    assert refused == {name for name in wanted if not can_be_a_file(name)}
    found = contents(back)
    placed = {
        b"/".join(one for one in os.fsencode(name).split(b"/") if one not in {b"", b"."}): content
        for name, content in wanted.items()
        if name not in refused
    }
    assert found == placed


#: Lines that show names, and questions and errors that repeat them.
SHOWING = (
    ("list", "photos"),
    ("list", "--long", "photos"),
    ("list", "--duplicates", "photos"),
    ("inventory", "show", "photos"),
    ("sync", "tree", "photos", "--dry-run"),
    ("upload", "tree", "photos", "--dry-run", "--force"),
    ("retrieve", "photos/**", "--dry-run"),
    ("delete", "photos/**", "--dry-run"),
    ("verify", "tree", "photos"),
    ("cost", "photos/**"),
    ("rename", "photos/\x1b[31;1337m\u202e", "x"),
    ("retrieve", "photos/\x1b]0;canary\x07"),
    ("upload", "\x1b[31;1337mmissing", "photos"),
    ("\x1b[31;1337m",),
)


@pytest.mark.covers("H2")
def test_no_terminal_gets_a_control_character_of_a_name(
    local: Run, photos: Path, spawn: Spawn
) -> None:
    names = [*hostile_names.file_names(Random(_SEED), 60), *hostile_names.PIECES[:12]]  # noqa: S311
    made = plant(photos / "tree", names)
    local("upload", "tree", "photos", "-q").ok()
    (photos / "tree" / os.fsdecode(max(made))).write_bytes(b"another content")
    for words in SHOWING if _COUNT > 1000 else SHOWING[::2]:
        shown = on_terminal(spawn, *words, COLUMNS="200", TERM="dumb").text
        assert shown, words
        assert _HARMFUL.findall(shown) == [], (words, shown)
    coloured = on_terminal(spawn, "retrieve", "photos/**", "--to", "back", COLUMNS="200").text
    assert "1337" in coloured
    assert "\x1b[31;1337m" not in coloured
    assert "\x1b]0;" not in coloured
