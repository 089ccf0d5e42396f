"""The one account of a data directory and the key pair that opens it.

They are made on first use and kept in ``credentials.json``, readable by the owner only.
"""

import json
import os
import re
import secrets
import string
from dataclasses import asdict, dataclass, field
from pathlib import Path

from glaciercli.errors import FileProblem
from glaciercli.server.blobs import sync_directory

#: Where the keys are in a data directory.
FILE_NAME = "credentials.json"
_DEFAULT_ACCOUNT = "000000000000"
_KEY_ALPHABET = string.ascii_uppercase + string.digits
_KEY_LENGTH = 16
_SECRET_BYTES = 30

_ACCOUNT = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCredentials:
    """An account number, an access key and its secret, which never shows in a ``repr``."""

    account_id: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


def load_or_create(data_dir: Path, *, is_new: bool) -> ServiceCredentials:
    """Return the credentials of a data directory; make them where it is new.

    Raise ``FileProblem`` where they are damaged, or missing although the directory was in use:
    other ones would lock out every client, and silently.
    """
    path = data_dir / FILE_NAME
    if not path.exists():
        if not is_new:
            raise FileProblem(
                f'"{path}" is missing, but there is a catalogue beside it',
                hint="put it back, or write new keys into it: access_key_id, secret_access_key",
            )
        _write_first(path, _generate())
    return _read(path)


def _generate() -> ServiceCredentials:
    tail = "".join(secrets.choice(_KEY_ALPHABET) for _ in range(_KEY_LENGTH))
    return ServiceCredentials(
        account_id=_DEFAULT_ACCOUNT,
        access_key_id=f"AKIA{tail}",
        secret_access_key=secrets.token_urlsafe(_SECRET_BYTES),
    )


def _write_first(path: Path, made: ServiceCredentials) -> None:
    # Two processes may be first at once: a link to a finished file succeeds for one of them,
    # and neither ever reads half a file.
    temporary = path.with_name(f".{FILE_NAME}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(asdict(made), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    sync_directory(path.parent)


def _read(path: Path) -> ServiceCredentials:
    try:
        kept = json.loads(path.read_text(encoding="ascii"))
        read = ServiceCredentials(
            account_id=str(kept.get("account_id", _DEFAULT_ACCOUNT)),
            access_key_id=str(kept["access_key_id"]),
            secret_access_key=str(kept["secret_access_key"]),
        )
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise FileProblem(
            f'"{path}" does not hold credentials as this program writes them'
        ) from error
    if not _ACCOUNT.fullmatch(read.account_id):
        raise FileProblem(f'the account number in "{path}" is not 12 digits')
    return read
