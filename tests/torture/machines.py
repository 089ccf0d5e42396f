"""A machine that uses a service: a key map, files, and the operations behind the commands."""

import random
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from glaciercli import errors
from glaciercli.core.refs import parse_ref
from glaciercli.core.sync_plan import Retention
from glaciercli.keymap.store import open_key_map
from glaciercli.model.archives import Archive
from glaciercli.model.jobs import Tier
from glaciercli.model.vaults import StoreIdentity
from glaciercli.operations import (
    account,
    delete,
    inventory,
    key_map_archive,
    key_map_check,
    key_map_copies,
    key_map_exchange,
    key_map_recovery,
    rename,
    retrieve,
    retrieve_plan,
    sync,
    takeover,
    upload,
    vaults,
    vaults_removal,
)
from glaciercli.operations.context import Context
from glaciercli.operations.delete import DeleteReport
from glaciercli.operations.inventory import RefreshResult
from glaciercli.operations.key_map_archive import StoreReport, StoreRequest
from glaciercli.operations.key_map_recovery import RecoverReport, RecoverRequest, RecoverWait
from glaciercli.operations.rename import Renamed
from glaciercli.operations.retrieve import RetrieveReport
from glaciercli.operations.sync_request import SyncReport, SyncRequest
from glaciercli.operations.upload import UploadReport, UploadRequest
from glaciercli.operations.upload_flow import UploadOptions
from glaciercli.operations.vaults_removal import RemovalReport, RemovalRequest
from glaciercli.ports import ArchiveService, Clock
from glaciercli.service.glacier import GlacierService
from glaciercli.service.pacing import Pace, Turns
from glaciercli.service.retry import Retrier, RetryPolicy
from tests.fakes import Deaf
from tests.torture.shared_clock import BusyTurns, SharedClock

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient

STORE = StoreIdentity(endpoint="test", region=None, account=None)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A key map in a place of its own, and a line to the service."""

    place: Path
    service: ArchiveService
    clock: Clock
    chance: random.Random
    jobs: int
    #: How long the service may take to list what was uploaded.
    lag: timedelta = timedelta(0)

    @property
    def key_map(self) -> str:
        return str(self.place / "key-map.sqlite3")

    @property
    def tree(self) -> Path:
        """What it keeps in a vault."""
        return self.place / "tree"

    @contextmanager
    def context(self) -> Iterator[Context]:
        """Give what one run of the program is given."""
        key_map = open_key_map(self.key_map, now=self.clock.now())
        try:
            yield Context(
                key_map=key_map,
                store=STORE,
                clock=self.clock,
                reporter=Deaf(),
                connect=lambda: self.service,
                new_tag=lambda: urlsafe_b64encode(self.chance.randbytes(12)).decode(),
                jobs=self.jobs,
            )
        finally:
            key_map.close()

    def create(self, vault: str) -> None:
        with self.context() as context:
            vaults.create(context, vault, dry_run=False)

    def upload(
        self,
        vault: str,
        *paths: Path | str,
        part_bytes: int | None = None,
        name: str | None = None,
        stdin: bytes = b"",
    ) -> UploadReport:
        request = UploadRequest(
            sources=[str(one) for one in paths],
            vault=vault,
            prefix=None,
            name=name,
            options=UploadOptions(part_bytes=part_bytes),
        )
        given = self.place / "stdin"
        given.write_bytes(stdin)
        with self.context() as context, given.open("rb") as opened:
            return upload.run(context, request, upload.plan(request), stdin=lambda: opened)

    def remove(self, vault: str) -> None:
        with self.context() as context:
            vaults.delete(context, vault, dry_run=False)

    def remove_with_archives(
        self, vault: str, asked: Callable[[Sequence[Archive]], None]
    ) -> RemovalReport:
        """Go on with the removal of a vault; the answer is yes to what it asks about."""
        request = RemovalRequest(vault=vault, lag=self.lag)
        with self.context() as context:
            every = context.key_map.archives.every
            return vaults_removal.run(context, request, lambda one: asked([*every(one.known)]))

    def sync(self, vault: str, *, delete: bool, part_bytes: int) -> SyncReport:
        request = SyncRequest(
            directory=str(self.tree),
            vault=vault,
            prefix=None,
            part_bytes=part_bytes,
            retention=Retention(delete=delete),
            allow_empty_source=True,
        )
        with self.context() as context:
            known = sync.vault_named(context, vault)
            with sync.alone(context, known, wait=None):
                return sync.run(context, known, request, sync.plan(context, known, request))

    def rename(self, ref: str, name: str) -> Renamed:
        with self.context() as context:
            return rename.rename(context, parse_ref(ref), name, dry_run=False)

    def refresh(self, vault: str, *, wait: bool = True) -> RefreshResult:
        with self.context() as context:
            return inventory.refresh(context, vault, wait=wait, max_age=None, lag=self.lag)

    def retrieve(self, *refs: str, to: Path, wait: bool = True) -> RetrieveReport:
        request = retrieve_plan.RetrieveRequest(
            refs=[parse_ref(one) for one in refs], to=str(to), tier=Tier.BULK, wait=wait
        )
        with self.context() as context:
            return retrieve.run(context, request, retrieve_plan.plan(context, request))

    def delete(self, *refs: str, all_versions: bool = False) -> DeleteReport:
        with self.context() as context:
            planned = delete.plan(
                context, [parse_ref(one) for one in refs], all_versions=all_versions
            )
            return delete.run(context, planned)

    def import_inventory(self, vault: str, path: Path) -> object:
        request = takeover.ImportRequest(vault=vault, path=str(path), lag=self.lag)
        with self.context() as context:
            return takeover.import_file(context, request)

    def backup(self, to: Path) -> None:
        key_map_copies.backup(self.key_map, str(to), overwrite=True, dry_run=False, reporter=Deaf())

    def restore(self, copy: Path) -> None:
        now = self.clock.now()
        with key_map_copies.restoring(self.key_map, str(copy), now=now, reporter=Deaf()) as planned:
            key_map_copies.put(planned, now=now)

    @property
    def _outgoing(self) -> Path:
        return Path(f"{self.key_map}.outgoing")

    def outgoing(self) -> list[str]:
        """Return the files of key maps that are being stored, each by the end of its name."""
        if not self._outgoing.is_dir():
            return []
        return [one.name.partition("-at-")[2] for one in self._outgoing.iterdir()]

    def store_key_map(self, vault: str, *, keep: int | None) -> StoreReport:
        request = StoreRequest(vault=vault, keep=keep)
        with self.context() as context:
            return key_map_archive.run(context, key_map_archive.plan(context, request))

    def recover_key_map(self, vault: str) -> RecoverWait | RecoverReport:
        request = RecoverRequest(vault=vault, tier=Tier.BULK, wait=False, lag=self.lag)
        with self.context() as context:
            return key_map_recovery.run(context, request)

    def merge(self, other: Path) -> None:
        with self.context() as context:
            key_map_exchange.merge(context, str(other), dry_run=False)

    def export(self, to: Path) -> None:
        key_map_exchange.export_file(self.key_map, str(to), overwrite=True, reporter=Deaf())

    def fill(self, export: Path) -> None:
        """Begin anew with what an export holds."""
        self.lose()
        with self.context() as context:
            key_map_exchange.import_file(context, str(export), dry_run=False)

    def lose(self) -> None:
        """Lose the key map."""
        Path(self.key_map).unlink(missing_ok=True)

    def check(self) -> None:
        """See that the key map is sound."""
        report = key_map_check.run(self.key_map, full=True, reporter=Deaf())
        assert not report.findings, report.findings

    def buy_capacity(self) -> None:
        """Buy a unit of provisioned capacity; what became of it is looked up where nobody said."""
        with self.context() as context:
            planned = account.plan_purchase(context, "us-east-1", dry_run=False)
            try:
                account.buy(context, planned)
            except errors.OutcomeUnknown:
                assert len(account.list_capacity(context).units) == planned.units_before + 1

    def archives(self, vault: str) -> Sequence[Archive]:
        """Return every row of a vault, tombstones among them."""
        with self.context() as context:
            found = context.key_map.vaults.in_store(STORE, name=vault)
            return [row for one in found for row in context.key_map.archives.every(one)]


def service(
    client: "GlacierClient", clock: Clock, chance: random.Random, *, jobs: int
) -> ArchiveService:
    """Return the service as the program uses it, with all its patience."""
    turns = BusyTurns(jobs, clock) if isinstance(clock, SharedClock) else Turns(jobs, clock)
    retrier = Retrier(
        clock,
        policy=RetryPolicy(),
        turns=turns,
        random=chance.random,
        heard=lambda *_: None,
    )
    return GlacierService(client, retrier, Pace(clock))
