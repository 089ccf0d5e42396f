"""Answers held against the service model that every AWS client is generated from."""

from functools import cache
from typing import Any

import botocore.session
from botocore.compat import HTTPHeaders
from botocore.parsers import create_parser

from tests.server.conformance.wire import Answer

#: In the developer guide's samples, but in no model.
_BEYOND_THE_MODEL = {"NextInventoryRetrievalMarker"}

_TYPES = {
    "string": "str",
    "long": "int",
    "boolean": "bool",
    "list": "list",
    "map": "dict",
    "structure": "dict",
}


@cache
def model() -> Any:
    """Return botocore's model of the service."""
    return botocore.session.Session().get_service_model("glacier")


def operations() -> tuple[str, ...]:
    return tuple(model().operation_names)


def check_success(operation: str, answer: Answer) -> None:
    """Check the status, the headers and every member of an answer."""
    described = model().operation_model(operation)
    assert answer.status == described.http.get("responseCode", 200), answer.body
    assert answer.headers["x-amzn-RequestId"]
    assert answer.headers["Date"].endswith(" GMT")
    members = described.output_shape.members if described.output_shape else {}
    _check_headers(members, answer)
    payload = described.output_shape and described.output_shape.serialization.get("payload")
    if payload:
        members = getattr(members[payload], "members", None)
    _check_body(members, answer)


def check_parsed(operation: str, answer: Answer) -> None:
    """Check that botocore finds in an answer whatever it says, under the modelled names."""
    shape = model().operation_model(operation).output_shape
    headers = HTTPHeaders()
    for name, value in answer.fields:
        headers[name] = value
    received = {"status_code": answer.status, "headers": headers, "body": answer.body}
    parsed = create_parser("rest-json").parse(received, shape)
    metadata = parsed.pop("ResponseMetadata")
    assert metadata["RequestId"] == answer.headers["x-amzn-RequestId"]
    assert metadata["HTTPStatusCode"] == answer.status
    for name, member in shape.members.items() if shape else ():
        location = member.serialization
        if location.get("location") == "header":
            assert parsed.get(name) == answer.headers.get(location["name"]), name
        elif answer.headers.get("Content-Type") == "application/json" and not location:
            payload = shape.serialization.get("payload") == name
            said = answer.json if payload else answer.json.get(name)
            assert _without_nulls(parsed.get(name)) == _without_nulls(said), name


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    if isinstance(value, dict):
        kept = {key: _without_nulls(one) for key, one in value.items() if one is not None}
        return {key: one for key, one in kept.items() if key not in _BEYOND_THE_MODEL}
    return value


def _check_headers(members: Any, answer: Answer) -> None:
    located = {
        shape.serialization["name"]
        for shape in members.values()
        if shape.serialization.get("location") == "header"
    }
    usual = {"x-amzn-RequestId", "Date", "Content-Length", "Content-Type", "Server"}
    # An answer without the S3 path of a select job, or of a whole output.
    optional = {"x-amz-job-output-path", "Content-Range", "x-amz-archive-description"}
    assert set(answer.headers) <= located | usual
    assert set(answer.headers) >= located - optional


def _check_body(members: Any, answer: Answer) -> None:
    if members is None:
        # A payload of bytes.
        assert len(answer.body) == int(answer.headers["Content-Length"])
        return
    expected = {
        name: shape for name, shape in members.items() if "location" not in shape.serialization
    }
    if expected:
        assert answer.headers["Content-Length"] == str(len(answer.body))
        _check_structure(expected, answer.json)
    else:
        assert answer.body == b""
        assert "Content-Type" not in answer.headers
        length = None if answer.status == 204 else "0"
        assert answer.headers.get("Content-Length") == length


def _check_structure(members: Any, document: Any) -> None:
    assert set(document) - _BEYOND_THE_MODEL == set(members)
    for name, shape in members.items():
        _check_value(shape, document[name])


def _check_value(shape: Any, value: Any) -> None:
    if value is None:
        return
    assert type(value).__name__ == _TYPES[shape.type_name], (shape.name, value)
    if shape.type_name == "structure":
        _check_structure(shape.members, value)
    elif shape.type_name == "list":
        for one in value:
            _check_value(shape.member, one)
