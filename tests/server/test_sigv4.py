"""Vectors: "Example Signature Calculation" in the Amazon Glacier developer guide, recomputed."""

from datetime import UTC, datetime, timedelta

import pytest

from glaciercli.server import sigv4
from glaciercli.server.sigv4 import Authorization, SignedRequest
from glaciercli.server.wire import Headers, WireError, parse_target

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # noqa: S105
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
HOST = ("Host", "glacier.us-east-1.amazonaws.com")
VERSION = ("x-amz-glacier-version", "2012-06-01")


def authorization(date: str, signature: str, *signed: str) -> Authorization:
    return Authorization(
        access_key_id="AKIAIOSFODNN7EXAMPLE",
        date=date,
        region="us-east-1",
        signed_headers=signed,
        signature=signature,
    )


def signed(method: str, target: str, payload_hash: str, *headers: tuple[str, str]) -> SignedRequest:
    return SignedRequest(
        method=method,
        target=parse_target(target),
        headers=Headers((HOST, VERSION, *headers)),
        payload_hash=payload_hash,
    )


FIRST = signed("PUT", "/-/vaults/examplevault", EMPTY, ("x-amz-date", "20120525T002453Z"))
FIRST_SIGNATURE = "3ce5b2f2fffac9262b4da9256f8d086b4aaf42eba5f111c21681a65a127b7c2a"
FIRST_SIGNED = ("host", "x-amz-date", "x-amz-glacier-version")

PAYLOAD = "726e392cb4d09924dbad1cc0ba3b00c3643d03d14cb4b823e2f041cff612a628"
SECOND = signed(
    "POST",
    "/-/vaults/examplevault/archives",
    PAYLOAD,
    ("x-amz-date", "20120507T000000Z"),
    ("x-amz-content-sha256", PAYLOAD),
)
SECOND_SIGNATURE = "b092397439375d59119072764a1e9a144677c43d9906fd98a5742c57a2855de6"


def test_the_first_published_vector_is_accepted() -> None:
    sigv4.check(FIRST, authorization("20120525", FIRST_SIGNATURE, *FIRST_SIGNED), SECRET)


def test_the_second_published_vector_is_accepted() -> None:
    names = ("host", "x-amz-content-sha256", "x-amz-date", "x-amz-glacier-version")
    sigv4.check(SECOND, authorization("20120507", SECOND_SIGNATURE, *names), SECRET)


def test_the_canonical_request_has_the_published_hash() -> None:
    canonical = next(sigv4.canonical_requests(FIRST, FIRST_SIGNED))
    text = sigv4.string_to_sign("20120525T002453Z", "scope", canonical)
    assert text.endswith("5f1da1a2d0feb614dd03d71e87928b8e449ac87614479332aced3a701f916743")


@pytest.mark.covers("E9")
@pytest.mark.parametrize(
    "changed",
    [
        authorization("20120525", "0" * 64, *FIRST_SIGNED),
        authorization("20120526", FIRST_SIGNATURE, *FIRST_SIGNED),
        authorization("20120525", FIRST_SIGNATURE, "x-amz-date", "x-amz-glacier-version"),
        authorization("20120525", FIRST_SIGNATURE, "host", "x-amz-date"),
        authorization("20120525", "ü", *FIRST_SIGNED),
    ],
)
def test_anything_else_is_refused(changed: Authorization) -> None:
    with pytest.raises(WireError):
        sigv4.check(FIRST, changed, SECRET)


def test_another_secret_is_refused() -> None:
    with pytest.raises(WireError):
        sigv4.check(FIRST, authorization("20120525", FIRST_SIGNATURE, *FIRST_SIGNED), "other")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/-/vaults/a", "/-/vaults/a"),
        ("/-/vaults/a%20b~", "/-/vaults/a%2520b~"),
        ("/-/vaults/.", "/-/vaults"),
        ("/-/vaults/..", "/-"),
        ("/-/vaults/", "/-/vaults/"),
        ("//vaults", "/vaults"),
    ],
)
def test_a_path_is_encoded_once_more(path: str, expected: str) -> None:
    assert sigv4.canonical_paths(path)[0] == expected


def test_a_query_is_sorted_and_encoded_anew() -> None:
    assert sigv4.canonical_query("marker=a%3ab&limit=&b=%7E") == "b=~&limit=&marker=a%3Ab"


def test_runs_of_blanks_are_signed_as_one() -> None:
    request = signed("PUT", "/", EMPTY, ("x-amz-archive-description", "  a   b\t c "))
    canonical = next(sigv4.canonical_requests(request, ("x-amz-archive-description",)))
    assert b"x-amz-archive-description:a b c\n" in canonical


def test_header_bytes_are_signed_as_they_came() -> None:
    raw = "Zürich".encode().decode("latin-1")
    request = signed("PUT", "/", EMPTY, ("x-amz-archive-description", raw))
    canonical = next(sigv4.canonical_requests(request, ("x-amz-archive-description",)))
    assert "x-amz-archive-description:Zürich\n".encode() in canonical


@pytest.mark.parametrize(
    "header",
    [
        ("x-amz-date", "20120525T002453Z"),
        ("Date", "20120525T002453Z"),
        ("Date", "Fri, 25 May 2012 00:24:53 GMT"),
        ("Date", "2012-05-25T00:24:53Z"),
    ],
)
def test_a_date_may_stand_in_either_header(header: tuple[str, str]) -> None:
    expected = datetime(2012, 5, 25, 0, 24, 53, tzinfo=UTC)
    assert sigv4.request_time(Headers((header,))) == expected


def test_the_first_date_header_wins_over_the_second() -> None:
    headers = Headers((("Date", "nonsense"), ("X-Amz-Date", "20120525T002453Z")))
    assert sigv4.request_time(headers).year == 2012
    with pytest.raises(WireError):
        sigv4.request_time(Headers((("Date", "nonsense"),)))


@pytest.mark.parametrize(("minutes", "fine"), [(15, True), (16, False), (-15, True), (-16, False)])
def test_a_request_may_be_a_quarter_of_an_hour_off(minutes: int, *, fine: bool) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made_at, skew = now + timedelta(minutes=minutes), timedelta(minutes=15)
    if fine:
        sigv4.check_time(made_at, now, skew)
    else:
        with pytest.raises(WireError):
            sigv4.check_time(made_at, now, skew)


@pytest.mark.parametrize(
    "value",
    [
        "Basic abc",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=k/d/r/s3/aws4_request, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=k/d/r/glacier/aws4_request, SignedHeaders=host",
        "AWS4-HMAC-SHA256 Credential=k, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256 Credential=k/d/../glacier/aws4_request, SignedHeaders=host, Signature=0",
    ],
)
def test_a_header_that_is_no_authorization_is_refused(value: str) -> None:
    with pytest.raises(WireError):
        sigv4.parse_authorization(Headers((("Authorization", value),)))
