"""What is stored, brought back and compared: uploads, retrievals, syncs, verifications."""

from glaciercli.core.verify import Finding
from glaciercli.render.schemas.fields import (
    ARCHIVE_ID,
    ARCHIVES,
    DELETED,
    EXPECTED_AT,
    FAILED,
    JOB_ID,
    LABEL,
    NAME,
    OLD_NAME,
    PATH,
    REASON,
    SIZE,
    SIZE_OR_NULL,
    SKIPPED,
    TIER,
    TREE_HASH_MEMBER,
    UNSETTLED,
    UPLOADED,
    VAULT,
)
from glaciercli.render.schemas.money import BILLED, EARLY_DELETION, PRICES, QUOTE, amount
from glaciercli.render.schemas.scalars import BYTES, COUNT, FLAG, PRICE, TIME
from glaciercli.render.schemas.shapes import (
    ITEM,
    Document,
    ListOf,
    Member,
    Record,
    outcomes,
    record,
    word,
)

_UPLOAD_PLAN = record(
    Member(
        name="would_upload",
        shape=ListOf(of=record(NAME, PATH.or_null("for standard input"), name="planned_upload")),
        says="What would be stored.",
    ),
    SKIPPED,
    FAILED,
    name="plan",
)
_UPLOAD_REPORT = record(UPLOADED, UNSETTLED, SKIPPED, FAILED, name="report")

_DUE_AT = Member(name="due_at", shape=TIME, says="When it may be asked for, about.").or_null(
    "where it is not put off"
)

_PENDING = record(
    LABEL,
    JOB_ID.or_null("where it is not asked for yet"),
    TIER,
    EXPECTED_AT,
    _DUE_AT,
    name="pending",
)

_RETRIEVE_REPORT = record(
    Member(
        name="retrieved",
        shape=ListOf(of=record(LABEL, PATH.saying("Where it was put."), SIZE, name="retrieved")),
        says="What is there now, and was proved.",
    ),
    Member(name="pending", shape=ListOf(of=_PENDING), says="What the service is preparing."),
    SKIPPED,
    FAILED,
    name="report",
)

_SUM = record(ARCHIVES, SIZE.saying("The sum of their sizes in bytes."), name="sum")

_RETRIEVE_STEP: Record = record(
    LABEL,
    SIZE_OR_NULL,
    Member(
        name="step",
        shape=word("fetch", "wait", "start", "make", "refuse"),
        says="What comes next: it is fetched, waited for, asked for, made without the service as "
        "for an empty file, or refused for its size.",
    ),
    Member(
        name="again",
        shape=FLAG,
        says="Whether it is asked for once more, since it expires before it can be fetched.",
    ),
    _DUE_AT,
    name="planned_retrieval",
)

_RETRIEVE_PLAN = record(
    TIER,
    Member(name="would_retrieve", shape=ListOf(of=_RETRIEVE_STEP), says="What would be done."),
    Member(name="ask_now", shape=_SUM, says="What would be asked for now."),
    Member(name="ask_later", shape=_SUM, says="What would be put off."),
    Member(
        name="asked_last_day_bytes",
        shape=BYTES,
        says="How much was asked for in the last 24 hours, in bytes.",
    ),
    Member(
        name="max_day_bytes", shape=BYTES, says="How much may be asked for in 24 hours, in bytes."
    ).or_null("where nothing limits it"),
    Member(
        name="bytes_per_second", shape=BYTES, says="The speed, as measured or as limited."
    ).or_null("before the first large download"),
    Member(name="unmeasured_archives", shape=COUNT, says="How many have an unknown size."),
    Member(
        name="retrieving", shape=ListOf(of=QUOTE), says="What is left to pay for, in each tier."
    ),
    amount("spent", "What was spent on the same archives in 30 days."),
    Member(name="max_usd", shape=PRICE, says="The budget in US dollars, as a text.").or_null(
        "where there is none"
    ),
    Member(name="fits", shape=FLAG, says="Whether the budget holds."),
    Member(
        name="needed_bytes",
        shape=BYTES,
        says="How much is to be written, in bytes; an unknown size is 0.",
    ),
    Member(name="has_room", shape=FLAG, says="Whether the target has room for that."),
    BILLED,
    PRICES,
    SKIPPED,
    FAILED,
    name="plan",
)

_VERSIONS = Member(name="versions", shape=COUNT, says="How many archives have that name.").only(
    "where archives are deleted or kept"
)


def _planned(name: str, says: str) -> Member:
    """Return the member for one kind of what a sync would do."""
    action = record(
        NAME,
        SIZE,
        REASON,
        OLD_NAME.only("where it is renamed"),
        _VERSIONS,
        name="planned",
    )
    return Member(name=name, shape=ListOf(of=action), says=says)


_UNCHANGED = Member(name="unchanged", shape=COUNT, says="How many files are as they were stored.")

_SYNC_PLAN = record(
    _planned("would_upload", "The files that would be stored."),
    _planned("would_rename", "The archives that would get another name."),
    _planned("would_record", "The files of which time or mode would be noted."),
    _planned("would_delete", "The archives that would be deleted."),
    _planned("would_keep", "The archives whose file is gone or replaced, and that would stay."),
    _UNCHANGED,
    UNSETTLED,
    EARLY_DELETION.only("where something would be deleted"),
    SKIPPED,
    FAILED,
    name="plan",
)

_SYNC_REPORT = record(
    UPLOADED,
    Member(
        name="renamed",
        shape=ListOf(of=record(NAME, OLD_NAME, name="renamed")),
        says="The archives that got another name.",
    ),
    DELETED,
    _UNCHANGED,
    Member(name="recorded", shape=COUNT, says="How many files had only their time or mode noted."),
    Member(
        name="kept",
        shape=COUNT,
        says="How many archives stay although their file is gone or replaced.",
    ),
    UNSETTLED,
    SKIPPED,
    FAILED,
    name="report",
)

_DIFFERENCE = record(NAME, REASON, name="difference")
_DIFFERENCES = {
    Finding.MISSING: "The archives without a file.",
    Finding.CHANGED: "The files that are not what was stored.",
    Finding.EXTRA: "The files without an archive.",
    Finding.UNPROVED: "The files of which nothing known tells.",
}

_VERIFY_REPORT = record(
    VAULT,
    Member(name="directory", shape=PATH.shape, says="The directory, as an absolute path."),
    Member(name="begun_at", shape=TIME, says="When the comparison began."),
    Member(name="proved", shape=COUNT, says="How many files are what was stored."),
    Member(name="proved_bytes", shape=BYTES, says="The sum of their sizes in bytes."),
    *(
        Member(name=finding.value, shape=ListOf(of=_DIFFERENCE), says=_DIFFERENCES[finding])
        for finding in Finding
    ),
    SKIPPED,
    FAILED,
    name="comparison",
)

_DRILL_REPORT = record(
    VAULT,
    Member(name="drawn", shape=COUNT, says="How many archives were drawn."),
    Member(
        name="proved",
        shape=ListOf(
            of=record(LABEL, ARCHIVE_ID.or_null("for an empty file"), SIZE, name="proved")
        ),
        says="The archives that came back whole.",
    ),
    Member(
        name="pending",
        shape=ListOf(
            of=record(
                LABEL, JOB_ID.or_null("where it is not asked for yet"), EXPECTED_AT, name="drawn"
            )
        ),
        says="The archives that the service is preparing.",
    ),
    FAILED,
    name="drill",
)

_DELETE_PLAN = record(
    Member(
        name="would_delete",
        shape=ListOf(
            of=record(
                LABEL,
                ARCHIVE_ID.or_null("where there is no archive"),
                SIZE_OR_NULL,
                name="planned_deletion",
            )
        ),
        says="The archives that would be deleted.",
    ),
    EARLY_DELETION.only("where it is known"),
    PRICES.only("where it is known what the deletion costs"),
    name="plan",
)
_DELETE_REPORT = record(DELETED, FAILED, name="report")

_HASHES = record(
    Member(
        name="hashes",
        shape=ListOf(
            of=record(PATH.saying("The file, as the line named it."), TREE_HASH_MEMBER, name="hash")
        ),
        says="The files with their tree hashes.",
    ),
    FAILED,
)

DOCUMENTS = (
    Document(
        command="upload",
        title="What was stored, or would be",
        row=ITEM,
        documents=(_UPLOAD_PLAN, _UPLOAD_REPORT),
        lines=outcomes(_UPLOAD_PLAN, _UPLOAD_REPORT),
    ),
    Document(
        command="retrieve",
        title="What was brought back, or would be",
        row=ITEM,
        documents=(_RETRIEVE_PLAN, _RETRIEVE_REPORT),
        lines=outcomes(
            _RETRIEVE_PLAN,
            _RETRIEVE_REPORT,
            of=("would_retrieve", "retrieved", "pending", "skipped", "failed"),
        ),
    ),
    Document(
        command="sync",
        title="What a sync did, or would do",
        row=ITEM,
        documents=(_SYNC_PLAN, _SYNC_REPORT),
        lines=outcomes(_SYNC_PLAN, _SYNC_REPORT),
    ),
    Document(
        command="verify",
        title="How a directory and a vault differ, or what a restore drill proved",
        row=ITEM,
        documents=(_VERIFY_REPORT, _DRILL_REPORT),
        lines=outcomes(_VERIFY_REPORT, _DRILL_REPORT),
    ),
    Document(
        command="delete",
        title="The archives that were deleted, or would be",
        row=ITEM,
        documents=(_DELETE_PLAN, _DELETE_REPORT),
        lines=outcomes(_DELETE_PLAN, _DELETE_REPORT, of=("would_delete", "deleted", "failed")),
    ),
    Document(
        command="treehash",
        title="The tree hashes of files",
        row=ITEM,
        documents=(_HASHES,),
        lines=outcomes(_HASHES),
    ),
)
