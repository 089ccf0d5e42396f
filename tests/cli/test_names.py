"""Names survive: up, through an inventory into a new key map, and back, byte for byte."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.conftest import Run, Spawn, finished

HOSTILE = (
    "plain",
    " leading blank",
    "trailing blank ",
    "two  blanks   in a row",
    "-rf",
    "--to",
    "~",
    "$HOME `id` ;&|<>",
    'it\'s "quoted"',
    "back\\slash\\n",
    "line\nfeed",
    "carriage\rreturn\ttab",
    "\x1b[31mred\x1b[0m\x07",
    "\x7f",
    "*?[a-z]{x}!",
    "id:abc",
    "name:abc",
    "a:b",
    "%41%2f+",
    "é (composed)",
    "e\u0301 (decomposed)",
    "Ω漢字🏔️👩‍👩‍👧",
    "\U0010fffd \U00020000 \U000e0041",
    "right-to-left \u202etxt.exe",
    "\u2028\u2029\u0085\u00a0\u200b\ufeff",
    "...",
    "....",
    ".hidden",
    "con",
    "nul.txt",
    "=1+1",
    os.fsdecode(b"not utf-8 \xff\xfe\x80"),
    os.fsdecode(b"\xed\xa0\x80 half a pair"),
    "x" * 255,
    "漢" * 85,
    "deep/" * 170 + "x" * 50,
    "/".join(["🏔" * 60] * 3),
    "dir with \n feed/and file",
)


def content_of(name: str) -> bytes:
    return os.fsencode(name) or b"nothing"


def plant(root: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    """Make a file of each name, with a time of its own."""
    for index, name in enumerate(names):
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content_of(name))
        os.utime(path, ns=(0, 1_600_000_000_000_000_000 + index * 1_000_000_001))
    return {name: content_of(name) for name in names}


def walk(root: Path) -> Iterator[tuple[str, bytes, int]]:
    for directory, _, files in os.walk(root):
        for name in files:
            path = os.path.join(directory, name)
            with open(path, "rb") as file:
                yield os.path.relpath(path, root), file.read(), os.stat(path).st_mtime_ns


def listed(local: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = local("list", "-o", "json").ok().json["archives"]
    return found


def round_trip(local: Run, key_map: Path, work: Path, names: tuple[str, ...]) -> None:
    """Store, lose the key map, rebuild it, retrieve; everything must be as it was."""
    wanted = plant(work / "tree", names)
    local("upload", "tree", "photos").ok()
    local("inventory", "refresh", "photos").ok()
    before = listed(local)
    assert {one["name"] for one in before} == set(wanted)
    key_map.unlink()
    local("inventory", "refresh", "photos").ok()
    assert listed(local) == before
    local("retrieve", "photos/**", "--to", "back").ok()
    assert {name: content for name, content, _ in walk(work / "back")} == wanted
    assert sorted(walk(work / "back")) == sorted(walk(work / "tree"))


@pytest.mark.covers("F9", "F10", "F11")
def test_hostile_names_come_back_byte_for_byte_through_a_lost_key_map(
    local: Run, photos: Path, key_map: Path
) -> None:
    round_trip(local, key_map, photos, HOSTILE)
    assert sorted(os.listdir(photos)) == ["back", "tree"]


def test_any_name_can_be_pointed_at_literally(local: Run, photos: Path) -> None:
    plant(photos / "tree", HOSTILE)
    local("upload", "tree", "photos").ok()
    for name in HOSTILE:
        (one,) = local("list", f"photos/name:{name}", "-o", "json").ok().json["archives"]
        assert one["name"] == name


_STEP = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40
).filter(lambda text: text not in {".", ".."})
_NAME = st.lists(_STEP, min_size=1, max_size=3).map("/".join)


@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(names=st.lists(_NAME, min_size=8, max_size=20, unique=True))
def test_any_names_come_back(
    local: Run, photos: Path, key_map: Path, tmp_path_factory: pytest.TempPathFactory, names: Any
) -> None:
    place = tmp_path_factory.mktemp("names")
    usable = []
    for name in names:
        try:
            plant(place / "tree", (name,))
        except OSError:
            # Another name has a directory where this one wants a file, or it is too long here.
            continue
        usable.append(name)
    vault = f"v{place.name}"
    os.chdir(place)
    local("vault", "create", vault).ok()
    local("upload", "tree", vault).ok()
    local("inventory", "refresh", vault).ok()
    before = local("list", vault, "-o", "json").ok().json
    key_map.unlink()
    local("inventory", "refresh", vault).ok()
    assert local("list", vault, "-o", "json").ok().json == before
    local("retrieve", f"{vault}/**", "--to", "back").ok()
    assert sorted(walk(place / "back")) == sorted(walk(place / "tree"))
    assert photos.exists()


@pytest.mark.parametrize(
    "name",
    ["../out", "a/../../out", "/../out", "..", "a/..", "x\0y", "dir/", "y" * 256],
    ids=ascii,
)
def test_a_name_that_leads_out_of_the_target_is_refused(
    local: Run, photos: Path, home: Path, name: str
) -> None:
    (photos / "a").write_bytes(b"hostile")
    local("upload", "a", "photos", "--name", "harmless").ok()
    told = local("rename", "photos/harmless", name).ok().err
    assert "`retrieve` brings it back with --to FILE alone" in told
    before = sorted(home.rglob("*out*"))
    said = local("retrieve", "photos/*", "photos/**", "--to", "back")
    assert said.code in {1, 11}, said.out + said.err
    assert "Traceback" not in said.err
    assert sorted(home.rglob("*out*")) == before
    assert list(walk(photos / "back")) == []
    # It can still be had, under a name of the user's choice.
    (one,) = local("list", "-o", "json").json["archives"]
    local("retrieve", f"photos/id:{one['archive_id']}", "--to", "mine").ok()
    assert (photos / "mine").read_bytes() == b"hostile"


@pytest.mark.parametrize(
    ("name", "words"),
    [("../out", 'leads out of the directory by ".."'), ("photos/a", "with that of the vault")],
)
def test_a_name_that_may_not_be_meant_is_told(
    local: Run, photos: Path, name: str, words: str
) -> None:
    (photos / "a").write_bytes(b"a")
    assert words in local("upload", "a", "photos", "--name", name).ok().err
    assert words in local("rename", f"photos/{name}", name).ok().err
    assert local("rename", f"photos/{name}", "photo/a").ok().err == ""


def test_an_absolute_name_stays_below_the_target(local: Run, photos: Path, home: Path) -> None:
    (photos / "a").write_bytes(b"hostile")
    local("upload", "a", "photos", "--name", f"{home}/planted").ok()
    local("retrieve", "photos/**", "--to", "back").ok()
    assert not (home / "planted").exists()
    assert (Path(f"{photos}/back{home}") / "planted").read_bytes() == b"hostile"


def test_a_link_on_the_way_leads_nowhere(local: Run, photos: Path, home: Path) -> None:
    (photos / "a").write_bytes(b"hostile")
    local("upload", "a", "photos", "--name", "sub/a").ok()
    (home / "outside").mkdir()
    (photos / "back").mkdir()
    (photos / "back" / "sub").symlink_to(home / "outside")
    local("retrieve", "photos/**", "--to", "back").failed(1, "no plain directory")
    assert list(walk(home / "outside")) == []


@pytest.mark.covers("P13")
def test_failures_hold_no_files_open(spawn: Spawn, local: Run, photos: Path) -> None:
    for number in range(80):
        (photos / "many" / f"{number}").mkdir(parents=True)
        (photos / "many" / f"{number}" / "x").write_bytes(b"x")
        (photos / "back").mkdir(exist_ok=True)
        # Stands where a directory has to be.
        (photos / "back" / f"{number}").touch()
    local("upload", "many", "photos").ok()
    local("retrieve", "photos/**", "--to", "elsewhere").ok()
    limited = ["sh", "-c", 'ulimit -n 48; exec "$@"', "sh", sys.executable, "-m", "glaciercli"]
    words = ["--local", "retrieve", "photos/**", "--to", "back"]
    said = finished(spawn(argv=[*limited, *words]))
    said.failed(1, "no plain directory")
    assert "too many open files" not in said.err
