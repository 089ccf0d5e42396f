"""A line that stalls is given up, one that moves is not, however long that takes."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from glaciercli.core.treehash import tree_hash
from glaciercli.model.jobs import Tier
from glaciercli.model.ranges import ByteRange
from glaciercli.ports import ArchiveService
from glaciercli.server.application import GlacierApplication
from glaciercli.server.http.front import HttpFront
from glaciercli.server.settings import ServiceSettings
from tests.fakes import MovedClock
from tests.proxy import Fate, Proxy, Trouble, proxied
from tests.service.misbehaving import START, connected
from tests.service.payloads import MIB, MemoryPayload, content

#: As the program's minute, and a line on which the content takes twice as long.
STALL_S = 0.7
WHOLE = content(MIB)
BYTES_PER_S = int(len(WHOLE) / (2 * STALL_S))

#: In the midst of the content.
AFTER_BYTES = 100_000


@dataclass(frozen=True, kw_only=True)
class World:
    """A service at the far end of a line, and in it a vault."""

    service: ArchiveService
    line: Proxy


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    settings = ServiceSettings(verify_signatures=False, clock_skew=None)
    clock = MovedClock(START)
    with (
        GlacierApplication.open(tmp_path, clock=clock, settings=settings) as application,
        HttpFront(application) as front,
        proxied(front.url) as line,
        connected(line.url, stall_s=STALL_S) as asked,
    ):
        yield World(service=asked.service, line=line)


def up(world: World) -> str:
    """Store the content and return the ID of its job."""
    world.service.create_vault("v")
    upload = world.service.initiate_upload("v", part_bytes=MIB, description="")
    world.service.upload_part("v", upload, MemoryPayload(WHOLE))
    stored = world.service.complete_upload(
        "v", upload, size_bytes=len(WHOLE), tree_hash=tree_hash([WHOLE])
    )
    return world.service.start_retrieval("v", stored, tier=Tier.EXPEDITED, description="tag")


def back(world: World, job: str) -> bytes:
    span = ByteRange(0, len(WHOLE))
    return world.service.read_output("v", job, span=span, take=lambda out: b"".join(out.pieces))


@pytest.mark.covers("N5")
@pytest.mark.parametrize("upstream", [True, False], ids=["upstream", "downstream"])
def test_a_line_that_stalls_is_given_up_and_the_next_one_is_used(
    world: World, *, upstream: bool
) -> None:
    stall = Fate(trouble=Trouble.STALL, after_bytes=AFTER_BYTES, upstream=upstream)
    world.line.fates.append(stall)
    assert back(world, up(world)) == WHOLE
    assert world.line.connections == 2


@pytest.mark.covers("N5")
def test_a_line_that_is_slow_and_moves_is_not_given_up(world: World) -> None:
    slow = Fate(trouble=Trouble.SLOW, after_bytes=AFTER_BYTES, bytes_per_s=BYTES_PER_S)
    world.line.fates.append(slow)
    job = up(world)
    begun = time.monotonic()
    assert back(world, job) == WHOLE
    assert time.monotonic() - begun > 1.5 * STALL_S
    assert world.line.connections == 1
