"""The bodies of SetVaultAccessPolicy and InitiateVaultLock: a policy document as a string."""

from glaciercli.server import documents
from glaciercli.server.policies import grammar
from glaciercli.server.policies.problem import PolicyProblem
from glaciercli.server.wire import Call

#: 20 KB, for either kind of policy ("Access Control with Vault Access Policies").
_MAX_BYTES = 20 * 1024


def given(call: Call) -> str:
    """Return the policy that a call brings; refuse a call without one."""
    return documents.parse(call.document).required_text("Policy")


def check(text: str, vault_arn: str) -> None:
    """Raise ``PolicyProblem`` where a vault cannot have a policy, or could not enforce it.

    A rule that names other resources only would never apply, and its denial would lapse.
    """
    size = len(text.encode())
    if size > _MAX_BYTES:
        raise PolicyProblem(f"it has {size} bytes, and {_MAX_BYTES} are the limit")
    if not grammar.parse(text).concerns(vault_arn):
        raise PolicyProblem(f"the resource of each statement must include {vault_arn}")
