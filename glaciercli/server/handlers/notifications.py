"""SetVaultNotifications, GetVaultNotifications, DeleteVaultNotifications.

Rules: "Configuring Vault Notifications" in the Amazon Glacier developer guide.
"""

from typing import Any

from glaciercli.ports import WireResponse
from glaciercli.server import documents
from glaciercli.server.catalogue import notifications
from glaciercli.server.catalogue.notifications import NotificationRecord
from glaciercli.server.documents import Document
from glaciercli.server.service import Service, require_vault
from glaciercli.server.topics import check_topic
from glaciercli.server.wire import (
    Call,
    empty_answer,
    invalid,
    json_answer,
    missing,
    not_found,
)

_EVENTS = ("ArchiveRetrievalCompleted", "InventoryRetrievalCompleted")


def set_vault_notifications(service: Service, call: Call) -> WireResponse:
    """Set the topic of a vault and its events, in place of earlier ones."""
    configured = _configured(documents.parse(call.document))
    with service.catalogue.writing() as tx:
        vault = require_vault(service, tx, call)
        notifications.put(tx, vault.row, configured)
    return empty_answer(204)


def _configured(document: Document) -> NotificationRecord:
    topic = document.required_text("SNSTopic")
    events = document.items("Events")
    if events is None:
        raise missing("Events")
    check_topic(topic)
    if not events:
        raise invalid("A notification configuration must have an event.")
    # The events are a set, so one that is named twice counts once.
    return NotificationRecord(topic=topic, events=tuple(dict.fromkeys(map(_event, events))))


def _event(given: Any) -> str:
    if given is None:
        raise invalid("An event must not be null.")
    event = documents.as_text(given, "An event")
    if event not in _EVENTS:
        raise invalid(f"Invalid event: {event}. It must be one of {', '.join(_EVENTS)}.")
    return event


def get_vault_notifications(service: Service, call: Call) -> WireResponse:
    """Answer the topic of a vault and its events."""
    with service.catalogue.reading() as tx:
        vault = require_vault(service, tx, call)
        configured = notifications.find(tx, vault.row)
    if configured is None:
        raise not_found(f"No notification configuration is set for vault: {call.vault_arn()}")
    return json_answer({"Events": configured.events, "SNSTopic": configured.topic})


def delete_vault_notifications(service: Service, call: Call) -> WireResponse:
    """Drop the topic of a vault; a vault without one is no error."""
    with service.catalogue.writing() as tx:
        vault = require_vault(service, tx, call)
        notifications.remove(tx, vault.row)
    return empty_answer(204)
