"""The story of a download: proved by ranges, taken up where it was left, named only when whole."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from glaciercli import errors
from glaciercli.core.treehash import tree_hash
from glaciercli.keymap.store import open_key_map
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.downloads import Download
from glaciercli.model.ranges import ByteRange
from glaciercli.operations.context import Context
from glaciercli.operations.download_flow import RANGE_BYTES, Downloader, Place, settled_partial
from glaciercli.ports import JobOutput
from glaciercli.reporting import TransferAdvanced, TransferFinished
from glaciercli.transfer import flow
from tests.fakes import Listening
from tests.keymap.records import NOW, add, meet
from tests.operations.contexts import context_of
from tests.service.payloads import MIB

CONTENT = Random(7).randbytes(2 * MIB + 5)  # noqa: S311 - no secret
STARTS = [0, MIB, 2 * MIB]
MTIME_NS = 1_700_000_000_123_456_789


@dataclass
class Shelf:
    """A service that has one output, and gives it well or badly."""

    proves: bool = True
    #: How often the range that starts there is still to come with a bit that is another one.
    damaged: Counter[int] = field(default_factory=Counter)
    asked: list[int] = field(default_factory=list)

    def read_output(
        self, vault: str, job: str, *, span: ByteRange, take: Callable[[JobOutput], Any]
    ) -> Any:
        assert (vault, job) == ("photos", "job")
        self.asked.append(span.start)
        whole = CONTENT[span.start : span.stop]
        given = bytearray(whole)
        if self.damaged[span.start]:
            self.damaged[span.start] -= 1
            given[-1] ^= 1
        proof = tree_hash([whole]) if self.proves else None
        pieces = iter([bytes(given[:1000]), bytes(given[1000:])])
        total = len(CONTENT)
        return take(JobOutput(span=span, total_bytes=total, tree_hash=proof, pieces=pieces))


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A key map with an archive, where it goes, and the service that has it."""

    context: Context
    told: Listening
    shelf: Shelf
    archive: Archive
    place: Place

    @property
    def back(self) -> Path:
        return Path(self.place.path)

    @property
    def download(self) -> Download | None:
        return self.context.key_map.downloads.find(self.archive.key, self.place.path)

    def fetch(self, *, overwrite: bool = False) -> list[str]:
        downloader = Downloader(self.context, overwrite=overwrite)
        return list(flow.run([downloader.fetch(self.archive, self.place, "job")], workers=1))

    def begin(self) -> Download:
        """Begin a download as another run had, in smaller ranges."""
        return self.context.key_map.downloads.begin(
            self.archive.key,
            self.place.path,
            partial=".film.before.partial",
            range_bytes=MIB,
            begun_at=NOW,
        )

    def beside(self) -> list[str]:
        return sorted(os.listdir(self.back.parent)) if self.back.parent.exists() else []


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    shelf, told = Shelf(), Listening()
    with closing(open_key_map(str(tmp_path / "key-map"), now=NOW)) as key_map:
        add(
            key_map,
            meet(key_map),
            "film",
            size_bytes=len(CONTENT),
            tree_hash=tree_hash([CONTENT]),
            modified_ns=MTIME_NS,
            mode=0o640,
        )
        (archive,) = key_map.archives.live(meet(key_map))
        context = context_of(key_map, reporter=told, service=shelf)
        place = Place(root=str(tmp_path), components=("back", "film"))
        yield Bench(context=context, told=told, shelf=shelf, archive=archive, place=place)


def test_what_is_whole_gets_its_name_its_time_and_its_mode(bench: Bench) -> None:
    assert bench.fetch() == [bench.place.path]
    assert bench.back.read_bytes() == CONTENT
    assert bench.back.stat().st_mtime_ns == MTIME_NS
    assert bench.back.stat().st_mode & 0o777 == 0o640
    assert (bench.beside(), bench.download) == (["film"], None)
    # In one request, for it is less than 32 MiB.
    assert bench.shelf.asked == [0]
    assert RANGE_BYTES == 32 * MIB
    totals = [one.done_bytes for one in bench.told.heard if isinstance(one, TransferAdvanced)]
    assert totals == [1000, len(CONTENT)]
    assert isinstance(bench.told.heard[-1], TransferFinished)


def test_a_file_that_is_there_is_replaced_only_if_told_so(bench: Bench) -> None:
    bench.back.parent.mkdir()
    bench.back.write_bytes(b"mine")
    with pytest.raises(errors.FileProblem, match="exists"):
        bench.fetch()
    assert bench.back.read_bytes() == b"mine"
    bench.fetch(overwrite=True)
    assert bench.back.read_bytes() == CONTENT
    # What had come was proved, and is not asked for twice.
    assert bench.shelf.asked == [0]


@pytest.mark.covers("N9")
def test_of_a_damaged_output_only_the_damaged_range_is_asked_for_again(bench: Bench) -> None:
    bench.begin()
    bench.shelf.damaged[MIB] = 2
    bench.fetch()
    assert bench.shelf.asked == [0, MIB, MIB, MIB, 2 * MIB]
    assert bench.back.read_bytes() == CONTENT


@pytest.mark.covers("N9")
def test_a_range_that_stays_damaged_ends_it_and_the_others_are_kept(bench: Bench) -> None:
    begun = bench.begin()
    bench.shelf.damaged[2 * MIB] = 3
    with pytest.raises(errors.ChecksumMismatch, match="bytes 2097152 to 2097156 keep arriving"):
        bench.fetch()
    assert bench.shelf.asked == [0, MIB, *[2 * MIB] * 3]
    assert (bench.beside(), bench.download) == ([begun.partial], begun)
    bench.told.heard.clear()
    bench.fetch()
    assert bench.shelf.asked[5:] == [2 * MIB]
    assert bench.back.read_bytes() == CONTENT
    totals = [one.done_bytes for one in bench.told.heard if isinstance(one, TransferAdvanced)]
    assert totals == [MIB, 2 * MIB, len(CONTENT)]


@pytest.mark.covers("P3")
def test_a_range_that_the_disk_has_lost_is_fetched_again(bench: Bench) -> None:
    begun = bench.begin()
    bench.shelf.damaged[2 * MIB] = 3
    with pytest.raises(errors.ChecksumMismatch):
        bench.fetch()
    with (bench.back.parent / begun.partial).open("r+b") as file:
        file.seek(MIB + 7)
        file.write(b"lost")
    bench.fetch()
    assert bench.shelf.asked[5:] == [MIB, 2 * MIB]
    assert bench.back.read_bytes() == CONTENT


@pytest.mark.covers("N8", "N9")
def test_a_whole_that_is_another_one_is_thrown_away(bench: Bench) -> None:
    bench.begin()
    bench.shelf.proves = False
    bench.shelf.damaged[0] = 1
    with pytest.raises(errors.ChecksumMismatch, match="another tree hash"):
        bench.fetch()
    assert (bench.beside(), bench.download) == ([], None)
    bench.fetch()
    # Anew, and as a run of today does it.
    assert bench.shelf.asked == [*STARTS, 0]
    assert bench.back.read_bytes() == CONTENT


def test_a_whole_that_cannot_be_thrown_away_stays_known(bench: Bench) -> None:
    begun = bench.begin()
    bench.shelf.proves = False
    bench.shelf.damaged[2 * MIB] = 1
    with pytest.raises(errors.ChecksumMismatch):
        list(flow.run([replaced_by_a_directory(bench, begun)], workers=1))
    assert (bench.beside(), bench.download) == ([begun.partial], begun)


def replaced_by_a_directory(bench: Bench, begun: Download) -> flow.Flow[str]:
    """Fetch, and put what no file's removal removes in the place of the temporary file."""
    story = Downloader(bench.context, overwrite=False).fetch(bench.archive, bench.place, "job")
    partial = bench.back.parent / begun.partial
    step = next(story)
    while True:
        yield step
        if len(bench.shelf.asked) == len(STARTS) and partial.is_file():
            partial.unlink()
            partial.mkdir()
        try:
            step = next(story)
        except StopIteration as ended:
            return str(ended.value)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_permissions_that_nobody_tells_are_those_of_any_new_file(bench: Bench, mask: int) -> None:
    before = os.umask(mask)
    try:
        downloader = Downloader(bench.context, overwrite=False)
        # It is the whole process's: what runs beside must neither see it change nor change this.
        os.umask(0o027)
        archive = replace(bench.archive, mode=None)
        list(flow.run([downloader.fetch(archive, bench.place, "job")], workers=1))
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert bench.back.stat().st_mode & 0o777 == 0o666 & ~mask


def test_what_a_killed_run_left_beside_a_finished_file_is_cleared_away(bench: Bench) -> None:
    begun = bench.begin()
    bench.back.parent.mkdir()
    (bench.back.parent / begun.partial).write_bytes(b"")
    Downloader(bench.context, overwrite=False).settle(bench.archive, bench.place)
    assert (bench.beside(), bench.download) == ([], None)


def test_an_empty_file_needs_no_job_and_leaves_nothing_beside_it(bench: Bench) -> None:
    key_map = bench.context.key_map
    facts = {"archive_id": None, "state": ArchiveState.EMPTY, "size_bytes": 0, "mode": 0o604}
    key = add(key_map, meet(key_map), "void", **facts)
    (void,) = [one for one in key_map.archives.live(meet(key_map)) if one.key == key]
    place = Place(root=bench.place.root, components=("back", "void"))
    downloader = Downloader(bench.context, overwrite=False)
    left = bench.back.parent / settled_partial(void, place.open())
    assert len(left.name) == len("void") + 1 + 16 + len("..partial")
    assert downloader.put_known(void, place) == place.path
    assert (bench.beside(), Path(place.path).stat().st_size) == (["void"], 0)
    assert Path(place.path).stat().st_mode & 0o777 == 0o604
    # A run that is killed when the file has just got its name leaves both.
    left.write_bytes(b"")
    downloader.settle(void, place)
    assert bench.beside() == ["void"]
    with pytest.raises(errors.FileProblem, match="exists"):
        downloader.put_known(void, place)
    assert bench.shelf.asked == []
