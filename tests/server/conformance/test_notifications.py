"""SetVaultNotifications, GetVaultNotifications, DeleteVaultNotifications: every answer."""

import json
from typing import Any

import pytest

from tests.server.conformance.steps import ARN, VAULT
from tests.server.conformance.wire import Answer, Wire, check_refused, invalid, missing, not_found

PATH = f"{VAULT}/notification-configuration"
TOPIC = "arn:aws:sns:us-east-1:000000000000:topic"
BOTH = ["ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"]
NONE = f"No notification configuration is set for vault: {ARN}"


def put(wire: Wire, **members: Any) -> Answer:
    return wire.ask("PUT", PATH, json.dumps(members).encode())


@pytest.mark.usefixtures("vault")
def test_a_configuration_is_set_replaced_and_deleted(wire: Wire) -> None:
    not_found(wire.ask("GET", PATH), NONE)
    put(wire, SNSTopic=TOPIC, Events=BOTH).ok(204)
    assert wire.ask("GET", PATH).json == {"Events": BOTH, "SNSTopic": TOPIC}
    put(wire, SNSTopic=TOPIC + "2", Events=BOTH[:1]).ok(204)
    assert wire.ask("GET", PATH).json == {"Events": BOTH[:1], "SNSTopic": TOPIC + "2"}
    for _ in range(2):
        wire.ask("DELETE", PATH).ok(204)
        not_found(wire.ask("GET", PATH), NONE)


@pytest.mark.usefixtures("vault")
def test_topic_and_events_are_required(wire: Wire) -> None:
    for absent in ({}, {"SNSTopic": None}, {"SNSTopic": ""}):
        missing(put(wire, **{"Events": BOTH, **absent}), "SNSTopic")
    missing(put(wire, SNSTopic=TOPIC), "Events")
    missing(put(wire, SNSTopic=TOPIC, Events=None), "Events")


@pytest.mark.usefixtures("vault")
@pytest.mark.parametrize(
    "members",
    [
        {"Events": []},
        {"Events": ["ArchiveDeleted"]},
        {"Events": [*BOTH, "x"]},
        {"Events": [None]},
        {"SNSTopic": "topic"},
        {"SNSTopic": "arn:aws:s3:::bucket"},
    ],
)
def test_wrong_values(wire: Wire, members: dict[str, Any]) -> None:
    invalid(put(wire, **{"SNSTopic": TOPIC, "Events": BOTH, **members}))
    not_found(wire.ask("GET", PATH), NONE)


@pytest.mark.usefixtures("vault")
@pytest.mark.parametrize(
    "members", [{"Events": "x"}, {"Events": {}}, {"Events": [5]}, {"SNSTopic": 5}]
)
def test_what_is_no_document_is_refused(wire: Wire, members: dict[str, Any]) -> None:
    answer = put(wire, **{"SNSTopic": TOPIC, "Events": BOTH, **members})
    check_refused(answer, 400, "SerializationException")


def test_a_configuration_needs_a_vault(wire: Wire) -> None:
    message = f"Vault not found for ARN: {ARN}"
    not_found(wire.ask("GET", PATH), message)
    not_found(wire.ask("DELETE", PATH), message)
    not_found(put(wire, SNSTopic=TOPIC, Events=BOTH), message)
