"""A vault with something of everything, every call on it, and policies that deny them."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from mypy_boto3_glacier import GlacierClient

from tests.server.payloads import VAULT, complete, output, refused, retrieve, send_part, upload

ROOT = "arn:aws:iam::000000000000:root"
ARN = f"arn:aws:glacier:us-east-1:000000000000:vaults/{VAULT}"

TOPIC: Any = {
    "SNSTopic": "arn:aws:sns:us-east-1:000000000000:done",
    "Events": ["ArchiveRetrievalCompleted"],
}


def denying(action: Any, condition: Any = None, **members: Any) -> str:
    rule = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": ARN, **members}
    conditions = {"Condition": condition} if condition else {}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**rule, **conditions}]})


def set_access(client: GlacierClient, policy: str) -> None:
    client.set_vault_access_policy(vaultName=VAULT, policy={"Policy": policy})


def start_lock(client: GlacierClient, policy: str) -> str:
    return client.initiate_vault_lock(vaultName=VAULT, policy={"Policy": policy})["lockId"]


def lock(client: GlacierClient, policy: str) -> str:
    lock_id = start_lock(client, policy)
    client.complete_vault_lock(vaultName=VAULT, lockId=lock_id)
    return lock_id


def denied(operation: str) -> AbstractContextManager[None]:
    message = f"User: {ROOT} is not authorized to perform: glacier:{operation} on resource: {ARN}"
    return refused("AccessDeniedException", 403, message)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What a vault holds, so that every call finds what it names."""

    client: GlacierClient
    archive_id: str
    upload_id: str
    job_id: str


def store(client: GlacierClient) -> Stored:
    client.create_vault(vaultName=VAULT)
    archive_id = upload(client, b"archive")
    opened = client.initiate_multipart_upload(vaultName=VAULT, partSize=str(2**20))
    send_part(client, opened["uploadId"], b"part", 0)
    client.set_vault_notifications(vaultName=VAULT, vaultNotificationConfig=TOPIC)
    return Stored(
        client=client,
        archive_id=archive_id,
        upload_id=opened["uploadId"],
        job_id=retrieve(client, archive_id),
    )


CALLS: dict[str, Callable[[GlacierClient, Stored], object]] = {
    "AbortMultipartUpload": lambda client, held: client.abort_multipart_upload(
        vaultName=VAULT, uploadId=held.upload_id
    ),
    "AbortVaultLock": lambda client, _: client.abort_vault_lock(vaultName=VAULT),
    "AddTagsToVault": lambda client, _: client.add_tags_to_vault(vaultName=VAULT, Tags={"a": ""}),
    "CompleteMultipartUpload": lambda client, held: complete(client, held.upload_id, b"part"),
    "CompleteVaultLock": lambda client, _: client.complete_vault_lock(vaultName=VAULT, lockId="x"),
    "DeleteArchive": lambda client, held: client.delete_archive(
        vaultName=VAULT, archiveId=held.archive_id
    ),
    "DeleteVault": lambda client, _: client.delete_vault(vaultName=VAULT),
    "DeleteVaultAccessPolicy": lambda client, _: client.delete_vault_access_policy(vaultName=VAULT),
    "DeleteVaultNotifications": lambda client, _: client.delete_vault_notifications(
        vaultName=VAULT
    ),
    "DescribeJob": lambda client, held: client.describe_job(vaultName=VAULT, jobId=held.job_id),
    "DescribeVault": lambda client, _: client.describe_vault(vaultName=VAULT),
    "GetJobOutput": lambda client, held: output(client, held.job_id),
    "GetVaultAccessPolicy": lambda client, _: client.get_vault_access_policy(vaultName=VAULT),
    "GetVaultLock": lambda client, _: client.get_vault_lock(vaultName=VAULT),
    "GetVaultNotifications": lambda client, _: client.get_vault_notifications(vaultName=VAULT),
    "InitiateJob": lambda client, held: retrieve(client, held.archive_id),
    "InitiateMultipartUpload": lambda client, _: client.initiate_multipart_upload(
        vaultName=VAULT, partSize=str(2**20)
    ),
    "InitiateVaultLock": lambda client, _: start_lock(client, denying("glacier:DeleteVault")),
    "ListJobs": lambda client, _: client.list_jobs(vaultName=VAULT),
    "ListMultipartUploads": lambda client, _: client.list_multipart_uploads(vaultName=VAULT),
    "ListParts": lambda client, held: client.list_parts(vaultName=VAULT, uploadId=held.upload_id),
    "ListTagsForVault": lambda client, _: client.list_tags_for_vault(vaultName=VAULT),
    "RemoveTagsFromVault": lambda client, _: client.remove_tags_from_vault(
        vaultName=VAULT, TagKeys=["a"]
    ),
    "SetVaultAccessPolicy": lambda client, _: set_access(client, denying("glacier:ListJobs")),
    "SetVaultNotifications": lambda client, _: client.set_vault_notifications(
        vaultName=VAULT, vaultNotificationConfig=TOPIC
    ),
    "UploadArchive": lambda client, _: upload(client, b"more"),
    "UploadMultipartPart": lambda client, held: send_part(client, held.upload_id, b"part", 0),
}
