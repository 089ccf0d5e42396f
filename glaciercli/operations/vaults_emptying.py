"""What a removal does to the archives of a vault: marked when it was said yes to, then deleted.

Saying yes turns every archive that was shown into a tombstone, in one commit: so what was asked
about is exactly what is *deleting*, whoever goes on with it, and what turned up later is not.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from glaciercli import errors
from glaciercli.core import doom
from glaciercli.core.doom import CANCELLED, CONFIRMED
from glaciercli.core.times import format_time
from glaciercli.core.vault_removal import Facts
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.vaults import KnownVault
from glaciercli.operations.context import Context
from glaciercli.operations.key_map_progress import told_of
from glaciercli.operations.results import ItemFailure
from glaciercli.transfer import flow

EMPTIED = "vault removal emptied"

LIVE = tuple(state for state in ArchiveState if state.is_live)

#: How many deletions are written down together.  One that is not when the run is killed is sent
#: again, which costs nothing and changes nothing.
_TOGETHER = 500

#: And for how long at the most they are not, in seconds: on a slow line fewer come together, and a
#: run that is killed after each minute has to get on too.
_UNWRITTEN_S = 2.0

_DELETING = "deleting archives"


@dataclass(slots=True, kw_only=True)
class Emptied:
    """What became of the archives in one run."""

    count: int = 0
    size_bytes: int = 0
    failed: list[ItemFailure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Answer:
    archive: Archive
    error: errors.GlacierCliError | None


def accept(context: Context, vault: KnownVault, facts: Facts, *, last_key: int) -> None:
    """Write down that all that was shown was said yes to: rows up to the last one of that time.

    Nobody is kept from storing while a person reads and answers.
    """
    archives, now = context.key_map.archives, context.clock.now()
    # Up to which of the service's inventories all is known: a rerun need not ask for it again.
    known = facts.last_inventory_at if facts.knows_last else None
    until = "-" if known is None else format_time(known)
    with context.key_map.transaction():
        count = 0
        for one in archives.in_state(vault, *LIVE):
            if one.key > last_key:
                continue
            made = doom.tombstone(one, said_yes_at=now)
            archives.set_state(one.key, made.state, deleted_at=made.deleted_at)
            count += 1
        context.key_map.journal.write(
            CONFIRMED, at=now, vault_key=vault.key, name=vault.name, detail=f"{until} {count}"
        )


def cancel(context: Context, vault: KnownVault, *, said_yes_at: Collection[datetime]) -> int:
    """Take back what is not deleted yet and return how many archives that is."""
    archives, now = context.key_map.archives, context.clock.now()
    count = 0
    with context.key_map.transaction():
        for one, before in _doomed(context, vault, said_yes_at):
            archives.set_state(one.key, before, deleted_at=None)
            count += 1
        context.key_map.journal.write(
            CANCELLED, at=now, vault_key=vault.key, name=vault.name, detail=f"{count}"
        )
    return count


def count_doomed(context: Context, vault: KnownVault, *, said_yes_at: Collection[datetime]) -> int:
    """Return how many archives ``cancel`` would take back."""
    return sum(1 for _ in _doomed(context, vault, said_yes_at))


def _doomed(
    context: Context, vault: KnownVault, said_yes_at: Collection[datetime]
) -> Iterator[tuple[Archive, ArchiveState]]:
    """Yield what was said yes to and is not deleted yet, with what it was before."""
    for one in context.key_map.archives.doomed(vault):
        before = doom.state_before(one, said_yes_at=said_yes_at)
        if before is not None:
            yield one, before


class _Ledger:
    """Writes down what was deleted, many together."""

    def __init__(self, context: Context, vault: KnownVault) -> None:
        self._context = context
        self._vault = vault
        self._waiting: list[Archive] = []
        self._written_at = context.clock.monotonic()

    def take(self, archive: Archive) -> None:
        """Hear that an archive is deleted."""
        self._waiting.append(archive)
        late = self._context.clock.monotonic() - self._written_at >= _UNWRITTEN_S
        if late or len(self._waiting) >= _TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Write down what was not yet."""
        with self._context.key_map.transaction():
            for one in self._waiting:
                _record(self._context, self._vault, one)
        self._waiting.clear()
        self._written_at = self._context.clock.monotonic()


def empty(context: Context, vault: KnownVault, *, size_bytes: int) -> Emptied:
    """Delete what was said yes to; an archive that is not there any more is deleted too."""
    done = Emptied()
    ledger = _Ledger(context, vault)

    def take(answer: _Answer) -> None:
        if answer.error is not None:
            done.failed.append(ItemFailure(name=answer.archive.label, error=answer.error))
            return
        done.count += 1
        done.size_bytes += answer.archive.size_bytes
        heard(done.size_bytes, size_bytes)
        ledger.take(answer.archive)

    with told_of(context.reporter, _DELETING, size_bytes) as heard:
        try:
            story = flow.each(_works(context, vault), take)
            flow.run_all([story], workers=context.jobs, take=lambda _: None)
        finally:
            ledger.flush()
    return done


def _works(context: Context, vault: KnownVault) -> Iterator[Callable[[], _Answer]]:
    for one in context.key_map.archives.in_state(vault, ArchiveState.DELETING):
        yield partial(_delete, context, vault.name, one)


#: What one archive may fail with while the others go on.
_ITEM_ERRORS = (errors.InvalidRequest, errors.RefusedByService, errors.RemoteNotFound)


def _delete(context: Context, vault: str, archive: Archive) -> _Answer:
    assert archive.archive_id is not None
    try:
        context.service.delete_archive(vault, archive.archive_id)
    except errors.ArchiveElsewhere:
        # It is not in this vault, which is what was wanted; where it is nothing was done.
        pass
    except _ITEM_ERRORS as error:
        return _Answer(archive, error)
    return _Answer(archive, None)


def _record(context: Context, vault: KnownVault, archive: Archive) -> None:
    now = context.clock.now()
    context.key_map.archives.set_state(archive.key, ArchiveState.DELETED, deleted_at=now)
    context.key_map.journal.write(
        ArchiveState.DELETED.value,
        at=now,
        vault_key=vault.key,
        archive_id=archive.archive_id,
        name=archive.name,
    )
