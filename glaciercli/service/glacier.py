"""The vault service of Amazon Glacier, through boto3."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast

from glaciercli import errors
from glaciercli.model.jobs import Job, Tier
from glaciercli.model.ranges import ByteRange, HashedSpan
from glaciercli.model.vault_descriptions import Vault
from glaciercli.ports import JobOutput, OpenUpload, Payload
from glaciercli.service import answers
from glaciercli.service.bodies import HashedBody
from glaciercli.service.retry import Retrier
from glaciercli.service.translate import translated

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient
    from mypy_boto3_glacier.type_defs import JobParametersTypeDef

Result = TypeVar("Result")

#: How much of a job's output is taken from the socket at a time, in bytes.
_PIECE_BYTES = 256 * 1024


class GlacierService:
    """An ``ArchiveService`` over one boto3 client, which is made with a single attempt a call."""

    def __init__(self, client: "GlacierClient", retrier: Retrier) -> None:
        self._client = client
        self._retrier = retrier

    # Vaults

    def create_vault(self, vault: str) -> None:
        """Make sure that a vault exists."""
        self._repeat(lambda: self._client.create_vault(vaultName=vault))

    def describe_vault(self, vault: str) -> Vault:
        """Return what the service says of a vault."""
        return self._repeat(
            lambda: answers.vault(self._client.describe_vault(vaultName=vault)), vault
        )

    def list_vaults(self) -> Iterator[Vault]:
        """Yield every vault in order of name."""
        pages = self._pages(self._client.list_vaults, "VaultList")
        return (answers.vault(one) for one in pages)

    def delete_vault(self, vault: str) -> None:
        """Delete an empty vault."""
        self._repeat(lambda: self._client.delete_vault(vaultName=vault), vault)

    # Archives

    def upload_archive(self, vault: str, payload: Payload, *, description: str) -> str:
        """Store a payload as a new archive and return its ID."""

        def send() -> str:
            body = HashedBody(payload)
            with _settled_by(body):
                answer = self._client.upload_archive(
                    vaultName=vault,
                    archiveDescription=description,
                    checksum=payload.tree_hash.hex(),
                    body=cast("IO[bytes]", body),
                )
            _same_hash(answer, payload)
            return str(answers.required(answer, "archiveId"))

        deed = "the archive was sent"
        return self._retrier.once(lambda: _translated(send, vault), deed=deed)

    def initiate_upload(self, vault: str, *, part_bytes: int, description: str) -> str:
        """Open a multipart upload and return its ID."""

        def send() -> str:
            answer = self._client.initiate_multipart_upload(
                vaultName=vault, archiveDescription=description, partSize=str(part_bytes)
            )
            return str(answers.required(answer, "uploadId"))

        return self._repeat(send, vault)

    def upload_part(self, vault: str, upload_id: str, payload: Payload) -> None:
        """Send one part."""
        span = payload.span

        def send() -> None:
            answer = self._client.upload_multipart_part(
                vaultName=vault,
                uploadId=upload_id,
                checksum=payload.tree_hash.hex(),
                range=f"bytes {span.start}-{span.last}/*",
                body=cast("IO[bytes]", HashedBody(payload)),
            )
            _same_hash(answer, payload)

        self._repeat(send, vault)

    def list_parts(self, vault: str, upload_id: str) -> Iterator[HashedSpan]:
        """Yield the parts that arrived, by range."""
        pages = self._pages(self._client.list_parts, "Parts", vault, uploadId=upload_id)
        return (answers.part(one) for one in pages)

    def complete_upload(
        self, vault: str, upload_id: str, *, size_bytes: int, tree_hash: bytes
    ) -> str:
        """Make the parts one archive and return its ID."""

        def send() -> str:
            answer = self._client.complete_multipart_upload(
                vaultName=vault,
                uploadId=upload_id,
                archiveSize=str(size_bytes),
                checksum=tree_hash.hex(),
            )
            return str(answers.required(answer, "archiveId"))

        deed = "the upload was completed"
        return self._retrier.once(lambda: _translated(send, vault), deed=deed)

    def abort_upload(self, vault: str, upload_id: str) -> None:
        """Drop an upload and its parts."""

        def send() -> None:
            self._client.abort_multipart_upload(vaultName=vault, uploadId=upload_id)

        try:
            self._repeat(send, vault)
        except errors.UploadNotFound:
            return

    def list_uploads(self, vault: str) -> Iterator[OpenUpload]:
        """Yield the uploads that are open."""
        pages = self._pages(self._client.list_multipart_uploads, "UploadsList", vault)
        return (answers.open_upload(one) for one in pages)

    def delete_archive(self, vault: str, archive_id: str) -> None:
        """Delete an archive; one that is gone already is no error."""

        def send() -> None:
            self._client.delete_archive(vaultName=vault, archiveId=archive_id)

        try:
            self._repeat(send, vault)
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

        return self._repeat(ask, vault)

    def list_jobs(self, vault: str) -> Iterator[Job]:
        """Yield every job that the service still knows."""
        pages = self._pages(self._client.list_jobs, "JobList", vault)
        return (answers.job(one) for one in pages)

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
            answer: answers.Answer = self._client.get_job_output(**wanted)
            body = answers.required(answer, "body")
            try:
                return take(_output(answer, body, span))
            finally:
                body.close()

        return self._repeat(read, vault)

    def _start(self, vault: str, wanted: dict[str, str], description: str) -> str:
        def send() -> str:
            answer = self._client.initiate_job(
                vaultName=vault,
                jobParameters=cast("JobParametersTypeDef", {**wanted, "Description": description}),
            )
            return str(answers.required(answer, "jobId"))

        return self._retrier.once(lambda: _translated(send, vault), deed="the job was asked for")

    def _repeat(self, call: Callable[[], Result], vault: str | None = None) -> Result:
        return self._retrier.repeat(lambda: _translated(call, vault))

    def _pages(
        self, ask: Callable[..., Any], member: str, vault: str | None = None, **wanted: str
    ) -> Iterator[answers.Answer]:
        """Yield the items of a listing, page after page."""
        if vault is not None:
            wanted["vaultName"] = vault
        marker: str | None = None
        seen: set[str] = set()
        while True:
            more = {**wanted, "marker": marker} if marker else wanted
            page = self._repeat(partial(_page, ask, member, more), vault)
            yield from page[member]
            marker = page.get("Marker")
            if not marker:
                return
            if marker in seen:
                raise errors.Unreachable("the service's listing runs in a circle")
            seen.add(marker)


def _page(ask: Callable[..., Any], member: str, wanted: dict[str, str]) -> answers.Answer:
    page: answers.Answer = ask(**wanted)
    answers.required(page, member)
    return page


def _translated(call: Callable[[], Result], vault: str | None) -> Result:
    with translated(vault):
        return call()


@contextmanager
def _settled_by(body: HashedBody) -> Iterator[None]:
    """Say of a failed upload that nothing was stored, where its last byte was never sent."""
    try:
        with translated():
            yield
    except errors.TransientFailure as failure:
        if not body.is_spent:
            failure.maybe_done = False
        raise


def _same_hash(answer: answers.Answer, payload: Payload) -> None:
    """Compare the hash that the service computed with our own."""
    if answers.required(answer, "checksum") != payload.tree_hash.hex():
        raise errors.TransientFailure(
            "the service computed another hash of what was sent", maybe_done=True
        )


def _output(answer: answers.Answer, body: Any, span: ByteRange | None) -> JobOutput:
    given = answer.get("contentRange")
    length = int(answer["ResponseMetadata"]["HTTPHeaders"].get("content-length", -1))
    if given:
        got, total = answers.content_range(given)
    else:
        got, total = ByteRange(0, max(length, 0)), length
    # A malformed Range is ignored by the service and everything comes back.
    if span is not None and got != span:
        raise errors.TransientFailure("the service sent another range than was asked for")
    tree = answer.get("checksum")
    return JobOutput(
        span=got,
        total_bytes=total,
        tree_hash=None if tree is None else bytes.fromhex(tree),
        pieces=_pieces(body),
    )


def _pieces(body: Any) -> Iterator[bytes]:
    with translated():
        yield from body.iter_chunks(_PIECE_BYTES)
