"""Signed requests over http.client, and answers with every header as it was written."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import HTTPConnection
from typing import Any

from tests.fakes import MovedClock
from tests.server.conformance.signing import Signer

VERSION = ("x-amz-glacier-version", "2012-06-01")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: header names have the case in which they were sent."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        assert len({name.lower() for name, _ in self.fields}) == len(self.fields)
        return dict(self.fields)

    @property
    def json(self) -> Any:
        assert self.headers["Content-Type"] == "application/json"
        return json.loads(self.body)

    def ok(self, status: int) -> "Answer":
        """Return itself if it has this status."""
        assert self.status == status, self.body
        return self


@dataclass(frozen=True, kw_only=True)
class Wire:
    """One client: its connection, its credentials and its clock."""

    connection: HTTPConnection
    signer: Signer
    clock: MovedClock
    account: str = "-"
    host: str = field(default="glacier.us-east-1.amazonaws.com")

    def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        headers: Mapping[str, str | None] | None = None,
    ) -> Answer:
        """Send one signed request; a header given as ``None`` is left out altogether."""
        fields = self._fields(headers or {})
        payload_hash = next(
            (value for name, value in fields if name.lower() == "x-amz-content-sha256"),
            sha256(body).hexdigest(),
        )
        authorization = self.signer.authorization(
            method, target, fields, payload_hash=payload_hash, at=self.clock.now()
        )
        given = {name.lower() for name in headers or {}}
        if "authorization" not in given:
            fields.append(("Authorization", authorization))
        return self.send(method, target, fields, body)

    def send(
        self, method: str, target: str, fields: list[tuple[str, str]], body: bytes = b""
    ) -> Answer:
        """Send one request as it is given."""
        link = self.connection
        link.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in fields:
            link.putheader(name, value.encode("latin-1"))
        if all(name.lower() != "content-length" for name, _ in fields):
            link.putheader("Content-Length", str(len(body)))
        link.endheaders(body)
        response = link.getresponse()
        return Answer(
            status=response.status, fields=tuple(response.getheaders()), body=response.read()
        )

    def _fields(self, headers: Mapping[str, str | None]) -> list[tuple[str, str]]:
        stamp = self.clock.now().strftime("%Y%m%dT%H%M%SZ")
        usual = (("Host", self.host), ("x-amz-date", stamp), VERSION)
        replaced = {name.lower() for name in headers}
        fields = [one for one in usual if one[0].lower() not in replaced]
        given = [(name, value) for name, value in headers.items() if value is not None]
        return [*fields, *given]


def check_refused(answer: Answer, status: int, code: str, message: str | None = None) -> None:
    """Check that an answer is an error of the documented form."""
    document = answer.json
    assert (answer.status, document["code"]) == (status, code), answer.body
    assert list(document) == ["code", "message", "type"]
    assert document["type"] == ("Server" if status >= 500 else "Client")
    assert document["message"]
    assert len(answer.headers["x-amzn-RequestId"]) == 47
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert b'","' in answer.body
    if message is not None:
        assert document["message"] == message


def invalid(answer: Answer, message: str | None = None) -> None:
    check_refused(answer, 400, "InvalidParameterValueException", message)


def missing(answer: Answer, name: str) -> None:
    message = f"Required parameter missing: {name}"
    check_refused(answer, 400, "MissingParameterValueException", message)


def not_found(answer: Answer, message: str | None = None) -> None:
    check_refused(answer, 404, "ResourceNotFoundException", message)
