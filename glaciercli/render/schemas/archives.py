"""What is known of archives: listings, inventories, jobs and unfinished uploads."""

from glaciercli.core.foreign_stores.records import StoreFormat
from glaciercli.model.jobs import JobStatus
from glaciercli.render.schemas.fields import (
    ARCHIVE,
    ARCHIVE_ID,
    CREATED_AT,
    DRY_RUN,
    EXPECTED_AT,
    FAILED,
    JOB_ID,
    NAME,
    OLD_NAME,
    REASON,
    SIZE,
    TIER,
    VAULT,
)
from glaciercli.render.schemas.scalars import BYTES, COUNT, FLAG, TEXT, TIME
from glaciercli.render.schemas.shapes import (
    ITEM,
    WHOLE,
    Document,
    ListOf,
    MapOf,
    Member,
    OrNull,
    exactly,
    outcomes,
    record,
    word,
    word_of,
)

_ARCHIVES = record(
    Member(name="archives", shape=ListOf(of=ARCHIVE), says="The archives."), name="listing"
)

_DUPLICATE = record(
    Member(name="group", shape=COUNT, says="The number of the group of equal archives."),
    Member(name="copies", shape=COUNT, says="How many archives the group has."),
    Member(name="wasted_bytes", shape=BYTES, says="What they take beyond one copy, in bytes."),
    *ARCHIVE.members,
    name="duplicate",
)

_DUPLICATES = record(
    Member(name="groups", shape=COUNT, says="How many groups of equal archives there are."),
    Member(name="archive_count", shape=COUNT, says="How many archives are in a group."),
    Member(name="wasted_bytes", shape=BYTES, says="What all groups waste, in bytes."),
    Member(
        name="duplicates",
        shape=ListOf(of=_DUPLICATE),
        says="The archives, those of a group one after the other.",
    ),
    name="duplicates",
)

_RENAMED = record(
    VAULT,
    ARCHIVE_ID.or_null("where there is no archive, as for an empty file"),
    OLD_NAME.or_null("where it had none"),
    NAME.saying("The name that it has now."),
    DRY_RUN,
)


def _count(name: str, says: str) -> Member:
    return Member(name=name, shape=COUNT, says=says)


_INVENTORY_DATE = Member(
    name="inventory_date", shape=TIME, says="The date of the inventory, by the service."
)

_COUNTS = (
    _count("added", "How many archives were not known before."),
    _count("confirmed", "How many are listed as they are known."),
    _count("missing", "How many should be listed and are not; they are kept."),
    _count("not_yet_listed", "How many are newer than the inventory."),
    _count("deleted", "How many were deleted, and are still listed."),
)

_NAMES_BY_FORMAT = Member(
    name="names_by_format",
    shape=MapOf(of=COUNT),
    says="How many names were found in descriptions, by the tool that wrote them.",
)

_RECONCILED = record(
    Member(name="status", shape=exactly("reconciled"), says="That an inventory was taken in."),
    _INVENTORY_DATE,
    *_COUNTS,
    _count("settled", "How many had been in doubt, and are no more."),
    _count("contradictions", "How many are listed with another size or tree hash."),
    _NAMES_BY_FORMAT,
    DRY_RUN,
    name="reconciled",
)

_WAITING = record(
    Member(
        name="status",
        shape=word("requested", "pending"),
        says="Whether the inventory is asked for now, or was before.",
    ),
    Member(name="inventory_date", shape=OrNull(of=TIME), says="Null: there is no inventory yet."),
    *_COUNTS,
    JOB_ID.or_null("in a dry run"),
    EXPECTED_AT,
    name="waiting",
)

_FRESH = record(
    Member(
        name="status",
        shape=exactly("reconciled"),
        says="That the inventory taken in before is young enough.",
    ),
    _INVENTORY_DATE,
    *_COUNTS,
    name="fresh",
)

_TAKEN_OVER = record(
    Member(name="status", shape=exactly("reconciled"), says="That the store was taken in."),
    Member(name="format", shape=word_of(StoreFormat), says="The tool whose store it is."),
    Member(name="inventory_date", shape=OrNull(of=TIME), says="Null: a store is no inventory."),
    _count("added", "How many archives were not known before."),
    _count("confirmed", "0: only an inventory confirms."),
    _count("missing", "0: only an inventory shows that."),
    _count("not_yet_listed", "0: only an inventory lists."),
    _count("deleted", "How many the store knows to be deleted."),
    _count("named", "How many were known, and got a name."),
    _count("completed", "How many were known with less."),
    _count("known", "How many were known as well."),
    _count("conflicts", "Of how many the store says otherwise; the key map stays."),
    Member(
        name="reasons",
        shape=MapOf(of=COUNT),
        says="Every archive, counted once, by what became of it.",
    ),
    _NAMES_BY_FORMAT,
    _count("other_vaults", "How many records of other vaults were left out."),
    _count("retrievals", "How many records of retrievals were left out."),
    _count("without_id", "How many records without an archive ID were left out."),
    DRY_RUN,
    name="taken_over",
)


def _date(name: str, says: str, when: str) -> Member:
    return Member(name=name, shape=TIME, says=says).or_null(when)


_REMARK = record(
    *ARCHIVE.members,
    _date("listed_at", "The date of the newest inventory that lists it.", "where none does"),
    _date("deleted_at", "When it was deleted.", "where it was not"),
    _date(
        "missing_since_date",
        "The first inventory that should have listed it and did not.",
        "where there is none",
    ),
    _date("agreed_date", "The first inventory that agreed with its deletion.", "where none did"),
    REASON.saying("All of that as a sentence for people."),
    name="remark",
)

_STATE = record(
    VAULT,
    _INVENTORY_DATE.or_null("where none was taken in"),
    _date("reconciled_at", "When it was taken in.", "where none was"),
    Member(name="archive_count", shape=COUNT, says="How many archives it lists.").or_null(
        "where none was taken in"
    ),
    _count("known_archives", "How many archives the key map knows in the vault."),
    Member(name="known_bytes", shape=BYTES, says="The sum of their sizes in bytes."),
    Member(
        name="differences",
        shape=ListOf(of=_REMARK),
        says="The archives that need a look, or that were asked for by name.",
    ),
)

_JOB = record(
    VAULT,
    JOB_ID.or_null("where its start was not answered yet"),
    Member(name="action", shape=word("inventory", "retrieval"), says="What the service prepares."),
    NAME.or_null("for an inventory, and for an archive without a name"),
    ARCHIVE_ID.or_null("for an inventory"),
    TIER.or_null("for an inventory"),
    Member(
        name="status",
        shape=word(*(status.value.lower() for status in JobStatus)),
        says="How far it is.",
    ),
    Member(name="status_message", shape=TEXT, says="What the service says of it."),
    CREATED_AT.saying("When it was asked for."),
    _date("completed_at", "When it was done.", "while it is not"),
    EXPECTED_AT.or_null("once it is done"),
    _date("expires_at", "When its output goes away.", "while it is not done"),
    SIZE.saying("The size of its output in bytes.").or_null("where that is not known"),
    name="job",
)
_JOBS = record(Member(name="jobs", shape=ListOf(of=_JOB), says="The jobs."))

_UPLOAD = record(
    VAULT,
    Member(name="upload_id", shape=TEXT, says="The ID of the upload at the service."),
    NAME.saying("The name that its description tells.").or_null("where it tells none"),
    Member(name="description", shape=TEXT, says="Its description at the service."),
    Member(
        name="ours",
        shape=FLAG,
        says="Whether the same line goes on with it; else it is an orphan.",
    ),
    Member(name="part_size_bytes", shape=BYTES, says="The size of its parts in bytes."),
    _count("parts", "How many parts have arrived."),
    SIZE.saying("How much has arrived, in bytes."),
    CREATED_AT.saying("When it was begun."),
    name="upload",
)
_UPLOADS = record(
    Member(name="uploads", shape=ListOf(of=_UPLOAD), says="The unfinished uploads."),
    SIZE.saying("How much of them has arrived, in bytes."),
)
_ABORTED = record(
    Member(name="aborted", shape=ListOf(of=_UPLOAD), says="What was dropped."),
    FAILED,
    name="report",
)
_ABORT_PLAN = record(
    Member(name="would_abort", shape=ListOf(of=_UPLOAD), says="What would be dropped."),
    name="plan",
)

_NAMING = record(
    Member(
        name="named",
        shape=ListOf(
            of=record(
                ARCHIVE_ID.or_null("while its upload is in doubt"),
                NAME,
                OLD_NAME.or_null("where it had none"),
                SIZE,
                name="named",
            )
        ),
        says="The archives that got a name.",
    ),
    Member(
        name="ambiguous",
        shape=ListOf(
            of=record(
                ARCHIVE_ID.or_null("while its upload is in doubt"),
                SIZE,
                Member(name="candidates", shape=ListOf(of=TEXT), says="The names that fit."),
                name="ambiguous",
            )
        ),
        says="The archives of which several files hold the same.",
    ),
    _count("unmatched", "How many archives stay without a name."),
    FAILED,
    DRY_RUN,
)

_FLAT_TAKEN_OVER = _TAKEN_OVER.without("reasons", "names_by_format")
_FLAT_RECONCILED = _RECONCILED.without("names_by_format")

DOCUMENTS = (
    Document(
        command="list",
        title="Archives of the key map",
        row="an archive",
        documents=(_ARCHIVES, _DUPLICATES),
        lines=(ARCHIVE, _DUPLICATE),
    ),
    Document(
        command="rename",
        title="A name that was changed",
        row=WHOLE,
        documents=(_RENAMED,),
        lines=(_RENAMED,),
    ),
    Document(
        command="inventory refresh",
        title="What an inventory showed, or when it is expected",
        row="the one object, without `names_by_format`",
        documents=(_RECONCILED, _WAITING, _FRESH),
        lines=(_FLAT_RECONCILED, _WAITING, _FRESH),
    ),
    Document(
        command="inventory import",
        title="What a saved inventory or the store of another tool told",
        row="the one object, without `names_by_format` and `reasons`",
        documents=(_RECONCILED, _TAKEN_OVER),
        lines=(_FLAT_RECONCILED, _FLAT_TAKEN_OVER),
    ),
    Document(
        command="inventory show",
        title="The last inventory, and what needs a look",
        row="an archive of `differences`",
        documents=(_STATE,),
        lines=(_REMARK,),
    ),
    Document(
        command="inventory export",
        title="Every archive of a vault",
        row="an archive",
        documents=(_ARCHIVES,),
        lines=(ARCHIVE,),
    ),
    Document(command="job list", title="Jobs", row="a job", documents=(_JOBS,), lines=(_JOB,)),
    Document(
        command="job show",
        title="One job",
        row="the job",
        documents=(_JOBS,),
        lines=(_JOB,),
        like="job list",
    ),
    Document(
        command="upload-parts list",
        title="Unfinished uploads",
        row="an upload",
        documents=(_UPLOADS,),
        lines=(_UPLOAD,),
    ),
    Document(
        command="upload-parts abort",
        title="Unfinished uploads that were dropped, or would be",
        row=ITEM,
        documents=(_ABORTED, _ABORT_PLAN),
        lines=outcomes(_ABORTED, _ABORT_PLAN),
    ),
    Document(
        command="keymap name-from",
        title="Archives that were named after local files",
        row=ITEM,
        documents=(_NAMING,),
        lines=outcomes(_NAMING),
    ),
)
