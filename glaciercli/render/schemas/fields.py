"""The members that many documents have, and the records that stand in many lists."""

from glaciercli.model.archives import ArchiveState
from glaciercli.model.jobs import Tier
from glaciercli.render.schemas.scalars import (
    BYTES,
    COUNT,
    FLAG,
    TEXT,
    TIME,
    TREE_HASH,
)
from glaciercli.render.schemas.shapes import ListOf, Member, Record, record, word, word_of

VAULT = Member(name="vault", shape=TEXT, says="The vault.")
NAME = Member(name="name", shape=TEXT, says="The name of the archive.")
OLD_NAME = Member(name="old_name", shape=TEXT, says="The name that it had before.")
LABEL = NAME.saying("The name of the archive, or id: and its ID where it has none.")
ARCHIVE_ID = Member(name="archive_id", shape=TEXT, says="The ID that Glacier gave the archive.")
SIZE = Member(name="size_bytes", shape=BYTES, says="The size in bytes.")
SIZE_OR_NULL = SIZE.or_null("where only the store of another tool told of the archive")
TREE_HASH_MEMBER = Member(
    name="tree_hash", shape=TREE_HASH, says="The tree hash, in hexadecimal digits."
)
PATH = Member(name="path", shape=TEXT, says="The file, as an absolute path.")
DRY_RUN = Member(name="dry_run", shape=FLAG, says="Whether nothing was done, as --dry-run asks.")
REASON = Member(name="reason", shape=TEXT, says="Why, in words for people.")
ARCHIVES = Member(name="archives", shape=COUNT, says="How many archives.")
TIER = Member(
    name="tier",
    shape=word(*(tier.value.lower() for tier in Tier)),
    says="How fast the service prepares it, and how dear.",
)
JOB_ID = Member(name="job_id", shape=TEXT, says="The ID of the job at the service.")
EXPECTED_AT = Member(name="expected_at", shape=TIME, says="When it is expected to be ready, about.")
CREATED_AT = Member(name="created_at", shape=TIME, says="When it was made.")

FAILURE = record(
    NAME.saying("What failed: an archive, a file, or what else the command was about."),
    Member(name="error", shape=TEXT, says="What went wrong, in words for people."),
    Member(name="code", shape=TEXT, says="The word of the error; docs/exit-codes.md lists them."),
    Member(name="hint", shape=TEXT, says="What to do about it.").or_null("where nobody knows"),
    name="failure",
)
FAILED = Member(
    name="failed",
    shape=ListOf(of=FAILURE),
    says="What failed; if there is any, the exit code is 3.",
)

SKIPPED = Member(
    name="skipped",
    shape=ListOf(of=record(NAME.saying("What needed nothing."), REASON, name="skipped")),
    says="What needed nothing.",
)

UPLOADED = Member(
    name="uploaded",
    shape=ListOf(
        of=record(
            NAME,
            ARCHIVE_ID.or_null("for an empty file, which is recorded and not stored"),
            SIZE,
            TREE_HASH_MEMBER.or_null("for an empty file"),
            name="uploaded",
        )
    ),
    says="The archives that were stored.",
)

UNSETTLED = Member(
    name="unsettled",
    shape=ListOf(of=record(NAME, SIZE, name="unsettled")),
    says="The archives that are probably stored: the answer was lost, the next inventory tells.",
)

DELETED = Member(
    name="deleted",
    shape=ListOf(
        of=record(
            LABEL,
            ARCHIVE_ID.or_null("where there is no archive, as for an empty file"),
            name="deleted",
        )
    ),
    says="The archives that were deleted.",
)

#: An archive as ``list`` has it.
ARCHIVE: Record = record(
    VAULT,
    NAME.or_null("where it was never given one"),
    ARCHIVE_ID.or_null("where there is no archive, as for an empty file"),
    SIZE_OR_NULL,
    TREE_HASH_MEMBER.or_null("where it is not known"),
    Member(name="uploaded_at", shape=TIME, says="When it was stored."),
    Member(
        name="state", shape=word_of(ArchiveState), says="How sure it is that the service has it."
    ),
    Member(name="modified_at", shape=TIME, says="When its file was last changed.").or_null(
        "where nothing tells"
    ),
    Member(name="description", shape=TEXT, says="Its description at the service, as it came."),
    name="archive",
)
