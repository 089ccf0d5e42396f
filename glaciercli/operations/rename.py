"""Another name for an archive, in the key map alone."""

from dataclasses import dataclass

from glaciercli import errors
from glaciercli.core import paths
from glaciercli.core.refs import Ref
from glaciercli.core.text import printable
from glaciercli.operations.context import Context
from glaciercli.operations.dependents import check_rename
from glaciercli.operations.selection import select_some
from glaciercli.reporting import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """An archive that has another name now, or would have."""

    vault: str
    archive_id: str | None
    old_name: str | None
    name: str
    dry_run: bool = False
    exit_code: int = 0


def rename(context: Context, ref: Ref, name: str, *, dry_run: bool) -> Renamed:
    """Give an archive another name; the archive itself is untouched.

    Raises ``RefusedByService`` where a further name of a file stands for it, or would by then.
    """
    if not name:
        raise errors.BadUsage("a name cannot be empty")
    vault = context.recall(ref.vault)
    found = select_some(context.key_map, vault, ref)
    if len(found) > 1:
        raise errors.BadUsage(
            f'"{printable(str(ref))}" stands for {len(found)} archives', hint="rename one at a time"
        )
    archive = found[0]
    check_rename(context, vault, archive, name)
    if (doubt := paths.doubt(name, vault=vault.name)) is not None:
        context.reporter.report(Notice(message=doubt))
    if not dry_run:
        with context.key_map.transaction():
            context.key_map.archives.rename(archive.key, name)
            context.key_map.journal.write(
                "renamed",
                at=context.clock.now(),
                vault_key=vault.key,
                archive_id=archive.archive_id,
                name=name,
                detail=printable(archive.label),
            )
    return Renamed(
        vault=vault.name,
        archive_id=archive.archive_id,
        old_name=archive.name,
        name=name,
        dry_run=dry_run,
    )
