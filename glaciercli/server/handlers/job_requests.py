"""The body of InitiateJob: read, checked, and made a value."""

import re
from dataclasses import dataclass
from typing import Any

from glaciercli.core.ranges import is_megabyte_aligned
from glaciercli.model.jobs import Tier
from glaciercli.model.ranges import ByteRange
from glaciercli.server import documents, inventory, times
from glaciercli.server.catalogue.records import InventoryQuery
from glaciercli.server.documents import Document
from glaciercli.server.service import check_description, refuse_marker
from glaciercli.server.topics import check_topic
from glaciercli.server.wire import invalid

_RANGE = re.compile(r"([0-9]{1,15})-([0-9]{1,15})")
_LIMIT = re.compile(r"0*[1-9][0-9]{0,17}")
_FORMATS = frozenset({"CSV", "JSON"})


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryWish:
    """An inventory that is asked for: the client's own words, and what they mean."""

    query: InventoryQuery
    start_ms: int | None
    end_ms: int | None
    limit: int | None
    after: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalWish:
    """An archive that is asked for; the range is checked once its size is known."""

    archive_id: str
    byte_range: str | None
    tier: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class JobWish:
    """A job that is asked for."""

    description: str | None
    sns_topic: str | None
    wish: InventoryWish | RetrievalWish


def parse(body: bytes) -> JobWish:
    """Return the job that a body asks for; refuse one that makes no sense."""
    parameters = _parameters(body)
    kind = parameters.required_text("Type")
    _refuse_select(parameters)
    description = parameters.text("Description")
    check_description(description or "")
    return JobWish(
        description=description,
        sns_topic=_topic(parameters),
        wish=_wish(kind, parameters),
    )


def _topic(parameters: Document) -> str | None:
    topic = parameters.text("SNSTopic")
    if topic is not None:
        check_topic(topic)
    return topic


def _refuse_select(parameters: Document) -> None:
    for name in ("SelectParameters", "OutputLocation"):
        if parameters.get(name) is not None:
            raise invalid(f"{name} must not be given: select is no longer supported.")


def _wish(kind: str, parameters: Document) -> InventoryWish | RetrievalWish:
    match kind:
        case "archive-retrieval":
            return _retrieval(parameters)
        case "inventory-retrieval":
            return _inventory(parameters)
        case "select":
            raise invalid("Jobs of type select are no longer supported.")
        case _:
            raise invalid(f"Invalid job type: {kind}")


def _parameters(body: bytes) -> Document:
    document = documents.parse(body)
    # The guide's syntax block wraps the parameters; its examples do not.
    return document.part("jobParameters") or document


def _retrieval(parameters: Document) -> RetrievalWish:
    if parameters.get("InventoryRetrievalParameters") is not None:
        raise invalid("InventoryRetrievalParameters must not be given for an archive retrieval.")
    archive_id = parameters.required_text("ArchiveId")
    name = parameters.text("Tier") or Tier.STANDARD.value
    if name not in {tier.value for tier in Tier}:
        raise invalid(f"Invalid tier: {name}")
    byte_range = parameters.text("RetrievalByteRange")
    return RetrievalWish(archive_id=archive_id, byte_range=byte_range, tier=Tier(name))


def retrieval_span(wish: RetrievalWish, total_bytes: int) -> ByteRange:
    """Return the bytes that a retrieval asks for; refuse a range that the archive lacks."""
    if wish.byte_range is None:
        return ByteRange(0, total_bytes)
    match = _RANGE.fullmatch(wish.byte_range)
    refusal = invalid(f"Invalid RetrievalByteRange: {wish.byte_range}")
    if match is None or int(match[1]) > int(match[2]):
        raise refusal
    span = ByteRange(int(match[1]), int(match[2]) + 1)
    if span.stop > total_bytes or not is_megabyte_aligned(span, total_bytes):
        raise refusal
    return span


def _inventory(parameters: Document) -> InventoryWish:
    for name in ("ArchiveId", "RetrievalByteRange"):
        if parameters.get(name) is not None:
            raise invalid(f"{name} must not be given for an inventory retrieval.")
    chosen = parameters.text("Format") or "JSON"
    if chosen not in _FORMATS:
        raise invalid(f"Invalid format: {chosen}")
    return _wished_inventory(chosen, parameters.part("InventoryRetrievalParameters"))


def _wished_inventory(chosen: str, given: Document | None) -> InventoryWish:
    wanted = given or Document({})
    start, end, marker = (wanted.text(name) for name in ("StartDate", "EndDate", "Marker"))
    limit = _limit(wanted.get("Limit"))
    query = InventoryQuery(
        format=chosen, start_date=start, end_date=end, limit=limit, marker=marker
    )
    return InventoryWish(
        query=query,
        start_ms=_date(start),
        end_ms=_date(end),
        limit=int(limit) if limit else None,
        after=_after(marker),
    )


def _limit(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if not _LIMIT.fullmatch(str(value)):
        raise invalid(f"Invalid Limit: {value}")
    return str(value)


def _date(text: str | None) -> int | None:
    if text is None:
        return None
    moment = times.parse_iso(text)
    if moment is None:
        raise invalid(f"Invalid date: {text}")
    return moment


def _after(marker: str | None) -> tuple[int, int] | None:
    if marker is None:
        return None
    after = inventory.parse_marker(marker)
    if after is None:
        raise refuse_marker(marker)
    return after
