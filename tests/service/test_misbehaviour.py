"""Answers that are late, torn, foreign or wrong."""

import json
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from glaciercli import errors
from glaciercli.model.jobs import Tier
from glaciercli.model.ranges import ByteRange
from glaciercli.ports import ArchiveService, JobOutput
from tests.service.misbehaving import (
    Deed,
    Line,
    Reply,
    Scripted,
    answering,
    asking,
    connected,
    document,
    drained,
    head_of,
    http,
    on_a_line,
    reset_after_body,
    reset_at_once,
    said,
)
from tests.service.payloads import MIB, MemoryPayload, content

PAYLOAD = MemoryPayload(content(MIB))
TREE = PAYLOAD.tree_hash.hex()

NO_VAULTS = document({"VaultList": [], "Marker": None})
HTML = Reply(body=b"<html>Please log in</html>", headers={"Content-Type": "text/html"})
TORN = Reply(body=b'{"VaultList":[{"VaultName":"a","Vau')

VAULT: dict[str, Any] = {
    "VaultARN": "arn:aws:glacier:us-east-1:012345678901:vaults/a",
    "VaultName": "a",
    "CreationDate": "2026-01-02T03:04:05.678Z",
}
JOB: dict[str, Any] = {
    "JobId": "J",
    "Action": "ArchiveRetrieval",
    "StatusCode": "Succeeded",
    "CreationDate": "2026-01-02T03:04:05.678Z",
}


def list_vaults(service: ArchiveService) -> object:
    return list(service.list_vaults())


def list_jobs(service: ArchiveService) -> object:
    return list(service.list_jobs("v"))


def list_parts(service: ArchiveService) -> object:
    return list(service.list_parts("v", "u"))


def list_uploads(service: ArchiveService) -> object:
    return list(service.list_uploads("v"))


def describe_vault(service: ArchiveService) -> object:
    return service.describe_vault("v")


def describe_job(service: ArchiveService) -> object:
    return service.describe_job("v", "J")


def initiate_upload(service: ArchiveService) -> object:
    return service.initiate_upload("v", part_bytes=MIB, description="")


def upload_part(service: ArchiveService) -> None:
    service.upload_part("v", "u", PAYLOAD)


def upload_archive(service: ArchiveService) -> object:
    return service.upload_archive("v", PAYLOAD, description="")


def complete_upload(service: ArchiveService) -> object:
    return service.complete_upload("v", "u", size_bytes=MIB, tree_hash=PAYLOAD.tree_hash)


def complete_upload_again(service: ArchiveService) -> object:
    tree_hash = PAYLOAD.tree_hash
    return service.complete_upload("v", "u", size_bytes=MIB, tree_hash=tree_hash, again=True)


def start_retrieval(service: ArchiveService) -> object:
    return service.start_retrieval("v", "a", tier=Tier.BULK, description="")


def start_inventory(service: ArchiveService) -> object:
    return service.start_inventory("v", description="")


def read_output(service: ArchiveService) -> object:
    return service.read_output("v", "J", span=ByteRange(0, 4), take=whole)


def whole(output: JobOutput) -> bytes:
    return b"".join(output.pieces)


Ask = Callable[[ArchiveService], object]

SAFE: list[Ask] = [
    complete_upload_again,
    list_vaults,
    list_jobs,
    list_parts,
    list_uploads,
    describe_vault,
    describe_job,
    initiate_upload,
    upload_part,
]
UNSAFE: list[Ask] = [upload_archive, complete_upload, start_retrieval, start_inventory]

PASSING = [
    said(500, "ServiceUnavailableException"),
    said(503, "ServiceUnavailableException"),
    Reply(status=502, body=b"<html>bad gateway</html>"),
    said(408, "RequestTimeoutException"),
    Reply(status=408),
    said(400, "ThrottlingException"),
    said(429, "TooManyRequestsException"),
    HTML,
    TORN,
    Reply(),
    document([]),
    document({"VaultList": None}),
    document({"VaultList": [None]}),
    document({"VaultList": [{**VAULT, "CreationDate": "yesterday"}]}),
    document({"VaultList": [{"VaultName": "a"}]}),
]


@pytest.mark.covers("N2", "N3")
@pytest.mark.parametrize("reply", PASSING, ids=range(len(PASSING)))
def test_what_passes_is_waited_for(reply: Reply) -> None:
    application = Scripted(NO_VAULTS, reply, reply, NO_VAULTS)
    with asking(application) as asked:
        for _ in range(2):
            assert list_vaults(asked.service) == []
    assert (application.calls, asked.pauses) == (4, [0.5, 1])


def test_a_brown_out_from_the_first_call_on_is_waited_for() -> None:
    down = [said(503, "ServiceUnavailableException")] * 8
    with asking(Scripted(*down, NO_VAULTS)) as asked:
        assert list_vaults(asked.service) == []
        assert asked.clock.monotonic() > 60


@pytest.mark.covers("N6")
@pytest.mark.parametrize("reply", [HTML, TORN, Reply()], ids=["html", "torn", "empty"])
@pytest.mark.parametrize("ask", SAFE)
def test_an_answer_without_what_it_must_hold_is_never_an_empty_one(ask: Ask, reply: Reply) -> None:
    application = Scripted(reply)
    with asking(application) as asked, pytest.raises(errors.TransientFailure):
        ask(asked.service)
    # Nobody knows yet that this is the service at all.
    assert asked.clock.monotonic() <= 3
    assert application.calls > 1


@pytest.mark.parametrize("reply", [HTML, Reply(), said(500, "X")], ids=["html", "empty", "500"])
@pytest.mark.parametrize("ask", UNSAFE)
def test_what_must_not_be_done_twice_is_not_repeated_after_a_lost_answer(
    ask: Ask, reply: Reply
) -> None:
    application = Scripted(reply)
    with asking(application) as asked, pytest.raises(errors.OutcomeUnknown):
        ask(asked.service)
    assert application.calls == 1


@pytest.mark.parametrize(
    "reply",
    [
        said(400, "ThrottlingException"),
        said(408, "RequestTimeoutException"),
        Reply(status=429),
        Reply(status=503, body=b"<html>down</html>"),
    ],
    ids=["throttled", "408", "429", "503"],
)
@pytest.mark.parametrize("ask", UNSAFE)
def test_what_must_not_be_done_twice_is_repeated_after_a_refusal(ask: Ask, reply: Reply) -> None:
    done = Reply(
        status=201,
        headers={"x-amz-archive-id": "A", "x-amz-job-id": "J", "x-amz-sha256-tree-hash": TREE},
    )
    application = Scripted(reply, reply, done)
    with asking(application) as asked:
        assert ask(asked.service) in {"A", "J"}
    assert application.calls == 3


@pytest.mark.covers("N1")
def test_the_service_may_say_how_long_to_wait() -> None:
    asked_for = [
        said(503, "Unavailable", retry_after=value) for value in ("7", "-5", "soon", "nan")
    ]
    with asking(Scripted(NO_VAULTS, *asked_for, NO_VAULTS)) as asked:
        for _ in range(2):
            list_vaults(asked.service)
    assert asked.pauses == [7, 1, 2, 4]


def test_the_service_may_say_it_in_milliseconds_too() -> None:
    wait = said(503, "Unavailable", x_amz_retry_after="6500")
    with asking(Scripted(NO_VAULTS, wait, NO_VAULTS)) as asked:
        for _ in range(2):
            list_vaults(asked.service)
    assert asked.pauses == [6.5]


def test_a_listing_goes_on_over_its_pages() -> None:
    pages = [
        document({"VaultList": [{**VAULT, "VaultName": name}], "Marker": marker})
        for name, marker in (("a", "m1"), ("b", "m2"), ("c", None))
    ]
    application = Scripted(pages[0], said(500, "X"), pages[1], HTML, pages[2])
    with asking(application) as asked:
        assert [vault.name for vault in asked.service.list_vaults()] == ["a", "b", "c"]
    targets = [one.target.partition("?")[2] for one in application.requests]
    assert targets == ["", "marker=m1", "marker=m1", "marker=m2", "marker=m2"]


@pytest.mark.covers("N12")
def test_a_listing_that_runs_in_a_circle_ends() -> None:
    pages = [document({"VaultList": [], "Marker": marker}) for marker in ("m1", "m2", "m1")]
    with (
        asking(Scripted(*pages)) as asked,
        pytest.raises(errors.Unreachable, match="in a circle"),
    ):
        list_vaults(asked.service)


@pytest.mark.parametrize(
    "wrong",
    [
        {"Action": "Nothing"},
        {"StatusCode": "Unheard"},
        {"CreationDate": "never"},
        {"CreationDate": 5},
        {"SHA256TreeHash": "no hex"},
        {"ArchiveSizeInBytes": "many"},
        {"JobId": "\ud800"},
        {"JobId": ""},
        {"JobId": None},
    ],
    ids=str,
)
def test_a_job_that_cannot_be_read_is_a_failure_of_the_service(wrong: dict[str, Any]) -> None:
    reply = document({**JOB, **wrong})
    with asking(Scripted(reply)) as asked, pytest.raises(errors.TransientFailure):
        describe_job(asked.service)


@pytest.mark.parametrize(
    ("facts", "whole_output"),
    [
        ({"ArchiveSizeInBytes": 10, "RetrievalByteRange": "0-9"}, True),
        ({"ArchiveSizeInBytes": 10, "RetrievalByteRange": "0-4"}, False),
        ({"Action": "InventoryRetrieval", "InventoryRetrievalParameters": {"Limit": "5"}}, False),
        ({"Action": "InventoryRetrieval", "InventoryRetrievalParameters": {"Format": "J"}}, True),
        ({"Action": "InventoryRetrieval"}, True),
    ],
)
def test_a_job_tells_whether_its_output_is_everything(
    facts: dict[str, Any], *, whole_output: bool
) -> None:
    with asking(Scripted(document({**JOB, **facts}))) as asked:
        assert asked.service.describe_job("v", "J").whole is whole_output


# Hashes


def test_a_part_is_read_once_and_its_hashes_are_not_computed_again() -> None:
    payload = MemoryPayload(content(3 * MIB))
    # Hashes that nobody could have computed from the bytes.
    payload.linear_hash, payload.tree_hash = b"l" * 32, b"t" * 32
    application = Scripted(
        Reply(status=204, headers={"x-amz-sha256-tree-hash": payload.tree_hash.hex()})
    )
    with asking(application) as asked:
        asked.service.upload_part("v", "u", payload)
    sent = {name.lower(): value for name, value in application.requests[0].headers}
    assert sent["x-amz-content-sha256"] == payload.linear_hash.hex()
    assert sent["x-amz-sha256-tree-hash"] == payload.tree_hash.hex()
    assert sent["content-range"] == f"bytes 0-{3 * MIB - 1}/*"
    assert (payload.opened, payload.read_bytes) == (1, 3 * MIB)


@pytest.mark.covers("N8")
def test_a_part_that_arrives_with_another_hash_is_sent_three_times_and_no_more() -> None:
    wrong = Reply(status=204, headers={"x-amz-sha256-tree-hash": "0" * 64})
    right = Reply(status=204, headers={"x-amz-sha256-tree-hash": TREE})
    damaged = said(400, "InvalidParameterValueException", "Checksum mismatch: expected a, got b")
    application = Scripted(wrong, damaged, right)
    with asking(application) as asked:
        upload_part(asked.service)
    assert application.calls == 3
    application = Scripted(wrong)
    with asking(application) as asked, pytest.raises(errors.ChecksumMismatch, match="bytes 0 to"):
        upload_part(asked.service)
    assert application.calls == 3


OTHER_BYTES = said(
    403,
    "InvalidSignatureException",
    "The value passed in as x-amz-content-sha256 does not match the computed payload hash. "
    "Computed digest: a expected hash: b",
)


@pytest.mark.covers("N9")
@pytest.mark.parametrize("ask", [upload_part, upload_archive])
def test_bytes_that_the_line_changed_are_sent_again_and_blame_no_credentials(ask: Ask) -> None:
    right = Reply(status=201, headers={"x-amz-archive-id": "A", "x-amz-sha256-tree-hash": TREE})
    with asking(Scripted(OTHER_BYTES, OTHER_BYTES, right)) as asked:
        ask(asked.service)
    application = Scripted(OTHER_BYTES)
    with asking(application) as asked, pytest.raises(errors.ChecksumMismatch):
        ask(asked.service)
    assert application.calls == 3


@pytest.mark.covers("N8")
def test_an_archive_that_got_another_hash_is_not_taken_for_stored() -> None:
    headers = {"x-amz-archive-id": "A", "x-amz-sha256-tree-hash": "0" * 64}
    with (
        asking(Scripted(Reply(status=201, headers=headers))) as asked,
        pytest.raises(errors.OutcomeUnknown, match="another hash"),
    ):
        upload_archive(asked.service)
    with (
        asking(Scripted(Reply(status=201, headers=headers))) as asked,
        pytest.raises(errors.ChecksumMismatch, match='got the ID "A"'),
    ):
        complete_upload(asked.service)


# Outputs


def output(span: str = "bytes 0-3/10", body: bytes = b"0123", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=206, body=body, headers={"Content-Range": span, **named})


@pytest.mark.covers("N10")
@pytest.mark.parametrize(
    "wrong",
    [
        output("bytes 0-4/10"),
        output("bytes 4-7/10"),
        output("bytes */10"),
        output("bytes 3-0/10"),
        output("0123"),
        output(x_amz_sha256_tree_hash="no hex"),
        output(body=b"012", Content_Length="4"),
        Reply(body=b"0123456789"),
        HTML,
    ],
    ids=range(9),
)
def test_an_output_that_is_not_what_was_asked_for_is_asked_for_again(wrong: Reply) -> None:
    application = Scripted(output(), wrong, wrong, output())
    with asking(application) as asked:
        for _ in range(2):
            assert read_output(asked.service) == b"0123"
    assert application.calls == 4
    assert {dict(one.headers).get("range") for one in application.requests} <= {"bytes=0-3", None}


@pytest.mark.parametrize(
    "wrong", [output("bytes 4-7/10"), output("0123"), Reply(body=b"0123456789"), HTML], ids=range(4)
)
def test_an_output_that_is_never_what_was_asked_for_fails_by_itself(wrong: Reply) -> None:
    with asking(Scripted(output(), wrong)) as asked:
        read_output(asked.service)
        with pytest.raises(errors.ChecksumMismatch, match="the service sent"):
            read_output(asked.service)
        # Long enough for what stands in between to go away.
        assert 30 <= asked.clock.monotonic() <= 60


# The line


def vaults_over_http() -> bytes:
    return http(200, json.dumps({"VaultList": []}).encode(), connection="close")


def test_a_brown_out_leaves_no_archive_in_doubt() -> None:
    down = [said(503, "ServiceUnavailableException")] * 8
    done = Reply(status=201, headers={"x-amz-archive-id": "A", "x-amz-sha256-tree-hash": TREE})
    with asking(Scripted(*down, done)) as asked:
        assert upload_archive(asked.service) == "A"
        assert asked.clock.monotonic() > 60


@pytest.mark.parametrize("body", [b'["x"]', b'"x"', b"\xff\xfe{", b"<html>"])
def test_a_refusal_that_is_none_of_the_services_counts_by_its_status(body: bytes) -> None:
    json_said = {"Content-Type": "application/json"}
    forbidden = Scripted(Reply(status=403, body=body, headers=json_said))
    with asking(forbidden) as asked, pytest.raises(errors.CredentialsRefused):
        upload_archive(asked.service)
    wrong = Scripted(Reply(status=400, body=body, headers=json_said))
    with asking(wrong) as asked, pytest.raises(errors.InvalidRequest):
        upload_part(asked.service)
    assert (forbidden.calls, wrong.calls) == (1, 1)


def test_word_that_an_answer_will_follow_is_no_answer() -> None:
    done = http(204, x_amz_sha256_tree_hash=TREE)

    def early(connection: socket.socket, got: bytes) -> None:
        drained(connection, got)
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")
        if head_of(connection):
            # The answer to the request before comes as if it were this one's.
            connection.sendall(done)

    with on_a_line(early, answering(done)) as (asked, line):
        upload_part(asked.service)
        assert line.calls == 2


@pytest.mark.covers("N4")
@pytest.mark.parametrize(
    "deed",
    [
        reset_at_once,
        reset_after_body,
        answering(b""),
        answering(b"HTTP/1.1 200"),
        answering(b"SSH-2.0-OpenSSH\r\n"),
        answering(http(200, b'{"VaultList"', content_length="500")),
    ],
    ids=["reset", "reset after", "nothing", "cut head", "no http", "cut body"],
)
def test_a_broken_line_is_mended_by_another_try(deed: Deed) -> None:
    with on_a_line(deed, deed, answering(vaults_over_http())) as (asked, line):
        assert list_vaults(asked.service) == []
        assert line.calls == 3


@pytest.mark.covers("N5")
def test_a_service_that_says_nothing_is_asked_again() -> None:
    with on_a_line(silent, answering(vaults_over_http()), stall_s=0.1) as (asked, line):
        assert list_vaults(asked.service) == []
        assert line.calls == 2
    with (
        on_a_line(silent, stall_s=0.1) as (asked, _),
        pytest.raises(errors.TransientFailure, match="sent nothing for too long"),
    ):
        list_vaults(asked.service)


@pytest.mark.covers("N5")
def test_an_output_that_stalls_is_asked_for_again() -> None:
    complete = http(206, b"0123", content_range="bytes 0-3/10", connection="close")

    def stalling(connection: socket.socket, got: bytes) -> None:
        connection.sendall(complete[:-2])
        silent(connection, got)

    with on_a_line(stalling, answering(complete), stall_s=0.1) as (asked, line):
        assert read_output(asked.service) == b"0123"
        assert line.calls == 2


def test_a_part_that_is_not_taken_is_sent_again() -> None:
    payload = MemoryPayload(content(16 * MIB))
    done = http(204, x_amz_sha256_tree_hash=payload.tree_hash.hex(), connection="close")
    with on_a_line(silent, answering(done), stall_s=1) as (asked, line):
        asked.service.upload_part("v", "u", payload)
        assert line.calls == 2


def silent(connection: socket.socket, _: bytes) -> None:
    """Take nothing more and say nothing, until the other side gives up, or soon after.

    Its word that it did is behind all that is not taken.
    """
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    poll.poll(1500)


@pytest.mark.covers("N4")
def test_a_part_whose_line_broke_is_sent_again_from_its_start() -> None:
    payload = MemoryPayload(content(2 * MIB))
    done = http(204, x_amz_sha256_tree_hash=payload.tree_hash.hex(), connection="close")
    with on_a_line(reset_at_once, reset_after_body, answering(done)) as (asked, line):
        asked.service.upload_part("v", "u", payload)
        assert (line.calls, payload.opened) == (3, 3)


@pytest.mark.covers("N4", "N7")
def test_an_archive_whose_bytes_all_went_out_may_be_stored() -> None:
    with on_a_line(reset_after_body) as (asked, line):
        with pytest.raises(errors.OutcomeUnknown, match="the archive was sent"):
            upload_archive(asked.service)
        assert line.calls == 1


def test_an_archive_whose_bytes_did_not_all_go_out_is_sent_again() -> None:
    payload = MemoryPayload(content(16 * MIB))
    done = http(
        201,
        x_amz_archive_id="A",
        x_amz_sha256_tree_hash=payload.tree_hash.hex(),
        connection="close",
    )
    with on_a_line(reset_at_once, answering(done)) as (asked, line):
        assert asked.service.upload_archive("v", payload, description="") == "A"
        assert line.calls == 2


def test_an_answer_that_was_cut_off_anywhere_gives_no_shortened_id() -> None:
    location = b"location: /1/vaults/v/archives/ABC\r\n"
    said_id, tree = b"x-amz-archive-id: ABC\r\n", f"x-amz-sha256-tree-hash: {TREE}\r\n".encode()
    start, end = b"HTTP/1.1 201 Created\r\n", b"content-length: 0\r\n\r\n"
    heads = [
        start + location + tree + said_id + end,
        start + tree + said_id + location + end,
        start + tree + said_id + end,
    ]
    for head in heads:
        # Before that there is no ID at all.
        for length in range(head.index(said_id) + len("x-amz-archive-id: A"), len(head), 7):
            with on_a_line(answering(head[:length])) as (asked, _), suppress(errors.OutcomeUnknown):
                assert upload_archive(asked.service) == "ABC"
        with on_a_line(answering(head)) as (asked, _):
            assert upload_archive(asked.service) == "ABC"


@pytest.mark.parametrize("ask", [complete_upload, start_retrieval, start_inventory])
def test_a_lost_answer_is_told_as_such(ask: Ask) -> None:
    with on_a_line(reset_after_body) as (asked, line):
        with pytest.raises(errors.OutcomeUnknown, match="the answer was lost"):
            ask(asked.service)
        assert line.calls == 1


@pytest.mark.covers("N10")
def test_an_output_that_is_cut_off_is_asked_for_again() -> None:
    cut = http(206, b"01", content_length="4", content_range="bytes 0-3/10")
    complete = http(206, b"0123", content_range="bytes 0-3/10", connection="close")
    with on_a_line(answering(cut), answering(complete)) as (asked, line):
        assert read_output(asked.service) == b"0123"
        assert line.calls == 2


@pytest.mark.covers("N6")
def test_nobody_there_is_told_soon_and_surely_not_done() -> None:
    line = Line(answering(b""))
    url = line.url
    line.close()
    with connected(url) as asked:
        with pytest.raises(errors.TransientFailure, match="cannot be reached") as caught:
            upload_archive(asked.service)
        assert not caught.value.maybe_done
        assert asked.clock.monotonic() <= 3


@pytest.mark.covers("N6", "N20")
def test_a_redirect_is_not_followed() -> None:
    away = answering(http(302, location="http://elsewhere.invalid/", connection="close"))
    with on_a_line(away) as (asked, line):
        with pytest.raises(errors.GlacierCliError):
            list_vaults(asked.service)
        assert line.calls == 1


def test_the_account_stands_in_every_request() -> None:
    application = Scripted(NO_VAULTS)
    with asking(application, account="012345678901") as asked:
        list_vaults(asked.service)
    assert application.requests[0].target == "/012345678901/vaults"
