"""What botocore raises, and what it becomes."""

import ssl
from typing import Any

import botocore.exceptions as boto
import pytest
from botocore.exceptions import ClientError
from urllib3.exceptions import ProtocolError

from glaciercli import errors
from glaciercli.service import session
from glaciercli.service.translate import translated
from tests.service.misbehaving import Reply, Scripted, asking, endpoint, said


def answer(status: int, code: str, message: str = "words") -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}},
    }
    return ClientError(response, "ListVaults")


NOT_FOUND = "ResourceNotFoundException"
INVALID = "InvalidParameterValueException"


@pytest.mark.covers("N16", "N18")
@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (403, "AccessDeniedException", "no", errors.CredentialsRefused),
        (403, "ExpiredTokenException", "no", errors.CredentialsRefused),
        (403, "InvalidSignatureException", "Signature expired", errors.CredentialsRefused),
        (403, "UnrecognizedClientException", "no", errors.CredentialsRefused),
        (403, "403", "Forbidden", errors.CredentialsRefused),
        (407, "407", "Proxy Authentication Required", errors.CredentialsRefused),
        (400, "PolicyEnforcedException", "no", errors.RefusedByService),
        (400, "LimitExceededException", "no", errors.RefusedByService),
        (503, "InsufficientCapacityException", "no", errors.RefusedByService),
        (400, "NoLongerSupportedException", "no", errors.RefusedByService),
        (404, NOT_FOUND, "Vault not found for ARN: arn", errors.VaultNotFound),
        (404, NOT_FOUND, "The upload ID was not found: u", errors.UploadNotFound),
        (404, NOT_FOUND, "The job ID was not found: j", errors.JobNotFound),
        (404, NOT_FOUND, "The archive ID was not found: a", errors.ArchiveNotFound),
        (404, NOT_FOUND, "something else", errors.RemoteNotFound),
        (400, INVALID, "Vault not empty or recently written to: arn", errors.RefusedByService),
        (400, INVALID, "Invalid vault name: arn", errors.ArchiveElsewhere),
        (400, INVALID, "The job is not currently available for download: j", errors.NotReady),
        (400, INVALID, "no", errors.InvalidRequest),
        (302, "302", "Found", errors.InvalidRequest),
        (400, "ThrottlingException", "Rate exceeded", errors.TransientFailure),
        (408, "RequestTimeoutException", "late", errors.TransientFailure),
        (500, "500", "Internal Server Error", errors.TransientFailure),
    ],
)
def test_error_answers_become_ours(
    status: int, code: str, message: str, kind: type[errors.GlacierCliError]
) -> None:
    with pytest.raises(errors.GlacierCliError) as caught, translated("photos"):
        raise answer(status, code, message)
    assert type(caught.value) is kind
    assert isinstance(caught.value.__cause__, ClientError)


@pytest.mark.parametrize(
    ("status", "code", "maybe_done"),
    [
        (500, "X", True),
        (502, "X", True),
        (503, "X", False),
        (500, "ServiceUnavailableException", True),
        (408, "X", False),
        (429, "X", False),
        (400, "ThrottlingException", False),
        (503, "SlowDown", False),
    ],
)
def test_a_refusal_did_nothing_and_a_failure_may_have(
    status: int, code: str, *, maybe_done: bool
) -> None:
    with pytest.raises(errors.TransientFailure) as caught, translated():
        raise answer(status, code)
    assert caught.value.maybe_done is maybe_done


URL = "http://glacier.test"


@pytest.mark.covers("N6")
@pytest.mark.parametrize(
    ("error", "kind", "maybe_done"),
    [
        (boto.EndpointConnectionError(endpoint_url=URL), errors.TransientFailure, False),
        (boto.ConnectTimeoutError(endpoint_url=URL), errors.TransientFailure, False),
        (boto.ProxyConnectionError(proxy_url=URL), errors.TransientFailure, False),
        (boto.ReadTimeoutError(endpoint_url=URL), errors.TransientFailure, True),
        (boto.ConnectionClosedError(endpoint_url=URL), errors.TransientFailure, True),
        (boto.HTTPClientError(error=ValueError("x")), errors.TransientFailure, True),
        (boto.IncompleteReadError(actual_bytes=1, expected_bytes=2), errors.TransientFailure, True),
        (ProtocolError("cut"), errors.TransientFailure, True),
        (ssl.SSLError("bad record"), errors.TransientFailure, True),
        (ConnectionResetError(104, "reset"), errors.TransientFailure, True),
        (
            boto.SSLError(
                endpoint_url=URL, error=ssl.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] x")
            ),
            errors.Unreachable,
            None,
        ),
        (boto.NoCredentialsError(), errors.CredentialsRefused, None),
        (
            boto.PartialCredentialsError(provider="env", cred_var="key"),
            errors.CredentialsRefused,
            None,
        ),
        (boto.NoRegionError(), errors.BadUsage, None),
        (boto.ProfileNotFound(profile="x"), errors.BadUsage, None),
        (boto.ParamValidationError(report="x"), errors.BadUsage, None),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else "",
)
def test_failures_on_the_way_become_ours(
    error: Exception, kind: type[errors.GlacierCliError], *, maybe_done: bool | None
) -> None:
    with pytest.raises(errors.GlacierCliError) as caught, translated():
        raise error
    assert type(caught.value) is kind
    if isinstance(caught.value, errors.TransientFailure):
        assert caught.value.maybe_done is maybe_done


def test_errors_of_ours_and_of_nobody_pass() -> None:
    for error in (errors.FileChanged("f"), ZeroDivisionError()):
        with pytest.raises(type(error)), translated():
            raise error


@pytest.mark.parametrize("url", ["", "nonsense", "http://", "ftp//x"])
def test_an_endpoint_that_is_none_is_told(url: str) -> None:
    with pytest.raises(errors.BadUsage, match="is no endpoint"):
        session.connect(endpoint(url or "://"))


def test_a_profile_that_does_not_exist_is_told() -> None:
    with pytest.raises(errors.BadUsage, match="nobody"):
        session.connect(session.Endpoint(region="us-east-1", profile="nobody"))


def test_a_client_makes_a_single_attempt() -> None:
    application = Scripted(said(500, "X"), Reply(status=500))
    with asking(application) as asked, pytest.raises(errors.OutcomeUnknown):
        asked.service.start_inventory("v", description="")
    assert application.calls == 1


AHEAD = (
    "Signature not yet current: 20260102T040405Z is still later than 20260102T031405Z"
    " (20260102T030405Z + 10 min.)"
)
BEHIND = (
    "Signature expired: 20260102T020000Z is now earlier than 20260102T025500Z"
    " (20260102T030000Z - 5 min.)"
)


@pytest.mark.parametrize(
    ("status", "code", "message", "words", "hint"),
    [
        (403, "InvalidSignatureException", AHEAD, "60 minutes ahead of", "timedatectl"),
        (403, "InvalidSignatureException", BEHIND, "60 minutes behind", "timedatectl"),
        (403, "RequestTimeTooSkewed", "The difference is too large", "is wrong", "set the clock"),
        (403, "InvalidSignatureException", "The request signature", "refused", "secret access key"),
        (400, "NoLongerSupportedException", "x", "no new customers", "DEEP_ARCHIVE"),
        (
            400,
            INVALID,
            "Invalid vault name: arn",
            "not belong to vault",
            "inventory refresh photos",
        ),
        (
            400,
            INVALID,
            "Vault not empty or recently written to: arn",
            'vault "photos" is not empty',
            "--with-archives",
        ),
    ],
)
def test_what_puzzles_people_is_told_with_what_to_do(
    status: int, code: str, message: str, words: str, hint: str
) -> None:
    with pytest.raises(errors.GlacierCliError) as caught, translated("photos"):
        raise answer(status, code, message)
    assert words in caught.value.message
    assert caught.value.hint is not None
    assert hint in caught.value.hint


def test_a_name_that_no_vault_can_have_is_told_in_the_words_of_the_service() -> None:
    with pytest.raises(errors.InvalidRequest, match="must be 1 to 255"), translated():
        raise answer(400, INVALID, "Invalid vault name: x. It must be 1 to 255 characters")


@pytest.mark.covers("N6")
def test_a_web_page_is_told_as_one_and_not_shown() -> None:
    page = "<!DOCTYPE HTML>\n<html><title>Error</title></html>"
    with pytest.raises(errors.InvalidRequest, match="a web page") as caught, translated("photos"):
        raise answer(404, "404", page)
    assert "html" not in caught.value.message
    assert "check the endpoint" in (caught.value.hint or "")
