"""The seams: what the layers above may ask of the world, and what they may rely on.

The contracts are on the methods.  ``service`` fulfils ``ArchiveService``; ``server`` fulfils
``WireApplication``; ``cli`` hands in the ``Clock``.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol, TypeVar

from glaciercli.model.diagnosis import Caller, Contact, Verdict
from glaciercli.model.jobs import Job, Tier
from glaciercli.model.ranges import ByteRange, HashedSpan
from glaciercli.model.vault_descriptions import Vault
from glaciercli.model.vault_settings import (
    CapacityUnit,
    Notifications,
    RetrievalPolicy,
    VaultLock,
)

Result = TypeVar("Result")


class Clock(Protocol):
    """Time, handed in so that tests move it."""

    def now(self) -> datetime:
        """Return the time of day, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; a moved clock returns at once."""
        ...


class WindowedBody(Protocol):
    """A seekable stream over a payload that never holds all of it."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to ``size`` bytes from the current position."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move the current position."""
        ...

    def tell(self) -> int:
        """Return the current position."""
        ...

    def __len__(self) -> int:
        """Return the length of the whole payload in bytes."""
        ...


class Payload(Protocol):
    """What goes up in one request: its place, its hashes, and its bytes on demand."""

    @property
    def span(self) -> ByteRange:
        """Where the bytes stand in the archive."""
        ...

    @property
    def linear_hash(self) -> bytes:
        """The plain SHA-256, 32 bytes."""
        ...

    @property
    def tree_hash(self) -> bytes:
        """The tree hash, 32 bytes."""
        ...

    def open(self) -> WindowedBody:
        """Return a new stream over the bytes, at their start."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenUpload:
    """A multipart upload that is neither completed nor aborted."""

    upload_id: str
    description: str
    part_bytes: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOutput:
    """A stretch of a job's output, being read."""

    span: ByteRange
    total_bytes: int
    #: The service's own hash of this stretch, where it gives one.
    tree_hash: bytes | None
    pieces: Iterator[bytes]


class SettingsService(Protocol):
    """What one account and region lets be set of its vaults and of itself.

    Methods raise what those of ``ArchiveService`` raise; those about a vault ``VaultNotFound``
    too.  What is not set is ``None``.  Setting and removing may be repeated.
    """

    def tags(self, vault: str) -> Mapping[str, str]:
        """Return the tags of a vault."""
        ...

    def set_tags(self, vault: str, tags: Mapping[str, str]) -> None:
        """Add tags to a vault, ten a call, in place of those with the same keys."""
        ...

    def unset_tags(self, vault: str, keys: Sequence[str]) -> None:
        """Take tags off a vault, ten a call; those that it has not are no error."""
        ...

    def access_policy(self, vault: str) -> str | None:
        """Return the access policy of a vault, as JSON."""
        ...

    def set_access_policy(self, vault: str, policy: str) -> None:
        """Give a vault an access policy, in place of another; raise ``InvalidRequest``."""
        ...

    def remove_access_policy(self, vault: str) -> None:
        """Take the access policy off a vault."""
        ...

    def lock(self, vault: str) -> VaultLock | None:
        """Return the lock of a vault, ``None`` too where one in progress has expired."""
        ...

    def start_lock(self, vault: str, policy: str) -> str:
        """Put a lock policy in force for a day and return the ID that completes it.  Never twice.

        Raise ``CredentialsRefused`` where the vault has a lock.
        """
        ...

    def complete_lock(self, vault: str, lock_id: str) -> None:
        """Make a lock in progress final, for as long as the vault exists.

        Raise ``InvalidRequest`` for another ID, ``RefusedByService`` where there is no such lock.
        """
        ...

    def abort_lock(self, vault: str) -> None:
        """Take a lock in progress back; where there is none, nothing happens."""
        ...

    def notifications(self, vault: str) -> Notifications | None:
        """Return which topic hears of a vault's jobs."""
        ...

    def set_notifications(self, vault: str, wanted: Notifications) -> None:
        """Let a topic hear of a vault's jobs, in place of another."""
        ...

    def remove_notifications(self, vault: str) -> None:
        """Let no topic hear of a vault's jobs."""
        ...

    def retrieval_policy(self) -> RetrievalPolicy:
        """Return how the account limits its retrievals."""
        ...

    def set_retrieval_policy(self, wanted: RetrievalPolicy) -> None:
        """Limit the account's retrievals."""
        ...

    def capacity(self) -> Sequence[CapacityUnit]:
        """Return the units of provisioned capacity that have not expired, the oldest first."""
        ...

    def buy_capacity(self) -> str:
        """Buy a unit of provisioned capacity and return its ID.  Paid for, and never sent twice.

        Raise ``RefusedByService`` where the account has as many as it may have.
        """
        ...


class Examiner(Protocol):
    """Looks at the far side without using it; nothing is repeated, and nothing waits for long."""

    def contact(self) -> Contact:
        """Ask one short question and return what came back, a failure too."""
        ...

    def caller(self) -> Caller:
        """Return whose credentials are used; raise ``CredentialsRefused`` where there are none."""
        ...

    def attempt(self, operation: str, vault: str | None) -> Verdict:
        """Try an operation without doing anything, and return what that shows."""
        ...


class ArchiveService(Protocol):
    """One account and region of a service that keeps archives in vaults.

    Every method may raise ``CredentialsRefused``, ``RefusedByService``, ``Unreachable`` or
    ``TransientFailure``; the last only after the implementation has repeated what may be
    repeated.  Methods that must not be carried out twice raise ``OutcomeUnknown`` where the
    answer was lost.  All may be called from several threads at once.
    """

    @property
    def settings(self) -> SettingsService:
        """What can be set of the vaults and of the account."""
        ...

    @property
    def examiner(self) -> Examiner:
        """What looks at the service without using it."""
        ...

    def create_vault(self, vault: str) -> None:
        """Make sure that a vault exists; repeating it changes nothing."""
        ...

    def describe_vault(self, vault: str) -> Vault:
        """Return what the service says of a vault; raise ``VaultNotFound``."""
        ...

    def list_vaults(self) -> Iterator[Vault]:
        """Yield every vault in order of name."""
        ...

    def delete_vault(self, vault: str) -> None:
        """Delete an empty vault; raise ``RefusedByService`` where it is not."""
        ...

    def upload_archive(self, vault: str, payload: Payload, *, description: str) -> str:
        """Store a payload of 1 byte to 4 GiB as a new archive and return its ID.  Never twice."""
        ...

    def initiate_upload(self, vault: str, *, part_bytes: int, description: str) -> str:
        """Open a multipart upload and return its ID."""
        ...

    def upload_part(self, vault: str, upload_id: str, payload: Payload) -> None:
        """Send one part; sending it again replaces it.

        Raise ``UploadNotFound``, and ``ChecksumMismatch`` where it keeps arriving damaged.
        """
        ...

    def list_parts(self, vault: str, upload_id: str) -> Iterator[HashedSpan]:
        """Yield the parts that arrived, by range; raise ``UploadNotFound``."""
        ...

    def complete_upload(
        self, vault: str, upload_id: str, *, size_bytes: int, tree_hash: bytes, again: bool = False
    ) -> str:
        """Make the parts one archive and return its ID.

        Raise ``UploadNotFound``, and ``ChecksumMismatch`` where the whole has another hash.
        ``again`` says that an answer to this was lost: it is repeated then, since one upload never
        makes two archives, and ``UploadNotFound`` may mean that it was done.
        """
        ...

    def abort_upload(self, vault: str, upload_id: str) -> None:
        """Drop an upload and its parts; an unknown one is no error."""
        ...

    def list_uploads(self, vault: str) -> Iterator[OpenUpload]:
        """Yield the uploads that are open."""
        ...

    def delete_archive(self, vault: str, archive_id: str) -> None:
        """Delete an archive; one that is gone already is no error."""
        ...

    def start_retrieval(self, vault: str, archive_id: str, *, tier: Tier, description: str) -> str:
        """Ask for an archive and return the job's ID.  Paid for, and never sent twice.

        Raise ``ArchiveNotFound`` where the service does not know the archive.
        """
        ...

    def start_inventory(self, vault: str, *, description: str) -> str:
        """Ask for the full inventory and return the job's ID.

        Raise ``NotReady`` where the vault has had none yet.
        """
        ...

    def describe_job(self, vault: str, job_id: str) -> Job:
        """Return the state of a job; raise ``JobNotFound``."""
        ...

    def list_jobs(self, vault: str) -> Iterator[Job]:
        """Yield every job that the service still knows."""
        ...

    def read_output(
        self,
        vault: str,
        job_id: str,
        *,
        span: ByteRange | None,
        take: Callable[[JobOutput], Result],
    ) -> Result:
        """Read a stretch of a finished job's output, all of it for ``None``.

        ``take`` consumes it and its result is returned; after a failure on the way ``take`` is
        called again, from the start of the stretch.  Raise ``JobNotFound`` where the job has
        expired, ``NotReady`` where it has not finished.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """An HTTP request, whatever carried it.

    ``target`` is the raw request target as sent: path and query, still percent-encoded.  Header
    names keep their case; ``body`` yields what was sent and may be read once.  ``body_bytes`` is
    the declared length, ``None`` where the body came without one.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: BinaryIO
    body_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WireResponse:
    """An HTTP response: ``body`` is streamed, and ``close`` is called once it was or was not.

    A body that raises ``ConnectionAbortedError`` ends the connection there.
    """

    status: int
    headers: Mapping[str, str]
    body: Iterator[bytes]
    close: Callable[[], None] = field(default=lambda: None)
    #: Whether the body takes its time or breaks off, so that each piece has to be sent by itself.
    in_pieces: bool = False


class WireApplication(Protocol):
    """A service without its transport; it may be called from several threads at once."""

    def handle(self, request: WireRequest) -> WireResponse:
        """Answer one request; failures are answers too, nothing is raised."""
        ...
