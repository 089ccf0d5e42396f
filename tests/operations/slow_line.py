"""A vault of archives that are brought back over a slow line, hour by hour."""

import os
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

from glaciercli.core.refs import parse_ref
from glaciercli.keymap.store import open_key_map
from glaciercli.operations import retrieve, retrieve_offer, retrieve_plan, upload
from glaciercli.operations.context import Context
from glaciercli.operations.retrieve import RetrieveReport
from glaciercli.operations.retrieve_plan import RetrieveRequest
from glaciercli.operations.upload_flow import UploadOptions
from glaciercli.server.application import GlacierApplication
from glaciercli.server.settings import ServiceSettings
from glaciercli.service import session
from glaciercli.service.glacier import GlacierService
from glaciercli.service.pacing import Pace, Turns
from glaciercli.service.retry import Retrier, RetryPolicy
from tests.cli.wire import WatchedService
from tests.fakes import Listening, MovedClock
from tests.keymap.records import NOW, STORE

HOUR = timedelta(hours=1)

#: botocore signs with the real time, and the clock of the test is elsewhere.
SETTINGS = ServiceSettings(clock_skew=None, standard_delay=4 * HOUR)

#: At a byte a second: over five hours each.
SIZE = 20_000


class World:
    """A vault of archives, a key map, and a line that moves a byte a second."""

    def __init__(self, place: Path, stack: ExitStack, count: int, *, size: int = SIZE) -> None:
        self.place, self.clock = place, MovedClock(NOW)
        self.told = Listening()
        application = stack.enter_context(
            GlacierApplication.open(place / "data", clock=self.clock, settings=SETTINGS)
        )
        account = application.credentials
        self.watched = WatchedService(application)
        client = session.connect_in_process(
            self.watched,
            session.Endpoint(
                region="us-east-1",
                url="http://local.invalid",
                access_key=account.access_key_id,
                secret_key=account.secret_access_key,
            ),
        )
        stack.callback(client.close)
        retrier = Retrier(
            self.clock,
            policy=RetryPolicy(),
            turns=Turns(2, self.clock),
            random=lambda: 0.5,
            heard=lambda *_: None,
        )
        service = GlacierService(client, retrier, Pace(self.clock))
        tags = iter(range(1000))
        self.context = Context(
            key_map=stack.enter_context(closing(open_key_map(str(place / "map"), now=NOW))),
            store=STORE,
            clock=self.clock,
            reporter=self.told,
            connect=lambda: service,
            new_tag=lambda: f"tag{next(tags):09}",
            jobs=2,
        )
        self._store(count, size)

    def _store(self, count: int, size: int) -> None:
        self.context.service.create_vault("photos")
        source = self.place / "source"
        source.mkdir()
        for index in range(count):
            (source / f"{index}").write_bytes(os.urandom(size))
        request = upload.UploadRequest(
            sources=(str(source),),
            vault="photos",
            prefix=None,
            name=None,
            options=UploadOptions(part_bytes=None, description=None, force=False),
        )
        planned = upload.plan(request)
        assert upload.run(self.context, request, planned, stdin=_nothing).exit_code == 0
        vault = self.context.recall("photos")
        self.context.key_map.journal.write(
            "fetched", at=NOW, vault_key=vault.key, detail="10 bytes in 10000 ms"
        )

    def retrieve(self, **changes: Any) -> RetrieveReport:
        """Run the line once."""
        request = RetrieveRequest(
            refs=[parse_ref("photos/**")], to=str(self.place / "back"), **changes
        )
        planned = retrieve_plan.plan(self.context, request)
        retrieve_offer.hold_to_budget(retrieve_offer.offer(self.context, request, planned))
        return retrieve.run(self.context, request, planned)

    def jobs(self) -> int:
        """How many jobs the service was asked for."""
        return sum(1 for _ in self.context.service.list_jobs("photos"))

    @property
    def asked(self) -> int:
        """How many jobs this key map has asked for, gone ones too."""
        vault = self.context.recall("photos")
        return sum(1 for _ in self.context.key_map.jobs.asked_since(vault.key, NOW))

    def brought(self) -> int:
        """How many archives are here."""
        back = self.place / "back"
        return len(list(back.iterdir())) if back.exists() else 0


def _nothing() -> Any:
    raise AssertionError
