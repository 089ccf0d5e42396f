import re

import pytest
from botocore.credentials import Credentials
from mypy_boto3_glacier import GlacierClient

from tests.server.conftest import Bench, OpenBench
from tests.server.payloads import VAULT, refused
from tests.server.raw_http import ANONYMOUS, Answer, ask, exchange, hashes, open_anonymous

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{47}")


@pytest.fixture
def bench(open_bench: OpenBench) -> Bench:
    return open_anonymous(open_bench)


@pytest.fixture
def vault(bench: Bench) -> str:
    assert ask(bench, "PUT", "/-/vaults/v").status == 201
    return "/-/vaults/v"


def check_error(answer: Answer, status: int, code: str) -> None:
    assert answer.status == status
    assert answer.headers["content-type"] == "application/json"
    assert REQUEST_ID.fullmatch(answer.headers["x-amzn-requestid"])
    assert list(answer.json) == ["code", "message", "type"]
    assert answer.json["code"] == code
    assert b'","' in answer.body
    assert b": " not in answer.body.replace(answer.json["message"].encode(), b"")


def test_every_answer_has_a_request_id_and_a_date(bench: Bench) -> None:
    answers = [ask(bench, "PUT", "/-/vaults/v") for _ in range(2)]
    ids = {answer.headers["x-amzn-requestid"] for answer in answers}
    assert len(ids) == 2
    assert answers[0].headers["date"] == "Fri, 02 Jan 2026 03:04:05 GMT"
    assert answers[0].headers["content-length"] == "0"
    assert "content-type" not in answers[0].headers


def test_json_answers_are_compact_with_every_member(bench: Bench, vault: str) -> None:
    answer = ask(bench, "GET", vault)
    assert answer.headers["content-type"] == "application/json"
    assert answer.body == (
        b'{"CreationDate":"2026-01-02T03:04:05.678Z","LastInventoryDate":null,'
        b'"NumberOfArchives":0,"SizeInBytes":0,'
        b'"VaultARN":"arn:aws:glacier:us-east-1:000000000000:vaults/v","VaultName":"v"}'
    )
    assert ask(bench, "GET", vault + "/jobs").body == b'{"JobList":[],"Marker":null}'


def test_a_job_has_every_member_in_the_documented_order(bench: Bench, vault: str) -> None:
    sent = ask(bench, "POST", vault + "/archives", b"data", **hashes(b"data"))
    wish = b'{"Type":"archive-retrieval","ArchiveId":"%s"}'
    body = wish % sent.headers["x-amz-archive-id"].encode()
    started = ask(bench, "POST", vault + "/jobs", body, content_type="application/octet-stream")
    assert started.status == 202
    job = ask(bench, "GET", started.headers["location"]).json
    assert list(job)[:8] == [
        "Action",
        "ArchiveId",
        "ArchiveSHA256TreeHash",
        "ArchiveSizeInBytes",
        "Completed",
        "CompletionDate",
        "CreationDate",
        "InventoryRetrievalParameters",
    ]
    assert len(job) == 22
    assert job["SNSTopic"] is None


def test_what_answers_204_has_no_body(bench: Bench, vault: str) -> None:
    answer = ask(bench, "DELETE", vault)
    assert (answer.status, answer.body) == (204, b"")
    assert "content-length" not in answer.headers


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/"),
        ("HEAD", "/-/vaults/v"),
        ("PATCH", "/-/vaults/v"),
        ("GET", "/-/vaults/v/nothing"),
        ("GET", "/-/vaults/v/jobs/a/b"),
        ("POST", "/-/vaults/v"),
    ],
)
def test_an_unknown_operation_is_a_bad_request(bench: Bench, method: str, target: str) -> None:
    answer = ask(bench, method, target)
    assert answer.status == 400
    if method != "HEAD":
        check_error(answer, 400, "BadRequest")


def test_the_api_version_is_required(bench: Bench) -> None:
    missing = ask(bench, "GET", "/-/vaults", x_amz_glacier_version="")
    check_error(missing, 400, "MissingParameterValueException")
    assert missing.json["message"] == "Required parameter missing: API version"
    wrong = ask(bench, "GET", "/-/vaults", x_amz_glacier_version="2012-06-02")
    check_error(wrong, 400, "InvalidParameterValueException")


def test_a_document_that_is_no_json_object_is_refused(bench: Bench, vault: str) -> None:
    for body in (b"", b"{", b"[]", b'{"Type":7}', b'{"Type":"\\ud800"}', b"[" * 100_000):
        check_error(ask(bench, "POST", vault + "/jobs", body), 400, "SerializationException")


def test_a_document_too_long_is_refused_and_the_client_reads_why(bench: Bench, vault: str) -> None:
    check_error(ask(bench, "POST", vault + "/jobs", b" " * 2_000_000), 400, "BadRequest")


def test_an_upload_needs_its_length_and_its_hashes(bench: Bench, vault: str) -> None:
    target = vault + "/archives"
    for name in hashes(b"x"):
        some = {key: value for key, value in hashes(b"x").items() if key != name}
        check_error(ask(bench, "POST", target, b"x", **some), 400, "MissingParameterValueException")
    head = "\r\n".join(
        [
            f"POST {target} HTTP/1.1",
            "Host: x",
            *(f"{key}: {value}" for key, value in ANONYMOUS.items()),
            *(f"{key.replace('_', '-')}: {value}" for key, value in hashes(b"x").items()),
            "Transfer-Encoding: chunked",
            "Connection: close",
        ]
    )
    answer = exchange(bench, (head + "\r\n\r\n1\r\nx\r\n0\r\n\r\n").encode())
    assert b"MissingParameterValueException" in answer


def test_a_wrong_linear_hash_is_a_wrong_signature(bench: Bench, vault: str) -> None:
    wrong = {**hashes(b"x"), "x_amz_content_sha256": "0" * 64}
    answer = ask(bench, "POST", vault + "/archives", b"x", **wrong)
    check_error(answer, 403, "InvalidSignatureException")
    assert answer.json["message"] == (
        "The value passed in as x-amz-content-sha256 does not match the computed payload hash."
        f" Computed digest: {hashes(b'x')['x_amz_content_sha256']} expected hash: {'0' * 64}"
    )


def test_a_large_body_to_no_vault_is_answered_and_not_reset(bench: Bench) -> None:
    body = b"x" * 20_000_000
    answer = ask(bench, "POST", "/-/vaults/nothing/archives", body, **hashes(body))
    check_error(answer, 404, "ResourceNotFoundException")


def test_an_empty_post_may_come_without_a_length_or_chunked(bench: Bench, vault: str) -> None:
    head = "\r\n".join(
        [
            f"POST {vault}/multipart-uploads HTTP/1.1",
            "Host: x",
            "x-amz-glacier-version: 2012-06-01",
            "x-amz-part-size: 1048576",
            "Connection: TE, close",
        ]
    )
    assert exchange(bench, (head + "\r\n\r\n").encode()).startswith(b"HTTP/1.1 201 ")
    chunked = head + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert exchange(bench, chunked.encode()).startswith(b"HTTP/1.1 201 ")


def test_an_unsigned_request_is_refused_where_signatures_count(http: Bench) -> None:
    check_error(ask(http, "GET", "/-/vaults"), 400, "MissingAuthenticationTokenException")


def test_a_wrong_secret_and_an_unknown_key_are_refused(http: Bench) -> None:
    client: GlacierClient = http.client
    request_signer = client._request_signer  # type: ignore[attr-defined]  # noqa: SLF001
    known = http.application.credentials.access_key_id
    request_signer._credentials = Credentials(known, "wrong")  # noqa: SLF001
    with refused("InvalidSignatureException", 403):
        client.create_vault(vaultName=VAULT)
    request_signer._credentials = Credentials("AKIANOBODY", "wrong")  # noqa: SLF001
    with refused("UnrecognizedClientException", 400):
        client.create_vault(vaultName=VAULT)


def test_names_are_decoded_once(bench: Bench) -> None:
    assert ask(bench, "PUT", "/-/vaults/%2E%2e").status == 201
    assert ask(bench, "GET", "/-/vaults/..").json["VaultName"] == ".."
    answer = ask(bench, "GET", "/-/vaults/a%252Fb")
    assert answer.json["message"] == "Vault not found for ARN: a%2Fb"
