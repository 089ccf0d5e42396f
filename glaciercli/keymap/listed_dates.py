"""When archives were last listed by an inventory.

A complete inventory lists most archives just as they are known.  Writing its date into each of
their rows would take far longer than reading it, so the vault holds the date once for all of them:
``vaults.listed_until`` stands for ``listed_at`` in every confirmed archive with an earlier one.
What such an inventory adds has the earliest of all, which takes no room.
"""

from datetime import datetime

from glaciercli.keymap.codes import CONFIRMED
from glaciercli.keymap.database import Database
from glaciercli.keymap.values import to_ms

#: The ``listed_at`` of an archive that its vault holds the date for.
AS_ITS_VAULT = 0

#: The date of the newest inventory that listed a row of ``archives``.
LISTED_AT = (
    f"CASE WHEN archives.state = {CONFIRMED} THEN max(archives.listed_at, coalesce((SELECT"
    " listed_until FROM vaults WHERE vaults.vault_key = archives.vault_key), archives.listed_at))"
    " ELSE archives.listed_at END"
)


def extend(database: Database, vault_key: int, date: datetime) -> None:
    """Record that an inventory listed every confirmed archive of a vault that is not younger."""
    database.execute(
        "UPDATE vaults SET listed_until = ? WHERE vault_key = ?", (to_ms(date), vault_key)
    )


def settle(database: Database) -> None:
    """Write into each archive what its vault holds for it.

    What one key map holds for all archives of a vault is not true of those that another adds.
    """
    with database.transaction():
        database.execute(
            "UPDATE archives SET listed_at = vaults.listed_until FROM vaults"
            f" WHERE vaults.vault_key = archives.vault_key AND archives.state = {CONFIRMED}"
            " AND archives.listed_at < vaults.listed_until"
        )
        database.execute("UPDATE vaults SET listed_until = NULL WHERE listed_until IS NOT NULL")
