import json
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from glaciercli.core import wildcards
from glaciercli.server import routes
from glaciercli.server.policies import actions, arns, grammar
from glaciercli.server.policies.problem import PolicyProblem
from tests.server.policy_rules import (
    ACCOUNT,
    ALICE,
    ROOT,
    RULE,
    TAG,
    VAULT,
    denied,
    document,
    request,
    without,
)


@example(".", "a")
@given(st.text("ab*?.\n", max_size=8), st.text("ab.\n", max_size=8))
def test_wildcards_match_as_in_file_names(pattern: str, text: str) -> None:
    assert wildcards.matches(pattern, text) == fnmatchcase(text, pattern)


def test_a_pattern_full_of_wildcards_is_matched_at_once() -> None:
    assert not wildcards.matches("*a" * 5000 + "b", "a" * 20_000)


@pytest.mark.parametrize(
    ("pattern", "matching"),
    [
        ("*", True),
        (VAULT, True),
        ("arn:aws:glacier:*:*:vaults/*", True),
        ("arn:*:glacier:us-????-1:*:vaults/ph?tos", True),
        ("arn:aws:glacier:us-east-1:*", False),
        ("arn:aws:glacier:*:vaults/photos:*", False),
        ("arn:aws:glacier:us-east-1:*:Vaults/photos", False),
        (VAULT + "2", False),
    ],
)
def test_an_arn_is_matched_part_by_part(pattern: str, *, matching: bool) -> None:
    assert arns.matches(pattern, VAULT) == matching


@pytest.mark.parametrize(
    ("names", "matching"),
    [
        ({"Action": "glacier:DeleteArchive"}, True),
        ({"Action": "GLACIER:deletearchive"}, True),
        ({"Action": ["glacier:ListJobs", "glacier:Delete*"]}, True),
        ({"Action": "glacier:?eleteArchive"}, True),
        ({"Action": "*"}, True),
        ({"Action": "glacier:DeleteVault"}, False),
        ({"NotAction": "glacier:DeleteVault"}, True),
        ({"NotAction": ["glacier:List*", "glacier:delete*"]}, False),
    ],
)
def test_actions_are_matched_without_regard_to_capitals(
    names: dict[str, Any], *, matching: bool
) -> None:
    assert denied(without("Action", **names), request()) == matching


@pytest.mark.parametrize(
    ("names", "matching"),
    [
        ({"Resource": [VAULT + "2", "arn:aws:glacier:*:*:vaults/ph*"]}, True),
        ({"Resource": VAULT + "2"}, False),
        ({"NotResource": VAULT + "2"}, True),
        ({"NotResource": [VAULT + "2", "arn:aws:glacier:*:*:vaults/ph*"]}, False),
    ],
)
def test_resources_are_matched_by_their_arn(names: dict[str, Any], *, matching: bool) -> None:
    rule = without("Resource", **names)
    assert denied(rule, request()) == matching
    assert grammar.parse(document(rule)).concerns(VAULT) == matching


@pytest.mark.parametrize(
    ("caller", "principal", "matching"),
    [
        (ROOT, "*", True),
        (ROOT, {"AWS": "*"}, True),
        (ROOT, {"AWS": ACCOUNT}, True),
        (ROOT, {"AWS": ROOT}, True),
        (ROOT, {"AWS": ["999999999999", ROOT]}, True),
        (ROOT, {"AWS": ALICE}, False),
        (ROOT, {"AWS": "999999999999"}, False),
        (ROOT, {"Service": "glacier.amazonaws.com"}, False),
        (ALICE, {"AWS": ALICE}, True),
        (ALICE, {"AWS": ACCOUNT}, True),
        (ALICE, {"AWS": ROOT}, True),
        (ALICE, {"AWS": ALICE.upper().replace("ARN:AWS:IAM", "arn:aws:iam")}, False),
    ],
)
def test_a_principal_is_a_caller_or_everybody_in_an_account(
    caller: str, principal: Any, *, matching: bool
) -> None:
    asked = request(caller=caller)
    assert denied(without("Principal", Principal=principal), asked) == matching
    if principal not in ("*", {"AWS": "*"}):
        assert denied(without("Principal", NotPrincipal=principal), asked) != matching


def test_an_allowance_takes_no_denial_back() -> None:
    allowing = {**RULE, "Effect": "Allow"}
    assert not grammar.parse(document(allowing)).denies(request())
    assert grammar.parse(document(allowing, RULE, {**allowing, "Sid": "x"})).denies(request())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "null",
        '"{}"',
        "{}",
        "[" * 20_000,
        '{"Statement":' * 5000,
        document(),
        document(RULE, Version="2012-10-18"),
        document(RULE, Version=20121017),
        document(RULE, Id=5),
        document(RULE, Extra=1),
        document("Deny"),
        document({**RULE, "Sid": "a"}, {**RULE, "Sid": "a"}),
        document({**RULE, "Sid": None}),
        document({**RULE, "effect": "Deny"}),
        document(RULE).replace('"Effect"', '"Effect": "Allow", "Effect"'),
        document({**RULE, "Condition": {"NumericLessThan": {TAG: float("nan")}}}),
        document({**RULE, "Condition": {"StringEquals": {TAG: float("inf")}}}),
    ],
)
def test_what_is_no_policy_document_is_refused(text: str) -> None:
    with pytest.raises(PolicyProblem):
        grammar.parse(text)


@pytest.mark.parametrize(
    "rule",
    [
        without("Effect"),
        {**RULE, "Effect": "deny"},
        {**RULE, "Effect": ["Deny"]},
        without("Principal"),
        {**RULE, "NotPrincipal": {"AWS": ACCOUNT}},
        {**RULE, "Principal": ROOT},
        {**RULE, "Principal": {}},
        {**RULE, "Principal": {"AWS": []}},
        {**RULE, "Principal": {"AWS": [5]}},
        {**RULE, "Principal": {"AWS": "12345"}},
        {**RULE, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"}},
        {**RULE, "Principal": {"CanonicalUser": "0a"}},
        without("Principal", NotPrincipal="*"),
        without("Principal", NotPrincipal={"AWS": ["*"]}),
        {**without("Principal", NotPrincipal={"AWS": ACCOUNT}), "Effect": "Allow"},
        without("Action"),
        {**RULE, "NotAction": "glacier:ListJobs"},
        {**RULE, "Action": []},
        {**RULE, "Action": {"glacier": "ListJobs"}},
        {**RULE, "Action": ["glacier:ListJobs", None]},
        {**RULE, "Action": "DeleteArchive"},
        {**RULE, "Action": "glacier:DeleteArchives"},
        {**RULE, "Action": "glacier:"},
        {**RULE, "Action": "s3:DeleteObject"},
        {**RULE, "Action": "g*:DeleteArchive"},
        without("Resource"),
        {**RULE, "NotResource": VAULT},
        {**RULE, "Resource": []},
        {**RULE, "Resource": "photos"},
        {**RULE, "Resource": "arn:aws:glacier:*"},
        {**RULE, "Resource": VAULT + "${aws:username}"},
        {**RULE, "Condition": []},
        {**RULE, "Condition": None},
    ],
)
def test_a_rule_that_is_wrong_anywhere_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(PolicyProblem):
        grammar.parse(document(rule))


def test_one_rule_needs_no_list_and_no_version() -> None:
    policy = grammar.parse(json.dumps({"Id": "x", "Statement": {**RULE, "Condition": {}}}))
    assert policy.denies(request())


def test_the_actions_are_the_operations_that_have_a_route() -> None:
    assert sorted(actions.OPERATIONS) == sorted(route.operation for route in routes.ROUTES)


@given(st.text(max_size=300) | st.text('{}[]":,StatementDeny *glacier\\u', max_size=300))
def test_no_text_does_worse_than_to_be_refused(text: str) -> None:
    with pytest.raises(PolicyProblem):
        grammar.parse(text)


# Not ``st.recursive``, which reads this file again while it runs, and warns of what it does not
# find there if the file was edited meanwhile.
JSON: st.SearchStrategy[Any] = st.deferred(
    lambda: (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(max_size=5)
        | st.lists(JSON, max_size=3)
        | st.dictionaries(
            st.sampled_from([*RULE, "Condition", "AWS", "Null", TAG]), JSON, max_size=3
        )
    )
)


@given(st.sampled_from([*RULE, "Condition", "Sid", "NotAction"]), JSON)
def test_no_value_of_an_element_does_worse_than_to_be_refused(name: str, value: Any) -> None:
    try:
        policy = grammar.parse(document({**RULE, name: value}))
    except PolicyProblem:
        return
    assert policy.denies(request()) in (True, False)
