"""What was done and when: only ever added to, and read by people most of all."""

from datetime import datetime

from glaciercli.keymap.database import Database, encode_text
from glaciercli.keymap.values import text, to_ms


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

    def tools(self, vault_key: int) -> list[str]:
        """Return the other tools whose stores were taken over into a vault, each once."""
        rows = self._database.query(
            "SELECT DISTINCT substr(detail, 1, instr(detail, ':') - 1) AS tool FROM journal"
            " WHERE vault_key = ? AND event = 'taken over' AND instr(detail, ':') > 1"
            " ORDER BY tool",
            (vault_key,),
        )
        return [text(tool) for (tool,) in rows]
