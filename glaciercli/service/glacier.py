"""The vault service of Amazon Glacier, through boto3."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from glaciercli import errors
from glaciercli.model.jobs import Job, Tier
from glaciercli.model.ranges import ByteRange, HashedSpan
from glaciercli.model.vault_descriptions import Vault
from glaciercli.ports import JobOutput, OpenUpload, Payload
from glaciercli.service import answers
from glaciercli.service.bodies import PacedBody
from glaciercli.service.calls import Calls, understood
from glaciercli.service.content import ContentRequests
from glaciercli.service.examination import GlacierExaminer
from glaciercli.service.pacing import Pace
from glaciercli.service.retry import Retrier
from glaciercli.service.translate import translated
from glaciercli.service.vault_settings import GlacierSettings

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_glacier.type_defs import JobParametersTypeDef

Result = TypeVar("Result")

#: How often what arrives with another hash is sent.
_WRONG_HASH_TRIES = 3
#: What is read of an output at a time.  Each piece costs a few turns at the interpreter's lock:
#: a quarter of it takes a quarter more of the processor.
_RECEIVED_BYTES = 1024 * 1024
#: The service's words for another tree hash, and for another linear one.
_DAMAGED_ON_THE_WAY = ("Checksum mismatch", "does not match the computed payload hash")


class GlacierService:
    """An ``ArchiveService`` over one boto3 client, which is made with a single attempt a call."""

    def __init__(self, client: "GlacierClient", retrier: Retrier, pace: Pace) -> None:
        self._client = client
        self._content = ContentRequests(client)
        self._calls = Calls(retrier)
        self._retrier = retrier
        self._pace = pace
        self.settings = GlacierSettings(client, self._calls)

    @cached_property
    def examiner(self) -> GlacierExaminer:
        """What looks at the service without using it."""
        return GlacierExaminer(self._client)

    # Vaults

    def create_vault(self, vault: str) -> None:
        """Make sure that a vault exists."""
        self._calls.repeat(lambda: self._client.create_vault(vaultName=vault))

    def describe_vault(self, vault: str) -> Vault:
        """Return what the service says of a vault."""
        return self._calls.repeat(
            lambda: answers.vault(self._client.describe_vault(vaultName=vault)), vault
        )

    def list_vaults(self) -> Iterator[Vault]:
        """Yield every vault in order of name."""
        return self._calls.pages(self._client.list_vaults, "VaultList", answers.vault)

    def delete_vault(self, vault: str) -> None:
        """Delete an empty vault."""
        self._calls.repeat(lambda: self._client.delete_vault(vaultName=vault), vault)

    # Archives

    def upload_archive(self, vault: str, payload: Payload, *, description: str) -> str:
        """Store a payload as a new archive and return its ID."""

        def send() -> str:
            with _sending(payload, self._pace, vault) as body:
                answer = self._content.upload_archive(vault, payload, body, description=description)
            if not _is_same(answer, payload.tree_hash):
                # Something was stored, and it may be this.
                raise errors.TransientFailure("the service computed another hash of it")
            return answers.new_identifier(answer, "archiveId", "x-amz-archive-id")

        for _ in range(_WRONG_HASH_TRIES):
            try:
                return self._calls.once(send, vault, deed="the archive was sent")
            except errors.InvalidRequest as refusal:
                if not _is_damage(refusal):
                    raise
        raise _wrong_hash("the archive")

    def initiate_upload(self, vault: str, *, part_bytes: int, description: str) -> str:
        """Open a multipart upload and return its ID."""

        def send() -> str:
            answer: answers.Answer = self._client.initiate_multipart_upload(
                vaultName=vault, archiveDescription=description, partSize=str(part_bytes)
            )
            return answers.new_identifier(answer, "uploadId", "x-amz-multipart-upload-id")

        return self._calls.repeat(send, vault)

    def upload_part(self, vault: str, upload_id: str, payload: Payload) -> None:
        """Send one part."""
        span = payload.span

        def send() -> bool:
            with _sending(payload, self._pace, vault) as body:
                answer = self._content.upload_part(vault, upload_id, payload, body)
            return _is_same(answer, payload.tree_hash)

        if not any(self._arrives_whole(send, vault) for _ in range(_WRONG_HASH_TRIES)):
            raise _wrong_hash(f"bytes {span.start} to {span.last}")

    def list_parts(self, vault: str, upload_id: str) -> Iterator[HashedSpan]:
        """Yield the parts that arrived, by range."""
        return self._calls.pages(
            self._client.list_parts, "Parts", answers.part, vault, uploadId=upload_id
        )

    def complete_upload(
        self, vault: str, upload_id: str, *, size_bytes: int, tree_hash: bytes, again: bool = False
    ) -> str:
        """Make the parts one archive and return its ID."""

        def send() -> str:
            answer: answers.Answer = self._client.complete_multipart_upload(
                vaultName=vault,
                uploadId=upload_id,
                archiveSize=str(size_bytes),
                checksum=tree_hash.hex(),
            )
            archive_id = answers.new_identifier(answer, "archiveId", "x-amz-archive-id")
            # Not every service that speaks this protocol repeats the hash here.
            if "checksum" in answer and not _is_same(answer, tree_hash):
                raise _wrong_hash(f'an archive that got the ID "{archive_id}"')
            return archive_id

        if again:
            return self._calls.repeat(send, vault)
        return self._calls.once(send, vault, deed="the upload was completed")

    def abort_upload(self, vault: str, upload_id: str) -> None:
        """Drop an upload and its parts."""

        def send() -> None:
            self._client.abort_multipart_upload(vaultName=vault, uploadId=upload_id)

        try:
            self._calls.repeat(send, vault)
        except errors.UploadNotFound:
            return

    def list_uploads(self, vault: str) -> Iterator[OpenUpload]:
        """Yield the uploads that are open."""
        return self._calls.pages(
            self._client.list_multipart_uploads, "UploadsList", answers.open_upload, vault
        )

    def delete_archive(self, vault: str, archive_id: str) -> None:
        """Delete an archive; one that is gone already is no error."""

        def send() -> None:
            self._client.delete_archive(vaultName=vault, archiveId=archive_id)

        try:
            self._calls.repeat(send, vault)
        except (errors.ArchiveNotFound, errors.RemoteNotFound):
            return

    # Jobs

    def start_retrieval(self, vault: str, archive_id: str, *, tier: Tier, description: str) -> str:
        """Ask for an archive and return the job's ID."""
        wanted = {"Type": "archive-retrieval", "ArchiveId": archive_id, "Tier": tier.value}
        return self._start(vault, wanted, description)

    def start_inventory(self, vault: str, *, description: str) -> str:
        """Ask for the full inventory and return the job's ID."""
        try:
            return self._start(vault, {"Type": "inventory-retrieval"}, description)
        except errors.RemoteNotFound as error:
            message = f'vault "{vault}" has had no inventory yet'
            raise errors.NotReady(
                message, hint="the service makes the first one about a day after the first upload"
            ) from error

    def describe_job(self, vault: str, job_id: str) -> Job:
        """Return the state of a job."""

        def ask() -> Job:
            return answers.job(self._client.describe_job(vaultName=vault, jobId=job_id))

        return self._calls.repeat(ask, vault)

    def list_jobs(self, vault: str) -> Iterator[Job]:
        """Yield every job that the service still knows."""
        return self._calls.pages(self._client.list_jobs, "JobList", answers.job, vault)

    def read_output(
        self,
        vault: str,
        job_id: str,
        *,
        span: ByteRange | None,
        take: Callable[[JobOutput], Result],
    ) -> Result:
        """Read a stretch of a finished job's output."""
        wanted: dict[str, Any] = {"vaultName": vault, "jobId": job_id}
        if span is not None:
            wanted["range"] = f"bytes={span.start}-{span.last}"

        def read() -> Result:
            with understood(vault):
                answer: answers.Answer = self._client.get_job_output(**wanted)
                body = answers.required(answer, "body")
            with closing(body):
                return take(_output(answer, _pieces(body, self._pace), span))

        return self._retrier.repeat(read)

    def _arrives_whole(self, send: Callable[[], bool], vault: str) -> bool:
        """Send a part and tell whether the service, too, finds it whole."""
        try:
            return self._calls.repeat(send, vault)
        except errors.InvalidRequest as refusal:
            if not _is_damage(refusal):
                raise
            return False

    def _start(self, vault: str, wanted: dict[str, str], description: str) -> str:
        def send() -> str:
            answer: answers.Answer = self._client.initiate_job(
                vaultName=vault,
                jobParameters=cast("JobParametersTypeDef", {**wanted, "Description": description}),
            )
            return answers.new_identifier(answer, "jobId", "x-amz-job-id")

        return self._calls.once(send, vault, deed="the job was asked for")


@contextmanager
def _sending(payload: Payload, pace: Pace, vault: str) -> Iterator[PacedBody]:
    """Give a body to send, and tell what became of it where that fails.

    A failure of the payload itself, a file that changed, comes out as it is, whatever the one
    who read made of it.  Nothing can have been stored while the last byte was never handed out.
    """
    body = PacedBody(payload, pace)
    try:
        with understood(vault):
            yield body
    except errors.GlacierCliError as failure:
        if body.failure is not None:
            raise body.failure from None
        if isinstance(failure, errors.TransientFailure) and not body.is_spent:
            failure.maybe_done = False
        raise


def _is_same(answer: answers.Answer, tree_hash: bytes) -> bool:
    """Tell whether the hash that the service computed is our own."""
    return bool(answers.required(answer, "checksum") == tree_hash.hex())


def _is_damage(refusal: errors.InvalidRequest) -> bool:
    """Tell whether the service refused bytes that are not those that were hashed."""
    return any(words in refusal.message for words in _DAMAGED_ON_THE_WAY)


def _wrong_hash(what: str) -> errors.ChecksumMismatch:
    return errors.ChecksumMismatch(
        f"the service computed another tree hash of {what}",
        hint="run the same line again; if it happens again, something on the way changes bytes",
    )


def _output(answer: answers.Answer, pieces: Iterator[bytes], span: ByteRange | None) -> JobOutput:
    try:
        got, total = _extent(answer)
        tree = answer.get("checksum")
        tree_hash = None if tree is None else bytes.fromhex(tree)
    except (KeyError, ValueError) as error:
        raise errors.TransientFailure(
            f"the service sent something else than an output: {error}", unasked=True
        ) from error
    # A malformed Range is ignored by the service and everything comes back.
    if span is not None and got != span:
        raise errors.TransientFailure(
            "the service sent another range than was asked for", unasked=True
        )
    return JobOutput(span=got, total_bytes=total, tree_hash=tree_hash, pieces=pieces)


def _extent(answer: answers.Answer) -> tuple[ByteRange, int]:
    """Return which bytes of how many an output holds; raise ``KeyError`` or ``ValueError``."""
    given = answer.get("contentRange")
    if given:
        return answers.content_range(given)
    # Without a length nobody could tell a whole output from one that was cut off.
    total = int(answer["ResponseMetadata"]["HTTPHeaders"]["content-length"])
    return ByteRange(0, total), total


def _pieces(body: Any, pace: Pace) -> Iterator[bytes]:
    most = pace.piece_bytes(_RECEIVED_BYTES)

    def read() -> bytes:
        with translated():
            piece: bytes = body.read(most)
        pace.take(len(piece))
        return piece

    # Holds on to no piece, so that one at a time is in memory.
    return iter(read, b"")
