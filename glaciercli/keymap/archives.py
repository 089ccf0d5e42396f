"""Archives and their names: every version, tombstones among them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from glaciercli.keymap import identifiers
from glaciercli.keymap.database import Database, Parameter, decode_text, encode_text
from glaciercli.keymap.listed_dates import LISTED_AT
from glaciercli.keymap.values import (
    blob_or_none,
    from_ms,
    from_ms_or_none,
    integer,
    integer_or_none,
    member,
    nanoseconds,
    text,
    text_or_none,
    to_ms,
)
from glaciercli.model.archives import Archive, ArchiveState
from glaciercli.model.vaults import KnownVault, VaultIdentity

if TYPE_CHECKING:
    # Only what writes needs it, and listing starts quickly.
    from glaciercli.model.new_archives import NewArchive

#: What ``archive_of`` reads.
COLUMNS = (
    "archives.archive_key, archives.archive_id, archives.name, archives.description, archives.tag,"
    " archives.size_bytes, archives.tree_hash, archives.modified_ns, archives.uploaded_at,"
    f" archives.state, {LISTED_AT}, archives.deleted_at"
)
#: How many archives are read at once.
_PAGE_ROWS = 1000

_LIVE = "state NOT IN ('deleting', 'deleted')"


class Archives:
    """Questions about archives, and changes of what is known of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, vault_key: int, new: "NewArchive") -> int:
        """Put in an archive and return its key."""
        rank = None if new.archive_id is None else identifiers.rank(new.archive_id)
        return self._database.execute(
            "INSERT INTO archives (vault_key, id_rank, archive_id, name, name_source, description,"
            " tag, size_bytes, tree_hash, modified_ns, uploaded_at, state)"
            " VALUES (?, ?, ?, CAST(? AS TEXT), ?, CAST(? AS TEXT), CAST(? AS TEXT),"
            " ?, ?, ?, ?, ?)",
            (
                vault_key,
                rank,
                new.archive_id,
                encode_text(new.name),
                new.name_source,
                encode_text(new.description),
                encode_text(new.tag),
                new.size_bytes,
                new.tree_hash,
                nanoseconds(new.modified_ns),
                to_ms(new.uploaded_at),
                new.state.value,
            ),
        )

    def adopt(self, vault: KnownVault, new: "NewArchive") -> Archive | None:
        """Return the row, if there is one, that an inventory made of a new archive before.

        It is the row of its ID, or of its mark; where it has neither, one that only an inventory
        knows, with the same description and content.  A tombstone counts as well: it is known.
        What the row lacks is filled in; a name that was read out of a description gives way.
        """
        if new.archive_id is not None:
            found = self.by_id(vault, new.archive_id)
        elif new.tag is not None:
            found = next(self._select(vault, "tag = ? LIMIT 1", new.tag), None)
        else:
            condition = (
                "name_source IN ('description', 'none')"
                " AND description = CAST(? AS TEXT) AND size_bytes = ? AND tree_hash = ?"
                f" AND {_LIVE} ORDER BY uploaded_at DESC LIMIT 1"
            )
            values = (encode_text(new.description), new.size_bytes, new.tree_hash)
            found = next(self._select(vault, condition, *values), None)
        if found is None:
            return None
        self._database.execute(
            "UPDATE archives SET modified_ns = coalesce(modified_ns, ?),"
            " name = CASE name_source WHEN 'user' THEN name ELSE CAST(? AS TEXT) END,"
            " name_source = CASE name_source WHEN 'user' THEN 'user' ELSE ? END"
            " WHERE archive_key = ?",
            (nanoseconds(new.modified_ns), encode_text(new.name), new.name_source, found.key),
        )
        return found

    def newest(self, vault: KnownVault, name: str) -> Archive | None:
        """Return the newest live version of a name."""
        return next(self.named(vault, name), None)

    def named(self, vault: KnownVault, name: str) -> Iterator[Archive]:
        """Yield the live versions of a name, newest first."""
        return self._select(
            vault,
            f"name = CAST(? AS TEXT) AND {_LIVE} ORDER BY uploaded_at DESC, archive_key DESC",
            encode_text(name),
        )

    def live(self, vault: KnownVault, *, prefix: str = "") -> Iterator[Archive]:
        """Yield the live archives whose name starts with a prefix.

        In order of name, the versions of one newest first; archives without a name come first of
        all, where there is no prefix.
        """
        low = encode_text(prefix) or b""
        if not low:
            return chain(self._unnamed(vault, _LIVE), self._named(vault, _LIVE))
        return self._named(vault, _LIVE, low=low)

    def every(self, vault: KnownVault) -> Iterator[Archive]:
        """Yield all archives of a vault, tombstones too, in order of name."""
        return chain(self._unnamed(vault, "1"), self._named(vault, "1"))

    def guessed(self, vault: KnownVault) -> Iterator[Archive]:
        """Yield the live archives without a name, or with their description for a name.

        Only those whose content is known.  Those that are named meanwhile are not met again.
        """
        content = f"{_LIVE} AND archive_id IS NOT NULL AND tree_hash IS NOT NULL"
        taken = f"{content} AND name_source = 'description' AND name = description"
        return chain(self._unnamed(vault, content), self._named(vault, taken))

    def in_state(self, vault: KnownVault, *states: ArchiveState) -> Iterator[Archive]:
        """Yield the archives in any of some states, in order of name."""
        condition = f"state IN ({', '.join('?' for _ in states)})"
        values = [state.value for state in states]
        return chain(
            self._unnamed(vault, condition, *values), self._named(vault, condition, *values)
        )

    def by_id_prefix(self, vault: KnownVault, prefix: str) -> list[Archive]:
        """Return the archives, deleted ones too, whose ID starts with a prefix."""
        low, high = identifiers.prefix_ranks(prefix)
        found = self._select(vault, "id_rank BETWEEN ? AND ? ORDER BY archive_id", low, high)
        return [one for one in found if (one.archive_id or "").startswith(prefix)]

    def by_id(self, vault: KnownVault, archive_id: str) -> Archive | None:
        """Return the archive of an ID, a deleted one too."""
        found = self._select(
            vault,
            "id_rank = ? AND archive_id = ?",
            identifiers.rank(archive_id),
            archive_id,
        )
        return next(found, None)

    def steps(self, vault: KnownVault, *, prefix: str, most: int) -> Iterator[str]:
        """Yield how names with a prefix go on, up to and with the next slash, each once.

        Each step is one look into the index, however many names lie below it.
        """
        begun = encode_text(prefix) or b""
        low: bytes | None = begun
        for _ in range(most):
            name = self._first_name(vault, low, end_of(begun))
            if name is None:
                return
            step, slash, _rest = name[len(begun) :].partition(b"/")
            reached = begun + step + slash
            yield decode_text(reached)
            # On behind everything below this step, or behind this name.
            low = end_of(reached) if slash else reached + b"\0"

    def set_state(self, key: int, state: ArchiveState, *, deleted_at: datetime | None) -> None:
        """Record what became of an archive."""
        self._database.execute(
            f"UPDATE archives SET listed_at = {LISTED_AT}, state = ?, deleted_at = ?"
            " WHERE archive_key = ?",
            (state.value, None if deleted_at is None else to_ms(deleted_at), key),
        )

    def rename(self, key: int, name: str) -> None:
        """Give an archive a name of the user's choice."""
        self._database.execute(
            "UPDATE archives SET name = CAST(? AS TEXT), name_source = 'user'"
            " WHERE archive_key = ?",
            (encode_text(name), key),
        )

    def is_empty(self, vault: KnownVault) -> bool:
        """Tell whether nothing at all is known of what a vault holds, or held."""
        found = self._database.one(
            "SELECT 1 FROM archives WHERE vault_key = ? LIMIT 1", (vault.key,)
        )
        return found is None

    def totals(self, vault: KnownVault) -> tuple[int, int]:
        """Return how many live archives a vault holds, and their bytes."""
        row = self._database.one(
            f"SELECT count(*), coalesce(sum(size_bytes), 0) FROM archives"
            f" WHERE vault_key = ? AND {_LIVE} AND state <> 'empty'",
            (vault.key,),
        )
        assert row is not None
        return integer(row[0]), integer(row[1])

    def _first_name(self, vault: KnownVault, low: bytes | None, end: bytes | None) -> bytes | None:
        """Return the first name of a live archive between two bounds; none is below no bound."""
        if low is None:
            return None
        condition, bounds = between(low, end)
        row = self._database.one(
            f"SELECT name FROM archives WHERE vault_key = ? AND {condition} AND {_LIVE}"
            " ORDER BY name LIMIT 1",
            (vault.key, *bounds),
        )
        return None if row is None else encode_text(text(row[0]))

    def _named(
        self, vault: KnownVault, condition: str, *parameters: Parameter, low: bytes = b""
    ) -> Iterator[Archive]:
        """Yield archives in order of name, the newest version first, a page at a time.

        Only those whose name starts with ``low``.  A question that is left half answered keeps
        every other run from committing; so each page is read whole before anything of it is
        handed out.
        """
        order = "ORDER BY name, uploaded_at DESC, archive_key DESC"
        bounds, values = between(low, end_of(low))
        while True:
            page = self._page(vault, f"{condition} AND {bounds} {order}", *parameters, *values)
            yield from page
            if len(page) < _PAGE_ROWS:
                return
            name = encode_text(page[-1].name) or b""
            # In the place of the old bound: SQLite looks up only one, and might take that.
            begin, values = between(name, end_of(low))
            bounds = f"{begin} AND (name > CAST(? AS TEXT) OR (uploaded_at, archive_key) < (?, ?))"
            values = (*values, name, to_ms(page[-1].uploaded_at), page[-1].key)

    def _unnamed(
        self, vault: KnownVault, condition: str, *parameters: Parameter
    ) -> Iterator[Archive]:
        """Yield the archives without a name, the newest first, a page at a time."""
        order = "ORDER BY uploaded_at DESC, archive_key DESC"
        after, bounds = "name IS NULL", tuple[Parameter, ...]()
        while True:
            page = self._page(vault, f"{condition} AND {after} {order}", *parameters, *bounds)
            yield from page
            if len(page) < _PAGE_ROWS:
                return
            after = "name IS NULL AND (uploaded_at, archive_key) < (?, ?)"
            bounds = (to_ms(page[-1].uploaded_at), page[-1].key)

    def _page(self, vault: KnownVault, condition: str, *parameters: Parameter) -> list[Archive]:
        return list(self._select(vault, f"{condition} LIMIT {_PAGE_ROWS}", *parameters))

    def _select(
        self, vault: KnownVault, condition: str, *parameters: Parameter
    ) -> Iterator[Archive]:
        rows = self._database.query(
            f"SELECT {COLUMNS} FROM archives WHERE vault_key = ? AND {condition}",
            (vault.key, *parameters),
        )
        return iter([archive_of(row, vault.identity) for row in rows])


def between(low: bytes, end: bytes | None) -> tuple[str, tuple[Parameter, ...]]:
    """Return the condition that a name is at or above one bound and below the other."""
    if end is None:
        return "name >= CAST(? AS TEXT)", (low,)
    return "name >= CAST(? AS TEXT) AND name < CAST(? AS TEXT)", (low, end)


def end_of(prefix: bytes) -> bytes | None:
    """Return the lowest bytes above all that start with a prefix, ``None`` if nothing is."""
    # A name may hold any byte, 0xFF too: no single byte ends the range.
    stem = prefix.rstrip(b"\xff")
    return stem[:-1] + bytes((stem[-1] + 1,)) if stem else None


def archive_of(row: Sequence[object], vault: VaultIdentity) -> Archive:
    """Return the archive of a row of ``COLUMNS``."""
    return Archive(
        vault=vault,
        key=integer(row[0]),
        archive_id=text_or_none(row[1]),
        name=text_or_none(row[2]),
        description=text(row[3]),
        tag=text_or_none(row[4]),
        size_bytes=integer(row[5]),
        tree_hash=blob_or_none(row[6]),
        modified_ns=integer_or_none(row[7]),
        uploaded_at=from_ms(row[8]),
        state=member(ArchiveState, row[9]),
        listed_at=from_ms_or_none(row[10]),
        deleted_at=from_ms_or_none(row[11]),
    )
