"""The actions that policies may name: the operations of the Amazon Glacier API reference."""

from glaciercli.core import wildcards
from glaciercli.server.policies.problem import PolicyProblem

PREFIX = "glacier:"

OPERATIONS = (
    "AbortMultipartUpload",
    "AbortVaultLock",
    "AddTagsToVault",
    "CompleteMultipartUpload",
    "CompleteVaultLock",
    "CreateVault",
    "DeleteArchive",
    "DeleteVault",
    "DeleteVaultAccessPolicy",
    "DeleteVaultNotifications",
    "DescribeJob",
    "DescribeVault",
    "GetDataRetrievalPolicy",
    "GetJobOutput",
    "GetVaultAccessPolicy",
    "GetVaultLock",
    "GetVaultNotifications",
    "InitiateJob",
    "InitiateMultipartUpload",
    "InitiateVaultLock",
    "ListJobs",
    "ListMultipartUploads",
    "ListParts",
    "ListProvisionedCapacity",
    "ListTagsForVault",
    "ListVaults",
    "PurchaseProvisionedCapacity",
    "RemoveTagsFromVault",
    "SetDataRetrievalPolicy",
    "SetVaultAccessPolicy",
    "SetVaultNotifications",
    "UploadArchive",
    "UploadMultipartPart",
)

_NAMES = tuple((PREFIX + operation).lower() for operation in OPERATIONS)


def check_pattern(pattern: str) -> None:
    """Refuse a pattern that fits no action: a slip of the pen would let a denial lapse."""
    lowered = pattern.lower()
    named = lowered == "*" or lowered.startswith(PREFIX)
    if not named or not any(wildcards.matches(lowered, name) for name in _NAMES):
        raise PolicyProblem(f"no such action: {pattern}")
