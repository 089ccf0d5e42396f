"""Policies: checked before they are sent, told in words, and made of presets."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli import errors
from glaciercli.core import policies, policy_presets
from glaciercli.server.policies import grammar

ARN = "arn:aws:glacier:us-east-1:000000000000:vaults/photos"


def rule(**changes: Any) -> dict[str, Any]:
    facts = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "glacier:DeleteArchive",
        "Resource": ARN,
    }
    return {key: value for key, value in {**facts, **changes}.items() if value is not None}


def policy(*rules: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(rules)})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"Statement": [\n  {"Effect": oops}\n]}', "line 2, column 14"),
        ("", "line 1, column 1: expecting value"),
        ('{"Statement": [] } x', "line 1, column 20: extra data"),
        ("[" * 100_000, "bytes"),
        ("[" * 20_000, "no policy"),
        ("[]", 'has no "Statement"'),
        ("{}", 'has no "Statement"'),
        ('{"Statement": []}', "it has no statement"),
        (policy("x"), "must be an object"),
        (policy(rule(Effect="No")), '"Effect"'),
        (policy(rule(Principal=None)), '"Principal"'),
        (policy(rule(Action=None)), '"Action"'),
        ('{"Statement": [], "Statement": []}', '"Statement" stands twice'),
        (policy(rule(Sid="x" * 21_000)), "a policy may have 20,480"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(errors.BadUsage) as caught:
        policies.check(text, source="policy.json")
    assert caught.value.message.startswith("policy.json")
    assert words in caught.value.message


@given(st.text(max_size=60))
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    with pytest.raises(errors.BadUsage):
        policies.check(text, source="it")


def test_a_good_policy_passes() -> None:
    policies.check(policy(rule(), rule(Action=None, NotAction=["glacier:*"])), source="it")
    policies.check(json.dumps({"Statement": rule()}), source="it")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "deny everybody DeleteArchive"),
        ({"Effect": "Allow", "Action": "*"}, "allow everybody everything"),
        (
            {"Principal": {"AWS": ["1", "2", "3"]}},
            "deny 1, 2 and 3 DeleteArchive",
        ),
        (
            {"Principal": None, "NotPrincipal": {"AWS": "1"}},
            "deny all but 1 DeleteArchive",
        ),
        (
            {"Action": None, "NotAction": ["glacier:ListVaults", "glacier:DescribeVault"]},
            "deny everybody everything but ListVaults and DescribeVault",
        ),
        (
            {"Condition": {"NumericLessThan": {"glacier:archiveAgeInDays": 365}}},
            "deny everybody DeleteArchive, where the archive's age in days is less than 365",
        ),
        (
            {"Condition": {"StringLike": {"glacier:ResourceTag/Hold": ["true", ""]}}},
            "deny everybody DeleteArchive, where glacier:ResourceTag/Hold is like true or empty",
        ),
        (
            {"Condition": {"Bool": {"aws:SecureTransport": False}}},
            "deny everybody DeleteArchive, where aws:SecureTransport is false",
        ),
        (
            {"Condition": {"ArnNotLike": {"aws:PrincipalArn": "x"}}},
            "deny everybody DeleteArchive, where aws:PrincipalArn ArnNotLike x",
        ),
    ],
)
def test_a_rule_is_told_in_words(changes: dict[str, Any], sentence: str) -> None:
    assert list(policies.words(policy(rule(**changes)))) == [sentence]


@pytest.mark.parametrize("text", ["no JSON", "[1]", policy("x", 1, None)])
def test_what_the_service_holds_is_told_whatever_it_is(text: str) -> None:
    assert list(policies.words(text)) == ["it has no rule that can be read"]
    assert policies.indented(text)


VALUES = {"DAYS": "365", "KEY": "legal hold", "ACCOUNT": "123456789012", "": ""}


@pytest.mark.parametrize("preset", policy_presets.PRESETS, ids=lambda one: one.name)
def test_every_preset_is_a_policy_that_the_service_takes(preset: policy_presets.Preset) -> None:
    wanted = policy_presets.form(preset).replace(preset.value or "=", VALUES[preset.value] or "=")
    text = policy_presets.document([wanted, wanted], vault_arn=ARN, for_lock=preset.for_lock)
    policies.check(text, source="it")
    parsed = grammar.parse(text)
    assert parsed.concerns(ARN)
    assert len(list(policies.words(text))) == 2
    assert preset.effect


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("nothing", "no preset"),
        ("deny-delete=1", "no preset"),
        ("deny-delete-for-days", "no preset"),
        ("deny-delete-for-days=0", "no number of days"),
        ("deny-delete-for-days=-1", "no number of days"),
        ("deny-delete-for-days=1.5", "no number of days"),
        ("deny-delete-for-days=99999", "no number of days"),
        ("deny-delete-for-days=\u0663", "no number of days"),
        ("deny-delete-while-tagged=", "no key of a tag"),
        ("deny-delete-while-tagged=${x}", "no key of a tag"),
        ("allow-read=1234-5678-9012", "no account number"),
    ],
)
def test_a_preset_that_makes_no_sense_is_refused(wanted: str, words: str) -> None:
    with pytest.raises(errors.BadUsage, match=words):
        policy_presets.document([wanted], vault_arn=ARN, for_lock=False)


def test_a_lock_takes_no_permission() -> None:
    with pytest.raises(errors.BadUsage, match="no preset") as caught:
        policy_presets.document(["allow-read=123456789012"], vault_arn=ARN, for_lock=True)
    assert caught.value.hint is not None
    assert "deny-delete-for-days=DAYS" in caught.value.hint
    assert "allow" not in caught.value.hint
