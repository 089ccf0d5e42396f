"""What archives cost, and the report of a vault."""

from glaciercli.core.pricing_s3 import StorageClass
from glaciercli.render.schemas.fields import ARCHIVES, SIZE, TIER, VAULT
from glaciercli.render.schemas.money import (
    BILLED,
    CHARGE,
    FEE,
    PRICES,
    QUOTE,
    USD_MEMBER,
    amount,
)
from glaciercli.render.schemas.scalars import BYTES, COUNT, TEXT, TIME
from glaciercli.render.schemas.shapes import (
    Document,
    ListOf,
    Member,
    OrNull,
    exactly,
    record,
    word,
    word_of,
)

_REGION = Member(name="region", shape=TEXT, says="The region whose prices were used.")
_SIZES = SIZE.saying("The sum of their sizes in bytes.")
_UNMEASURED = Member(
    name="unmeasured_archives", shape=COUNT, says="How many have an unknown size, counted as 0."
)
_MISSING = Member(
    name="missing_archives", shape=COUNT, says="How many are missing at the service, not counted."
)
_DELETING_NOW = Member(name="deleting_now", shape=FEE, says="What deleting them now would cost.")

_COST = record(
    Member(name="ref", shape=TEXT, says="What was asked about, as it was written."),
    _REGION,
    BILLED,
    ARCHIVES,
    _SIZES,
    _UNMEASURED,
    _MISSING,
    amount("storing_per_month", "What a month of storing them costs."),
    amount("storing_as_one_archive_per_month", "What it would cost were they one archive."),
    Member(
        name="retrieving",
        shape=ListOf(of=QUOTE),
        says="What retrieving them costs in each tier, the transfer to the internet included.",
    ),
    _DELETING_NOW,
    PRICES,
)

_DEED = Member(
    name="deed",
    shape=word("storing_per_month", "retrieving", "deleting_now"),
    says="What would be done.",
)
_DEED_MEMBERS = (_DEED, TIER.or_null("where nothing is retrieved"))

_CHARGE_LINE = record(*_DEED_MEMBERS, *CHARGE.members)
_MISSING_LINE = record(
    *_DEED_MEMBERS,
    Member(name="what", shape=exactly("missing price"), says="That a price is missing."),
    Member(name="usd", shape=OrNull(of=TEXT), says="Null: nobody knows."),
    Member(name="row", shape=TEXT, says="The row of the price list that is missing."),
)

_CLASS = record(
    Member(name="class", shape=word_of(StorageClass), says="The storage class of S3."),
    amount("storing_per_month", "What a month there costs."),
    amount("moving", "What moving there costs once, by bulk retrieval."),
    Member(
        name="months_to_break_even", shape=COUNT, says="After how many months that is paid back."
    ).or_null("where it never is, or nobody knows"),
    Member(name="paid_for_least_days", shape=COUNT, says="How many days are paid for in any case."),
    name="class",
)

_BLOCKER_MEMBERS = (
    ARCHIVES.saying("How many archives it is about.").or_null("where it is about the vault"),
    Member(name="says", shape=TEXT, says="What stands in the way, in a sentence."),
    Member(name="hint", shape=TEXT, says="What to do about it."),
)

_SHARE = (ARCHIVES, _SIZES)

_REPORT = record(
    VAULT,
    _REGION,
    BILLED,
    Member(name="made_at", shape=TIME, says="When the report was made."),
    Member(
        name="inventory_date", shape=TIME, says="The date of the newest inventory taken in."
    ).or_null("where none was"),
    ARCHIVES,
    _SIZES,
    _UNMEASURED,
    _MISSING,
    amount("storing_per_month", "What a month of storing them here costs."),
    Member(
        name="classes", shape=ListOf(of=_CLASS), says="What the Glacier classes of S3 would cost."
    ),
    Member(
        name="bringing_here",
        shape=ListOf(of=QUOTE),
        says="What bringing all here costs in each tier, the transfer to the internet included.",
    ),
    _DELETING_NOW,
    Member(
        name="blockers",
        shape=ListOf(
            of=record(
                Member(name="kind", shape=TEXT, says="A stable word for it."),
                *_BLOCKER_MEMBERS,
                name="blocker",
            )
        ),
        says="What a move has to mind.",
    ),
    Member(
        name="folders",
        shape=ListOf(
            of=record(
                Member(
                    name="folder", shape=TEXT, says="The folder; empty for what is in none."
                ).or_null("for what has no name"),
                *_SHARE,
                name="folder",
            )
        ),
        says="The largest folders.",
    ),
    Member(
        name="other_folders",
        shape=record(
            Member(name="folders", shape=COUNT, says="How many folders these are."),
            *_SHARE,
            name="other_folders",
        ),
        says="All other folders together.",
    ),
    Member(
        name="ages",
        shape=ListOf(
            of=record(
                Member(name="least_days", shape=COUNT, says="From this age on, in days."),
                Member(name="below_days", shape=COUNT, says="Below this age, in days.").or_null(
                    "where there is no bound"
                ),
                *_SHARE,
                name="age",
            )
        ),
        says="The archives by age.",
    ),
    Member(
        name="extents",
        shape=ListOf(
            of=record(
                Member(name="least_bytes", shape=BYTES, says="From this size on, in bytes."),
                Member(name="below_bytes", shape=BYTES, says="Below this size, in bytes.").or_null(
                    "where there is no bound"
                ),
                *_SHARE,
                name="extent",
            )
        ),
        says="The archives by size.",
    ),
    PRICES,
)


def _part(*parts: str) -> Member:
    return Member(name="part", shape=word(*parts), says="The part of the report.")


_WHAT = Member(name="what", shape=TEXT, says="What of it: a class, a tier, a folder or a span.")

_REPORT_LINES = (
    record(_part("storing_per_month", "moving", "bringing_here"), _WHAT, USD_MEMBER),
    record(_part("deleting_now"), *_SHARE, USD_MEMBER),
    record(_part("by_folder", "by_age", "by_size"), _WHAT, *_SHARE),
    record(_part("blocker"), _WHAT.saying("A stable word for it."), *_BLOCKER_MEMBERS),
)

DOCUMENTS = (
    Document(
        command="cost",
        title="What archives cost to store, retrieve and delete",
        row="a charge, or a price that is missing",
        documents=(_COST,),
        lines=(_CHARGE_LINE, _MISSING_LINE),
    ),
    Document(
        command="report",
        title="What a vault holds, what it costs, and the way out of it",
        row="a figure of the report",
        documents=(_REPORT,),
        lines=_REPORT_LINES,
    ),
)
