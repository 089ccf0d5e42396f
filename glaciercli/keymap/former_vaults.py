"""What is known of a vault that was deleted, and made anew under its name."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TypeAlias

from glaciercli.core.times import CLOCKS_APART
from glaciercli.keymap.codes import CONFIRMED, EMPTY, UNSETTLED, UPLOADED
from glaciercli.keymap.database import Database
from glaciercli.keymap.inventories import MISS
from glaciercli.keymap.values import integer, integer_or_none

#: When each vault was made, as far as that is known: by endpoint, account, region and name.
MadeAt: TypeAlias = Mapping[tuple[object, ...], int | None]

_MADE_AT = "(SELECT created_at FROM vaults WHERE vault_key = ?1)"

_APART_MS = CLOCKS_APART // timedelta(milliseconds=1)


def made_at(database: Database) -> MadeAt:
    """Return when the vaults of a key map were made, in milliseconds."""
    return {identity: made_ms for _, identity, made_ms in _vaults(database)}


def meet(database: Database, told: MadeAt) -> None:
    """Take in when vaults were made, as another key map tells it; a later date is of another vault.

    Done to both before they are united, it leaves nothing of the former vault on either side.
    """
    for key, identity, made_ms in list(_vaults(database)):
        other_ms = told.get(identity)
        if other_ms is not None and (made_ms is None or made_ms < other_ms):
            database.execute(
                "UPDATE vaults SET created_at = ? WHERE vault_key = ?", (other_ms, key)
            )
            leave(database, key)


def _vaults(database: Database) -> Iterator[tuple[int, tuple[object, ...], int | None]]:
    rows = database.query(
        "SELECT vault_key, created_at, endpoint, account, region, name FROM vaults"
    )
    for key, made_ms, *identity in rows:
        yield integer(key), tuple(identity), integer_or_none(made_ms)


def leave(database: Database, vault_key: int) -> int:
    """Mark as missing what is older than its vault, and return how many archives that are.

    Uploads that were begun before are over.  What no inventory has listed is dated by the clock of
    some machine, which may be off.
    """
    database.execute(
        f"DELETE FROM uploads WHERE vault_key = ?1 AND begun_at < {_MADE_AT} - ?2",
        (vault_key, _APART_MS),
    )
    return database.change(
        f"{MISS} WHERE vault_key = ?1 AND state IN ({UPLOADED}, {CONFIRMED}, {UNSETTLED}, {EMPTY})"
        f" AND (archive_id IS NOT NULL OR state = {UNSETTLED})"
        f" AND uploaded_at < {_MADE_AT} - iif(listed_at IS NULL, ?2, 0)",
        (vault_key, _APART_MS),
    )
