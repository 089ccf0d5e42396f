"""The error tree: each class says what went wrong, what to do, and the exit code.

::

    GlacierCliError                     1
    ├─ BadUsage                         2
    ├─ VaultNotFound                   10
    ├─ ArchiveNotFound                 11   (also an ambiguous or malformed reference's target)
    ├─ Busy                            12   another run holds what this one needs
    ├─ CredentialsRefused              13
    ├─ RefusedByService                14   policy, limit, capacity, a vault that is not empty
    ├─ OverBudget                      14   it would cost more than was allowed
    ├─ ChecksumMismatch                15
    ├─ KeyMapDamaged                   16
    ├─ KeyMapTooNew                    16
    ├─ KeyMapReadOnly                   1
    ├─ Unreachable                     17
    │  └─ TransientFailure             17   worth repeating: throttled, cut off, 5xx, a torn answer
    ├─ RemoteNotFound                   1   the service does not know a job, upload or policy
    │  ├─ UploadNotFound                1
    │  └─ JobNotFound                   1
    ├─ InvalidRequest                   1   the service calls a value wrong
    │  └─ ArchiveElsewhere              1   the archive's ID belongs to another vault
    ├─ OutcomeUnknown                   1   the answer was lost after the deed may have been done
    ├─ NotReady                        75   run the same line again later
    ├─ Interrupted                    130
    │  └─ Terminated                  143
    └─ FileProblem                      1
       ├─ FileChanged                   1
       ├─ TargetExists                  1
       ├─ UnsafeName                    1
       └─ DiskFull                      1

Only ``cli.main`` turns an error into words on the screen.  A foreign error is translated where
it enters: botocore's in ``service``, sqlite3's in ``keymap``, the file system's in ``transfer``.
"""

from typing import ClassVar


class GlacierCliError(Exception):
    """Something the user can be told about in one sentence."""

    exit_code: ClassVar[int] = 1
    #: The stable word for this kind of failure in JSON output.
    code: ClassVar[str] = "failed"
    #: Whether the same call may succeed a moment later.
    transient: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadUsage(GlacierCliError):
    """The command line, the environment or the configuration makes no sense."""

    exit_code = 2
    code = "usage"


class VaultNotFound(GlacierCliError):
    """No vault of that name, at the service or in the key map."""

    exit_code = 10
    code = "no_such_vault"

    def __init__(self, vault: str, *, hint: str | None = None) -> None:
        super().__init__(
            f'vault "{vault}" does not exist',
            hint=hint or "glaciercli vault list shows the vaults",
        )
        self.vault = vault


class ArchiveNotFound(GlacierCliError):
    """Nothing in the key map answers to a reference."""

    exit_code = 11
    code = "no_such_archive"

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        vault: str | None = None,
        name: str | None = None,
    ) -> None:
        """``vault`` and ``name`` are what was asked for, where it was a name."""
        super().__init__(message, hint=hint)
        self.vault = vault
        self.name = name


class Busy(GlacierCliError):
    """Another run is changing the same thing."""

    exit_code = 12
    code = "locked"


class CredentialsRefused(GlacierCliError):
    """There are no credentials, or the service does not accept them."""

    exit_code = 13
    code = "credentials"


class RefusedByService(GlacierCliError):
    """A policy, a limit or the state of the vault forbids the request."""

    exit_code = 14
    code = "refused"


class OverBudget(GlacierCliError):
    """It would cost, or ask for, more than the line allows."""

    exit_code = 14
    code = "over_budget"


class ChecksumMismatch(GlacierCliError):
    """Bytes are not what they should be."""

    exit_code = 15
    code = "checksum_mismatch"


class KeyMapDamaged(GlacierCliError):
    """The key map's file is no key map, or SQLite finds it broken."""

    exit_code = 16
    code = "key_map_damaged"


class KeyMapTooNew(GlacierCliError):
    """The key map was written by a newer version of the program."""

    exit_code = 16
    code = "key_map_too_new"


class KeyMapReadOnly(GlacierCliError):
    """The key map can be read but not written."""

    code = "key_map_read_only"


class Unreachable(GlacierCliError):
    """The far side cannot be reached, or does not answer as it should."""

    exit_code = 17
    code = "unreachable"


class TransientFailure(Unreachable):
    """A failure that the service or the line may get over."""

    transient = True

    def __init__(
        self,
        message: str,
        *,
        maybe_done: bool = True,
        throttled: bool = False,
        unasked: bool = False,
        retry_after_s: float | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        #: Whether an answer came, and it was not to what was asked: that rarely gets better.
        self.unasked = unasked
        #: Whether the service asks for fewer requests.
        self.throttled = throttled
        #: Whether the request may have been carried out although its answer did not come.
        self.maybe_done = maybe_done
        #: How long the service asks to be left alone, in seconds.
        self.retry_after_s = retry_after_s


class RemoteNotFound(GlacierCliError):
    """The service does not know what it was asked about."""

    code = "not_found"


class UploadNotFound(RemoteNotFound):
    """The service has forgotten a multipart upload, or never knew it."""


class JobNotFound(RemoteNotFound):
    """The service has forgotten a job, or never knew it."""


class InvalidRequest(GlacierCliError):
    """The service calls a value of the request wrong."""

    code = "invalid_request"


class ArchiveElsewhere(InvalidRequest):
    """An archive is in another vault than the one that was asked.

    The service says "Invalid vault name" then, whatever the name is.
    """

    def __init__(self, vault: str) -> None:
        super().__init__(
            f'the archive does not belong to vault "{vault}"',
            hint="the vault was probably deleted and made again, or the key map is of another "
            f"account: glaciercli inventory refresh {vault} tells what is in it now",
        )


class OutcomeUnknown(GlacierCliError):
    """The answer to a call that must not be repeated was lost: it may have been carried out."""

    code = "outcome_unknown"


class NotReady(GlacierCliError):
    """Nothing failed: the service needs time, and the same line continues."""

    exit_code = 75
    code = "not_ready"


class Interrupted(GlacierCliError):
    """The user stopped the command; its state is saved."""

    exit_code = 130
    code = "interrupted"


class Terminated(Interrupted):
    """A signal of the system, or of a closed terminal, stopped the command; its state is saved."""

    exit_code = 143
    code = "terminated"


class FileProblem(GlacierCliError):
    """A local file cannot be read or written."""

    code = "file"


class FileChanged(FileProblem):
    """A file changed while it was read."""

    code = "file_changed"

    def __init__(self, path: str) -> None:
        super().__init__(
            f'"{path}" changed while it was read; nothing of it was kept',
            hint="run the same line again when nothing writes to the file",
        )


class TargetExists(FileProblem):
    """The file that a retrieval would write is there already."""

    code = "target_exists"

    def __init__(self, path: str) -> None:
        super().__init__(
            f'"{path}" exists already and differs from the archive',
            hint="--overwrite replaces it, --to DIR puts the archive elsewhere",
        )


class UnsafeName(FileProblem):
    """An archive's name would lead out of the target directory."""

    code = "unsafe_name"


class DiskFull(FileProblem):
    """There is no room for what has to be written."""

    code = "disk_full"
