"""The notifications of a vault: shown, set and removed."""

import re
from dataclasses import dataclass

from glaciercli import errors
from glaciercli.model.vault_settings import JobEvent, Notifications
from glaciercli.operations.context import Context

#: The ARN of an SNS topic.
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?")

#: The words for each event on the command line.
EVENTS = {"archive": JobEvent.ARCHIVE, "inventory": JobEvent.INVENTORY}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownNotifications:
    """Which topic hears of a vault's jobs, ``None`` where none does."""

    vault: str
    notifications: Notifications | None
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationChange:
    """Notifications that were set or removed, or would be."""

    vault: str
    #: The new ones, ``None`` where they are removed.
    notifications: Notifications | None
    dry_run: bool = False
    exit_code: int = 0


def show(context: Context, vault: str) -> ShownNotifications:
    """Return which topic hears of a vault's jobs."""
    found = context.service.settings.notifications(vault)
    return ShownNotifications(vault=vault, notifications=found)


def put(
    context: Context, vault: str, wanted: Notifications, *, dry_run: bool
) -> NotificationChange:
    """Let a topic hear of a vault's jobs; raise ``BadUsage`` where it is none."""
    if not _TOPIC.fullmatch(wanted.topic):
        raise errors.BadUsage(
            f'"{wanted.topic}" is no topic of Amazon SNS',
            hint="such as arn:aws:sns:us-east-1:123456789012:glacier-jobs",
        )
    if not dry_run:
        context.service.settings.set_notifications(vault, wanted)
    else:
        context.service.describe_vault(vault)
    return NotificationChange(vault=vault, notifications=wanted, dry_run=dry_run)


def remove(context: Context, vault: str, *, dry_run: bool) -> NotificationChange:
    """Let no topic hear of a vault's jobs."""
    if not dry_run:
        context.service.settings.remove_notifications(vault)
    else:
        context.service.describe_vault(vault)
    return NotificationChange(vault=vault, notifications=None, dry_run=dry_run)
