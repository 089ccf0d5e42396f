"""Looking at the far side without using it: contact, credentials, and what would be allowed.

Every try here either reads, or names something that does not exist, or removes what is not there.
Nothing is repeated: what is slow or fails now is a finding.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, NoCredentialsError

from glaciercli import errors
from glaciercli.core.permissions import OF_THE_ACCOUNT
from glaciercli.model.diagnosis import Caller, Contact, Verdict
from glaciercli.service.translate import translated

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient

#: Nobody waits longer for a diagnosis, in seconds.
_PATIENCE_S = 3

#: IDs of the right shape that the service never gave to anything.
_NO_ARCHIVE = "A" * 138
_NO_JOB = _NO_UPLOAD = "A" * 92
_NO_TAG = "glaciercli doctor was here"

Try = Callable[["GlacierClient", str], object]

_TRIES: Mapping[str, Try] = {
    "AbortMultipartUpload": lambda client, vault: client.abort_multipart_upload(
        vaultName=vault, uploadId=_NO_UPLOAD
    ),
    "DeleteArchive": lambda client, vault: client.delete_archive(
        vaultName=vault, archiveId=_NO_ARCHIVE
    ),
    "DescribeVault": lambda client, vault: client.describe_vault(vaultName=vault),
    "GetDataRetrievalPolicy": lambda client, _: client.get_data_retrieval_policy(),
    "GetJobOutput": lambda client, vault: client.get_job_output(vaultName=vault, jobId=_NO_JOB),
    "GetVaultAccessPolicy": lambda client, vault: client.get_vault_access_policy(vaultName=vault),
    "GetVaultLock": lambda client, vault: client.get_vault_lock(vaultName=vault),
    "GetVaultNotifications": lambda client, vault: client.get_vault_notifications(vaultName=vault),
    "InitiateJob": lambda client, vault: client.initiate_job(
        vaultName=vault,
        jobParameters={"Type": "archive-retrieval", "ArchiveId": _NO_ARCHIVE, "Tier": "Bulk"},
    ),
    "ListJobs": lambda client, vault: client.list_jobs(vaultName=vault, limit="1"),
    "ListMultipartUploads": lambda client, vault: client.list_multipart_uploads(
        vaultName=vault, limit="1"
    ),
    "ListParts": lambda client, vault: client.list_parts(vaultName=vault, uploadId=_NO_UPLOAD),
    "ListProvisionedCapacity": lambda client, _: client.list_provisioned_capacity(),
    "ListTagsForVault": lambda client, vault: client.list_tags_for_vault(vaultName=vault),
    "ListVaults": lambda client, _: client.list_vaults(limit="1"),
    "RemoveTagsFromVault": lambda client, vault: client.remove_tags_from_vault(
        vaultName=vault, TagKeys=[_NO_TAG]
    ),
}


class GlacierExaminer:
    """An ``Examiner`` over one boto3 client."""

    def __init__(self, client: "GlacierClient") -> None:
        self._client = client
        self._answered_at: datetime | None = None
        client.meta.events.register("needs-retry.glacier.ListVaults", self._hear)

    def contact(self) -> Contact:
        """Ask one short question and return what came back."""
        self._answered_at = None
        failure: errors.GlacierCliError | None = None
        try:
            with translated():
                self._client.list_vaults(limit="1")
        except errors.GlacierCliError as refusal:
            failure = refusal
        return Contact(
            endpoint=self._client.meta.endpoint_url,
            region=self._client.meta.region_name,
            served_at=self._answered_at,
            problem=None if failure is None else failure.message,
            hint=None if failure is None else failure.hint,
        )

    def caller(self) -> Caller:
        """Return whose credentials are used; raise ``CredentialsRefused`` where there are none."""
        inner: Any = self._client
        with translated():
            credentials = inner._request_signer._credentials  # noqa: SLF001 - they have no other way
            if credentials is None:
                raise NoCredentialsError
            frozen = credentials.get_frozen_credentials()
        return Caller(
            key_end=frozen.access_key[-4:],
            source=credentials.method or "unknown",
            arn=self._arn(frozen),
        )

    def attempt(self, operation: str, vault: str | None) -> Verdict:
        """Try an operation without doing anything, and return what that shows."""
        act = _TRIES.get(operation)
        if act is None or (vault is None and operation not in OF_THE_ACCOUNT):
            return Verdict.NOT_TRIED
        try:
            with translated(vault):
                act(self._client, vault or "")
        except (errors.CredentialsRefused, errors.Unreachable) as failure:
            return _verdict(failure)
        except errors.GlacierCliError:
            # It was let in, and then the service found that there is no such thing.
            pass
        return Verdict.ALLOWED

    def _arn(self, frozen: Any) -> str | None:
        """Ask who that is: no permission is needed for it, and none can forbid it."""
        client = boto3.client(
            "sts",
            region_name=self._client.meta.region_name,
            aws_access_key_id=frozen.access_key,
            aws_secret_access_key=frozen.secret_key,
            aws_session_token=frozen.token,
            config=Config(
                retries={"total_max_attempts": 1},
                connect_timeout=_PATIENCE_S,
                read_timeout=_PATIENCE_S,
            ),
        )
        if _is_amazon(client.meta.endpoint_url) and not _is_amazon(self._client.meta.endpoint_url):
            # Another service's credentials are none of Amazon's business.
            return None
        try:
            with translated():
                return str(client.get_caller_identity()["Arn"])
        except errors.GlacierCliError:
            return None
        finally:
            client.close()

    def _hear(self, response: Any = None, **_: object) -> None:
        """Take the time from an answer, a refusal too."""
        if response is None:
            return
        headers = response[1].get("ResponseMetadata", {}).get("HTTPHeaders", {})
        try:
            self._answered_at = parsedate_to_datetime(headers["date"]).astimezone(UTC)
        except (KeyError, TypeError, ValueError):
            return


def _verdict(failure: errors.GlacierCliError) -> Verdict:
    cause = failure.__cause__
    denied = isinstance(cause, ClientError) and "AccessDenied" in cause.response["Error"]["Code"]
    return Verdict.DENIED if denied else Verdict.UNCLEAR


def _is_amazon(url: str) -> bool:
    host = url.partition("//")[2].partition("/")[0].partition(":")[0]
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn"))
