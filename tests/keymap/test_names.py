"""Names of every kind, in and out of the key map, and the order in which they are listed."""

import os
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli.keymap.database import decode_text, encode_text
from glaciercli.keymap.store import KeyMap
from glaciercli.model.archives import ArchiveState
from glaciercli.model.files import FileIdentity
from glaciercli.model.uploads import UploadIntent
from glaciercli.model.vaults import KnownVault
from tests.keymap.records import NOW, add, in_memory, meet

#: What file names are made of: any byte but NUL; here also NUL, which descriptions may hold.
file_names = st.binary(min_size=1, max_size=30).map(os.fsdecode)

#: Few letters, so that names share starts; bytes at both ends of the range among them.
close_names = st.binary(max_size=5).map(
    lambda raw: os.fsdecode(bytes(b"\0ab/\xc3\xa9\xfe\xff"[one % 8] for one in raw))
)

ODD = [
    "",
    "a\nb",
    "a\0b",
    "\0",
    "\udcff",
    "\udcc3\udcff/\udc80",
    "e\u0301",
    "\N{PILE OF POO}",
    "\u202egpj.exe",
    "'; DROP TABLE archives; --",
    "x" * 900,
    "%_*?[",
]


@pytest.mark.parametrize("name", ODD)
def test_odd_names_come_back_from_every_table(
    key_map: KeyMap, vault: KnownVault, name: str
) -> None:
    key = add(key_map, vault, name, description=name + "!", tag=name)
    archive = key_map.archives.newest(vault, name)
    assert archive is not None
    # No mark of ours is such that no UTF-8 holds it.
    mark = None if re.search("[\ud800-\udfff]", name) else name
    assert (archive.name, archive.description, archive.tag) == (name, name + "!", mark)
    source = FileIdentity(path=f"/{name}", size_bytes=1, modified_ns=2, device=3, inode=4)
    intent = UploadIntent(name=name, source=source, part_bytes=1, description=name, tag="tag")
    key_map.uploads.begin(vault.key, intent, begun_at=NOW)
    entry = key_map.uploads.find(vault.key, name)
    assert entry is not None
    assert entry.intent == intent
    key_map.downloads.begin(key, name, partial=name, range_bytes=1, begun_at=NOW)
    download = key_map.downloads.find(key, name)
    assert download is not None
    assert (download.target, download.partial) == (name, name)


@pytest.mark.covers("F10")
@given(name=file_names)
def test_the_bytes_of_every_file_name_are_kept(name: str) -> None:
    encoded = encode_text(name)
    assert encoded == os.fsencode(name)
    assert decode_text(encoded) == name


@given(name=st.text(st.characters(codec=None, categories=None), max_size=20))
def test_any_text_is_kept_as_something_that_comes_back_the_same(name: str) -> None:
    encoded = encode_text(name)
    assert encoded is not None
    assert encode_text(decode_text(encoded)) == encoded
    # So that a name and its start are alike, whatever follows.
    start = encode_text(name[: len(name) // 2])
    assert start is not None
    assert encoded.startswith(start)


def test_a_surrogate_that_is_no_byte_can_be_stored_and_found(
    key_map: KeyMap, vault: KnownVault
) -> None:
    add(key_map, vault, "\ud800\udcff", description="\udfff")
    found = key_map.archives.newest(vault, "\ud800\udcff")
    assert found is not None
    assert found.name is not None
    # What comes back can name a file.
    assert os.fsencode(found.name) == b"\xed\xa0\x80\xff"


@settings(deadline=None)
@given(names=st.lists(close_names, max_size=20), prefix=close_names)
def test_a_listing_is_in_order_of_bytes_and_holds_what_starts_with_the_prefix(
    names: list[str], prefix: str
) -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        other = meet(key_map, "music")
        for number, name in enumerate(names):
            add(key_map, vault, name, archive_id=f"ID{number}")
            add(key_map, other, name, archive_id=f"ID{number}")
        found = [one.name for one in key_map.archives.live(vault, prefix=prefix)]
    wanted = sorted(map(os.fsencode, names))
    start = os.fsencode(prefix)
    assert found == [os.fsdecode(one) for one in wanted if one.startswith(start)]


@settings(deadline=None)
@given(names=st.lists(close_names, max_size=20), prefix=close_names, most=st.integers(0, 6))
def test_completion_goes_on_to_the_next_slash_each_way_once(
    names: list[str], prefix: str, most: int
) -> None:
    with in_memory() as key_map:
        vault = meet(key_map)
        for number, name in enumerate(names):
            add(key_map, vault, name, archive_id=f"ID{number}")
        found = list(key_map.names.steps(vault, prefix=prefix, most=most))
    start = os.fsencode(prefix)
    steps = set()
    for encoded in map(os.fsencode, names):
        if encoded.startswith(start):
            step, slash, _ = encoded[len(start) :].partition(b"/")
            steps.add(start + step + slash)
    assert found == [os.fsdecode(one) for one in sorted(steps)][:most]


def test_completion_passes_deleted_and_nameless_archives(
    key_map: KeyMap, vault: KnownVault
) -> None:
    add(key_map, vault, None)
    key = add(key_map, vault, "gone/a", archive_id="ID2")
    add(key_map, vault, "kept/a", archive_id="ID3")
    key_map.archives.set_state(key, ArchiveState.DELETED, deleted_at=NOW)
    assert list(key_map.names.steps(vault, prefix="", most=9)) == ["kept/"]
