"""The report of a vault: what is in it, what it costs, and the way out."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from glaciercli.core.pricing import Cost, Price
from glaciercli.core.text import printable
from glaciercli.model.breakdowns import Folder, Share
from glaciercli.operations.report import AgeClass, ClassOffer, SizeClass, VaultReport
from glaciercli.operations.report_blockers import Blocker
from glaciercli.render import humanise, money, values, words
from glaciercli.render.columns import Line, Table
from glaciercli.render.views import cost

_YEAR = timedelta(days=365)

#: What the storage classes are called on Amazon's pages.
CLASS_NAMES = {
    "GLACIER_IR": "S3 Glacier Instant Retrieval",
    "GLACIER": "S3 Glacier Flexible Retrieval",
    "DEEP_ARCHIVE": "S3 Glacier Deep Archive",
}


def document(result: VaultReport) -> dict[str, Any]:
    """Return the JSON document."""
    return {
        "vault": result.vault.name,
        "region": result.region,
        "billed": result.deleting.billed,
        "made_at": values.time(result.made_at),
        "inventory_date": values.time(result.inventory_date),
        "archives": result.count,
        "size_bytes": result.size_bytes,
        "unmeasured_archives": result.unmeasured,
        "missing_archives": result.missing,
        "storing_per_month": money.document(result.storing),
        "classes": [_class(one) for one in result.classes],
        "bringing_here": [cost.quote_document(one) for one in result.quotes],
        "deleting_now": money.fee_document(result.deleting),
        "blockers": [_blocker(one) for one in result.blockers],
        "folders": [_folder(one) for one in result.folders.largest],
        "other_folders": {"folders": result.folders.other_folders, **_share(result.folders.others)},
        "ages": [_age(one) for one in result.ages],
        "extents": [_size(one) for one in result.sizes],
        "prices": [money.price_document(one) for one in prices(result)],
    }


def columns(result: VaultReport) -> Sequence[str]:
    """Return the columns of the CSV form."""
    del result
    return ("part", "what", "archives", "size_bytes", "usd", "says", "hint")


def items(result: VaultReport) -> Iterator[dict[str, Any]]:
    """Yield an object for each line of the report."""
    yield {"part": "storing_per_month", "what": "now", "usd": money.exact(result.storing.usd)}
    for offer in result.classes:
        what = offer.storage.value
        yield {"part": "storing_per_month", "what": what, "usd": money.exact(offer.storing.usd)}
        yield {"part": "moving", "what": what, "usd": money.exact(offer.moving.usd)}
    for quote in result.quotes:
        what = quote.tier.value.lower()
        yield {"part": "bringing_here", "what": what, "usd": money.exact(quote.cost.usd)}
    fee = result.deleting
    yield {
        "part": "deleting_now",
        "archives": fee.count,
        "size_bytes": fee.size_bytes,
        "usd": money.exact(fee.cost.usd),
    }
    for part, label, share in _shares(result):
        yield {"part": part, "what": label, **_share(share)}
    for one in result.blockers:
        found = _blocker(one)
        yield {"part": "blocker", "what": found.pop("kind"), **found}


def lines(result: VaultReport) -> Iterator[Line]:
    """Yield the report for people."""
    inventory = humanise.moment(result.inventory_date)
    yield f"vault {result.vault.name}, {printable(result.region)}, last inventory {inventory}"
    yield f"{words.total(result.count, result.size_bytes)}, all versions"
    yield ""
    yield f"storing it here: {money.total(result.storing)} a month"
    yield from _class_lines(result.classes)
    yield ""
    yield "bringing all of it here"
    yield from cost.quote_lines(result.quotes)
    yield from _fee_lines(result)
    for title, shares in charts(result):
        yield ""
        yield from _chart_lines(title, shares)
    yield ""
    yield from _blocker_lines(result.blockers)
    yield from money.price_lines(prices(result))


def charts(result: VaultReport) -> Iterator[tuple[str, list[tuple[str, Share]]]]:
    """Yield what is counted by what, each with its labels: not made printable, but for people."""
    folders = [(folder_label(one), one.share) for one in result.folders.largest]
    if result.folders.other_folders:
        others = humanise.count(result.folders.other_folders, "other folder")
        folders.append((others, result.folders.others))
    yield "by folder", folders
    yield "by age", [(age_label(one), one.share) for one in result.ages]
    yield "by size", [(size_label(one), one.share) for one in result.sizes]


def folder_label(one: Folder) -> str:
    """Return what people call a folder."""
    if one.name is None:
        return "(without a name)"
    return one.name or "(in no folder)"


def age_label(one: AgeClass) -> str:
    """Return what people call a class of ages."""
    if one.below is None:
        return f"{_years(one.least)} and older"
    if not one.least:
        return f"younger than {_years(one.below)}"
    return f"{_years(one.least)} to {_years(one.below)}"


def size_label(one: SizeClass) -> str:
    """Return what people call a class of sizes."""
    if one.below_bytes is None:
        return f"{humanise.size(one.least_bytes)} and more"
    if not one.least_bytes:
        return f"less than {humanise.size(one.below_bytes)}"
    return f"{humanise.size(one.least_bytes)} to {humanise.size(one.below_bytes)}"


def paid_back(offer: ClassOffer) -> str:
    """Return when a move has paid for itself, for people."""
    if offer.months_to_break_even is None:
        unknown = offer.storing.missing or offer.moving.missing
        return "unknown" if unknown else "never"
    return f"after {humanise.count(offer.months_to_break_even, 'month')}"


def prices(result: VaultReport) -> list[Price]:
    """Return the rows that every amount of a report came from."""
    return money.prices_of(costs(result))


def costs(result: VaultReport) -> Iterator[Cost]:
    """Yield every cost of a report."""
    yield result.storing
    for offer in result.classes:
        yield offer.storing
        yield offer.moving
    yield from (one.cost for one in result.quotes)
    yield result.deleting.cost


def _years(age: timedelta) -> str:
    if age < _YEAR:
        return f"{age.days} days"
    return humanise.count(age // _YEAR, "year")


def _class_lines(classes: Sequence[ClassOffer]) -> Iterator[Line]:
    rows = [
        (
            CLASS_NAMES[one.storage.value],
            money.cell(one.storing),
            money.cell(one.moving),
            paid_back(one),
            f"{one.storage.least_days} days",
        )
        for one in classes
    ]
    head = ("storage class", "a month", "moving, bulk", "paid back", "minimum")
    yield Table(head, rows)
    yield from money.missing_lines(each for one in classes for each in (one.storing, one.moving))


def _fee_lines(result: VaultReport) -> Iterator[str]:
    yield from money.fee_lines(result.deleting)
    if not (result.deleting.billed or result.deleting.count):
        yield money.UNBILLED


def _chart_lines(title: str, shares: Sequence[tuple[str, Share]]) -> Iterator[Line]:
    rows = [
        (printable(label), f"{share.count:,}", humanise.size(share.size_bytes))
        for label, share in shares
        if share.count
    ]
    yield Table((title, "archives", "size"), rows)


def _blocker_lines(blockers: Sequence[Blocker]) -> Iterator[str]:
    if not blockers:
        yield "nothing is known that stands in the way of moving it"
    for one in blockers:
        them = "" if one.archives is None else f"{humanise.count(one.archives, 'archive')}: "
        yield f"mind: {them}{printable(one.says)}"
        yield f"      {printable(one.hint)}"


def _shares(result: VaultReport) -> Iterator[tuple[str, str, Share]]:
    for title, shares in charts(result):
        for label, share in shares:
            yield title.replace(" ", "_"), label, share


def _share(share: Share) -> dict[str, int]:
    return {"archives": share.count, "size_bytes": share.size_bytes}


def _folder(one: Folder) -> dict[str, Any]:
    return {"folder": one.name, **_share(one.share)}


def _age(one: AgeClass) -> dict[str, Any]:
    return {
        "least_days": one.least.days,
        "below_days": None if one.below is None else one.below.days,
        **_share(one.share),
    }


def _size(one: SizeClass) -> dict[str, Any]:
    return {"least_bytes": one.least_bytes, "below_bytes": one.below_bytes, **_share(one.share)}


def _class(one: ClassOffer) -> dict[str, Any]:
    return {
        "class": one.storage.value,
        "storing_per_month": money.document(one.storing),
        "moving": money.document(one.moving),
        "months_to_break_even": one.months_to_break_even,
        "paid_for_least_days": one.storage.least_days,
    }


def _blocker(one: Blocker) -> dict[str, Any]:
    return {"kind": one.kind, "archives": one.archives, "says": one.says, "hint": one.hint}
