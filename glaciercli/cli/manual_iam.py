"""The page about permissions, made from the table of what each command calls."""

import json
from collections.abc import Iterable, Iterator

from glaciercli.core.permissions import OF_THE_ACCOUNT, PERMISSIONS

_HEAD = """# The least that IAM has to allow

Made from `glaciercli/core/permissions.py` by `make docs`; a test runs the commands against the
embedded service and compares what they call.

Each command needs the actions in its row and no others. What is about a vault is allowed on the
vault's ARN, `arn:aws:glacier:REGION:ACCOUNT:vaults/NAME`, or `vaults/*` for all; what is about the
account on `*`. Commands that are not in the table ask the service nothing: `list`, `cost`,
`rename`, `inventory import` and the like work without any permission. `doctor` tries what it may
and tells what is denied; asking who one is (`sts:GetCallerIdentity`) needs no permission.

A lock or an access policy of the vault can deny what IAM allows: `glaciercli vault show VAULT`.
"""

_TABLE = """
## By command

| command | on the vault | on `*` |
|---|---|---|
"""

#: Policies that people want, each with the commands that it is for.
_ROLES = {
    "Look": ("job list", "upload-parts list", "vault list", "vault show"),
    "Store": ("sync", "upload", "vault list"),
    "Bring back": ("inventory refresh", "job list", "retrieve", "vault list"),
    "Remove a vault": ("vault delete +--with-archives",),
}


def page() -> str:
    """Return the page."""
    rows = (f"| `{line.replace('+', '')}` | {_cells(some)} |\n" for line, some in _sorted())
    return "".join((_HEAD, _TABLE, *rows, *_policies()))


def _sorted() -> list[tuple[str, tuple[str, ...]]]:
    return sorted(PERMISSIONS.items())


def _cells(operations: Iterable[str]) -> str:
    listed = sorted(operations)
    bound = ", ".join(f"`{one}`" for one in listed if one not in OF_THE_ACCOUNT)
    unbound = ", ".join(f"`{one}`" for one in listed if one in OF_THE_ACCOUNT)
    return f"{bound or '-'} | {unbound or '-'}"


def _policies() -> Iterator[str]:
    yield "\n## Ready-made policies\n"
    for title, lines in _ROLES.items():
        operations = sorted({one for line in lines for one in PERMISSIONS[line]})
        words = ", ".join(f"`{line.replace('+', '')}`" for line in lines)
        yield f"\n### {title}\n\nFor {words}.\n\n```json\n{_policy(operations)}\n```\n"


def _policy(operations: Iterable[str]) -> str:
    listed = list(operations)
    bound = [one for one in listed if one not in OF_THE_ACCOUNT]
    unbound = [one for one in listed if one in OF_THE_ACCOUNT]
    vault = "arn:aws:glacier:REGION:ACCOUNT:vaults/NAME"
    statements = [
        {"Effect": "Allow", "Action": [f"glacier:{one}" for one in some], "Resource": where}
        for some, where in ((bound, vault), (unbound, "*"))
        if some
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)
