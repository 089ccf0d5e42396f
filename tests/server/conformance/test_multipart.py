"""The operations of a multipart upload: every documented answer."""

from datetime import timedelta
from hashlib import sha256

import pytest

from tests.server.conformance import steps
from tests.server.conformance.steps import (
    ACCOUNT,
    ARN,
    VAULT,
    WHOLE,
    complete,
    hashes,
    initiate,
    put_part,
    put_whole,
)
from tests.server.conformance.wire import Wire, check_refused, invalid, missing, not_found
from tests.server.payloads import MIB, tree_hash

UPLOADS = f"{VAULT}/multipart-uploads"
GIB = 1024 * MIB


def unknown(upload: str) -> str:
    return f"The upload ID was not found: {upload.rpartition('/')[2]}"


def part_of(number: int) -> bytes:
    return WHOLE[number * MIB : (number + 1) * MIB]


@pytest.fixture
def upload(wire: Wire, vault: str) -> str:
    return initiate(wire, vault)


@pytest.mark.usefixtures("vault")
def test_an_upload_answers_id_and_location(wire: Wire) -> None:
    headers = wire.ask("POST", UPLOADS, headers={"x-amz-part-size": str(MIB)}).ok(201).headers
    upload_id = headers["x-amz-multipart-upload-id"]
    assert len(upload_id) == 92
    assert headers["Location"] == (f"/{ACCOUNT}/vaults/examplevault/multipart-uploads/{upload_id}")


@pytest.mark.parametrize("size", [MIB << power for power in range(13)])
@pytest.mark.usefixtures("vault")
def test_legal_part_sizes(wire: Wire, size: int) -> None:
    assert wire.ask("GET", initiate(wire, part_bytes=size)).json["PartSizeInBytes"] == size


@pytest.mark.parametrize(
    "size", ["0", "-1048576", "524288", "1048577", "10485760", "8589934592", "1e6", "x", "1" * 30]
)
@pytest.mark.usefixtures("vault")
def test_illegal_part_sizes(wire: Wire, size: str) -> None:
    invalid(
        wire.ask("POST", UPLOADS, headers={"x-amz-part-size": size}),
        f"Invalid part size: {size}. Part size must not be null, must be a power of two and be"
        " between 1048576 and 4294967296 bytes.",
    )


@pytest.mark.usefixtures("vault")
def test_a_part_size_is_required(wire: Wire) -> None:
    for absent in (None, ""):
        missing(wire.ask("POST", UPLOADS, headers={"x-amz-part-size": absent}), "x-amz-part-size")


def test_an_upload_needs_a_vault(wire: Wire) -> None:
    answer = wire.ask("POST", UPLOADS, headers={"x-amz-part-size": str(MIB)})
    not_found(answer, f"Vault not found for ARN: {ARN}")


@pytest.mark.parametrize(
    ("text", "stored"),
    [("x" * 1024, "x" * 1024), ("  a  b", "a  b"), ("", None), (None, None)],
)
@pytest.mark.usefixtures("vault")
def test_leading_blanks_of_a_description_vanish(
    wire: Wire, text: str | None, stored: str | None
) -> None:
    upload = initiate(wire, text=text)
    assert wire.ask("GET", upload).json["ArchiveDescription"] == stored
    assert wire.ask("GET", UPLOADS).json["UploadsList"][0]["ArchiveDescription"] == stored


@pytest.mark.usefixtures("vault")
def test_illegal_descriptions(wire: Wire) -> None:
    def send(text: str) -> None:
        headers = {"x-amz-part-size": str(MIB), "x-amz-archive-description": text}
        answer = wire.ask("POST", UPLOADS, headers=headers)
        if text.isascii():
            invalid(answer)
        else:
            check_refused(answer, 403, "InvalidSignatureException")

    for text in ("x" * 1025, "a\tb", "Zürich"):
        send(text)


def test_a_part_answers_its_hash(wire: Wire, upload: str) -> None:
    part = WHOLE[:MIB]
    answer = put_part(wire, upload, part, 0).ok(204)
    assert answer.headers["x-amz-sha256-tree-hash"] == tree_hash(part)
    assert answer.body == b""


@pytest.mark.parametrize(
    "span",
    [
        "bytes 4-0/*",
        "bytes 5-9/*",
        "bytes 1-5/*",
        "bytes=0-4/*",
        "bytes 0-4",
        "0-4",
        "bytes 0-4/x",
        "bytes -4/*",
        "bytes 0-/*",
        "bytes 0-4/*, 5-9/*",
        "bytes 1048577-1048581/*",
    ],
)
def test_a_part_must_start_at_a_multiple_of_the_part_size(
    wire: Wire, upload: str, span: str
) -> None:
    headers = {"Content-Range": span, **hashes(b"12345")}
    invalid(wire.ask("PUT", upload, b"12345", headers=headers), f"Invalid Content-Range: {span}")


def test_a_part_must_be_as_long_as_it_says(wire: Wire, upload: str) -> None:
    for span in ("bytes 0-3/*", "bytes 0-5/*", "bytes 0-1048575/*"):
        headers = {"Content-Range": span, **hashes(b"12345")}
        invalid(
            wire.ask("PUT", upload, b"12345", headers=headers),
            f"Content-Range: {span} is incompatible with Content-Length: 5",
        )


def test_a_part_is_at_most_as_long_as_the_part_size(wire: Wire, upload: str) -> None:
    part = WHOLE[: MIB + 1]
    invalid(put_part(wire, upload, part, 0), f"Invalid Content-Range: bytes 0-{MIB}/*")


def test_a_part_may_name_a_total(wire: Wire, upload: str) -> None:
    headers = {"Content-Range": "bytes 0-4/9437185", **hashes(b"12345")}
    wire.ask("PUT", upload, b"12345", headers=headers).ok(204)


@pytest.mark.parametrize(("number", "status"), [(10_000, 204), (10_001, 400)])
def test_there_are_at_most_10_000_parts(wire: Wire, upload: str, number: int, status: int) -> None:
    answer = put_part(wire, upload, b"12345", (number - 1) * MIB)
    assert answer.status == status
    if status == 400:
        invalid(
            answer,
            "This is part number 10001 for the current multipart upload."
            " It exceeds the limit of 10000 parts.",
        )


@pytest.mark.parametrize(
    "name", ["Content-Range", "x-amz-sha256-tree-hash", "x-amz-content-sha256"]
)
def test_a_part_needs_its_range_and_hashes(wire: Wire, upload: str, name: str) -> None:
    for absent in (None, ""):
        headers = {"Content-Range": "bytes 0-4/*", **hashes(b"12345"), name: absent}
        answer = wire.ask("PUT", upload, b"12345", headers=headers)
        missing(answer, name.lower())


def test_an_empty_part_is_refused(wire: Wire, upload: str) -> None:
    headers = {"Content-Range": "bytes 0-0/*", **hashes(b"")}
    invalid(wire.ask("PUT", upload, b"", headers=headers), "Invalid Content-Length: 0")


def test_a_damaged_part_is_refused_and_leaves_the_one_before(wire: Wire, upload: str) -> None:
    put_part(wire, upload, b"first", 0).ok(204)
    wrong = "0" * 64
    answer = put_part(wire, upload, b"other", 0, x_amz_sha256_tree_hash=wrong)
    invalid(answer, f"Checksum mismatch: expected {wrong}, computed {tree_hash(b'other')}")
    answer = put_part(wire, upload, b"other", 0, x_amz_content_sha256=wrong)
    check_refused(answer, 403, "InvalidSignatureException")
    listed = wire.ask("GET", upload).json["Parts"]
    assert listed == [{"RangeInBytes": "0-4", "SHA256TreeHash": tree_hash(b"first")}]


def test_a_part_sent_again_replaces_the_first(wire: Wire, upload: str) -> None:
    put_part(wire, upload, b"first", 0).ok(204)
    put_part(wire, upload, b"second", 0).ok(204)
    listed = wire.ask("GET", upload).json["Parts"]
    assert listed == [{"RangeInBytes": "0-5", "SHA256TreeHash": tree_hash(b"second")}]


def test_parts_in_any_order_are_listed_by_range(wire: Wire, upload: str) -> None:
    for number in (2, 0, 1):
        put_part(wire, upload, part_of(number), number * MIB).ok(204)
    assert wire.ask("GET", upload).json == {
        "ArchiveDescription": None,
        "CreationDate": "2026-01-02T03:04:05.678Z",
        "Marker": None,
        "MultipartUploadId": upload.rpartition("/")[2],
        "PartSizeInBytes": MIB,
        "Parts": [
            {"RangeInBytes": span, "SHA256TreeHash": tree_hash(part_of(number))}
            for number, span in enumerate(("0-1048575", "1048576-2097151", "2097152-2097156"))
        ],
        "VaultARN": ARN,
    }


def test_completing_twice_gives_the_same_archive(wire: Wire, upload: str) -> None:
    put_whole(wire, upload)
    first, second = complete(wire, upload).ok(201), complete(wire, upload).ok(201)
    archive_id = first.headers["x-amz-archive-id"]
    assert len(archive_id) == 138
    for answer in (first, second):
        assert answer.headers["x-amz-archive-id"] == archive_id
        assert answer.headers["x-amz-sha256-tree-hash"] == tree_hash(WHOLE)
        location = f"/{ACCOUNT}/vaults/examplevault/archives/{archive_id}"
        assert answer.headers["Location"] == location
    assert wire.ask("GET", UPLOADS).json == {"Marker": None, "UploadsList": []}
    for method in ("GET", "DELETE"):
        not_found(wire.ask(method, upload), unknown(upload))
    not_found(put_part(wire, upload, b"x", 0), unknown(upload))


@pytest.mark.parametrize("name", ["x-amz-archive-size", "x-amz-sha256-tree-hash"])
def test_completing_needs_size_and_hash(wire: Wire, upload: str, name: str) -> None:
    put_whole(wire, upload)
    for absent in (None, ""):
        missing(complete(wire, upload, **{name: absent}), name)


@pytest.mark.parametrize("size", [len(WHOLE) - 1, len(WHOLE) + 1, -len(WHOLE), 0, "x", "1e6"])
def test_completing_needs_the_right_size(wire: Wire, upload: str, size: object) -> None:
    put_whole(wire, upload)
    invalid(complete(wire, upload, x_amz_archive_size=str(size)))
    complete(wire, upload).ok(201)


def test_completing_needs_the_hash_of_all(wire: Wire, upload: str) -> None:
    put_whole(wire, upload)
    last = tree_hash(part_of(2))
    answer = complete(wire, upload, x_amz_sha256_tree_hash=last)
    invalid(answer, f"Invalid x-amz-sha256-tree-hash: {last}")
    complete(wire, upload).ok(201)


def test_completing_again_needs_the_same_size_and_hash(wire: Wire, upload: str) -> None:
    put_whole(wire, upload)
    complete(wire, upload).ok(201)
    invalid(complete(wire, upload, x_amz_archive_size="1"))
    invalid(complete(wire, upload, x_amz_sha256_tree_hash="0" * 64))


def test_a_gap_a_short_part_or_no_part_at_all_cannot_be_completed(wire: Wire, upload: str) -> None:
    invalid(complete(wire, upload))
    put_part(wire, upload, part_of(1), MIB).ok(204)
    # With the very size and hash that the parts would have if nothing else were looked at.
    single = {"x_amz_archive_size": str(2 * MIB), "x_amz_sha256_tree_hash": tree_hash(part_of(1))}
    invalid(complete(wire, upload, **single))
    put_part(wire, upload, b"short", 0).ok(204)
    pair = sha256(sha256(b"short").digest() + sha256(part_of(1)).digest()).hexdigest()
    invalid(complete(wire, upload, x_amz_archive_size=str(2 * MIB), x_amz_sha256_tree_hash=pair))
    put_whole(wire, upload)
    complete(wire, upload).ok(201)


def test_aborting_twice_is_no_error_and_then_it_is_gone(wire: Wire, upload: str) -> None:
    put_part(wire, upload, b"x", 0).ok(204)
    wire.ask("DELETE", upload).ok(204)
    wire.ask("DELETE", upload).ok(204)
    not_found(wire.ask("GET", upload), unknown(upload))
    not_found(complete(wire, upload), unknown(upload))
    not_found(put_part(wire, upload, b"x", 0), unknown(upload))
    wire.clock.advance(timedelta(hours=25))
    not_found(wire.ask("DELETE", upload), unknown(upload))


def test_an_idle_upload_is_forgotten_after_a_day(wire: Wire, upload: str) -> None:
    wire.clock.advance(timedelta(hours=23))
    put_part(wire, upload, b"x", 0).ok(204)
    wire.clock.advance(timedelta(hours=23))
    wire.ask("GET", upload).ok(200)
    wire.clock.advance(timedelta(hours=2))
    not_found(wire.ask("GET", upload), unknown(upload))
    assert wire.ask("GET", UPLOADS).json["UploadsList"] == []


def test_an_upload_id_belongs_to_one_vault(wire: Wire, upload: str) -> None:
    steps.create(wire, steps.OTHER)
    elsewhere = upload.replace("examplevault", "other")
    for method in ("GET", "DELETE"):
        not_found(wire.ask(method, elsewhere), unknown(upload))
    not_found(put_part(wire, elsewhere, b"x", 0), unknown(upload))
    not_found(complete(wire, elsewhere), unknown(upload))


@pytest.mark.usefixtures("vault")
def test_unknown_and_malformed_ids(wire: Wire) -> None:
    for method in ("GET", "DELETE"):
        not_found(wire.ask(method, f"{UPLOADS}/{'a' * 92}"))
    invalid(wire.ask("DELETE", f"{UPLOADS}/a%20b"))
    not_found(wire.ask("GET", f"{UPLOADS}/a%20b"), "The upload ID was not found: a b")


@pytest.mark.parametrize("size", [4 * GIB])
@pytest.mark.usefixtures("vault")
def test_a_part_of_the_largest_size_is_placed_at_its_multiple(wire: Wire, size: int) -> None:
    upload = initiate(wire, part_bytes=size)
    put_part(wire, upload, b"x", 9_999 * size).ok(204)
    listed = wire.ask("GET", upload).json["Parts"]
    assert listed[0]["RangeInBytes"] == f"{9_999 * size}-{9_999 * size}"
