"""What every ``ArchiveService`` has to do, whatever stands behind it.

A test module takes this suite over by subclassing ``ArchiveServiceContract`` and giving a
``store`` fixture.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest

from glaciercli import errors
from glaciercli.core.treehash import tree_hash
from glaciercli.model.jobs import JobAction, JobStatus, Tier
from glaciercli.model.ranges import ByteRange, HashedSpan
from glaciercli.ports import ArchiveService, JobOutput
from tests.fakes import MovedClock
from tests.service.payloads import MIB, FailingPayload, MemoryPayload, content

NOBODY = "no-such-vault"


@dataclass(frozen=True, kw_only=True)
class Store:
    """A service whose bulk retrievals take hours, and whose clock a test can move."""

    service: ArchiveService
    clock: MovedClock


def whole(output: JobOutput) -> bytes:
    return b"".join(output.pieces)


class ArchiveServiceContract:
    """The tests; each has a vault of its own."""

    @pytest.fixture
    def service(self, store: Store) -> ArchiveService:
        return store.service

    @pytest.fixture
    def vault(self, service: ArchiveService) -> str:
        name = f"v-{uuid4().hex}"
        service.create_vault(name)
        return name

    @pytest.fixture
    def upload_id(self, service: ArchiveService, vault: str) -> str:
        return service.initiate_upload(vault, part_bytes=MIB, description="in parts")

    @pytest.fixture
    def job(self, service: ArchiveService, vault: str) -> str:
        """A finished retrieval of 2.5 MiB."""
        stored = service.upload_archive(vault, MemoryPayload(self.big), description="")
        return service.start_retrieval(vault, stored, tier=Tier.EXPEDITED, description="tag")

    big = content(2 * MIB + MIB // 2)

    # Vaults

    def test_making_a_vault_twice_changes_nothing(
        self, service: ArchiveService, vault: str
    ) -> None:
        before = service.describe_vault(vault)
        service.create_vault(vault)
        assert service.describe_vault(vault) == before
        assert (before.name, before.archive_count, before.size_bytes) == (vault, 0, 0)
        assert before.arn.endswith(f"vaults/{vault}")
        assert before.region == "us-east-1"
        assert len(before.account) == 12

    def test_vaults_are_listed_in_order(self, service: ArchiveService, vault: str) -> None:
        service.create_vault(f"{vault}-b")
        service.create_vault(f"{vault}-a")
        found = [one.name for one in service.list_vaults()]
        assert found == sorted(found)
        assert {vault, f"{vault}-a", f"{vault}-b"} <= set(found)

    def test_an_empty_vault_can_be_deleted(self, service: ArchiveService, vault: str) -> None:
        service.delete_vault(vault)
        with pytest.raises(errors.VaultNotFound):
            service.describe_vault(vault)

    def test_a_vault_with_archives_is_kept(self, service: ArchiveService, vault: str) -> None:
        service.upload_archive(vault, MemoryPayload(b"x"), description="")
        with pytest.raises(errors.RefusedByService, match="not empty"):
            service.delete_vault(vault)

    @pytest.mark.parametrize(
        "ask",
        [
            lambda service: service.describe_vault(NOBODY),
            lambda service: service.upload_archive(NOBODY, MemoryPayload(b"x"), description=""),
            lambda service: service.initiate_upload(NOBODY, part_bytes=MIB, description=""),
            lambda service: list(service.list_uploads(NOBODY)),
            lambda service: list(service.list_jobs(NOBODY)),
            lambda service: service.start_inventory(NOBODY, description=""),
            lambda service: service.start_retrieval(
                NOBODY, "x" * 138, tier=Tier.BULK, description=""
            ),
            lambda service: service.delete_archive(NOBODY, "x" * 138),
        ],
        ids=range(8),
    )
    def test_a_vault_that_does_not_exist_is_told(
        self, service: ArchiveService, ask: Callable[[ArchiveService], object]
    ) -> None:
        with pytest.raises(errors.VaultNotFound, match=f'"{NOBODY}" does not exist'):
            ask(service)

    # Archives

    @pytest.mark.parametrize("size", [1, MIB, 3 * MIB + 1])
    def test_an_archive_comes_back_as_it_was_stored(
        self, service: ArchiveService, vault: str, size: int
    ) -> None:
        payload = MemoryPayload(content(size))
        stored = service.upload_archive(vault, payload, description='gc1 {"n":"a \\u00e4~"}')
        assert payload.read_bytes == size
        assert payload.largest_read <= MIB
        job = service.start_retrieval(vault, stored, tier=Tier.STANDARD, description="")
        assert service.read_output(vault, job, span=None, take=whole) == payload.bytes

    def test_a_payload_that_fails_stores_nothing_and_tells_its_own_failure(
        self,
        service: ArchiveService,
        vault: str,
        upload_id: str,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        payload = FailingPayload(content(MIB), lambda: errors.FileChanged("file"))
        with pytest.raises(errors.FileChanged):
            service.upload_archive(vault, payload, description="")
        with pytest.raises(errors.FileChanged):
            service.upload_part(vault, upload_id, payload)
        assert payload.opened == 2
        assert caplog.messages == [], "it is no fault of the service"
        assert list(service.list_parts(vault, upload_id)) == []
        service.abort_upload(vault, upload_id)
        service.delete_vault(vault)

    def test_deleting_twice_is_no_error(self, service: ArchiveService, vault: str) -> None:
        stored = service.upload_archive(vault, MemoryPayload(b"x"), description="")
        for _ in range(2):
            service.delete_archive(vault, stored)
        with pytest.raises(errors.ArchiveNotFound):
            service.start_retrieval(vault, stored, tier=Tier.BULK, description="")

    # Uploads in parts

    def test_parts_in_any_order_become_an_archive(
        self, service: ArchiveService, vault: str, upload_id: str
    ) -> None:
        spans = [ByteRange(2 * MIB, len(self.big)), ByteRange(0, MIB), ByteRange(MIB, 2 * MIB)]
        for span in spans:
            service.upload_part(vault, upload_id, MemoryPayload(self.big, span))
        assert list(service.list_parts(vault, upload_id)) == [
            HashedSpan(span=span, tree_hash=MemoryPayload(self.big, span).tree_hash)
            for span in sorted(spans)
        ]
        tree = tree_hash([self.big])
        stored = service.complete_upload(vault, upload_id, size_bytes=len(self.big), tree_hash=tree)
        job = service.start_retrieval(vault, stored, tier=Tier.STANDARD, description="")
        described = service.describe_job(vault, job)
        assert (described.size_bytes, described.tree_hash) == (len(self.big), tree)
        assert service.read_output(vault, job, span=None, take=whole) == self.big

    def test_a_part_sent_again_replaces_the_first(
        self, service: ArchiveService, vault: str, upload_id: str
    ) -> None:
        for seed in (1, 2):
            service.upload_part(vault, upload_id, MemoryPayload(content(MIB, seed)))
        (part,) = service.list_parts(vault, upload_id)
        assert part.tree_hash == tree_hash([content(MIB, 2)])

    def test_parts_that_are_not_what_was_said_are_refused(
        self, service: ArchiveService, vault: str, upload_id: str
    ) -> None:
        service.upload_part(vault, upload_id, MemoryPayload(content(MIB)))
        with pytest.raises(errors.InvalidRequest):
            service.complete_upload(vault, upload_id, size_bytes=MIB, tree_hash=bytes(32))
        assert len(list(service.list_parts(vault, upload_id))) == 1

    def test_open_uploads_are_listed_until_they_are_aborted(
        self, service: ArchiveService, vault: str, upload_id: str
    ) -> None:
        (found,) = service.list_uploads(vault)
        assert (found.upload_id, found.part_bytes) == (upload_id, MIB)
        assert found.description == "in parts"
        for _ in range(2):
            service.abort_upload(vault, upload_id)
        assert list(service.list_uploads(vault)) == []

    def test_an_upload_that_is_gone_is_told(
        self, service: ArchiveService, vault: str, upload_id: str
    ) -> None:
        service.abort_upload(vault, upload_id)
        with pytest.raises(errors.UploadNotFound):
            service.upload_part(vault, upload_id, MemoryPayload(content(MIB)))
        with pytest.raises(errors.UploadNotFound):
            list(service.list_parts(vault, upload_id))
        with pytest.raises(errors.UploadNotFound):
            service.complete_upload(vault, upload_id, size_bytes=MIB, tree_hash=bytes(32))

    # Jobs

    def test_a_retrieval_is_described_and_listed(
        self, service: ArchiveService, vault: str, job: str
    ) -> None:
        found = service.describe_job(vault, job)
        assert (found.job_id, found.action, found.tier) == (
            job,
            JobAction.RETRIEVAL,
            Tier.EXPEDITED,
        )
        assert (found.status, found.description, found.whole) == (JobStatus.SUCCEEDED, "tag", True)
        assert (found.size_bytes, found.tree_hash) == (len(self.big), tree_hash([self.big]))
        assert found.completed_at is not None
        assert list(service.list_jobs(vault)) == [found]

    def test_a_running_job_has_no_output_yet(self, store: Store, vault: str) -> None:
        service = store.service
        stored = service.upload_archive(vault, MemoryPayload(b"x"), description="")
        job = service.start_retrieval(vault, stored, tier=Tier.BULK, description="")
        running = service.describe_job(vault, job)
        assert (running.status, running.completed_at) == (JobStatus.RUNNING, None)
        with pytest.raises(errors.NotReady):
            service.read_output(vault, job, span=None, take=whole)
        store.clock.advance(timedelta(hours=9))
        assert service.read_output(vault, job, span=None, take=whole) == b"x"
        store.clock.advance(timedelta(hours=25))
        with pytest.raises(errors.JobNotFound):
            service.describe_job(vault, job)
        with pytest.raises(errors.JobNotFound):
            service.read_output(vault, job, span=None, take=whole)

    @pytest.mark.parametrize(
        ("span", "hashed"),
        [
            (ByteRange(0, MIB), True),
            (ByteRange(MIB, 2 * MIB), True),
            (ByteRange(2 * MIB, 2 * MIB + MIB // 2), True),
            (ByteRange(5, 6), False),
            (ByteRange(MIB - 1, MIB + 1), False),
        ],
    )
    def test_a_stretch_of_an_output_comes_with_its_hash_where_that_is_possible(
        self, service: ArchiveService, vault: str, job: str, span: ByteRange, *, hashed: bool
    ) -> None:
        def check(output: JobOutput) -> bytes:
            assert (output.span, output.total_bytes) == (span, len(self.big))
            assert output.tree_hash == (tree_hash([wanted]) if hashed else None)
            return whole(output)

        wanted = self.big[span.start : span.stop]
        assert service.read_output(vault, job, span=span, take=check) == wanted

    def test_a_whole_output_tells_its_size_and_hash(
        self, service: ArchiveService, vault: str, job: str
    ) -> None:
        output = service.read_output(vault, job, span=None, take=lambda output: output)
        assert (output.span, output.total_bytes) == (ByteRange(0, len(self.big)), len(self.big))
        assert output.tree_hash == tree_hash([self.big])

    def test_an_output_is_taken_again_from_its_start_after_a_failure(
        self, service: ArchiveService, vault: str, job: str
    ) -> None:
        taken: list[int] = []

        def take(output: JobOutput) -> bytes:
            first = next(output.pieces)
            taken.append(len(first))
            if len(taken) < 3:
                raise errors.TransientFailure("cut off")
            return first + whole(output)

        assert service.read_output(vault, job, span=None, take=take) == self.big
        assert len(set(taken)) == 1

    def test_what_the_taker_raises_comes_out_as_it_is(
        self, service: ArchiveService, vault: str, job: str
    ) -> None:
        def take(_: JobOutput) -> None:
            raise errors.DiskFull("no room")

        with pytest.raises(errors.DiskFull):
            service.read_output(vault, job, span=None, take=take)

    def test_a_vault_that_was_never_listed_has_no_inventory_yet(
        self, service: ArchiveService, vault: str
    ) -> None:
        with pytest.raises(errors.NotReady, match="no inventory yet"):
            service.start_inventory(vault, description="")

    def test_an_inventory_lists_what_was_stored(self, service: ArchiveService, vault: str) -> None:
        stored = service.upload_archive(vault, MemoryPayload(self.big), description="text")
        job = service.start_inventory(vault, description="tag")
        found = service.describe_job(vault, job)
        assert (found.action, found.whole, found.description) == (JobAction.INVENTORY, True, "tag")
        inventory = json.loads(service.read_output(vault, job, span=None, take=whole))
        (listed,) = inventory["ArchiveList"]
        assert listed["ArchiveId"] == stored
        assert listed["ArchiveDescription"] == "text"
        assert listed["SHA256TreeHash"] == tree_hash([self.big]).hex()

    def test_a_job_that_nobody_knows_is_told(self, service: ArchiveService, vault: str) -> None:
        with pytest.raises(errors.JobNotFound):
            service.describe_job(vault, "x" * 92)
        with pytest.raises(errors.JobNotFound):
            service.read_output(vault, "x" * 92, span=None, take=whole)

    def test_many_threads_may_ask_at_once(
        self, service: ArchiveService, vault: str, upload_id: str
    ) -> None:
        large = content(8 * MIB)
        spans = [ByteRange(start, start + MIB) for start in range(0, len(large), MIB)]

        def send(span: ByteRange) -> None:
            service.upload_part(vault, upload_id, MemoryPayload(large, span))

        threads = [threading.Thread(target=send, args=(span,)) for span in spans]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [part.span for part in service.list_parts(vault, upload_id)] == spans
        service.complete_upload(
            vault, upload_id, size_bytes=len(large), tree_hash=tree_hash([large])
        )
