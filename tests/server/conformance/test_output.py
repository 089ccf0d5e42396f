"""GetJobOutput and what an inventory holds: every documented answer."""

import json
from datetime import timedelta

import pytest

from glaciercli.server.settings import ServiceSettings
from tests.server.conformance.steps import ARN, VAULT, inventory, retrieval, upload
from tests.server.conformance.wire import Answer, Wire, invalid
from tests.server.payloads import MIB, content, tree_hash

#: 6.5 MiB: the example of the guide's chapter on checksums.
BODY = content(6 * MIB + MIB // 2)


def output(wire: Wire, path: str, span: str | None = None) -> Answer:
    return wire.ask("GET", f"{path}/output", headers={"Range": span})


@pytest.fixture
def archive(wire: Wire, vault: str) -> str:
    return upload(wire, BODY, vault, text="words")


@pytest.fixture
def whole(wire: Wire, archive: str) -> str:
    return retrieval(wire, archive)


def test_a_whole_output_has_every_header(wire: Wire, whole: str) -> None:
    answer = output(wire, whole).ok(200)
    assert answer.body == BODY
    common = {name: answer.headers[name] for name in ("Date", "x-amzn-RequestId")}
    assert {**answer.headers, "Server": ""} == {
        **common,
        "Accept-Ranges": "bytes",
        "Content-Length": str(len(BODY)),
        "Content-Type": "application/octet-stream",
        "Server": "",
        "x-amz-archive-description": "words",
        "x-amz-sha256-tree-hash": tree_hash(BODY),
    }


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-1048575", 0, MIB - 1),
        ("bytes=5-9", 5, 9),
        ("bytes=1048576-", MIB, len(BODY) - 1),
        ("bytes=6291456-99999999", 6 * MIB, len(BODY) - 1),
        (f"bytes={len(BODY) - 1}-{len(BODY) - 1}", len(BODY) - 1, len(BODY) - 1),
        ("bytes=-5", len(BODY) - 5, len(BODY) - 1),
        (f"bytes=-{len(BODY) + 1}", 0, len(BODY) - 1),
        (f"bytes=0-{len(BODY) - 1}", 0, len(BODY) - 1),
    ],
)
def test_a_range_is_answered_with_206(
    wire: Wire, whole: str, span: str, first: int, last: int
) -> None:
    answer = output(wire, whole, span).ok(206)
    assert answer.body == BODY[first : last + 1]
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(BODY)}"
    assert answer.headers["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize(
    "span", ["", "bytes 0-99/1000", "0-99", "bytes=9-5", "bytes=x-y", "bytes=-", "items=0-5"]
)
def test_a_range_that_is_none_is_ignored(wire: Wire, whole: str, span: str) -> None:
    answer = output(wire, whole, span).ok(200)
    assert answer.body == BODY
    assert "Content-Range" not in answer.headers


def test_a_range_past_the_end_is_refused(wire: Wire, whole: str) -> None:
    for span in (f"bytes={len(BODY)}-{len(BODY)}", "bytes=8388608-12582911", "bytes=99999999-"):
        invalid(
            output(wire, whole, span),
            f"The start of the range is larger than size of retrieved data: {span}",
        )


@pytest.mark.parametrize("span", ["bytes=0-1,5-9", "bytes=0-1, 5-9"])
def test_several_ranges_are_refused(wire: Wire, whole: str, span: str) -> None:
    invalid(output(wire, whole, span))


# The example of the guide: an archive of seven chunks, and the ranges that are nodes of its tree.
ALIGNED = {(0, 1), (0, 2), (0, 4), (0, 7), (1, 2), (2, 3), (2, 4), (3, 4), (4, 5), (4, 6), (4, 7)}
ALIGNED |= {(5, 6), (6, 7)}
RANGES = [(first, stop) for first in range(7) for stop in range(first + 1, 8)]


def test_a_range_has_a_hash_exactly_where_the_guide_says(wire: Wire, whole: str) -> None:
    for first, stop in RANGES:
        answer = output(wire, whole, f"bytes={first * MIB}-{stop * MIB - 1}").ok(206)
        expected = tree_hash(BODY[first * MIB : stop * MIB]) if (first, stop) in ALIGNED else None
        assert answer.headers.get("x-amz-sha256-tree-hash") == expected, (first, stop)


def test_an_unaligned_range_has_no_hash(wire: Wire, whole: str) -> None:
    for span in ("bytes=1-1048576", "bytes=0-1048574", "bytes=0-1048576"):
        assert "x-amz-sha256-tree-hash" not in output(wire, whole, span).ok(206).headers


def test_an_output_range_counts_from_the_retrieved_range(wire: Wire, archive: str) -> None:
    path = retrieval(wire, archive, RetrievalByteRange=f"{4 * MIB}-{6 * MIB - 1}")
    all_of_it = output(wire, path).ok(200)
    assert all_of_it.body == BODY[4 * MIB : 6 * MIB]
    assert all_of_it.headers["x-amz-sha256-tree-hash"] == tree_hash(all_of_it.body)
    second = output(wire, path, f"bytes={MIB}-{2 * MIB - 1}").ok(206)
    assert second.body == BODY[5 * MIB : 6 * MIB]
    assert second.headers["Content-Range"] == f"bytes {MIB}-{2 * MIB - 1}/{2 * MIB}"
    assert second.headers["x-amz-sha256-tree-hash"] == tree_hash(second.body)
    invalid(output(wire, path, f"bytes={2 * MIB}-"))


def test_a_retrieved_range_that_is_no_node_has_no_hash_at_all(wire: Wire, archive: str) -> None:
    path = retrieval(wire, archive, RetrievalByteRange=f"{MIB}-{3 * MIB - 1}")
    assert "x-amz-sha256-tree-hash" not in output(wire, path).ok(200).headers
    node = output(wire, path, f"bytes=0-{MIB - 1}").ok(206)
    assert node.body == BODY[MIB : 2 * MIB]
    assert "x-amz-sha256-tree-hash" not in node.headers


def test_an_output_stays_though_its_archive_is_deleted(
    wire: Wire, archive: str, whole: str
) -> None:
    wire.ask("DELETE", f"{VAULT}/archives/{archive}").ok(204)
    assert output(wire, whole).ok(200).body == output(wire, whole).ok(200).body == BODY


def test_an_inventory_is_json_with_the_documented_members(wire: Wire, archive: str) -> None:
    answer = output(wire, inventory(wire)).ok(200)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "x-amz-sha256-tree-hash" not in answer.headers
    expected = {
        "VaultARN": ARN,
        "InventoryDate": "2026-01-02T03:04:05Z",
        "ArchiveList": [
            {
                "ArchiveId": archive,
                "ArchiveDescription": "words",
                "CreationDate": "2026-01-02T03:04:05Z",
                "Size": len(BODY),
                "SHA256TreeHash": tree_hash(BODY),
            }
        ],
    }
    assert answer.body == json.dumps(expected, separators=(",", ":")).encode()


@pytest.mark.usefixtures("archive")
def test_an_inventory_may_be_read_by_ranges(wire: Wire) -> None:
    path = inventory(wire)
    whole = output(wire, path).ok(200).body
    part = output(wire, path, "bytes=5-9").ok(206)
    assert (part.body, part.headers["Content-Type"]) == (whole[5:10], "application/json")
    assert part.headers["Content-Range"] == f"bytes 5-9/{len(whole)}"
    assert "x-amz-sha256-tree-hash" not in part.headers


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", '""'),
        ("a,1", '"a,1"'),
        ('a,1"2', '"a,1\\"2"'),
        ('a,1\\"2', '"a,1\\\\"2"'),
        ("x\\", '"x\\"'),
    ],
)
@pytest.mark.usefixtures("vault")
def test_an_inventory_is_csv_with_its_own_quoting(wire: Wire, text: str, quoted: str) -> None:
    archive_id = upload(wire, b"12345", text=text)
    answer = output(wire, inventory(wire, Format="CSV")).ok(200)
    assert answer.headers["Content-Type"] == "text/csv"
    assert answer.body.decode() == (
        "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\n"
        f"{archive_id},{quoted},2026-01-02T03:04:05Z,5,{tree_hash(b'12345')}\n"
    )


def test_an_emptied_vault_has_an_empty_inventory(wire: Wire, archive: str) -> None:
    wire.ask("DELETE", f"{VAULT}/archives/{archive}").ok(204)
    assert output(wire, inventory(wire)).json["ArchiveList"] == []
    csv = output(wire, inventory(wire, Format="CSV")).body
    assert csv == b"ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\n"


def ids(wire: Wire, path: str) -> list[str]:
    return [one["ArchiveId"] for one in output(wire, path).ok(200).json["ArchiveList"]]


@pytest.mark.usefixtures("vault")
def test_an_inventory_may_be_bounded_by_dates(wire: Wire) -> None:
    made = []
    for _ in range(3):
        made.append(upload(wire))
        wire.clock.advance(timedelta(days=1))
    second, third = "2026-01-03T03:04:05.678Z", "2026-01-04T03:04:05.678Z"
    spans = {(None, None): made, (second, None): made[1:], (None, second): made[:1]}
    spans |= {(second, third): made[1:2], (third, second): [], ("2026-01-03", None): made[1:]}
    for (start, end), expected in spans.items():
        bounds = {"StartDate": start, "EndDate": end}
        assert ids(wire, inventory(wire, InventoryRetrievalParameters=bounds)) == expected


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
@pytest.mark.usefixtures("vault")
def test_an_inventory_may_be_read_by_pages_of_jobs(wire: Wire, limit: int) -> None:
    made = [upload(wire) for _ in range(4)]
    found: list[str] = []
    marker, jobs = None, 0
    while marker or not jobs:
        wanted = {"Limit": str(limit), "Marker": marker}
        path = inventory(wire, InventoryRetrievalParameters=wanted)
        page, described = ids(wire, path), wire.ask("GET", path).json
        assert 0 < len(page) <= limit
        found += page
        marker, jobs = described["NextInventoryRetrievalMarker"], jobs + 1
        assert described["InventoryRetrievalParameters"]["Marker"] == marker
    assert found == made
    assert jobs == -(-len(made) // limit)


class TestLate:
    """Where nothing is ready at once."""

    @pytest.fixture
    def settings(self) -> ServiceSettings:
        return ServiceSettings.realistic()

    def test_an_output_is_not_there_before_its_job_has_ended(self, wire: Wire, whole: str) -> None:
        job_id = whole.rpartition("/")[2]
        invalid(output(wire, whole), f"The job is not currently available for download: {job_id}")
        wire.clock.advance(timedelta(hours=4))
        assert output(wire, whole).ok(200).body == BODY

    def test_an_inventory_lags_a_day_behind(self, wire: Wire, archive: str) -> None:
        assert wire.ask("GET", VAULT).json["LastInventoryDate"] is None
        wire.clock.advance(timedelta(days=1))
        upload(wire, b"later")
        path = inventory(wire)
        wire.clock.advance(timedelta(hours=4))
        assert ids(wire, path) == [archive]
        assert wire.ask("GET", VAULT).json["NumberOfArchives"] == 1
