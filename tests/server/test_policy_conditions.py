from typing import Any

import pytest

from glaciercli.server.policies import grammar
from glaciercli.server.policies.problem import PolicyProblem
from tests.server.policy_rules import ROOT, RULE, TAG, Context, denied, document, request


def holds(operator: str, key: str, wanted: Any, context: Context) -> bool:
    rule = {**RULE, "Condition": {operator: {key: wanted}}}
    return denied(rule, request(context=context))


def test_all_conditions_must_hold_and_any_of_their_values() -> None:
    conditions = {
        "NumericLessThan": {"glacier:ArchiveAgeInDays": ["3", 365]},
        "StringLike": {"glacier:ResourceTag/LegalHold": ["true", ""]},
    }
    rule = {**RULE, "Condition": conditions}
    young, held = ("glacier:archiveageindays", ("100",)), ("glacier:resourcetag/legalhold", ("",))
    assert denied(rule, request(context=dict([young, held])))
    assert not denied(rule, request(context=dict([young])))
    assert not denied(rule, request(context=dict([held])))
    assert not denied(rule, request(context={young[0]: ("365",), held[0]: held[1]}))


@pytest.mark.parametrize(
    ("operator", "found", "wanted", "expected"),
    [
        ("StringEquals", "Ab", "Ab", True),
        ("StringEquals", "Ab", "ab", False),
        ("StringEqualsIgnoreCase", "Ab", "aB", True),
        ("StringNotEqualsIgnoreCase", "Ab", "aB", False),
        ("StringNotEquals", "Ab", ["x", "y"], True),
        ("StringNotEquals", "Ab", ["x", "Ab"], False),
        ("StringLike", "archive", "a*e", True),
        ("StringNotLike", "archive", ["z", "a??hive"], False),
        ("NumericEquals", "5", "5.0", True),
        ("NumericNotEquals", "5", 5, False),
        ("NumericLessThan", "5", 5, False),
        ("NumericLessThanEquals", "5", "5", True),
        ("NumericGreaterThan", "10", "9", True),
        ("NumericGreaterThanEquals", "5", 5.5, False),
        ("NumericLessThan", "five", 6, False),
        ("NumericNotEquals", "five", 6, True),
        ("DateEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", True),
        ("DateNotEquals", "2026-01-01T00:00:00Z", "2026-01-01", False),
        ("DateLessThan", "2025-12-31T23:59:59.999Z", "2026-01-01T00:00:00Z", True),
        ("DateLessThanEquals", "2026-01-01", "2026-01-01", True),
        ("DateGreaterThan", "2026-01-01", 1767225599, True),
        ("DateGreaterThanEquals", "yesterday", "2026-01-01", False),
        ("Bool", "TRUE", True, True),
        ("Bool", "false", "true", False),
        ("ArnLike", ROOT, "arn:aws:iam::*:root", True),
        ("ArnEquals", ROOT, "arn:aws:iam::*:root", True),
        ("ArnNotEquals", ROOT, "arn:aws:iam::*:user/*", True),
        ("ArnNotLike", ROOT, "arn:*:*:*:*:*", False),
    ],
)
def test_each_operator_compares_in_its_own_way(
    operator: str, found: str, wanted: Any, *, expected: bool
) -> None:
    assert holds(operator, "Glacier:RESOURCETAG/T", wanted, {TAG: (found,)}) == expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("StringNotEqualsIfExists", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAllValues:StringNotEquals", True),
    ],
)
def test_a_key_without_a_value_is_judged_by_the_operator(operator: str, *, expected: bool) -> None:
    assert holds(operator, TAG, "x", {}) == expected


def test_null_asks_whether_a_key_is_absent() -> None:
    assert holds("Null", TAG, "true", {})
    assert not holds("Null", TAG, "true", {TAG: ("",)})
    assert holds("Null", TAG, [False], {TAG: ("",)})
    assert not holds("Null", "glacier:ArchiveAgeInDays", "false", {})


def test_a_key_with_several_values_needs_one_or_all_of_them() -> None:
    context: Context = {TAG: ("a", "b")}
    assert holds("StringEquals", TAG, "a", context)
    assert holds("ForAnyValue:StringEquals", TAG, ["b", "c"], context)
    assert not holds("ForAllValues:StringEquals", TAG, ["b", "c"], context)
    assert holds("ForAllValues:StringEquals", TAG, ["b", "a"], context)


@pytest.mark.parametrize(
    ("operator", "key", "wanted"),
    [
        ("StringEqual", TAG, "x"),
        ("stringequals", TAG, "x"),
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8"),
        ("BinaryEquals", TAG, "eA=="),
        ("NullIfExists", TAG, "true"),
        ("ForAllValues:Null", TAG, "true"),
        ("ForSomeValues:StringEquals", TAG, "x"),
        ("IfExists", TAG, "x"),
        ("StringEquals", "glacier:ResourceTag/", "x"),
        ("StringEquals", "aws:RequestedRegion", "x"),
        ("StringEquals", "", "x"),
        ("Null", "aws:SourceIp", "true"),
        ("StringEquals", "glacier:ArchiveAgeInDays", "5"),
        ("NumericLessThan", "aws:CurrentTime", "5"),
        ("Bool", "aws:PrincipalArn", "true"),
        ("NumericLessThan", "glacier:ArchiveAgeInDays", "many"),
        ("NumericLessThan", "glacier:ArchiveAgeInDays", "1e3"),
        ("NumericLessThan", "glacier:ArchiveAgeInDays", 10**40),
        ("NumericLessThan", "glacier:ArchiveAgeInDays", []),
        ("NumericLessThan", "glacier:ArchiveAgeInDays", None),
        ("NumericLessThan", "glacier:ArchiveAgeInDays", {"a": 1}),
        ("DateLessThan", "aws:CurrentTime", "tomorrow"),
        ("Bool", "aws:SecureTransport", "yes"),
        ("Null", TAG, "maybe"),
        ("ArnLike", "aws:PrincipalArn", "root"),
        ("StringLike", TAG, "${aws:username}"),
    ],
)
def test_a_condition_that_could_not_be_judged_is_refused(
    operator: str, key: str, wanted: Any
) -> None:
    with pytest.raises(PolicyProblem):
        grammar.parse(document({**RULE, "Condition": {operator: {key: wanted}}}))


@pytest.mark.parametrize("tests", [None, [], {}, "x"])
def test_an_operator_without_keys_is_refused(tests: Any) -> None:
    with pytest.raises(PolicyProblem):
        grammar.parse(document({**RULE, "Condition": {"StringEquals": tests}}))
