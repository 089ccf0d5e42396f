"""Policies for tests, a rule of which is changed in one place."""

import json
from typing import Any

from glaciercli.server.policies import grammar
from glaciercli.server.policies.requests import Caller, Request

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
VAULT = f"arn:aws:glacier:us-east-1:{ACCOUNT}:vaults/photos"

RULE = {"Effect": "Deny", "Principal": "*", "Action": "glacier:*", "Resource": VAULT}

#: A condition key, as requests spell it.
TAG = "glacier:resourcetag/t"

Context = dict[str, tuple[str, ...]]


def document(*rules: Any, **members: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(rules), **members})


def without(name: str, **members: Any) -> dict[str, Any]:
    return {**{key: value for key, value in RULE.items() if key != name}, **members}


def request(
    action: str = "DeleteArchive", caller: str = ROOT, context: Context | None = None
) -> Request:
    return Request(
        caller=Caller(arn=caller, account=caller.split(":")[4]),
        action=f"glacier:{action}",
        resource=VAULT,
        context=context or {},
    )


def denied(rule: Any, asked: Request) -> bool:
    return grammar.parse(document(rule)).denies(asked)
