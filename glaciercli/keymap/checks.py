"""Checks of directories and restore drills under way, so that the same line goes on."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from glaciercli.keymap.codes import CONFIRMED, UPLOADED
from glaciercli.keymap.database import Database, encode_text
from glaciercli.keymap.values import blob, from_ms, integer, text, to_ms
from glaciercli.model.checks import KnownCheck, KnownFinding


class Checks:
    """At most one check for each vault and scope: what is compared with it, and how."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, vault_key: int, scope: str, *, at: datetime) -> KnownCheck:
        """Return the check of a scope that was begun, or begin one."""
        row = self._database.one(
            "SELECT check_key, begun_at, reached, proved, proved_bytes FROM checks"
            " WHERE vault_key = ? AND scope = ?",
            (vault_key, scope),
        )
        if row is not None:
            key, begun_at, reached, proved, proved_bytes = row
            return KnownCheck(
                key=integer(key),
                begun_at=from_ms(begun_at),
                reached=blob(reached),
                proved=integer(proved),
                proved_bytes=integer(proved_bytes),
            )
        key = self._database.execute(
            "INSERT INTO checks (vault_key, scope, begun_at, reached, proved, proved_bytes)"
            " VALUES (?, ?, ?, ?, 0, 0)",
            (vault_key, scope, to_ms(at), b""),
        )
        return KnownCheck(key=key, begun_at=at, reached=b"", proved=0, proved_bytes=0)

    def record(
        self,
        key: int,
        *,
        reached: bytes,
        proved: int,
        proved_bytes: int,
        found: Iterable[KnownFinding],
        settled: Iterable[KnownFinding] = (),
    ) -> None:
        """Write down how far a check has come, and what it has found since the last time.

        What is ``settled`` was found before, and is so no more.
        """
        with self._database.transaction():
            self._database.execute(
                "UPDATE checks SET reached = ?, proved = ?, proved_bytes = ? WHERE check_key = ?",
                (reached, proved, proved_bytes, key),
            )
            for one in settled:
                self._database.execute(
                    "DELETE FROM check_findings"
                    " WHERE check_key = ? AND finding = ? AND name = CAST(? AS TEXT)",
                    (key, one.finding, encode_text(one.name)),
                )
            for one in found:
                self._database.execute(
                    "INSERT INTO check_findings (check_key, finding, name, reason)"
                    " VALUES (?, ?, CAST(? AS TEXT), CAST(? AS TEXT))",
                    (key, one.finding, encode_text(one.name), encode_text(one.reason)),
                )

    def findings(self, key: int) -> list[KnownFinding]:
        """Return what a check has found so far, in the order in which it was found."""
        rows = self._database.query(
            "SELECT finding, name, reason FROM check_findings WHERE check_key = ?"
            " ORDER BY finding_key",
            (key,),
        )
        return [
            KnownFinding(finding=text(finding), name=text(name), reason=text(reason))
            for finding, name, reason in rows
        ]

    def end(self, key: int) -> None:
        """Drop a check: it is complete, or is begun anew."""
        self._database.execute("DELETE FROM checks WHERE check_key = ?", (key,))

    def candidates(self, vault_key: int) -> Iterator[int]:
        """Yield the keys of the archives that a restore drill may draw, in random order.

        Only what can be proved takes part: archives with an ID and a tree hash, of a byte at least.
        """
        rows = self._database.query(
            f"SELECT archive_key FROM archives WHERE vault_key = ?"
            f" AND state IN ({UPLOADED}, {CONFIRMED})"
            " AND tree_hash IS NOT NULL AND size_bytes > 0 ORDER BY random()",
            (vault_key,),
        )
        return (integer(key) for (key,) in rows)

    def begin_drill(self, vault_key: int, archive_keys: Sequence[int]) -> None:
        """Write down what was drawn."""
        with self._database.transaction():
            for key in archive_keys:
                self._database.execute(
                    "INSERT INTO drills (vault_key, archive_key) VALUES (?, ?)", (vault_key, key)
                )

    def drawn(self, vault_key: int) -> list[int]:
        """Return the archives of a drill under way, by their keys; nothing where there is none."""
        rows = self._database.query(
            "SELECT archive_key FROM drills WHERE vault_key = ? ORDER BY archive_key", (vault_key,)
        )
        return [integer(key) for (key,) in rows]

    def note_drilled(self, vault_key: int, archive_keys: Sequence[int]) -> None:
        """Write down which archives of a drill were brought back and proved."""
        with self._database.transaction():
            for key in archive_keys:
                self._database.execute(
                    "UPDATE drills SET proved = 1 WHERE vault_key = ? AND archive_key = ?",
                    (vault_key, key),
                )

    def proved_in_drill(self, vault_key: int) -> set[int]:
        """Return the archives of a drill under way that were proved."""
        rows = self._database.query(
            "SELECT archive_key FROM drills WHERE vault_key = ? AND proved", (vault_key,)
        )
        return {integer(key) for (key,) in rows}

    def end_drill(self, vault_key: int) -> None:
        """Drop a drill."""
        self._database.execute("DELETE FROM drills WHERE vault_key = ?", (vault_key,))
