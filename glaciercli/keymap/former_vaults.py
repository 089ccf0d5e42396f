"""What is known of a vault that was deleted, and made anew under its name."""

from datetime import timedelta

from glaciercli.core.times import CLOCKS_APART
from glaciercli.keymap.codes import CONFIRMED, EMPTY, UNSETTLED, UPLOADED
from glaciercli.keymap.database import Database
from glaciercli.keymap.inventories import MISS

_MADE_AT = "(SELECT created_at FROM vaults WHERE vault_key = ?1)"

_APART_MS = CLOCKS_APART // timedelta(milliseconds=1)


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
