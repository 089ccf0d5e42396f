"""UploadArchive and DeleteArchive: every documented answer."""

from dataclasses import replace
from hashlib import sha256

import pytest

from tests.server.conformance import steps
from tests.server.conformance.steps import ACCOUNT, ARN, OTHER, VAULT, hashes, upload
from tests.server.conformance.wire import (
    Answer,
    Wire,
    check_refused,
    invalid,
    missing,
    not_found,
)
from tests.server.payloads import tree_hash

ARCHIVES = f"{VAULT}/archives"
BODY = b"Welcome to Amazon Glacier."
FOUR_GIB = 4 * 1024**3


def send(wire: Wire, body: bytes = BODY, **replaced: str | None) -> Answer:
    return wire.ask("POST", ARCHIVES, body, headers=hashes(body, **replaced))


def description(wire: Wire, archive_id: str) -> str | None:
    """Return what the service says of an archive when it is retrieved."""
    output = wire.ask("GET", steps.retrieval(wire, archive_id) + "/output").ok(200)
    return output.headers.get("x-amz-archive-description")


@pytest.mark.usefixtures("vault")
def test_an_upload_answers_id_location_and_hash(wire: Wire) -> None:
    headers = send(wire).ok(201).headers
    archive_id = headers["x-amz-archive-id"]
    assert len(archive_id) == 138
    assert headers["Location"] == f"/{ACCOUNT}/vaults/examplevault/archives/{archive_id}"
    assert headers["x-amz-sha256-tree-hash"] == tree_hash(BODY)


@pytest.mark.usefixtures("vault")
def test_the_same_bytes_twice_are_two_archives(wire: Wire) -> None:
    assert upload(wire) != upload(wire)


@pytest.mark.parametrize(
    "text", ["", "x" * 1024, "a  b", '"quoted" \\', "".join(map(chr, range(0x21, 0x7F)))]
)
@pytest.mark.usefixtures("vault")
def test_legal_descriptions(wire: Wire, text: str) -> None:
    assert description(wire, upload(wire, text=text)) == (text or None)


@pytest.mark.parametrize("text", ["x" * 1025, "a\tb"])
@pytest.mark.usefixtures("vault")
def test_illegal_descriptions(wire: Wire, text: str) -> None:
    invalid(send(wire, x_amz_archive_description=text))


@pytest.mark.parametrize("text", ["a\x1fb", "a\x7fb"])
@pytest.mark.usefixtures("vault")
def test_a_control_character_is_no_http(wire: Wire, text: str) -> None:
    check_refused(send(wire, x_amz_archive_description=text), 400, "BadRequest")


@pytest.mark.parametrize("text", ["Zürich", "Zürich".encode().decode("latin-1"), "\x80"])
@pytest.mark.usefixtures("vault")
def test_a_description_beyond_ascii_is_a_wrong_signature(wire: Wire, text: str) -> None:
    check_refused(send(wire, x_amz_archive_description=text), 403, "InvalidSignatureException")


@pytest.mark.parametrize("name", ["x-amz-sha256-tree-hash", "x-amz-content-sha256"])
@pytest.mark.usefixtures("vault")
def test_both_hashes_are_required(wire: Wire, name: str) -> None:
    for absent in (None, ""):
        missing(send(wire, BODY, **{name: absent}), name)


def test_a_wrong_tree_hash_is_told_with_the_right_one(wire: Wire, vault: str) -> None:
    wrong = "0" * 64
    answer = send(wire, x_amz_sha256_tree_hash=wrong)
    invalid(answer, f"Checksum mismatch: expected {wrong}, computed {tree_hash(BODY)}")
    assert wire.ask("GET", vault).json["NumberOfArchives"] == 0


@pytest.mark.parametrize("text", ["x", "0" * 63, "g" * 64])
@pytest.mark.usefixtures("vault")
def test_a_tree_hash_that_is_none_is_refused(wire: Wire, text: str) -> None:
    invalid(send(wire, x_amz_sha256_tree_hash=text))


@pytest.mark.usefixtures("vault")
def test_a_wrong_linear_hash_is_a_wrong_signature(wire: Wire) -> None:
    wrong = "0" * 64
    check_refused(
        send(wire, x_amz_content_sha256=wrong),
        403,
        "InvalidSignatureException",
        "The value passed in as x-amz-content-sha256 does not match the computed payload hash."
        f" Computed digest: {sha256(BODY).hexdigest()} expected hash: {wrong}",
    )


@pytest.mark.usefixtures("vault")
def test_an_empty_archive_is_refused(wire: Wire) -> None:
    invalid(send(wire, b""), "Invalid Content-Length: 0")


@pytest.mark.usefixtures("vault")
def test_more_than_4_gib_are_refused_before_they_are_sent(wire: Wire) -> None:
    answer = send(wire, Content_Length=str(FOUR_GIB + 1), Expect="100-continue")
    invalid(answer, f"Invalid Content-Length: {FOUR_GIB + 1}")


def test_what_is_refused_leaves_no_archive(wire: Wire, vault: str) -> None:
    send(wire, x_amz_sha256_tree_hash="0" * 64)
    send(wire, x_amz_content_sha256="0" * 64)
    assert wire.ask("GET", vault).json["NumberOfArchives"] == 0


def test_an_upload_to_no_vault_is_refused_before_its_hashes_are_compared(wire: Wire) -> None:
    not_found(send(wire, x_amz_sha256_tree_hash="0" * 64), f"Vault not found for ARN: {ARN}")
    missing(send(wire, x_amz_sha256_tree_hash=None), "x-amz-sha256-tree-hash")


@pytest.mark.usefixtures("vault")
def test_a_hash_is_read_in_either_case(wire: Wire) -> None:
    send(wire, x_amz_sha256_tree_hash=tree_hash(BODY).upper()).ok(201)


@pytest.mark.usefixtures("vault")
def test_deleting_twice_is_no_error(wire: Wire) -> None:
    archive = f"{ARCHIVES}/{upload(wire)}"
    wire.ask("DELETE", archive).ok(204)
    wire.ask("DELETE", archive).ok(204)


def test_an_archive_is_deleted_in_its_own_vault_only(wire: Wire, vault: str) -> None:
    archive_id = upload(wire)
    steps.create(wire, OTHER)
    answer = wire.ask("DELETE", f"{OTHER}/archives/{archive_id}")
    invalid(answer, f"Invalid vault name: {ARN.removesuffix('examplevault')}other")
    assert wire.ask("GET", vault).json["NumberOfArchives"] == 1


def test_an_id_is_unknown_in_another_region(wire: Wire, vault: str) -> None:
    archive_id = upload(wire)
    west = replace(wire, signer=replace(wire.signer, region="us-west-2"))
    steps.create(west)
    west.ask("DELETE", f"{ARCHIVES}/{archive_id}").ok(204)
    assert wire.ask("GET", vault).json["NumberOfArchives"] == 1


@pytest.mark.parametrize(
    ("archive_id", "status"),
    [("a" * 138, 204), ("-" * 138, 204), ("a" * 137, 404), ("a" * 139, 404), ("%20" * 138, 404)],
)
@pytest.mark.usefixtures("vault")
def test_an_id_that_never_was_is_gone_if_it_looks_like_one(
    wire: Wire, archive_id: str, status: int
) -> None:
    answer = wire.ask("DELETE", f"{ARCHIVES}/{archive_id}")
    assert answer.status == status
    if status == 404:
        found = archive_id.replace("%20", " ")
        not_found(answer, f"The archive ID was not found: {found}")


@pytest.mark.usefixtures("vault")
def test_an_empty_id_is_refused(wire: Wire) -> None:
    invalid(wire.ask("DELETE", f"{ARCHIVES}/"))
