"""Ready-made policies: what people want most often, as data.

Sources: "Vault Lock Policies" and "Vault Access Policies" in the Amazon Glacier developer guide.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from glaciercli import errors

_ACCOUNT = re.compile(r"[0-9]{12}")
_TAG_KEY = re.compile(r"[\w ./+@-]{1,128}")
#: The longest that a lock can be meant to last; a slip of the pen should not become one.
_MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A kind of ready-made statement."""

    name: str
    #: What stands after the ``=``; empty where nothing does.
    value: str
    #: What it does, for people.
    effect: str
    #: Makes the statement but for its resource, out of the value.
    make: Callable[[str], dict[str, Any]]
    #: Whether a lock may have it: a permission has no place in one.
    for_lock: bool = True


def _deny(action: str | list[str], condition: dict[str, Any] | None = None) -> dict[str, Any]:
    rule: dict[str, Any] = {"Effect": "Deny", "Principal": "*", "Action": action}
    if condition is not None:
        rule["Condition"] = condition
    return rule


def _young(value: str) -> dict[str, Any]:
    if not value.isdecimal() or not value.isascii() or not 1 <= int(value) <= _MOST_DAYS:
        raise errors.BadUsage(
            f'"{value}" is no number of days', hint=f"1 to {_MOST_DAYS}; 365 is a year"
        )
    condition = {"NumericLessThan": {"glacier:ArchiveAgeInDays": str(int(value))}}
    return _deny("glacier:DeleteArchive", condition)


def _held(value: str) -> dict[str, Any]:
    if not _TAG_KEY.fullmatch(value):
        raise errors.BadUsage(f'"{value}" is no key of a tag')
    return _deny(
        "glacier:DeleteArchive",
        {"StringLike": {f"glacier:ResourceTag/{value}": ["true", ""]}},
    )


def _allow(value: str, actions: list[str]) -> dict[str, Any]:
    if not _ACCOUNT.fullmatch(value):
        raise errors.BadUsage(
            f'"{value}" is no account number', hint="it has 12 digits and no hyphens"
        )
    principal = {"AWS": f"arn:aws:iam::{value}:root"}
    return {"Effect": "Allow", "Principal": principal, "Action": actions}


_READING = [
    f"glacier:{name}"
    for name in (
        "DescribeJob",
        "DescribeVault",
        "GetJobOutput",
        "InitiateJob",
        "ListJobs",
        "ListTagsForVault",
    )
]
_STORING = [
    f"glacier:{name}"
    for name in (
        "AbortMultipartUpload",
        "CompleteMultipartUpload",
        "DescribeVault",
        "InitiateMultipartUpload",
        "ListMultipartUploads",
        "ListParts",
        "UploadArchive",
        "UploadMultipartPart",
    )
]

PRESETS = (
    Preset(
        name="deny-delete-for-days",
        value="DAYS",
        effect="nobody deletes an archive that is younger",
        make=_young,
    ),
    Preset(
        name="deny-delete",
        value="",
        effect="nobody deletes an archive, ever",
        make=lambda _: _deny("glacier:DeleteArchive"),
    ),
    Preset(
        name="deny-delete-while-tagged",
        value="KEY",
        effect='nobody deletes an archive while the vault\'s tag KEY is "true" or empty',
        make=_held,
    ),
    Preset(
        name="allow-read",
        value="ACCOUNT",
        effect="another account reads archives and inventories; your account pays",
        make=lambda value: _allow(value, _READING),
        for_lock=False,
    ),
    Preset(
        name="allow-store",
        value="ACCOUNT",
        effect="another account stores archives, and reads none; your account pays",
        make=lambda value: _allow(value, _STORING),
        for_lock=False,
    ),
)


def document(wanted: Sequence[str], *, vault_arn: str, for_lock: bool) -> str:
    """Return the policy of some presets, each given as ``NAME`` or ``NAME=VALUE``.

    Raises ``BadUsage`` for one that is not known, or has no place there.
    """
    rules = [_rule(one, for_lock=for_lock) for one in wanted]
    numbered = [
        {"Sid": f"{_label(one)}{number}", **rule, "Resource": vault_arn}
        for number, (one, rule) in enumerate(zip(wanted, rules, strict=True), start=1)
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": numbered})


def offered(*, for_lock: bool) -> list[Preset]:
    """Return the presets that a lock, or an access policy, may be made of."""
    return [one for one in PRESETS if one.for_lock or not for_lock]


def form(one: Preset) -> str:
    """Return how a preset is written, such as ``deny-delete-for-days=DAYS``."""
    return f"{one.name}={one.value}" if one.value else one.name


def _rule(wanted: str, *, for_lock: bool) -> dict[str, Any]:
    name, equals, value = wanted.partition("=")
    there = offered(for_lock=for_lock)
    found = next((one for one in there if one.name == name), None)
    if found is None:
        raise errors.BadUsage(
            f'there is no preset "{name}" here', hint=f"one of {', '.join(map(form, there))}"
        )
    if bool(equals) != bool(found.value):
        raise errors.BadUsage(f'"{wanted}" is no preset', hint=f"it is written {form(found)}")
    return found.make(value)


def _label(wanted: str) -> str:
    """Return the start of a statement's label: letters and digits alone."""
    return "".join(part.capitalize() for part in wanted.partition("=")[0].split("-"))
