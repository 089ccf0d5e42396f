"""Random policies, judged twice: by the service and straight from the words of the guide."""

from fnmatch import fnmatchcase
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from glaciercli.server.policies import grammar
from tests.server.policy_rules import ACCOUNT, ALICE, ROOT, VAULT, Context, document, request

ACTIONS = ["DeleteArchive", "DeleteVault", "InitiateJob"]
PATTERNS = ["*", "glacier:*", "glacier:Delete*", "GLACIER:INITIATEJOB", "glacier:D*A??????"]
RESOURCES = ["*", VAULT, VAULT[:-1] + "?", VAULT.replace("photos", "other*")]
PRINCIPALS: list[Any] = ["*", {"AWS": ACCOUNT}, {"AWS": [ALICE]}, {"AWS": "999999999999"}]
TESTS: dict[str, Any] = {
    "NumericLessThan": lambda found, wanted: int(found) < wanted,
    "NumericGreaterThanEquals": lambda found, wanted: int(found) >= wanted,
    "NumericEquals": lambda found, wanted: int(found) == wanted,
}
AGE = "glacier:ArchiveAgeInDays"

several = st.lists
rules = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Principal": st.sampled_from(PRINCIPALS),
        "Resource": several(st.sampled_from(RESOURCES), min_size=1, max_size=2),
        "Condition": st.dictionaries(
            st.sampled_from([name + end for name in TESTS for end in ("", "IfExists")]),
            st.fixed_dictionaries({AGE: several(st.integers(0, 3), min_size=1, max_size=2)}),
            max_size=2,
        ),
    }
).flatmap(
    lambda rule: st.tuples(
        st.sampled_from(["Action", "NotAction"]),
        several(st.sampled_from(PATTERNS), min_size=1, max_size=2),
    ).map(lambda named: {**rule, named[0]: named[1]})
)


def expected_denial(rule: dict[str, Any], action: str, caller: str, age: str | None) -> bool:
    named = {"*": True}.get(str(rule["Principal"])) or str(rule["Principal"]) in (
        str({"AWS": ACCOUNT}),
        str({"AWS": [ALICE]}) if caller == ALICE else "",
    )
    full = f"glacier:{action}".lower()
    patterns = rule.get("Action") or rule["NotAction"]
    listed = any(fnmatchcase(full, pattern.lower()) for pattern in patterns)
    here = any(fnmatchcase(VAULT, pattern) for pattern in rule["Resource"])
    passed = all(
        name.endswith("IfExists")
        if age is None
        else any(TESTS[name.removesuffix("IfExists")](age, one) for one in tests[AGE])
        for name, tests in rule["Condition"].items()
    )
    return rule["Effect"] == "Deny" and named and listed == ("Action" in rule) and here and passed


@given(
    st.lists(rules, min_size=1, max_size=3),
    st.sampled_from(ACTIONS),
    st.sampled_from([ROOT, ALICE]),
    st.none() | st.integers(0, 3).map(str),
)
def test_a_policy_denies_what_one_of_its_rules_denies(
    listed: list[dict[str, Any]], action: str, caller: str, age: str | None
) -> None:
    context: Context = {} if age is None else {AGE.lower(): (age,)}
    asked = request(action, caller, context)
    expected = any(expected_denial(rule, action, caller, age) for rule in listed)
    assert grammar.parse(document(*listed)).denies(asked) == expected
