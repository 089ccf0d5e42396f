"""The tags of a vault: listed, set and unset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from glaciercli import errors
from glaciercli.operations.context import Context

#: "Tagging Amazon S3 Glacier Resources" in the developer guide.
_MOST_TAGS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TagList:
    """The tags of a vault."""

    vault: str
    tags: Mapping[str, str]
    exit_code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TagChange:
    """Tags that were set or unset, or would be."""

    vault: str
    #: What the keys have now.
    set: Mapping[str, str]
    unset: Sequence[str]
    dry_run: bool = False
    exit_code: int = 0


def show(context: Context, vault: str) -> TagList:
    """Return the tags of a vault, in order of key."""
    return TagList(vault=vault, tags=dict(sorted(context.service.settings.tags(vault).items())))


def put(context: Context, vault: str, tags: Mapping[str, str], *, dry_run: bool) -> TagChange:
    """Set tags; those that a vault has already as wanted need nothing.

    Raises ``RefusedByService`` where they would be too many: many are sent in several calls, and
    the first ones would stay.
    """
    there = context.service.settings.tags(vault)
    new = {key: value for key, value in tags.items() if there.get(key) != value}
    count = len(there.keys() | new.keys())
    if count > _MOST_TAGS:
        raise errors.RefusedByService(
            f'vault "{vault}" would have {count} tags, and {_MOST_TAGS} are the most',
            hint="nothing was changed: unset some first",
        )
    if new and not dry_run:
        context.service.settings.set_tags(vault, new)
    return TagChange(vault=vault, set=new, unset=(), dry_run=dry_run)


def remove(context: Context, vault: str, keys: Sequence[str], *, dry_run: bool) -> TagChange:
    """Unset tags; those that a vault has not need nothing."""
    there = context.service.settings.tags(vault)
    gone = [key for key in dict.fromkeys(keys) if key in there]
    if gone and not dry_run:
        context.service.settings.unset_tags(vault, gone)
    return TagChange(vault=vault, set={}, unset=gone, dry_run=dry_run)
