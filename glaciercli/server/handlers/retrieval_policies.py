"""GetDataRetrievalPolicy, SetDataRetrievalPolicy."""

from typing import Any

from glaciercli.ports import WireResponse
from glaciercli.server import documents
from glaciercli.server.catalogue import retrieval_policies
from glaciercli.server.catalogue.retrieval_policies import RetrievalPolicy
from glaciercli.server.documents import Document
from glaciercli.server.retrieval_limits import BYTES_PER_HOUR, FREE_TIER, NO_LIMIT
from glaciercli.server.service import Service
from glaciercli.server.wire import Call, empty_answer, invalid, json_answer, missing

_STRATEGIES = (BYTES_PER_HOUR, FREE_TIER, NO_LIMIT)

_MAX_BYTES_PER_HOUR = 2**63 - 1


def get_data_retrieval_policy(service: Service, call: Call) -> WireResponse:
    """Answer the policy of the region; before one is set there is no limit."""
    with service.catalogue.reading() as tx:
        policy = retrieval_policies.find(tx, call.region) or RetrievalPolicy(strategy=NO_LIMIT)
    rule = {"BytesPerHour": policy.bytes_per_hour, "Strategy": policy.strategy}
    return json_answer({"Policy": {"Rules": [rule]}})


def set_data_retrieval_policy(service: Service, call: Call) -> WireResponse:
    """Set the policy of the region; jobs that run go on."""
    policy = _parse(documents.parse(call.document))
    with service.catalogue.writing() as tx:
        retrieval_policies.put(tx, call.region, policy)
    return empty_answer(204)


def _parse(document: Document) -> RetrievalPolicy:
    policy = document.part("Policy")
    if policy is None:
        raise missing("Policy")
    rule = _only_rule(policy.items("Rules"))
    strategy = rule.required_text("Strategy")
    if strategy not in _STRATEGIES:
        raise invalid(f"Invalid strategy: {strategy}. It must be one of {', '.join(_STRATEGIES)}.")
    return RetrievalPolicy(strategy=strategy, bytes_per_hour=_bytes_per_hour(strategy, rule))


def _only_rule(rules: tuple[Any, ...] | None) -> Document:
    if rules is None:
        raise missing("Rules")
    if len(rules) != 1:
        raise invalid("A data retrieval policy must have exactly one rule.")
    if not isinstance(rules[0], dict):
        raise documents.not_serialised("A rule must be a JSON object.")
    return Document(rules[0])


def _bytes_per_hour(strategy: str, rule: Document) -> int | None:
    number = rule.get("BytesPerHour")
    if strategy != BYTES_PER_HOUR:
        if number is not None:
            raise invalid(f"BytesPerHour must not be given with the strategy {strategy}.")
        return None
    if number is None:
        raise missing("BytesPerHour")
    # In Python a truth value is a number; in JSON it is none.
    if not isinstance(number, int) or isinstance(number, bool):
        raise documents.not_serialised("BytesPerHour must be a whole number.")
    if not 1 <= number <= _MAX_BYTES_PER_HOUR:
        raise invalid(f"Invalid BytesPerHour: {number}. It must be from 1 to 2^63 - 1.")
    return number
