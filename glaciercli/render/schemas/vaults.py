"""Vaults and what belongs to them and to the account."""

from glaciercli.core.vault_removal import Step
from glaciercli.render.schemas.fields import (
    CREATED_AT,
    DRY_RUN,
    FAILED,
    NAME,
    SIZE,
    VAULT,
)
from glaciercli.render.schemas.money import BILLED, COST_MEMBERS, EARLY_DELETION, PRICES
from glaciercli.render.schemas.scalars import (
    BYTES,
    COUNT,
    FLAG,
    POLICY,
    TEXT,
    TEXTS,
    TIME,
)
from glaciercli.render.schemas.shapes import (
    WHOLE,
    Document,
    ListOf,
    MapOf,
    Member,
    OrNull,
    Record,
    exactly,
    record,
    word,
)

_NEXT_AT = Member(name="next_at", shape=TIME, says="When the same line can go on.").or_null(
    "where it can at once, or is done"
)
_VAULT_ROW = record(
    NAME.saying("The name of the vault."),
    Member(name="archive_count", shape=COUNT, says="How many archives its last inventory lists."),
    SIZE.saying("The size in bytes by its last inventory, with 32 KiB of overhead an archive."),
    CREATED_AT,
    Member(name="last_inventory_at", shape=TIME, says="The date of its last inventory.").or_null(
        "before the first one"
    ),
    Member(name="arn", shape=TEXT, says="Its ARN."),
    name="vault",
)
_VAULTS = record(Member(name="vaults", shape=ListOf(of=_VAULT_ROW), says="The vaults."))


def _deed(*words: str) -> Member:
    return Member(name="deed", shape=word(*words), says="What was done, or would be in a dry run.")


_POLICY = Member(name="policy", shape=POLICY, says="The policy, as the JSON that it is.")

_LOCK_MEMBERS = (
    Member(
        name="state", shape=OrNull(of=word("in_progress", "locked")), says="Null without a lock."
    ),
    _POLICY.saying("The policy of the lock, as the JSON that it is, or null without a lock."),
    CREATED_AT.saying("When it was started.").or_null("without a lock"),
    Member(name="expires_at", shape=TIME, says="When a lock in progress ends by itself.").or_null(
        "where it does not"
    ),
)

_LOCK_ID = Member(
    name="lock_id", shape=TEXT, says="What completing the lock needs; the key map keeps it."
)

_NOTIFICATION_MEMBERS = (
    Member(name="topic", shape=TEXT, says="The ARN of the topic that hears.").or_null(
        "where none does"
    ),
    Member(
        name="events",
        shape=ListOf(of=word("archive", "inventory")),
        says="Of which finished jobs it hears.",
    ),
)


def _count(name: str, says: str) -> Member:
    return Member(name=name, shape=COUNT, says=says)


def _bytes(name: str, says: str) -> Member:
    return Member(name=name, shape=BYTES, says=says)


_DETAILS = record(
    *_VAULT_ROW.members,
    _count("known_archives", "How many archives the key map knows in it."),
    _bytes("known_bytes", "The sum of their sizes in bytes."),
    Member(
        name="reconciled_inventory_at",
        shape=TIME,
        says="The date of the newest inventory that the key map took in.",
    ).or_null("where it took in none"),
    Member(name="last_drill_at", shape=TIME, says="When the last restore drill was.").or_null(
        "where there was none"
    ),
    _count("unfinished_uploads", "How many uploads are unfinished at the service."),
    _count("jobs_in_progress", "How many jobs the service is at."),
    _count("jobs_ready", "How many jobs have an output."),
    Member(name="tags", shape=MapOf(of=TEXT), says="Its tags."),
    _POLICY.saying("Its access policy, as the JSON that it is, or null."),
    Member(name="lock", shape=record(*_LOCK_MEMBERS, name="lock"), says="Its lock."),
    Member(
        name="notifications",
        shape=record(*_NOTIFICATION_MEMBERS, name="notifications"),
        says="Who hears of its jobs.",
    ),
    Member(
        name="hidden",
        shape=ListOf(
            of=record(
                Member(name="what", shape=TEXT, says="What was asked for."),
                Member(name="error", shape=TEXT, says="What the service answered."),
                name="hidden",
            )
        ),
        says="What the service does not let be looked at.",
    ),
)

_CREATED = record(VAULT, _deed("created"), DRY_RUN)
_EMPTY_DELETED = record(VAULT, _deed("deleted"), DRY_RUN, name="empty_vault")

_STEP = Member(
    name="next", shape=word(*(step.value for step in Step)), says="The step that comes next."
)

_REMOVAL_PLAN = record(
    VAULT,
    _STEP,
    _count("to_ask_archives", "How many archives the question would be about."),
    _bytes("to_ask_bytes", "The sum of their sizes in bytes."),
    _count("to_ask_unmeasured", "How many of them have an unknown size, counted as 0."),
    _count("to_delete_archives", "How many were said yes to and are not deleted yet."),
    _bytes("to_delete_bytes", "The sum of their sizes in bytes."),
    _count("listed_archives", "How many archives the service's last inventory lists."),
    _count("relisted_archives", "How many of them were deleted before."),
    _count("unfinished_uploads", "How many unfinished uploads would be dropped."),
    _NEXT_AT,
    EARLY_DELETION,
    PRICES,
    DRY_RUN,
    name="plan",
)

_REMOVAL_REPORT = record(
    VAULT,
    Member(name="gone", shape=FLAG, says="Whether the vault is removed."),
    Member(name="next", shape=OrNull(of=_STEP.shape), says="The step that comes next, or null."),
    _NEXT_AT,
    _count("deleted_archives", "How many archives this run deleted."),
    _bytes("deleted_bytes", "The sum of their sizes in bytes."),
    _count("aborted_uploads", "How many unfinished uploads this run dropped."),
    FAILED,
    name="report",
)

_CANCELLED = record(
    VAULT,
    _count("kept_archives", "How many archives are again what they were before the yes."),
    DRY_RUN,
    name="cancelled",
)

_FLAT_REMOVAL = (
    _EMPTY_DELETED,
    _REMOVAL_PLAN.without("early_deletion", "prices"),
    _REMOVAL_REPORT.without("failed"),
    _CANCELLED,
)

_TAGS = record(VAULT, Member(name="tags", shape=MapOf(of=TEXT), says="The tags."))
_TAG_CHANGE = record(
    VAULT,
    Member(name="set", shape=MapOf(of=TEXT), says="The tags that are new or have a new value."),
    Member(name="unset", shape=TEXTS, says="The keys of the tags that are gone."),
    DRY_RUN,
)
_KEY = Member(name="key", shape=TEXT, says="The key of the tag.")
_VALUE = Member(name="value", shape=TEXT, says="Its value.")
_TAG_LINES = tuple(
    record(Member(name="outcome", shape=exactly(outcome), says="What became of the tag."), *members)
    for outcome, members in (("set", (_KEY, _VALUE)), ("unset", (_KEY,)))
)

_POLICY_CHANGE = record(
    VAULT,
    _POLICY.saying("The policy that holds now, as the JSON that it is, or null."),
    Member(name="before", shape=POLICY, says="The policy that it replaced, or null."),
    DRY_RUN,
)

_LOCK_ENDED = record(VAULT, _deed("completed", "aborted"), DRY_RUN)
_NOTIFICATION_CHANGE = record(VAULT, *_NOTIFICATION_MEMBERS, DRY_RUN)

_STRATEGY = Member(
    name="strategy", shape=word("none", "free_tier", "bytes_per_hour"), says="What is refused."
)
_HOURLY = _bytes("hourly_bytes", "How much may be retrieved in an hour, in bytes.").only(
    "with the strategy bytes_per_hour"
)
_RETRIEVAL_POLICY = record(_STRATEGY, _HOURLY)
_RETRIEVAL_POLICY_CHANGE = record(
    _STRATEGY,
    _HOURLY,
    Member(
        name="before",
        shape=record(_STRATEGY, _HOURLY, name="retrieval_policy"),
        says="The policy that it replaced.",
    ),
    DRY_RUN,
)

_UNIT = record(
    Member(name="capacity_id", shape=TEXT, says="The ID of the unit."),
    Member(name="started_at", shape=TIME, says="Since when it is there."),
    Member(name="expires_at", shape=TIME, says="Until when it is there."),
    name="unit",
)
_PURCHASE = record(
    Member(name="capacity_id", shape=TEXT, says="The ID of the unit.").or_null("in a dry run"),
    _count("units_before", "How many units there were."),
    BILLED,
    *COST_MEMBERS,
    PRICES,
    DRY_RUN,
)


def _one(command: str, title: str, found: Record) -> Document:
    """Return a document of one object, which is also its line."""
    return Document(command=command, title=title, row=WHOLE, documents=(found,), lines=(found,))


DOCUMENTS = (
    Document(
        command="vault list",
        title="Vaults",
        row="a vault",
        documents=(_VAULTS,),
        lines=(_VAULT_ROW,),
    ),
    _one("vault create", "A vault that was made", _CREATED),
    Document(
        command="vault show",
        title="A vault with everything about it",
        row="the one object, without what lies within it",
        documents=(_DETAILS,),
        lines=(_DETAILS.without("tags", "policy", "lock", "notifications", "hidden"),),
    ),
    Document(
        command="vault delete",
        title="How far the removal of a vault is",
        row="the one object, without what lies within it",
        documents=(_EMPTY_DELETED, _REMOVAL_PLAN, _REMOVAL_REPORT, _CANCELLED),
        lines=_FLAT_REMOVAL,
    ),
    Document(
        command="vault tag list",
        title="The tags of a vault",
        row="a tag",
        documents=(_TAGS,),
        lines=(record(_KEY, _VALUE),),
    ),
    Document(
        command="vault tag set",
        title="Tags that were set",
        row="a tag that changed",
        documents=(_TAG_CHANGE,),
        lines=_TAG_LINES,
    ),
    Document(
        command="vault tag unset",
        title="Tags that were removed",
        row="a tag that changed",
        documents=(_TAG_CHANGE,),
        lines=_TAG_LINES,
    ),
    _one(
        "vault policy show",
        "The access policy of a vault",
        record(VAULT, _POLICY.saying("The policy, as the JSON that it is, or null.")),
    ),
    _one("vault policy set", "An access policy that was set", _POLICY_CHANGE),
    _one("vault policy remove", "An access policy that was removed", _POLICY_CHANGE),
    _one(
        "vault lock show",
        "The lock of a vault",
        record(VAULT, *_LOCK_MEMBERS, _LOCK_ID.or_null("where it is not known here")),
    ),
    _one(
        "vault lock start",
        "A lock that was started",
        record(
            VAULT,
            _deed("started"),
            _LOCK_ID.or_null("in a dry run"),
            _POLICY,
            Member(name="expires_at", shape=TIME, says="When it ends by itself.").or_null(
                "in a dry run"
            ),
            DRY_RUN,
        ),
    ),
    _one("vault lock complete", "A lock that is final", _LOCK_ENDED),
    _one("vault lock abort", "A lock that was taken back", _LOCK_ENDED),
    _one("vault notify show", "Who hears of a vault's jobs", record(VAULT, *_NOTIFICATION_MEMBERS)),
    _one("vault notify set", "Notifications that were set", _NOTIFICATION_CHANGE),
    _one("vault notify remove", "Notifications that were removed", _NOTIFICATION_CHANGE),
    _one("account policy show", "How retrievals are limited", _RETRIEVAL_POLICY),
    Document(
        command="account policy set",
        title="A limit of retrievals that was set",
        row="the one object, without `before`",
        documents=(_RETRIEVAL_POLICY_CHANGE,),
        lines=(_RETRIEVAL_POLICY_CHANGE.without("before"),),
    ),
    Document(
        command="account capacity list",
        title="Units of provisioned capacity",
        row="a unit",
        documents=(record(Member(name="units", shape=ListOf(of=_UNIT), says="The units.")),),
        lines=(_UNIT,),
    ),
    Document(
        command="account capacity buy",
        title="A unit of capacity that was bought",
        row="the one object, without what lies within it",
        documents=(_PURCHASE,),
        lines=(_PURCHASE.without("charges", "prices", "missing_prices"),),
    ),
)
