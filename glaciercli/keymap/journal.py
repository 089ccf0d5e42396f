"""What was done and when: only ever added to, and read by people most of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from glaciercli.keymap.database import Database, encode_text
from glaciercli.keymap.values import from_ms, text, to_ms

#: How many entries are looked at to find the newest of an event.
_LOOKED_BACK = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """Something that was done to a vault as a whole."""

    event: str
    at: datetime
    detail: str


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

    def newest_details(self, event: str, vault_keys: Sequence[int], *, most: int) -> list[str]:
        """Return what the newest entries of an event tell of some vaults, the newest first."""
        marks = ", ".join("?" for _ in vault_keys)
        rows = self._database.query(
            f"SELECT detail FROM journal WHERE event = ? AND vault_key IN ({marks})"
            f" AND entry > (SELECT max(entry) FROM journal) - {_LOOKED_BACK}"
            f" ORDER BY entry DESC LIMIT {most:d}",
            (event, *vault_keys),
        )
        return [text(detail) for (detail,) in rows]

    def of_account(self, events: Sequence[str], place: str) -> list[tuple[str, datetime, str]]:
        """Return some events of an account, the newest first, with time and detail."""
        marks = ", ".join("?" for _ in events)
        rows = self._database.query(
            f"SELECT event, at, detail FROM journal WHERE vault_key IS NULL AND event IN ({marks})"
            f" AND name = CAST(? AS TEXT) AND entry > (SELECT max(entry) FROM journal)"
            f" - {_LOOKED_BACK} ORDER BY entry DESC",
            (*events, encode_text(place)),
        )
        return [(text(event), from_ms(at), text(detail)) for event, at, detail in rows]

    def tools(self, vault_key: int) -> list[str]:
        """Return the other tools whose stores were taken over into a vault, each once."""
        rows = self._database.query(
            "SELECT DISTINCT substr(detail, 1, instr(detail, ':') - 1) AS tool FROM journal"
            " WHERE vault_key = ? AND event = 'taken over' AND instr(detail, ':') > 1"
            " ORDER BY tool",
            (vault_key,),
        )
        return [text(tool) for (tool,) in rows]

    def milestones(self, vault_key: int) -> list[Milestone]:
        """Return what was done to a vault as a whole, the newest first.

        Those are the events whose name begins with ``vault ``: they are few, and have an index.
        """
        rows = self._database.query(
            "SELECT event, at, detail FROM journal"
            " WHERE vault_key = ? AND event >= 'vault ' AND event < 'vault!' ORDER BY entry DESC",
            (vault_key,),
        )
        return [
            Milestone(event=text(event), at=from_ms(at), detail=text(detail))
            for event, at, detail in rows
        ]
