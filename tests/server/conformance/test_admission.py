"""Who is let in: sections "Common Request Headers", "Signing Requests" and "Error Responses"."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from glaciercli.server.settings import ServiceSettings
from tests.server.conformance.signing import EMPTY_HASH, Signer, canonical_request
from tests.server.conformance.steps import ARN, OTHER, VAULT, hashes
from tests.server.conformance.wire import (
    VERSION,
    Answer,
    Wire,
    check_refused,
    invalid,
    missing,
    not_found,
)

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your"
    " AWS Secret Access Key and signing method. Consult the service documentation for details."
)

EXAMPLE = Signer(
    access_key_id="AKIAIOSFODNN7EXAMPLE",
    secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",  # noqa: S106 - published
)
EXAMPLE_HOST = ("Host", "glacier.us-east-1.amazonaws.com")


@pytest.fixture
def settings() -> ServiceSettings:
    """Strict, with a clock that counts."""
    return ServiceSettings()


def bad_signature(answer: Answer, message: str | None = MISMATCH) -> None:
    check_refused(answer, 403, "InvalidSignatureException", message)


def test_the_tests_sign_as_the_guide_does() -> None:
    first = (EXAMPLE_HOST, ("x-amz-date", "20120525T002453Z"), VERSION)
    canonical = canonical_request("PUT", VAULT, first, EMPTY_HASH)
    assert sha256(canonical).hexdigest() == (
        "5f1da1a2d0feb614dd03d71e87928b8e449ac87614479332aced3a701f916743"
    )
    signed = EXAMPLE.authorization(
        "PUT",
        VAULT,
        first,
        payload_hash=EMPTY_HASH,
        at=datetime(2012, 5, 25, 0, 24, 53, tzinfo=UTC),
    )
    assert signed == (
        "AWS4-HMAC-SHA256"
        " Credential=AKIAIOSFODNN7EXAMPLE/20120525/us-east-1/glacier/aws4_request,"
        " SignedHeaders=host;x-amz-date;x-amz-glacier-version,"
        " Signature=3ce5b2f2fffac9262b4da9256f8d086b4aaf42eba5f111c21681a65a127b7c2a"
    )
    payload = sha256(b"Welcome to Amazon Glacier.").hexdigest()
    second = (
        EXAMPLE_HOST,
        ("x-amz-content-sha256", payload),
        ("x-amz-date", "20120507T000000Z"),
        VERSION,
    )
    at = datetime(2012, 5, 7, tzinfo=UTC)
    signed = EXAMPLE.authorization("POST", f"{VAULT}/archives", second, payload_hash=payload, at=at)
    assert signed.endswith("b092397439375d59119072764a1e9a144677c43d9906fd98a5742c57a2855de6")


@pytest.mark.parametrize(
    "target",
    [
        VAULT,
        "/-/vaults/.",
        "/-/vaults/a%20b~%2F",
        "/-/vaults?limit=3&marker=arn%3Aaws%3Ax",
        "/-/vaults?limit=&marker=",
        "/-/vaults/v/tags?operation=add",
    ],
)
def test_the_tests_sign_as_botocore_does(target: str) -> None:
    at = datetime.now(UTC)  # noqa: TID251 - botocore signs with the real time
    request = AWSRequest(
        "GET", f"http://{EXAMPLE_HOST[1]}{target}", headers={VERSION[0]: VERSION[1]}
    )
    auth = SigV4Auth(Credentials(EXAMPLE.access_key_id, EXAMPLE.secret), "glacier", EXAMPLE.region)
    auth.add_auth(request)
    stamp = request.headers["X-Amz-Date"]
    fields = (EXAMPLE_HOST, ("x-amz-date", stamp), VERSION)
    at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert request.headers["Authorization"] == EXAMPLE.authorization(
        "GET", target, fields, payload_hash=EMPTY_HASH, at=at
    )


def test_the_api_version_is_required_and_there_is_one(wire: Wire) -> None:
    for absent in (None, "", " "):
        missing(wire.ask("GET", "/-/vaults", headers={VERSION[0]: absent}), "API version")
    invalid(wire.ask("GET", "/-/vaults", headers={VERSION[0]: "2012-06-02"}))


def test_header_names_are_read_in_any_case(wire: Wire) -> None:
    headers = {"X-AMZ-GLACIER-VERSION": VERSION[1], "X-Amz-Date": None}
    headers["X-AMZ-DATE"] = wire.clock.now().strftime("%Y%m%dT%H%M%SZ")
    wire.ask("GET", "/-/vaults", headers=headers).ok(200)


def test_a_request_without_credentials_is_refused(wire: Wire) -> None:
    for absent in (None, ""):
        answer = wire.ask("GET", "/-/vaults", headers={"Authorization": absent})
        check_refused(
            answer,
            400,
            "MissingAuthenticationTokenException",
            "Request is missing Authentication Token",
        )


def test_an_unknown_key_is_refused(wire: Wire) -> None:
    stranger = replace(wire, signer=replace(wire.signer, access_key_id="AKIANOBODY"))
    check_refused(stranger.ask("GET", "/-/vaults"), 400, "UnrecognizedClientException")


def test_a_wrong_secret_is_a_wrong_signature(wire: Wire) -> None:
    forger = replace(wire, signer=replace(wire.signer, secret="guess"))  # noqa: S106
    bad_signature(forger.ask("GET", "/-/vaults"))


@pytest.mark.covers("E9")
@pytest.mark.parametrize(
    ("seconds", "status"), [(0, 200), (899, 200), (-899, 200), (902, 403), (-902, 403)]
)
def test_a_clock_may_be_a_quarter_of_an_hour_off(wire: Wire, seconds: int, status: int) -> None:
    fast = type(wire.clock)(wire.clock.now() + timedelta(seconds=seconds))
    answer = replace(wire, clock=fast).ask("GET", "/-/vaults")
    assert answer.status == status
    if status == 403:
        bad_signature(answer, None)


@pytest.mark.parametrize(
    "form", ["%a, %d %b %Y %H:%M:%S GMT", "%Y%m%dT%H%M%SZ", "%Y-%m-%dT%H:%M:%SZ"]
)
def test_the_date_header_may_tell_the_time(wire: Wire, form: str) -> None:
    headers = {"x-amz-date": None, "Date": wire.clock.now().strftime(form)}
    wire.ask("GET", "/-/vaults", headers=headers).ok(200)


def test_x_amz_date_wins_over_date(wire: Wire) -> None:
    wire.ask("GET", "/-/vaults", headers={"Date": "Mon, 02 Jan 2006 15:04:05 GMT"}).ok(200)


def test_the_body_must_be_the_one_that_was_signed(wire: Wire) -> None:
    claimed, body = "0" * 64, b'{"Type":"inventory-retrieval"}'
    answer = wire.ask("POST", f"{VAULT}/jobs", body, headers={"x-amz-content-sha256": claimed})
    computed = sha256(body).hexdigest()
    bad_signature(
        answer,
        "The value passed in as x-amz-content-sha256 does not match the computed payload hash."
        f" Computed digest: {computed} expected hash: {claimed}",
    )


def test_an_unsigned_payload_is_refused(wire: Wire, vault: str) -> None:
    headers = hashes(b"x", x_amz_content_sha256="UNSIGNED-PAYLOAD")
    bad_signature(wire.ask("POST", f"{vault}/archives", b"x", headers=headers), None)


@pytest.mark.parametrize("scope", ["glacier/aws4_request", "s3/aws4_request", "glacier/aws5"])
def test_a_credential_is_bound_to_this_service(wire: Wire, scope: str) -> None:
    key, day = wire.signer.access_key_id, wire.clock.now().strftime("%Y%m%d")
    value = (
        f"AWS4-HMAC-SHA256 Credential={key}/{day}/us-east-1/{scope},"
        " SignedHeaders=host;x-amz-date, Signature=" + "0" * 64
    )
    answer = wire.ask("GET", "/-/vaults", headers={"Authorization": value})
    bad_signature(answer, None if scope != "glacier/aws4_request" else MISMATCH)


def test_runs_of_blanks_are_signed_as_one_and_stored_as_they_came(wire: Wire, vault: str) -> None:
    text = "two  blanks   and\tmore".replace("\t", " ")
    headers = {"x-amz-part-size": "1048576", "x-amz-archive-description": text}
    wire.ask("POST", f"{vault}/multipart-uploads", headers=headers).ok(201)
    listed = wire.ask("GET", f"{vault}/multipart-uploads").json["UploadsList"]
    assert listed[0]["ArchiveDescription"] == text


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/"),
        ("GET", "/-"),
        ("POST", "/-/vaults"),
        ("PATCH", VAULT),
        ("OPTIONS", VAULT),
        ("GET", f"{VAULT}/archives"),
        ("GET", f"{VAULT}/archives/x"),
        ("DELETE", f"{VAULT}/jobs/x"),
        ("GET", f"{VAULT}/jobs/x/output/more"),
        ("get", "/-/vaults"),
    ],
)
def test_what_is_no_operation_is_a_bad_request(wire: Wire, method: str, target: str) -> None:
    check_refused(wire.ask(method, target), 400, "BadRequest")


def test_another_account_is_refused_and_ones_own_number_is_not(wire: Wire) -> None:
    wire.ask("PUT", "/000000000000/vaults/v").ok(201)
    for account in ("111122223333", "000000000001", "x"):
        answer = wire.ask("GET", f"/{account}/vaults/v")
        check_refused(answer, 403, "AccessDeniedException")


def test_an_empty_account_is_refused(wire: Wire) -> None:
    invalid(wire.ask("GET", "//vaults/v"))


def test_the_region_is_that_of_the_signature(wire: Wire, vault: str) -> None:
    west = replace(wire, signer=replace(wire.signer, region="eu-west-1"))
    not_found(
        west.ask("GET", vault), f"Vault not found for ARN: {ARN}".replace("us-east", "eu-west")
    )


def test_refusals_come_in_the_documented_order(wire: Wire, vault: str) -> None:
    # Each request is wrong in the way it names and in every later way.
    stranger = replace(wire, signer=replace(wire.signer, access_key_id="AKIANOBODY"))
    jobs = "/111122223333/vaults/none/jobs"
    check_refused(stranger.ask("PUT", jobs, b"{", headers={VERSION[0]: None}), 400, "BadRequest")
    missing(stranger.ask("POST", jobs, b"{", headers={VERSION[0]: None}), "API version")
    check_refused(stranger.ask("POST", jobs, b"{"), 400, "UnrecognizedClientException")
    check_refused(wire.ask("POST", jobs, b"{"), 403, "AccessDeniedException")
    mine = f"{OTHER}/jobs"
    check_refused(wire.ask("POST", mine, b"{"), 400, "SerializationException")
    missing(wire.ask("POST", mine, b'{"Tier":"x"}'), "Type")
    invalid(wire.ask("POST", mine, b'{"Type":"archive-retrieval","ArchiveId":"x","Tier":"x"}'))
    unknown = b'{"Type":"archive-retrieval","ArchiveId":"x"}'
    not_found(wire.ask("POST", mine, unknown), f"Vault not found for ARN: {ARN[:-12]}other")
    not_found(wire.ask("POST", f"{vault}/jobs", unknown), "The archive ID was not found: x")


def test_a_known_key_is_asked_for_before_the_account(wire: Wire) -> None:
    forger = replace(wire, signer=replace(wire.signer, secret="guess"))  # noqa: S106
    bad_signature(forger.ask("GET", "/111122223333/vaults"))
