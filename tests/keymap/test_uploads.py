"""The life of an upload in the ledger, and of a download in its table."""

from dataclasses import replace

import pytest

from glaciercli.keymap.store import KeyMap, open_key_map
from glaciercli.model.files import FileIdentity
from glaciercli.model.ranges import ByteRange, HashedSpan
from glaciercli.model.uploads import UploadIntent, UploadStage
from glaciercli.model.vaults import KnownVault
from tests.keymap.records import NOW, add

SOURCE = FileIdentity(path="/a", size_bytes=9, modified_ns=-5, device=2**62, inode=2**63 - 1)
INTENT = UploadIntent(name="a", source=SOURCE, part_bytes=4, description="text", tag="tag")


def part(start: int, stop: int, mark: bytes = b"t") -> HashedSpan:
    return HashedSpan(span=ByteRange(start, stop), tree_hash=mark * 32)


def test_an_upload_goes_from_intent_to_its_end(key_map: KeyMap, vault: KnownVault) -> None:
    uploads = key_map.uploads
    entry = uploads.begin(vault.key, INTENT, begun_at=NOW)
    assert uploads.find(vault.key, "a") == entry
    assert (entry.stage, entry.upload_id, entry.size_bytes) == (UploadStage.INTENDED, None, 9)
    entry = uploads.opened(entry, "upload-1")
    assert uploads.find(vault.key, "a") == entry
    for one in (part(4, 8), part(0, 4, b"x"), part(0, 4), part(8, 9)):
        uploads.record_part(entry.key, one)
    assert uploads.parts(entry.key) == [part(0, 4), part(4, 8), part(8, 9)]
    entry = uploads.completing(entry, size_bytes=9, tree=b"w" * 32)
    assert uploads.find(vault.key, "a") == entry
    assert (entry.stage, entry.upload_id) == (UploadStage.COMPLETING, "upload-1")
    assert entry.tree_hash == b"w" * 32
    uploads.end(entry.key)
    assert uploads.find(vault.key, "a") is None
    assert uploads.parts(entry.key) == []


def test_a_stream_has_no_source_and_its_size_comes_late(key_map: KeyMap, vault: KnownVault) -> None:
    intent = replace(INTENT, source=None, tag=None)
    entry = key_map.uploads.begin(vault.key, intent, begun_at=NOW)
    assert key_map.uploads.find(vault.key, "a") == entry
    assert entry.size_bytes is None
    key_map.uploads.completing(entry, size_bytes=7, tree=b"w" * 32)
    completing = key_map.uploads.find(vault.key, "a")
    assert completing is not None
    assert (completing.size_bytes, completing.intent.source) == (7, None)


def test_a_single_request_is_sending_from_the_first_moment(
    key_map: KeyMap, vault: KnownVault
) -> None:
    entry = key_map.uploads.begin_sending(
        vault.key, replace(INTENT, source=None), size_bytes=7, tree=b"w" * 32, begun_at=NOW
    )
    assert key_map.uploads.find(vault.key, "a") == entry
    assert (entry.stage, entry.size_bytes) == (UploadStage.SENDING, 7)


def test_an_upload_never_has_the_key_of_one_that_has_ended(
    key_map: KeyMap, vault: KnownVault
) -> None:
    # A disk that fails takes the end back, and whoever holds the second key must not end the first.
    ended = key_map.uploads.begin(vault.key, INTENT, begun_at=NOW)
    key_map.uploads.end(ended.key)
    begun = key_map.uploads.begin(vault.key, replace(INTENT, name="b"), begun_at=NOW)
    assert begun.key != ended.key


def test_uploads_under_way_are_in_order_of_name(
    key_map: KeyMap, vault: KnownVault, path: str
) -> None:
    for name in ("b", "a"):
        key_map.uploads.begin(vault.key, replace(INTENT, name=name), begun_at=NOW)
    key_map.close()
    again = open_key_map(path, now=NOW)
    assert [one.intent.name for one in again.uploads.under_way(vault.key)] == ["a", "b"]
    again.close()


def test_the_ranges_of_a_download_are_kept_in_order_until_its_end(
    key_map: KeyMap, vault: KnownVault
) -> None:
    downloads = key_map.downloads
    archive = add(key_map, vault, "a")
    begun = downloads.begin(archive, "/to/a", partial=".a.partial", range_bytes=4, begun_at=NOW)
    assert downloads.find(archive, "/to/a") == begun
    assert downloads.find(archive, "/to/b") is None
    for one in (part(4, 8), part(0, 4, b"x"), part(0, 4)):
        downloads.record_range(begun.key, one.span, one.tree_hash)
    assert downloads.ranges(begun.key) == [part(0, 4), part(4, 8)]
    downloads.end(begun.key)
    assert downloads.find(archive, "/to/a") is None
    assert downloads.ranges(begun.key) == []


@pytest.mark.parametrize("vault_key", [None, 1])
def test_the_journal_is_only_added_to(
    key_map: KeyMap, vault: KnownVault, vault_key: int | None
) -> None:
    assert vault.key == 1
    for _ in range(2):
        key_map.journal.write("deleted", at=NOW, vault_key=vault_key, name="\udcff", detail="d")
    database = key_map.archives._database  # noqa: SLF001 - the journal is for people to read
    assert [row[0] for row in database.query("SELECT name FROM journal")] == ["\udcff"] * 2
