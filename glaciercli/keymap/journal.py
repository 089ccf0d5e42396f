"""What was done and when: only ever added to, and read by people."""

from datetime import datetime

from glaciercli.keymap.database import Database, encode_text
from glaciercli.keymap.values import to_ms


class Journal:
    """The history of changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(
        self,
        event: str,
        *,
        at: datetime,
        vault_key: int | None = None,
        archive_id: str | None = None,
        name: str | None = None,
        detail: str = "",
    ) -> None:
        """Add an entry, in the transaction of what it tells about."""
        self._database.execute(
            "INSERT INTO journal (at, vault_key, event, archive_id, name, detail)"
            " VALUES (?, ?, ?, ?, CAST(? AS TEXT), ?)",
            (to_ms(at), vault_key, event, archive_id, encode_text(name), detail),
        )
