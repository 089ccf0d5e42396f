"""Which operations each command calls: the least that a policy of IAM has to allow.

One table, from which docs/iam.md is made; a test runs the commands and compares.  An operation is
allowed as the action ``glacier:OPERATION``.
"""

from collections.abc import Mapping

#: Operations that are about no vault: their resource is ``*``.
OF_THE_ACCOUNT = frozenset(
    {
        "GetDataRetrievalPolicy",
        "ListProvisionedCapacity",
        "ListVaults",
        "PurchaseProvisionedCapacity",
        "SetDataRetrievalPolicy",
    }
)


_STORING = (
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "DescribeVault",
    "InitiateMultipartUpload",
    "ListMultipartUploads",
    "ListParts",
    "UploadArchive",
    "UploadMultipartPart",
)
_FETCHING = ("DescribeVault", "GetJobOutput", "InitiateJob", "ListJobs")
_UPLOADS = ("DescribeVault", "ListMultipartUploads", "ListParts")

#: The commands that ask the service, and what each may call; ``+`` stands before an option that
#: takes more.  All others need no permission at all.
PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    "account capacity buy": ("ListProvisionedCapacity", "PurchaseProvisionedCapacity"),
    "account capacity list": ("ListProvisionedCapacity",),
    "account policy set": ("GetDataRetrievalPolicy", "SetDataRetrievalPolicy"),
    "account policy show": ("GetDataRetrievalPolicy",),
    "delete": ("DeleteArchive", "DescribeVault"),
    "inventory refresh": _FETCHING,
    "job list": ("DescribeVault", "ListJobs", "ListVaults"),
    "job show": ("DescribeVault", "ListJobs"),
    "keymap recover": _FETCHING,
    "keymap store": ("DeleteArchive", *_STORING),
    "retrieve": _FETCHING,
    "sync": _STORING,
    "sync +--delete": ("DeleteArchive", *_STORING),
    "upload": _STORING,
    "upload-parts abort": ("AbortMultipartUpload", *_UPLOADS),
    "upload-parts list": ("ListVaults", *_UPLOADS),
    "vault create": ("CreateVault", "DescribeVault"),
    "vault delete": ("DeleteVault", "DescribeVault"),
    "vault delete +--with-archives": (
        "AbortMultipartUpload",
        "DeleteArchive",
        "DeleteVault",
        "DescribeVault",
        "GetJobOutput",
        "GetVaultAccessPolicy",
        "GetVaultLock",
        "InitiateJob",
        "ListJobs",
        "ListMultipartUploads",
        "ListParts",
        "ListTagsForVault",
    ),
    "vault list": ("ListVaults",),
    "vault lock abort": ("AbortVaultLock", "DescribeVault", "GetVaultLock"),
    "vault lock complete": ("CompleteVaultLock", "DescribeVault", "GetVaultLock"),
    "vault lock show": ("DescribeVault", "GetVaultLock"),
    "vault lock start": ("DescribeVault", "GetVaultLock", "InitiateVaultLock"),
    "vault notify remove": ("DeleteVaultNotifications", "DescribeVault"),
    "vault notify set": ("DescribeVault", "SetVaultNotifications"),
    "vault notify show": ("GetVaultNotifications",),
    "vault policy remove": ("DeleteVaultAccessPolicy", "DescribeVault", "GetVaultAccessPolicy"),
    "vault policy set": ("DescribeVault", "GetVaultAccessPolicy", "SetVaultAccessPolicy"),
    "vault policy show": ("GetVaultAccessPolicy",),
    "vault show": (
        "DescribeVault",
        "GetVaultAccessPolicy",
        "GetVaultLock",
        "GetVaultNotifications",
        "ListJobs",
        "ListMultipartUploads",
        "ListTagsForVault",
    ),
    "vault tag list": ("ListTagsForVault",),
    "vault tag set": ("AddTagsToVault", "ListTagsForVault"),
    "vault tag unset": ("ListTagsForVault", "RemoveTagsFromVault"),
}


def needed() -> tuple[str, ...]:
    """Return every operation that some command calls, in order."""
    return tuple(sorted({one for some in PERMISSIONS.values() for one in some}))


def commands_with(operation: str) -> tuple[str, ...]:
    """Return the commands that call an operation."""
    return tuple(line for line, some in PERMISSIONS.items() if operation in some)
