"""botocore's errors become ours here, and nowhere else.

Codes and messages: "Error Responses" in the Amazon Glacier developer guide, and what the service
was seen to answer.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import botocore.exceptions as boto
from botocore.exceptions import ClientError
from urllib3.exceptions import HTTPError

from glaciercli import errors

_CREDENTIALS = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_REFUSALS = frozenset(
    {
        "InsufficientCapacityException",
        "LimitExceededException",
        "NoLongerSupportedException",
        "PolicyEnforcedException",
    }
)
#: Statuses that say "later": a request that took too long, and too many of them.
_TOO_MANY_REQUESTS = 429
_PASSING = frozenset({408, _TOO_MANY_REQUESTS})
_FORBIDDEN = frozenset({401, 403, 407})
_SERVER_ERRORS = 500
#: It did not take the request on: it is overloaded or under maintenance (RFC 9110, 15.6.4).
_UNAVAILABLE = 503
#: Bytes that are not those that were signed are refused as a wrong signature is, but credentials
#: have no part in it: the file changed, or the line did it.
_OTHER_BYTES = "does not match the computed payload hash"
_THROTTLES = frozenset(
    {"ThrottlingException", "Throttling", "TooManyRequestsException", "SlowDown"}
)

#: What a web server or a proxy answers that is not Glacier.
_A_PAGE = "a web page came in place of an answer"

_HINTS = {
    "AccessDeniedException": "check the IAM policy, the vault's policies and --account-id",
    "ExpiredTokenException": "renew the session (for example `aws sso login`) and run the same "
    "line again: it continues",
    "InsufficientCapacityException": "there is no expedited capacity now: use --tier standard",
    "PolicyEnforcedException": "the account's data retrieval policy forbids it: use --tier bulk, "
    "or change the policy",
}
_CREDENTIALS_HINT = (
    "set AWS_PROFILE or --profile, or the AWS_ACCESS_KEY_ID variables; --local needs none"
)
_KEY_HINT = "check the secret access key, or the profile that it comes from"
_CLOCK_HINT = (
    "the service takes requests that are off by minutes only: set the clock, "
    "for example `timedatectl set-ntp true`"
)
#: How a wrong clock is told, and the times in it: first ours, last the service's.
_STALE = ("Signature expired", "not yet current", "RequestTimeTooSkewed")
_STAMP = re.compile(r"\b[0-9]{8}T[0-9]{6}Z")
#: With fewer times nobody can tell how wrong the clock is.
_STAMPS = 2


@contextmanager
def translated(vault: str | None = None) -> Iterator[None]:
    """Turn whatever botocore raises inside into one of our errors."""
    try:
        yield
    except ClientError as error:
        raise from_answer(error, vault) from error
    except (boto.BotoCoreError, HTTPError, OSError) as error:
        # urllib3's own errors get through where botocore does not wrap a stream's.
        raise _from_client(error) from error


def from_answer(error: ClientError, vault: str | None) -> errors.GlacierCliError:
    """Return what an error answer of the service means."""
    facts = error.response.get("Error", {})
    code = _text(facts.get("Code"))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    message = _told(_text(facts.get("Message")), status) or code or "no reason given"
    if code in _REFUSALS:
        return _refused(code, message)
    if code == "ResourceNotFoundException":
        return _not_found(message, vault)
    if code in _THROTTLES or status in _PASSING or status >= _SERVER_ERRORS:
        return _passing(code, message, status=status, retry_after_s=_retry_after(error))
    if (code in _CREDENTIALS or status in _FORBIDDEN) and _OTHER_BYTES not in message:
        return _forbidden(code, message)
    return _invalid(message, vault)


def _text(value: object) -> str:
    """Return a text of the answer, nothing where what stands there is none."""
    return value if isinstance(value, str) else ""


def _told(message: str, status: int) -> str:
    """Return what the service says; a page says nothing, and is not the service's."""
    if not message.lstrip().startswith("<"):
        return message
    return f"{_A_PAGE}, with status {status}"


def _passing(
    code: str, message: str, *, status: int, retry_after_s: float | None
) -> errors.TransientFailure:
    throttled = code in _THROTTLES or status == _TOO_MANY_REQUESTS
    said = "asks for fewer requests" if throttled else f"failed: {message}"
    refused = throttled or status == _UNAVAILABLE
    return errors.TransientFailure(
        f"the service {said}",
        # Below 500, and by 503, the service refused the request; else it may have failed after
        # the deed.
        maybe_done=not refused and status >= _SERVER_ERRORS,
        throttled=throttled,
        retry_after_s=retry_after_s,
    )


def _forbidden(code: str, message: str) -> errors.CredentialsRefused:
    if any(words in message or words == code for words in _STALE):
        return errors.CredentialsRefused(_skewed(message), hint=_CLOCK_HINT)
    unsigned = "signature" in message.lower()
    hint = _HINTS.get(code) or (_KEY_HINT if unsigned else _CREDENTIALS_HINT)
    return errors.CredentialsRefused(f"the service refused the request: {message}", hint=hint)


def _skewed(message: str) -> str:
    """Return how wrong this machine's clock is, as far as the service's words tell."""
    stamps = [stamp for one in _STAMP.findall(message) if (stamp := _stamp(one)) is not None]
    told = f"the clock of this machine is wrong, says the service: {message}"
    if len(stamps) < _STAMPS:
        return told
    ahead = stamps[0] - stamps[-1]
    minutes = round(abs(ahead) / timedelta(minutes=1))
    which = "ahead of" if ahead > timedelta(0) else "behind"
    return f"the clock of this machine is {minutes:,} minutes {which} that of the service"


def _stamp(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _refused(code: str, message: str) -> errors.RefusedByService:
    if code != "NoLongerSupportedException":
        return errors.RefusedByService(message, hint=_HINTS.get(code))
    return errors.RefusedByService(
        "Amazon Glacier takes no new customers since 15 December 2025, and this account has "
        "nothing in its vaults",
        hint="if there should be vaults, check the profile, --account-id and --region "
        "(glaciercli doctor); new archives belong in the S3 storage classes GLACIER and "
        "DEEP_ARCHIVE, and --local tries everything here",
    )


def _not_found(message: str, vault: str | None) -> errors.GlacierCliError:
    """Tell the things apart that the service calls not found; only the message says which."""
    for words, kind in _MISSING_THINGS:
        if words in message:
            return kind(message)
    if "Vault not found" in message and vault is not None:
        return errors.VaultNotFound(vault)
    return errors.RemoteNotFound(message)


_MISSING_THINGS: tuple[tuple[str, Callable[[str], errors.GlacierCliError]], ...] = (
    ("upload ID was not found", errors.UploadNotFound),
    ("job ID was not found", errors.JobNotFound),
    ("archive ID was not found", errors.ArchiveNotFound),
)


def _invalid(message: str, vault: str | None) -> errors.GlacierCliError:
    if "not empty or recently written" in message:
        return errors.RefusedByService(
            f'vault "{vault}" is not empty, or was written to since its last inventory',
            hint="the service decides by its daily inventory; `vault delete --with-archives` "
            "deletes what is in it and sees it through, run the same line from day to day",
        )
    if "Invalid vault name" in message and vault is not None:
        return errors.ArchiveElsewhere(vault)
    if "not currently available for download" in message:
        return errors.NotReady(message, hint="run the same line again later")
    if message.startswith(_A_PAGE):
        return errors.InvalidRequest(
            message, hint="check the endpoint, and what stands between here and there"
        )
    return errors.InvalidRequest(f"the service refused the request: {message}")


def _from_client(error: Exception) -> errors.GlacierCliError:
    """Return what a failure on the way to the service, or back, means."""
    if isinstance(error, _CREDENTIAL_FAILURES):
        return errors.CredentialsRefused(
            f"there are no AWS credentials to use: {_shortened(error)}", hint=_CREDENTIALS_HINT
        )
    if isinstance(error, boto.NoRegionError):
        return errors.BadUsage(
            "no region is given", hint="use --region, AWS_REGION or the profile; --local needs none"
        )
    if isinstance(error, _CONFIGURATION_FAILURES):
        return _misconfigured(error)
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return errors.Unreachable(
            f"the service cannot be trusted: {_shortened(error)}",
            hint="check the endpoint, the clock, and AWS_CA_BUNDLE where a proxy is in between",
        )
    if isinstance(error, boto.ReadTimeoutError):
        # botocore's words end in "None" where it no longer knows the address.
        what = "the service sent nothing for too long"
    else:
        what = f"the service cannot be reached: {_shortened(error)}"
    return errors.TransientFailure(
        what,
        maybe_done=not isinstance(error, _NEVER_SENT),
        hint="check the network and the endpoint, then run the same line again",
    )


def _misconfigured(error: Exception) -> errors.BadUsage:
    if isinstance(error, boto.ProfileNotFound):
        return errors.BadUsage(
            f'the AWS tools know no profile "{error.kwargs["profile"]}"',
            hint="`aws configure list-profiles` shows those of ~/.aws/config",
        )
    return errors.BadUsage(str(error))


_CREDENTIAL_FAILURES = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.TokenRetrievalError,
    boto.SSOError,
    boto.UnauthorizedSSOTokenError,
)
_CONFIGURATION_FAILURES = (
    boto.ProfileNotFound,
    boto.ConfigParseError,
    boto.InvalidEndpointConfigurationError,
    boto.InvalidRegionError,
    boto.ParamValidationError,
)
_NEVER_SENT = (boto.EndpointConnectionError, boto.ConnectTimeoutError, boto.ProxyConnectionError)


def _shortened(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _retry_after(error: ClientError) -> float | None:
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    # The other form of the header is a date, which Glacier does not use.
    seconds = _number(headers.get("retry-after", ""))
    milliseconds = _number(headers.get("x-amz-retry-after", ""))
    return milliseconds / 1000 if seconds is None and milliseconds is not None else seconds


def _number(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None
