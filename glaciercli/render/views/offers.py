"""What a retrieval is about to do, when, and what it costs."""

from collections.abc import Iterator
from typing import Any

from glaciercli.core import retrieval_schedule
from glaciercli.core.pricing import Price
from glaciercli.core.text import printable
from glaciercli.operations.retrieve_offer import RetrieveOffer
from glaciercli.operations.retrieve_plan import Wanted
from glaciercli.operations.retrieve_room import Room
from glaciercli.render import humanise, money, values, words
from glaciercli.render.columns import Line
from glaciercli.render.views import cost

#: The columns of the CSV form that are its own.
COLUMNS = ("size_bytes", "step", "again", "due_at")


def document(offered: RetrieveOffer) -> dict[str, Any]:
    """Return the JSON document."""
    schedule, plan = offered.schedule, offered.plan
    return {
        "tier": plan.tier.value.lower(),
        "would_retrieve": list(_steps(offered)),
        "ask_now": _sums([*schedule.again, *schedule.now]),
        "ask_later": _sums([one for one, _ in schedule.later]),
        "asked_last_day_bytes": schedule.asked_bytes,
        "max_day_bytes": schedule.limits.day_bytes,
        "bytes_per_second": schedule.limits.bytes_per_s,
        "unmeasured_archives": offered.unmeasured,
        "retrieving": [cost.quote_document(one) for one in offered.quotes],
        "spent": money.document(offered.spent),
        "max_usd": None if offered.max_usd is None else f"{offered.max_usd:f}",
        "fits": offered.fits,
        "needed_bytes": offered.room.needed_bytes if offered.room else 0,
        "has_room": offered.room is None or offered.room.is_enough,
        "billed": offered.billed,
        "prices": [money.price_document(one) for one in _prices(offered)],
        "skipped": [values.skipped(one) for one in plan.left_alone],
        "failed": [values.failure(one) for one in plan.failed],
    }


def lines(offered: RetrieveOffer) -> Iterator[Line]:
    """Yield the plan for people."""
    plan = offered.plan
    for one in _steps(offered):
        again = ", and start it again: it expires before it can be fetched" if one["again"] else ""
        later = f" from about {one['due_at']} on" if one["due_at"] else ""
        yield f"would {one['step']} {printable(one['name'])}{later}{again}"
    whole = words.archives_total([one.archive for one, _ in plan.steps])
    yield f"{whole}, {plan.tier.value.lower()} tier"
    yield from words.skipped(plan.left_alone)
    yield from _when(offered)
    if offered.room is not None and not offered.room.is_enough:
        yield _room(offered.room)
    if any(one.cost.charges or one.cost.missing for one in offered.quotes):
        yield from _money(offered)


def _room(room: Room) -> str:
    return (
        f"{humanise.size(room.needed_bytes)} are to be written below {printable(room.root)}, "
        f"which has room for {humanise.size(room.free_bytes or 0)}"
    )


def _money(offered: RetrieveOffer) -> Iterator[Line]:
    yield from cost.quote_lines(offered.quotes)
    if offered.unmeasured:
        them = humanise.count(offered.unmeasured, "archive")
        yield f"{them} of unknown size, counted as empty"
    if offered.spent.charges:
        yield f"spent on them before: {money.total(offered.spent)}"
    if not offered.fits:
        yield f"this does not fit --max-cost, ${offered.max_usd:f}"
    if not offered.billed:
        yield money.UNBILLED
    yield from money.price_summary(_prices(offered))


def _when(offered: RetrieveOffer) -> Iterator[str]:
    """Yield what bounds how much is asked for at once."""
    schedule = offered.schedule
    limits = schedule.limits
    for one in schedule.refused:
        unknown = one.archive.known_size_bytes is None
        why = "of unknown size, and so for no day" if unknown else "larger than a day may hold"
        yield f"{why}: {printable(one.archive.label)}"
    if limits.day_bytes is not None:
        asked = humanise.size(schedule.asked_bytes)
        yield f"asked for in the last 24 hours: {asked} of {humanise.size(limits.day_bytes)}"
    if limits.bytes_per_s is not None and offered.plan.steps:
        yield from _window(offered, limits.bytes_per_s)
    if schedule.later:
        later = [one for one, _ in schedule.later]
        first = min(due for _, due in schedule.later)
        yield (
            f"{words.archives_total([one.archive for one in later])} put off: "
            f"the same line asks for them from about {humanise.moment(first)} on"
        )


def _window(offered: RetrieveOffer, bytes_per_s: int) -> Iterator[str]:
    """Yield how long fetching takes, beside how long an output is kept."""
    limits = offered.schedule.limits
    moved = [one.archive for one, step in offered.plan.steps if step is not None]
    needed = retrieval_schedule.fetch_time(sum(one.size_bytes for one in moved), limits)
    assert needed is not None
    yield (
        f"at {humanise.size(bytes_per_s)}/s fetching takes {humanise.span(needed)}; "
        "an output is kept for 24 h"
    )
    for one in moved:
        jobs = offered.jobs_to_come.get(one.key, 0)
        if jobs and retrieval_schedule.outlives(one.size_bytes, limits):
            them = humanise.count(jobs, "job")
            yield f"takes longer than that alone, about {them} from now on: {printable(one.label)}"


def _steps(offered: RetrieveOffer) -> Iterator[dict[str, Any]]:
    schedule = offered.schedule
    due = {one.archive.key: due for one, due in schedule.later}
    again = {one.archive.key for one in schedule.again}
    refused = {one.archive.key for one in schedule.refused}
    for one, step in offered.plan.steps:
        key = one.archive.key
        yield {
            "name": one.archive.label,
            "size_bytes": one.archive.known_size_bytes,
            "step": "refuse" if key in refused else "make" if step is None else step.step.value,
            "again": key in again,
            "due_at": values.time(due.get(key)),
        }
    for name in offered.plan.further_names:
        label = name.archive.label
        yield {"name": label, "size_bytes": 0, "step": "make", "again": False, "due_at": None}


def _sums(some: list[Wanted]) -> dict[str, int]:
    return {"archives": len(some), "size_bytes": sum(one.archive.size_bytes for one in some)}


def _prices(offered: RetrieveOffer) -> list[Price]:
    return money.prices_of([offered.spent, *(one.cost for one in offered.quotes)])
