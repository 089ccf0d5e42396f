"""A request that is wrong in several ways is refused for the first of them, in one order.

Missing, wrong, no vault, nothing in it by that name, denied, and last the state of things.
"""

import json
from typing import Any

import pytest

from tests.server.conformance.steps import (
    ARN,
    VAULT,
    complete,
    create,
    hashes,
    initiate,
    put_part,
    upload,
)
from tests.server.conformance.wire import Answer, Wire, check_refused, invalid, missing, not_found

NO_VAULT = f"Vault not found for ARN: {ARN}"
UPLOADS, UPLOAD = f"{VAULT}/multipart-uploads", f"{VAULT}/multipart-uploads/{'a' * 92}"
SIZE = "x-amz-archive-size"


def ask(wire: Wire, method: str, target: str, **members: Any) -> Answer:
    return wire.ask(method, target, json.dumps(members).encode())


def test_what_is_missing_comes_before_what_is_wrong(wire: Wire) -> None:
    wrong = {"x-amz-archive-description": "x" * 1025}
    archives = f"{VAULT}/archives"
    missing(wire.ask("POST", archives, b"", headers=wrong), "x-amz-content-sha256")
    half = {**hashes(b""), **wrong, "x-amz-sha256-tree-hash": None}
    missing(wire.ask("POST", archives, b"", headers=half), "x-amz-sha256-tree-hash")
    missing(wire.ask("POST", UPLOADS, headers=wrong), "x-amz-part-size")
    missing(complete(wire, UPLOAD, **{SIZE: "x", "x-amz-sha256-tree-hash": None}),
            "x-amz-sha256-tree-hash")  # fmt: skip
    missing(ask(wire, "POST", f"{VAULT}/jobs", Description="é"), "Type")
    missing(ask(wire, "PUT", f"{VAULT}/notification-configuration", SNSTopic="x"), "Events")


@pytest.mark.parametrize(
    ("method", "below", "members"),
    [
        ("GET", "/jobs?limit=0", {}),
        ("GET", "/jobs?statuscode=x", {}),
        ("GET", "/jobs?marker=x", {}),
        ("GET", "/multipart-uploads?limit=51", {}),
        ("GET", "/multipart-uploads/x?marker=x", {}),
        ("DELETE", "/multipart-uploads/a%20b", {}),
        ("POST", "/jobs", {"Type": "x"}),
        ("POST", "/tags?operation=add", {"Tags": {}}),
        ("POST", "/tags?operation=remove", {"TagKeys": []}),
        ("PUT", "/notification-configuration", {"SNSTopic": "x", "Events": []}),
        ("PUT", "/access-policy", {"Policy": "x"}),
        ("POST", "/lock-policy", {"Policy": "x"}),
    ],
)
def test_what_is_wrong_comes_before_the_vault(
    wire: Wire, method: str, below: str, members: dict[str, Any]
) -> None:
    invalid(wire.ask(method, VAULT + below, json.dumps(members).encode() if members else b""))


def test_wrong_headers_come_before_the_vault(wire: Wire) -> None:
    wrong = hashes(b"x", x_amz_archive_description="x" * 1025)
    invalid(wire.ask("POST", f"{VAULT}/archives", b"x", headers=wrong))
    invalid(wire.ask("POST", UPLOADS, headers={"x-amz-part-size": "5"}))
    odd = {"Content-Range": "x", **hashes(b"x")}
    invalid(wire.ask("PUT", UPLOAD, b"x", headers=odd))


def test_the_vault_comes_before_what_is_in_it(wire: Wire) -> None:
    not_found(put_part(wire, UPLOAD, b"x", 0), NO_VAULT)
    not_found(complete(wire, UPLOAD), NO_VAULT)
    job = {"Type": "archive-retrieval", "ArchiveId": "x"}
    not_found(ask(wire, "POST", f"{VAULT}/jobs", **job), NO_VAULT)
    for method, below in (("DELETE", "/archives/x"), ("GET", "/jobs/x"), ("GET", "/jobs/x/output")):
        not_found(wire.ask(method, VAULT + below), NO_VAULT)


def test_what_is_not_there_comes_before_a_denial_and_a_denial_before_the_state(wire: Wire) -> None:
    create(wire)
    archive_id, open_upload = upload(wire), initiate(wire)
    statement = {"Effect": "Deny", "Principal": "*", "Action": "glacier:*", "Resource": ARN}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    ask(wire, "PUT", f"{VAULT}/access-policy", Policy=text).ok(204)
    not_found(wire.ask("DELETE", f"{VAULT}/archives/x"))
    not_found(wire.ask("GET", f"{VAULT}/jobs/x"))
    not_found(put_part(wire, UPLOAD, b"x", 0))
    not_found(ask(wire, "POST", f"{VAULT}/jobs", Type="archive-retrieval", ArchiveId="x"))
    for answer in (
        wire.ask("DELETE", f"{VAULT}/archives/{archive_id}"),
        # Neither complete nor empty: the state would refuse these as well.
        complete(wire, open_upload),
        wire.ask("DELETE", VAULT),
    ):
        check_refused(
            answer,
            403,
            "AccessDeniedException",
        )
    denied = wire.ask("GET", VAULT).json["message"]
    assert denied == (
        "User: arn:aws:iam::000000000000:root is not authorized to perform:"
        f" glacier:DescribeVault on resource: {ARN}"
    )
