"""Who may come in: version, signature, account, request rate, in the order that clients expect.

A request that fails before it is known whose it is costs its account nothing of the rate.
"""

import hashlib
from dataclasses import dataclass
from typing import Self

from glaciercli.ports import WireRequest
from glaciercli.server import routes, sigv4
from glaciercli.server.catalogue import vaults
from glaciercli.server.credentials import ServiceCredentials
from glaciercli.server.handlers.payloads import LINEAR_HASH_HEADER, UNSIGNED, payload_mismatch
from glaciercli.server.request_rate import RequestRate
from glaciercli.server.routes import Match, Route
from glaciercli.server.service import Service
from glaciercli.server.wire import (
    Call,
    ErrorCode,
    Headers,
    Target,
    WireError,
    invalid,
    missing,
    parse_target,
)

_VERSION_HEADER = "x-amz-glacier-version"
_VERSION = "2012-06-01"

#: Where an unsigned request is, when signatures do not count.
_DEFAULT_REGION = "us-east-1"

_CLOSED = (
    "This API is closed to accounts without vaults. Use the Amazon S3 Glacier storage classes."
)

#: Documents are small: the largest is a job's description and its range.
_DOCUMENT_MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What decides about a request before any operation sees it."""

    credentials: ServiceCredentials
    service: Service
    #: ``None`` lets any number of requests in.
    rate: RequestRate | None

    @classmethod
    def before(cls, service: Service, credentials: ServiceCredentials) -> Self:
        """Return the gate of a service, as its settings want it."""
        per_second = service.settings.request_rate
        rate = RequestRate(per_second, service.clock) if per_second is not None else None
        return cls(credentials=credentials, service=service, rate=rate)

    def admit(self, request: WireRequest) -> tuple[Route, Call]:
        """Return the operation that a request asks for and the call that it makes."""
        target, headers = parse_target(request.target), Headers(request.headers)
        match = routes.find(request.method, target)
        _check_version(headers)
        document = b"" if match.route.carries_content else _read_document(request)
        region = self._check_signature(request.method, target, headers, match, document)
        self._check_account(match)
        self._check_rate()
        self._check_customer()
        call = Call(
            operation=match.route.operation,
            account=self.credentials.account_id,
            region=region,
            names=match.names,
            target=target,
            headers=headers,
            request=request,
            document=document,
        )
        return match.route, call

    def _check_signature(
        self, method: str, target: Target, headers: Headers, match: Match, document: bytes
    ) -> str:
        if not self.service.settings.verify_signatures:
            return _claimed_region(headers)
        authorization = sigv4.parse_authorization(headers)
        if authorization.access_key_id != self.credentials.access_key_id:
            raise WireError(
                ErrorCode.UNKNOWN_CLIENT,
                "The security token included in the request is invalid.",
            )
        now, made_at = self.service.clock.now(), sigv4.request_time(headers)
        sigv4.check_time(made_at, now, self.service.settings.clock_skew)
        signed = sigv4.SignedRequest(
            method=method,
            target=target,
            headers=headers,
            payload_hash=_payload_hash(headers, match, document),
        )
        sigv4.check(signed, authorization, self.credentials.secret_access_key)
        return authorization.region

    def _check_account(self, match: Match) -> None:
        named = match.names["account"]
        if named not in ("-", self.credentials.account_id):
            raise WireError(
                ErrorCode.ACCESS_DENIED,
                f"User: arn:aws:iam::{self.credentials.account_id}:root is not authorized to"
                f" perform: glacier:{match.route.operation} on account: {named}",
            )

    def _check_rate(self) -> None:
        if self.rate and not self.rate.take():
            raise WireError(ErrorCode.THROTTLING, "Rate exceeded")

    def _check_customer(self) -> None:
        if not self.service.settings.closed_to_new_customers:
            return
        # The account's vaults of every region count: it is the account that is new or not.
        with self.service.catalogue.reading() as tx:
            known = vaults.exist(tx)
        if not known:
            raise WireError(ErrorCode.NO_LONGER_SUPPORTED, _CLOSED)


def _check_version(headers: Headers) -> None:
    version = headers.filled(_VERSION_HEADER)
    if version is None:
        raise missing("API version")
    if version != _VERSION:
        raise invalid(f"Invalid API version: {version}")


def _claimed_region(headers: Headers) -> str:
    if headers.filled("authorization") is None:
        return _DEFAULT_REGION
    try:
        return sigv4.parse_authorization(headers).region
    except WireError:
        return _DEFAULT_REGION


def _payload_hash(headers: Headers, match: Match, document: bytes) -> str:
    claimed = headers.filled(LINEAR_HASH_HEADER)
    if match.route.carries_content:
        # The body is still to come: it is compared with this hash as it arrives.
        return _claimed_hash(headers)
    computed = hashlib.sha256(document).hexdigest()
    if claimed not in (None, computed):
        raise payload_mismatch(computed, claimed or "")
    return computed


def _claimed_hash(headers: Headers) -> str:
    claimed = headers.required(LINEAR_HASH_HEADER)
    if claimed == UNSIGNED or not sigv4.is_digest(claimed):
        raise sigv4.refuse(f"The payload must be signed: {LINEAR_HASH_HEADER} is {claimed}")
    return claimed


def _read_document(request: WireRequest) -> bytes:
    pieces, size = [], 0
    while piece := _read_piece(request):
        pieces.append(piece)
        size += len(piece)
        if size > _DOCUMENT_MAX_BYTES:
            raise WireError(ErrorCode.BAD_REQUEST, "The request body is too long.")
    return b"".join(pieces)


def _read_piece(request: WireRequest) -> bytes:
    try:
        return request.body.read(_DOCUMENT_MAX_BYTES)
    except OSError as error:
        raise WireError(ErrorCode.REQUEST_TIMEOUT, "Request timed out.") from error
