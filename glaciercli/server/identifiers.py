"""Opaque identifiers of the lengths that Amazon Glacier uses: URL-safe base64 without padding."""

import re
import secrets

_ARCHIVE_BYTES = 103
_JOB_BYTES = 69
_UPLOAD_BYTES = 69
_CAPACITY_BYTES = 18
_LOCK_BYTES = 18
_REQUEST_BYTES = 35

#: How long an archive ID is, in characters (the developer guide says 138 bytes).
ARCHIVE_ID_LENGTH = 138

_OPAQUE = re.compile(r"[A-Za-z0-9_-]+")


def new_archive_id() -> str:
    """Return a new archive ID of 138 characters."""
    return secrets.token_urlsafe(_ARCHIVE_BYTES)


def new_job_id() -> str:
    """Return a new job ID of 92 characters."""
    return secrets.token_urlsafe(_JOB_BYTES)


def new_upload_id() -> str:
    """Return a new upload ID of 92 characters."""
    return secrets.token_urlsafe(_UPLOAD_BYTES)


def new_capacity_id() -> str:
    """Return a new ID of a unit of provisioned capacity, of 24 characters."""
    return secrets.token_urlsafe(_CAPACITY_BYTES)


def new_lock_id() -> str:
    """Return a new ID of a vault lock, of 24 characters."""
    return secrets.token_urlsafe(_LOCK_BYTES)


def new_request_id() -> str:
    """Return a new request ID of 47 characters."""
    return secrets.token_urlsafe(_REQUEST_BYTES)


def is_opaque(text: str) -> bool:
    """Tell whether a text uses only the alphabet of identifiers."""
    return _OPAQUE.fullmatch(text) is not None


def looks_like_an_archive(text: str) -> bool:
    """Tell whether a text has the shape of an archive ID."""
    return len(text) == ARCHIVE_ID_LENGTH and is_opaque(text)
