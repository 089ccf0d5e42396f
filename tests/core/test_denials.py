"""What a policy forbids, told before anything is begun, against the rules of the service."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.denials import asks_for_tags, denials
from glaciercli.server.policies import grammar
from glaciercli.server.policies.requests import Caller, Request

ACCOUNT = "111122223333"
ARN = f"arn:aws:glacier:us-east-1:{ACCOUNT}:vaults/photos"
TAGS = {"Hold": "true", "Owner": "ann"}
DAY = timedelta(days=1)


def policy(**changes: Any) -> str:
    facts = {"Effect": "Deny", "Principal": "*", "Action": "glacier:DeleteArchive", "Resource": ARN}
    rule = {key: value for key, value in {**facts, **changes}.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [rule]})


def found(text: str, action: str = "DeleteArchive") -> list[tuple[timedelta | None, bool]]:
    return [
        (one.younger_than, one.certain) for one in denials(text, action, account=ACCOUNT, tags=TAGS)
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [(None, True)]),
        ({"Effect": "Allow"}, []),
        ({"Action": "glacier:Delete*"}, [(None, True)]),
        ({"Action": ["glacier:UploadArchive", "glacier:deletearchive"]}, [(None, True)]),
        ({"Action": "glacier:DeleteVault"}, []),
        ({"Action": None, "NotAction": "glacier:List*"}, [(None, True)]),
        ({"Action": None, "NotAction": "glacier:*"}, []),
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}, [(None, True)]),
        ({"Principal": {"AWS": ACCOUNT}}, [(None, True)]),
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ann"}}, [(None, False)]),
        ({"Principal": None, "NotPrincipal": {"AWS": ACCOUNT}}, [(None, False)]),
        (
            {"Condition": {"NumericLessThan": {"glacier:ArchiveAgeInDays": "365"}}},
            [(365 * DAY, True)],
        ),
        (
            {"Condition": {"NumericLessThanEquals": {"glacier:archiveageindays": 30}}},
            [(31 * DAY, True)],
        ),
        ({"Condition": {"NumericGreaterThan": {"glacier:ArchiveAgeInDays": "1"}}}, [(None, False)]),
        ({"Condition": {"NumericLessThan": {"glacier:ArchiveAgeInDays": "x"}}}, [(None, False)]),
        ({"Condition": {"StringLike": {"glacier:ResourceTag/Hold": ["t*", ""]}}}, [(None, True)]),
        ({"Condition": {"StringEquals": {"glacier:ResourceTag/Hold": "false"}}}, []),
        ({"Condition": {"StringEquals": {"glacier:ResourceTag/Other": "x"}}}, []),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, [(None, False)]),
    ],
)
def test_a_denial_is_found_with_how_sure_it_is(
    changes: dict[str, Any], expected: list[tuple[timedelta | None, bool]]
) -> None:
    assert found(policy(**changes)) == expected


def test_only_a_policy_about_tags_asks_for_them() -> None:
    assert asks_for_tags(policy(Condition={"StringLike": {"glacier:ResourceTag/Hold": "x"}}))
    assert not asks_for_tags(policy())
    assert not asks_for_tags("no JSON")


RULES = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Deny", "Allow"]),
        "Principal": st.sampled_from(["*", {"AWS": ACCOUNT}]),
        "Action": st.sampled_from(["glacier:*", "glacier:DeleteA*", "glacier:DeleteVault"]),
        "Resource": st.just(ARN),
        "Condition": st.sampled_from(
            [
                {},
                {"NumericLessThan": {"glacier:ArchiveAgeInDays": "10"}},
                {"StringLike": {"glacier:ResourceTag/Hold": "t*"}},
                {"StringEquals": {"glacier:ResourceTag/Hold": "no"}},
            ]
        ),
    }
)


@given(st.lists(RULES, min_size=1, max_size=3), st.integers(min_value=0, max_value=20))
def test_what_is_found_is_what_the_service_denies(rules: list[dict[str, Any]], age: int) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": rules})
    request = Request(
        caller=Caller(arn=f"arn:aws:iam::{ACCOUNT}:root", account=ACCOUNT),
        action="glacier:DeleteArchive",
        resource=ARN,
        context={
            "glacier:archiveageindays": (str(age),),
            **{f"glacier:resourcetag/{key.lower()}": (value,) for key, value in TAGS.items()},
        },
    )
    ours = any(
        certain and (younger_than is None or age * DAY < younger_than)
        for younger_than, certain in found(text)
    )
    assert ours == grammar.parse(text).denies(request)
