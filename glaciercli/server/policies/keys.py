"""The condition keys that are known here, and which operators make sense for each.

Rules: "Condition keys for Amazon S3 Glacier" in the service authorization reference and "AWS
global condition context keys" in the IAM user guide.  Keys are compared in lower case.
"""

from glaciercli.server.policies.operators import Family

ARCHIVE_AGE = "glacier:archiveageindays"
CURRENT_TIME = "aws:currenttime"
EPOCH_TIME = "aws:epochtime"
PRINCIPAL_ACCOUNT = "aws:principalaccount"
PRINCIPAL_ARN = "aws:principalarn"
SECURE_TRANSPORT = "aws:securetransport"

#: Followed by the key of a tag.
TAG_PREFIX = "glacier:resourcetag/"

_FAMILIES = {
    ARCHIVE_AGE: {Family.NUMERIC},
    CURRENT_TIME: {Family.DATE},
    EPOCH_TIME: {Family.DATE, Family.NUMERIC},
    PRINCIPAL_ACCOUNT: {Family.STRING},
    PRINCIPAL_ARN: {Family.ARN, Family.STRING},
    SECURE_TRANSPORT: {Family.BOOL},
    # Requests that are signed with an account's own key have no such keys, here as there.
    "aws:multifactorauthage": {Family.NUMERIC},
    "aws:multifactorauthpresent": {Family.BOOL},
}


def families(key: str) -> set[Family]:
    """Return what a key may be compared as: nothing where the key is unknown."""
    if key.startswith(TAG_PREFIX) and key != TAG_PREFIX:
        return set(Family)
    known = _FAMILIES.get(key, set())
    return known | {Family.PRESENCE} if known else known
