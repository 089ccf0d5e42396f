"""Lists of jobs, uploads and parts by pages of at most fifty: nothing twice, nothing lost."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from tests.server.conformance.steps import VAULT, initiate, inventory, put_part, upload
from tests.server.conformance.wire import Wire, invalid
from tests.server.payloads import MIB

JOBS = f"{VAULT}/jobs"
UPLOADS = f"{VAULT}/multipart-uploads"


class Listing:
    """One kind of list: where it is, how its entries are made, and what tells them apart."""

    def __init__(self, key: str, name: str, path: str, add: Callable[[], str]) -> None:
        self.key, self.name, self.path, self.add = key, name, path, add


@pytest.fixture(params=["jobs", "uploads", "parts"])
def listing(request: pytest.FixtureRequest, wire: Wire, vault: str) -> Listing:
    upload(wire, vault=vault)
    if request.param == "jobs":
        return Listing("JobList", "JobId", JOBS, lambda: last(inventory(wire)))
    if request.param == "uploads":
        return Listing("UploadsList", "MultipartUploadId", UPLOADS, lambda: last(initiate(wire)))
    path, numbers = initiate(wire), iter(range(1000))

    def add() -> str:
        start = next(numbers) * MIB
        put_part(wire, path, b"x", start).ok(204)
        return f"{start}-{start}"

    return Listing("Parts", "RangeInBytes", path, add)


def last(path: str) -> str:
    return path.rpartition("/")[2]


def names(listing: Listing, page: Any) -> list[str]:
    return [entry[listing.name] for entry in page[listing.key]]


def pages(wire: Wire, listing: Listing, limit: int | None) -> Iterator[list[str]]:
    marker = ""
    while marker is not None:
        asked = "" if limit is None else limit
        page = wire.ask("GET", f"{listing.path}?limit={asked}&marker={marker}").ok(200).json
        yield names(listing, page)
        marker = page["Marker"]


def test_a_limit_is_one_to_fifty(wire: Wire, listing: Listing) -> None:
    for limit in ("0", "51", "-1", "x", "1.5", "5%20", "%2B5", "9" * 30):
        invalid(wire.ask("GET", f"{listing.path}?limit={limit}"))


def test_both_ends_of_the_limit_are_in(wire: Wire, listing: Listing) -> None:
    listing.add()
    for limit in ("1", "50", ""):
        page = wire.ask("GET", f"{listing.path}?limit={limit}").ok(200).json
        assert (len(page[listing.key]), page["Marker"]) == (1, None)


def test_a_marker_that_is_none_is_refused(wire: Wire, listing: Listing) -> None:
    for marker in ("x", "%00", "a%20b", "arn:aws:x", "====", "%C3%A4", "x" * 2000):
        invalid(wire.ask("GET", f"{listing.path}?marker={marker}"))


def test_fifty_are_one_page_and_fifty_one_are_two(wire: Wire, listing: Listing) -> None:
    added = {listing.add() for _ in range(50)}
    (page,) = pages(wire, listing, None)
    assert set(page) == added
    assert len(page) == 50
    added.add(listing.add())
    first, second = pages(wire, listing, None)
    assert (len(first), len(second)) == (50, 1)
    assert {*first, *second} == added


def test_pages_of_any_size_list_everything_once(wire: Wire, listing: Listing) -> None:
    added = [listing.add() for _ in range(6)]
    for limit in (1, 2, 3, 4, 7):
        found = list(pages(wire, listing, limit))
        assert sorted(chain(*found)) == sorted(added)
        assert len(found) == -(-6 // limit)
        assert [*chain(*found)] == next(pages(wire, listing, None))


def test_nothing_is_lost_or_repeated_while_more_is_added(wire: Wire, listing: Listing) -> None:
    before = {listing.add() for _ in range(6)}
    walk, found = pages(wire, listing, 2), list[str]()
    for page in walk:
        found += page
        if len(found) < 6:
            listing.add()
    assert before <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.usefixtures("vault")
def test_a_marker_fits_no_other_list(wire: Wire) -> None:
    upload(wire)
    for _ in range(2):
        inventory(wire)
        initiate(wire)
    path = initiate(wire)
    for start in (0, MIB):
        put_part(wire, path, b"x", start).ok(204)
    lists = (JOBS, UPLOADS, path)
    markers = [wire.ask("GET", f"{one}?limit=1").json["Marker"] for one in lists]
    for one, marker in zip(lists, markers, strict=True):
        wire.ask("GET", f"{one}?marker={marker}").ok(200)
        for other in set(lists) - {one}:
            invalid(wire.ask("GET", f"{other}?marker={marker}"))


@pytest.mark.usefixtures("vault")
def test_a_marker_works_though_its_upload_was_aborted(wire: Wire) -> None:
    paths = [initiate(wire) for _ in range(3)]
    first = wire.ask("GET", f"{UPLOADS}?limit=1").json
    for path in paths[:2]:
        wire.ask("DELETE", path).ok(204)
    rest = wire.ask("GET", f"{UPLOADS}?marker={first['Marker']}").json
    assert [one["MultipartUploadId"] for one in rest["UploadsList"]] == [last(paths[2])]
    assert rest["Marker"] is None


@pytest.mark.usefixtures("vault")
def test_a_marker_works_though_its_job_has_expired(wire: Wire) -> None:
    upload(wire)
    for _ in range(3):
        inventory(wire)
        wire.clock.advance(timedelta(hours=7))
    marker = wire.ask("GET", f"{JOBS}?limit=2").json["Marker"]
    wire.clock.advance(timedelta(hours=5))
    assert wire.ask("GET", f"{JOBS}?marker={marker}").json == {"JobList": [], "Marker": None}
