"""The operations of the service: one table from method and path to handler.

Paths are matched as they were sent, segment by segment, and each name is decoded once: ``.`` and
``..`` are legal vault names, and an encoded slash is no separator.
"""

from dataclasses import dataclass

from glaciercli.server.handlers import (
    access_policies,
    archives,
    capacity,
    jobs,
    multipart,
    notifications,
    output,
    retrieval_policies,
    tags,
    vault_locks,
    vaults,
)
from glaciercli.server.service import Handler
from glaciercli.server.wire import ErrorCode, Target, WireError, invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An operation: how it is asked for, who answers, and whether its body is content."""

    operation: str
    method: str
    #: Segments; one in braces is a name.
    pattern: tuple[str, ...]
    #: What the query must say of ``operation``, where two operations share a method and a path.
    selector: str | None
    handler: Handler
    #: Content is streamed to the handler; any other body is small and read beforehand.
    carries_content: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The operation that a request asks for, with the names in its path."""

    route: Route
    names: dict[str, str]


_SELECTED_BY = "?operation="


def _route(operation: str, method: str, path: str, handler: Handler) -> Route:
    bare, _, selector = path.partition(_SELECTED_BY)
    return Route(
        operation=operation,
        method=method,
        pattern=tuple(bare.split("/")[1:]),
        selector=selector or None,
        handler=handler,
        carries_content=operation in ("UploadArchive", "UploadMultipartPart"),
    )


_VAULTS = "/{account}/vaults"
_VAULT = _VAULTS + "/{vault}"
_ARCHIVES = _VAULT + "/archives"
_UPLOADS = _VAULT + "/multipart-uploads"
_UPLOAD = _UPLOADS + "/{upload}"
_JOBS = _VAULT + "/jobs"
_JOB = _JOBS + "/{job}"
_TAGS = _VAULT + "/tags"
_NOTIFICATIONS = _VAULT + "/notification-configuration"
_ACCESS = _VAULT + "/access-policy"
_LOCK = _VAULT + "/lock-policy"
_POLICY = "/{account}/policies/data-retrieval"
_CAPACITY = "/{account}/provisioned-capacity"

ROUTES = (
    _route("ListVaults", "GET", _VAULTS, vaults.list_vaults),
    _route("CreateVault", "PUT", _VAULT, vaults.create_vault),
    _route("DescribeVault", "GET", _VAULT, vaults.describe_vault),
    _route("DeleteVault", "DELETE", _VAULT, vaults.delete_vault),
    _route("UploadArchive", "POST", _ARCHIVES, archives.upload_archive),
    _route("DeleteArchive", "DELETE", _ARCHIVES + "/{archive}", archives.delete_archive),
    _route("InitiateMultipartUpload", "POST", _UPLOADS, multipart.initiate_multipart_upload),
    _route("ListMultipartUploads", "GET", _UPLOADS, multipart.list_multipart_uploads),
    _route("UploadMultipartPart", "PUT", _UPLOAD, multipart.upload_part),
    _route("CompleteMultipartUpload", "POST", _UPLOAD, multipart.complete_multipart_upload),
    _route("AbortMultipartUpload", "DELETE", _UPLOAD, multipart.abort_multipart_upload),
    _route("ListParts", "GET", _UPLOAD, multipart.list_parts),
    _route("InitiateJob", "POST", _JOBS, jobs.initiate_job),
    _route("ListJobs", "GET", _JOBS, jobs.list_jobs),
    _route("DescribeJob", "GET", _JOB, jobs.describe_job),
    _route("GetJobOutput", "GET", _JOB + "/output", output.get_job_output),
    _route("AddTagsToVault", "POST", _TAGS + "?operation=add", tags.add_tags_to_vault),
    _route("RemoveTagsFromVault", "POST", _TAGS + "?operation=remove", tags.remove_tags_from_vault),
    _route("ListTagsForVault", "GET", _TAGS, tags.list_tags_for_vault),
    _route("SetVaultNotifications", "PUT", _NOTIFICATIONS, notifications.set_vault_notifications),
    _route("GetVaultNotifications", "GET", _NOTIFICATIONS, notifications.get_vault_notifications),
    _route(
        "DeleteVaultNotifications",
        "DELETE",
        _NOTIFICATIONS,
        notifications.delete_vault_notifications,
    ),
    _route("SetVaultAccessPolicy", "PUT", _ACCESS, access_policies.set_vault_access_policy),
    _route("GetVaultAccessPolicy", "GET", _ACCESS, access_policies.get_vault_access_policy),
    _route(
        "DeleteVaultAccessPolicy", "DELETE", _ACCESS, access_policies.delete_vault_access_policy
    ),
    _route("InitiateVaultLock", "POST", _LOCK, vault_locks.initiate_vault_lock),
    _route("AbortVaultLock", "DELETE", _LOCK, vault_locks.abort_vault_lock),
    _route("CompleteVaultLock", "POST", _LOCK + "/{lock}", vault_locks.complete_vault_lock),
    _route("GetVaultLock", "GET", _LOCK, vault_locks.get_vault_lock),
    _route("GetDataRetrievalPolicy", "GET", _POLICY, retrieval_policies.get_data_retrieval_policy),
    _route("SetDataRetrievalPolicy", "PUT", _POLICY, retrieval_policies.set_data_retrieval_policy),
    _route("ListProvisionedCapacity", "GET", _CAPACITY, capacity.list_provisioned_capacity),
    _route(
        "PurchaseProvisionedCapacity", "POST", _CAPACITY, capacity.purchase_provisioned_capacity
    ),
)


def find(method: str, target: Target) -> Match:
    """Return the operation that a request asks for; refuse one that there is not."""
    found = _on_path(method, target)
    if not found:
        raise WireError(ErrorCode.BAD_REQUEST, f"No such operation: {method} {target.path}")
    _check_filled(found[0].names)
    asked = target.parameter("operation")
    for match in found:
        if match.route.selector in (None, asked):
            return match
    raise invalid(f"Invalid operation: {asked or ''}")


def _on_path(method: str, target: Target) -> list[Match]:
    segments = target.segments()
    tried = ((route, _names(route.pattern, segments)) for route in ROUTES if route.method == method)
    return [Match(route=route, names=names) for route, names in tried if names is not None]


def _names(pattern: tuple[str, ...], segments: tuple[str, ...]) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    pairs = tuple(zip(pattern, segments, strict=True))
    if any(wanted != found for wanted, found in pairs if not wanted.startswith("{")):
        return None
    return {wanted[1:-1]: found for wanted, found in pairs if wanted.startswith("{")}


def _check_filled(names: dict[str, str]) -> None:
    for what, name in names.items():
        if not name:
            raise invalid(f"The {what} in the path must not be empty.")
