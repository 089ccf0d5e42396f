"""Which messages the end of a job calls for.

Rules: "Configuring Vault Notifications in Amazon Glacier" in the developer guide.  A job that
fails is told of like one that succeeds.
"""

import uuid
from dataclasses import dataclass

from glaciercli.server.catalogue import notifications
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import JobInVault, JobRecord
from glaciercli.server.handlers import job_descriptions
from glaciercli.server.wire import compact_json, vault_arn


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to one topic."""

    #: The same however often the message is sent, so that a receiver knows a repetition.
    message_id: str
    topic: str
    #: The description of the job, as DescribeJob answers it.
    body: bytes


def of_job(tx: Transaction, found: JobInVault, account: str, now_ms: int) -> list[Notice]:
    """Return the messages about a job that has ended: to its vault's topic, then to its own."""
    arn = vault_arn(found.region, account, found.vault_name)
    topics = _topics(tx, found)
    if not topics:
        return []
    body = compact_json(job_descriptions.describe(tx, arn, found.job, now_ms))
    return [
        Notice(message_id=_message_id(arn, found.job, whose), topic=topic, body=body)
        for whose, topic in topics
    ]


def _topics(tx: Transaction, found: JobInVault) -> list[tuple[str, str]]:
    # The guide sends two messages where both topics are set; so do we if they are the same one.
    configured = notifications.find(tx, found.vault_row)
    topics = []
    if configured and _event(found.job) in configured.events:
        topics.append(("vault", configured.topic))
    if found.job.sns_topic:
        topics.append(("job", found.job.sns_topic))
    return topics


def _event(job: JobRecord) -> str:
    return "ArchiveRetrievalCompleted" if job.archive else "InventoryRetrievalCompleted"


def _message_id(arn: str, job: JobRecord, whose: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{arn}/jobs/{job.job_id}#{whose}"))
