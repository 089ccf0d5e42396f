"""A sync deletes nothing that somebody is bringing back, as far as the key map knows."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from glaciercli.core.sync_plan import BEING_RETRIEVED, SyncAction, SyncKind
from glaciercli.model.jobs import Job, JobAction, JobStatus, Tier
from glaciercli.model.vaults import KnownVault
from glaciercli.operations import retrievals_under_way
from glaciercli.operations.context import Context
from tests.fakes import Deaf, MovedClock, unreached
from tests.keymap.records import HOUR, NOW, STORE, add, in_memory, meet


class Bench:
    """A vault with two archives, "a" and "b"."""

    def __init__(self, context: Context, clock: MovedClock) -> None:
        self.context = context
        self.clock = clock
        self.vault: KnownVault = meet(context.key_map)
        self.keys = [add(context.key_map, self.vault, one, archive_id=one) for one in "ab"]

    def met(self, **facts: Any) -> None:
        """Hear of a job for "a" from the service."""
        told: dict[str, Any] = {
            "job_id": "job",
            "action": JobAction.RETRIEVAL,
            "status": JobStatus.RUNNING,
            "status_message": "",
            "description": "",
            "created_at": NOW,
            "completed_at": None,
            "archive_id": "a",
            "tier": Tier.STANDARD,
            "size_bytes": 3,
            "tree_hash": None,
            "whole": True,
        }
        self.context.key_map.jobs.meet(self.vault.key, Job(**{**told, **facts}), tag=None)

    def fates(self) -> list[SyncKind]:
        """Return what becomes of the two, which would be deleted."""
        found = retrievals_under_way.spared(
            self.context,
            self.vault,
            [
                SyncAction(
                    kind=SyncKind.DELETE, name="x", reason="", size_bytes=3, archive_keys=(one,)
                )
                for one in self.keys
            ],
        )
        assert all(one.kind is SyncKind.DELETE or one.reason == BEING_RETRIEVED for one in found)
        return [one.kind for one in found]


@pytest.fixture
def bench() -> Iterator[Bench]:
    clock = MovedClock(NOW)
    with in_memory() as key_map:
        yield Bench(
            Context(
                key_map=key_map,
                store=STORE,
                clock=clock,
                reporter=Deaf(),
                connect=unreached,
                new_tag=lambda: "tag",
                jobs=1,
            ),
            clock,
        )


BOTH_GO, ONE_STAYS = [SyncKind.DELETE] * 2, [SyncKind.KEEP, SyncKind.DELETE]


def test_what_nobody_brings_back_is_deleted(bench: Bench) -> None:
    assert bench.fates() == BOTH_GO
    bench.met(status=JobStatus.FAILED)
    assert bench.fates() == BOTH_GO
    bench.met(job_id="inventory", action=JobAction.INVENTORY, archive_id=None)
    assert bench.fates() == BOTH_GO


def test_an_archive_with_a_job_stays_as_long_as_the_output_may_be_had(bench: Bench) -> None:
    bench.met()
    bench.clock.advance(29 * HOUR)
    assert bench.fates() == ONE_STAYS
    # The service has told nothing of it since.
    bench.clock.advance(timedelta(seconds=1))
    assert bench.fates() == BOTH_GO
    bench.met(status=JobStatus.SUCCEEDED, completed_at=NOW + 10 * HOUR)
    bench.clock.advance(4 * HOUR)
    assert bench.fates() == ONE_STAYS
    bench.context.key_map.jobs.forget(bench.vault.key, "job", gone_at=bench.clock.now())
    assert bench.fates() == BOTH_GO


def test_an_archive_of_which_half_is_on_the_disk_stays(bench: Bench, tmp_path: Path) -> None:
    target, partial = tmp_path / "file", tmp_path / ".file.tag.partial"
    bench.context.key_map.downloads.begin(
        bench.keys[0], str(target), partial=partial.name, range_bytes=1, begun_at=NOW
    )
    assert bench.fates() == BOTH_GO
    partial.touch()
    bench.clock.advance(1000 * HOUR)
    assert bench.fates() == ONE_STAYS
