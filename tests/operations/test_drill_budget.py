"""What a drill may cost, from its first run to its last."""

from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from glaciercli.model.jobs import Tier
from glaciercli.operations import drill, retrieve_offer
from glaciercli.operations.drill import DrillPlan, DrillRequest
from glaciercli.ports import WireRequest, WireResponse
from tests.operations.slow_line import HOUR, World

#: What a drill of two archives costs, with the transfer of both; and a third job.
TWICE = Decimal("0.000070")
ONCE_MORE = Decimal("0.000033")


def test_the_budget_of_a_drill_counts_what_is_proved_already(
    tmp_path: Path, stack: ExitStack
) -> None:
    world = World(tmp_path, stack, 2)
    spool = tmp_path / "spool"
    spool.mkdir()
    world.context = replace(world.context, spool_directory=str(spool), jobs=1)

    def expire(request: WireRequest) -> WireResponse:
        world.clock.advance(30 * HOUR)
        return world.watched.inner.handle(request)

    def plan(max_usd: Decimal) -> DrillPlan:
        request = DrillRequest(vault="photos", count=2, tier=Tier.STANDARD, max_usd=max_usd)
        return drill.plan(world.context, request)

    def fits(max_usd: Decimal) -> bool:
        planned = plan(max_usd)
        return retrieve_offer.offer(world.context, planned.request, planned.retrieval).fits

    assert fits(TWICE)
    drill.run(world.context, plan(TWICE))
    world.clock.advance(5 * HOUR)
    world.watched.breaks("GetJobOutput", world.watched.inner.handle, expire)
    done = drill.run(world.context, plan(TWICE))
    assert (len(done.proved), len(done.pending), len(done.failed)) == (1, 1, 0)
    assert (fits(TWICE), fits(TWICE + ONCE_MORE)) == (False, True)
    # Nothing is fetched for the one that is proved, and it stays so.
    drill.run(world.context, plan(TWICE + ONCE_MORE))
    world.clock.advance(5 * HOUR)
    done = drill.run(world.context, plan(TWICE + ONCE_MORE))
    assert (len(done.proved), done.is_over, world.asked) == (2, True, 3)
