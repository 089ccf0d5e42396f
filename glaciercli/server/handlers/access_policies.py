"""SetVaultAccessPolicy, GetVaultAccessPolicy, DeleteVaultAccessPolicy.

Rules: "Access Control with Vault Access Policies" in the Amazon Glacier developer guide.
"""

from glaciercli.ports import WireResponse
from glaciercli.server.catalogue import access_policies
from glaciercli.server.handlers import policy_documents
from glaciercli.server.policies.problem import PolicyProblem
from glaciercli.server.service import Service, require_vault
from glaciercli.server.wire import Call, empty_answer, invalid, json_answer, not_found


def set_vault_access_policy(service: Service, call: Call) -> WireResponse:
    """Set the access policy of a vault, in place of an earlier one."""
    policy = policy_documents.given(call)
    try:
        policy_documents.check(policy, call.vault_arn())
    except PolicyProblem as problem:
        raise invalid(f"Invalid vault access policy: {problem}") from problem
    with service.catalogue.writing() as tx:
        vault = require_vault(service, tx, call)
        access_policies.put(tx, vault.row, policy)
    return empty_answer(204)


def get_vault_access_policy(service: Service, call: Call) -> WireResponse:
    """Answer the access policy of a vault, letter by letter as it was set."""
    with service.catalogue.reading() as tx:
        vault = require_vault(service, tx, call)
        policy = access_policies.find(tx, vault.row)
    if policy is None:
        raise not_found(f"No vault access policy is set for: {call.vault_arn()}")
    return json_answer({"Policy": policy})


def delete_vault_access_policy(service: Service, call: Call) -> WireResponse:
    """Drop the access policy of a vault; a vault without one is no error."""
    with service.catalogue.writing() as tx:
        vault = require_vault(service, tx, call)
        access_policies.remove(tx, vault.row)
    return empty_answer(204)
