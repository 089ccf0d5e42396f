"""What is on this machine: the key map, the configuration, and what a look over all finds."""

from dataclasses import fields

from glaciercli.model.care import Holdings, MergeCounts
from glaciercli.model.diagnosis import Status
from glaciercli.render.schemas.fields import (
    ARCHIVE_ID,
    DELETED,
    DRY_RUN,
    EXPECTED_AT,
    FAILED,
    JOB_ID,
    NAME,
    PATH,
    SIZE,
    UNSETTLED,
    UPLOADED,
    VAULT,
)
from glaciercli.render.schemas.scalars import COUNT, FLAG, SETTING, TEXT, TEXTS, TIME
from glaciercli.render.schemas.shapes import (
    ITEM,
    WHOLE,
    Document,
    ListOf,
    Member,
    OrNull,
    Record,
    exactly,
    outcomes,
    record,
    word,
    word_of,
)

_HELD = {
    "vaults": "How many vaults the key map knows.",
    "live_archives": "How many archives that are not deleted.",
    "deleted_archives": "How many archives that are.",
    "uploads": "How many uploads that are under way.",
    "jobs": "How many jobs.",
    "downloads": "How many downloads that are under way.",
    "inventories": "How many inventories that were taken in.",
    "journal_entries": "How many entries of the journal.",
}
_MERGED = {
    "vaults_added": "How many vaults were not known.",
    "archives_added": "How many archives were not known.",
    "archives_changed": "How many were known to both, and are known better now.",
    "archives_unchanged": "How many were known as well.",
    "archives_deleted": "How many of the changed ones were live here.",
    "uploads_added": "How many uploads under way were added.",
    "jobs_added": "How many jobs were added.",
    "inventories_added": "How many inventories were added.",
    "journal_added": "How many entries of the journal were added.",
    "downloads_left": "How many downloads under way stay with the other machine.",
}


def _counts(kind: type, says: dict[str, str], prefix: str = "") -> tuple[Member, ...]:
    """Return a member for each count of a class."""
    return tuple(
        Member(name=prefix + one.name, shape=COUNT, says=says[one.name]) for one in fields(kind)
    )


_HOLDINGS = _counts(Holdings, _HELD)
_MERGE_COUNTS = _counts(MergeCounts, _MERGED)

_SOURCE = Member(name="source", shape=TEXT, says="Where it was read, as the line named it.")

_FINDING = record(
    Member(name="kind", shape=TEXT, says="A stable word; docs/key-map.md lists them."),
    Member(name="what", shape=TEXT, says="What is wrong, in a sentence."),
    Member(name="count", shape=COUNT, says="How often."),
    Member(name="examples", shape=TEXTS, says="The first few."),
    Member(name="advice", shape=TEXT, says="What to do about it."),
    name="finding",
)
_CHECK = record(
    PATH.saying("The key map, as an absolute path."),
    SIZE,
    Member(name="full", shape=FLAG, says="Whether every index was compared with its table."),
    Member(name="sound", shape=FLAG, says="Whether nothing is wrong."),
    Member(name="findings", shape=ListOf(of=_FINDING), says="What is wrong."),
)

_SNAPSHOT = record(
    PATH,
    Member(name="taken_at", shape=TIME, says="When it was made."),
    SIZE,
    name="snapshot",
)

_KEPT_AS = Member(
    name="kept_as", shape=TEXT, says="Where the key map that was there is kept."
).or_null("where there was nothing, or nothing was done")


def _holding(name: str, says: str) -> Member:
    return Member(name=name, shape=record(*_HOLDINGS, name="holdings"), says=says)


_RESTORED = record(
    PATH.saying("The key map, as an absolute path."),
    _SOURCE,
    DRY_RUN,
    _KEPT_AS,
    _holding("before", "What was there.").or_null("where that cannot be read"),
    _holding("after", "What is there now."),
)
_RESTORED_LINE = record(
    *_RESTORED.members[:4],
    Member(name="before", shape=OrNull(of=TEXT), says="Null.").only(
        "where what was there cannot be read"
    ),
    *(
        Member(name=one.name, shape=one.shape, says=one.says, required=False)
        for one in _counts(Holdings, _HELD, "before_")
    ),
    *_counts(Holdings, _HELD, "after_"),
)

_STORE_PLAN = record(
    VAULT,
    Member(name="would_upload", shape=TEXT, says="The name that it would have."),
    Member(
        name="would_delete",
        shape=ListOf(
            of=record(NAME, ARCHIVE_ID.or_null("where it is not known yet"), name="doomed")
        ),
        says="The older ones that would be deleted.",
    ),
    name="plan",
)
_STORE_REPORT = record(VAULT, UPLOADED, UNSETTLED, DELETED, FAILED, name="report")

_RECOVERED = record(
    VAULT,
    Member(
        name="status",
        shape=word("recovered", "pending", "planned"),
        says="How far it is; planned in a dry run.",
    ),
    Member(
        name="waiting_for", shape=word("inventory", "retrieval"), says="What the service prepares."
    ).or_null("where it prepares nothing"),
    NAME.saying("The name of the stored key map, the last of several.").or_null(
        "where it is not known yet"
    ),
    JOB_ID.or_null("where nothing is waited for"),
    EXPECTED_AT.or_null("where nothing is waited for"),
    *_MERGE_COUNTS,
)

_SETTING = record(
    NAME.saying("The name of the setting."),
    Member(
        name="value",
        shape=SETTING,
        says="Its value; null where the choice is left to boto3, or to the store.",
    ),
    Member(
        name="source",
        shape=word("command line", "environment", "file", "aws", "default"),
        says="Where the value comes from; aws is a profile of the AWS tools.",
    ),
    Member(
        name="where", shape=TEXT, says="The option, the variable, or the file with its line."
    ).or_null("for a default"),
    name="setting",
)
_SETTINGS = record(
    Member(name="file", shape=TEXT, says="The configuration, as an absolute path."),
    Member(name="exists", shape=FLAG, says="Whether it is there."),
    Member(name="settings", shape=ListOf(of=_SETTING), says="Every setting that counts."),
)

_LOOK = record(
    Member(
        name="check",
        shape=TEXT,
        says="A stable word for what was looked at, or an operation such as glacier:ListVaults.",
    ),
    Member(name="status", shape=word_of(Status), says="How bad it is."),
    Member(name="message", shape=TEXT, says="What was found, in words for people."),
    Member(name="advice", shape=TEXT, says="What to do about it.").or_null(
        "where there is nothing to do"
    ),
    name="finding",
)
_DIAGNOSIS = record(
    Member(name="findings", shape=ListOf(of=_LOOK), says="What was found."),
    Member(name="problems", shape=COUNT, says="How many are problems."),
    Member(name="warnings", shape=COUNT, says="How many are warnings."),
)


def _one(command: str, title: str, *members: Member) -> Document:
    """Return a document of one object, which is also its line."""
    found = record(*members)
    return Document(command=command, title=title, row=WHOLE, documents=(found,), lines=(found,))


def _path(command: str, title: str, heading: str) -> Document:
    """Return a document that tells one path."""
    row = record(PATH, name="place")
    found = record(Member(name=heading, shape=ListOf(of=row), says="One path."))
    return Document(command=command, title=title, row="the path", documents=(found,), lines=(row,))


def _exactly(name: str, says: str) -> Record:
    return record(
        Member(name="outcome", shape=exactly(name), says="What would be done."),
        NAME.saying(says),
    )


DOCUMENTS = (
    _path("keymap path", "Where the key map is", "key_map"),
    Document(
        command="keymap check",
        title="Whether the key map is sound",
        row="a finding",
        documents=(_CHECK,),
        lines=(_FINDING,),
    ),
    _one("keymap backup", "A copy of the key map", PATH, SIZE, DRY_RUN, *_HOLDINGS),
    Document(
        command="keymap restore",
        title="A copy in the place of the key map",
        row="the one object; `before` and `after` begin the names of what lies within",
        documents=(_RESTORED,),
        lines=(_RESTORED_LINE,),
    ),
    Document(
        command="keymap snapshots",
        title="Copies that were made by themselves",
        row="a snapshot",
        documents=(
            record(Member(name="snapshots", shape=ListOf(of=_SNAPSHOT), says="The copies.")),
        ),
        lines=(_SNAPSHOT,),
    ),
    _one("keymap export", "A key map that was given out", PATH, *_HOLDINGS),
    _one("keymap import", "A key map that was filled", _SOURCE, DRY_RUN, *_HOLDINGS),
    _one("keymap merge", "What another key map told", _SOURCE, DRY_RUN, *_MERGE_COUNTS),
    Document(
        command="keymap store",
        title="A key map that was stored in a vault",
        row=ITEM,
        documents=(_STORE_PLAN, _STORE_REPORT),
        lines=(
            _exactly("would_upload", "The name that it would have."),
            *outcomes(_STORE_PLAN, _STORE_REPORT),
        ),
    ),
    _one("keymap recover", "A key map that a vault holds, brought back", *_RECOVERED.members),
    Document(
        command="config show",
        title="Every setting, and where it comes from",
        row="a setting",
        documents=(_SETTINGS,),
        lines=(_SETTING,),
    ),
    _path("config path", "Where the configuration is", "config"),
    _one(
        "config init",
        "A configuration that was written",
        Member(name="written", shape=TEXT, says="Where, as an absolute path."),
    ),
    Document(
        command="doctor",
        title="What a look over everything found",
        row="a finding",
        documents=(_DIAGNOSIS,),
        lines=(_LOOK,),
    ),
)
