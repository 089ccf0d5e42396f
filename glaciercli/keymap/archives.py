"""Archives and their names: every version, tombstones among them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

from glaciercli.keymap import described, identifiers
from glaciercli.keymap.codes import (
    BY_DESCRIPTION,
    BY_NOBODY,
    BY_UPLOAD,
    DELETED,
    DELETING,
    LIVE,
    MISSING,
    STAND_IN,
    UNSETTLED,
    state_code,
    state_of,
)
from glaciercli.keymap.database import Database, Parameter, encode_text
from glaciercli.keymap.listed_dates import LISTED_AT
from glaciercli.keymap.names import between, end_of
from glaciercli.keymap.values import (
    blob_or_none,
    from_ms,
    from_ms_or_none,
    integer,
    integer_or_none,
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
    f" archives.state, {LISTED_AT}, archives.deleted_at, archives.mode, archives.gone_at"
)
#: Deleted, and listed by an inventory that was made after that, and not in the future.
_RELISTED = (
    f"vault_key = ? AND state = {DELETED} AND archive_id IS NOT NULL AND listed_at > deleted_at"
    " AND listed_at <= ?"
)
#: How many archives are read at once.
_PAGE_ROWS = 1000


class Archives:
    """Questions about archives, and changes of what is known of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, vault_key: int, new: "NewArchive") -> int:
        """Put in an archive and return its key."""
        told = described.Words(
            name=new.name,
            source=new.name_source,
            description=new.description,
            modified_ns=new.modified_ns,
            tag=new.tag,
        )
        return self._database.execute(
            "INSERT INTO archives (vault_key, archive_id, name, name_source, description,"
            " modified_ns, tag, size_bytes, tree_hash, uploaded_at, state, mode)"
            " VALUES (?, ?, CAST(? AS TEXT), ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                vault_key,
                identifiers.kept(new.archive_id),
                *described.columns(told),
                new.size_bytes,
                new.tree_hash,
                to_ms(new.uploaded_at),
                state_code(new.state),
                new.mode,
            ),
        )

    def adopt(self, vault: KnownVault, new: "NewArchive", *, since: datetime) -> Archive | None:
        """Return the row, if there is one, that an inventory made of a new archive before.

        It is the row of its ID, or of its mark; where it has neither, one that only an inventory
        knows, with the same description and content, stored since it was begun.  A tombstone of
        an ID or a mark counts as well: it is known.  What the row lacks is filled in; a name that
        was read out of a description gives way.
        """
        found = self._made_before(vault, new, since)
        told = None if found is None else described.words(self._database, found.key)
        if found is None or told is None:
            return None
        if told.modified_ns is None:
            told = replace(told, modified_ns=new.modified_ns)
        if told.source != "user":
            told = replace(told, name=new.name, source=new.name_source)
        described.write(self._database, found.key, told)
        if found.mode is None and new.mode is not None:
            self._database.execute(
                "UPDATE archives SET mode = ? WHERE archive_key = ?", (new.mode, found.key)
            )
        return found

    def has_mark(self, vault: KnownVault, name: str, tag: str) -> bool:
        """Tell whether an archive with a mark is known, by that name or as one in doubt."""
        mark = identifiers.kept(tag)
        by_name = self._select(
            vault, "name = CAST(? AS TEXT) AND tag = ? LIMIT 1", encode_text(name), mark
        )
        in_doubt = self._select(vault, f"state = {UNSETTLED} AND tag = ? LIMIT 1", mark)
        return any(True for _ in chain(by_name, in_doubt))

    def _made_before(self, vault: KnownVault, new: "NewArchive", since: datetime) -> Archive | None:
        if new.archive_id is not None:
            return self.by_id(vault, new.archive_id)
        if new.tag is not None:
            condition, mark = "tag = ? LIMIT 1", identifiers.kept(new.tag)
            return next(self._select(vault, condition, mark), None)
        condition = (
            f"name_source IN ({BY_DESCRIPTION}, {BY_NOBODY}) AND size_bytes = ? AND tree_hash = ?"
            f" AND {LIVE} AND state <> {MISSING} AND uploaded_at >= ? ORDER BY uploaded_at DESC"
        )
        alike = self._select(vault, condition, new.size_bytes, new.tree_hash, to_ms(since))
        return next((one for one in alike if one.description == new.description), None)

    def newest(self, vault: KnownVault, name: str) -> Archive | None:
        """Return the newest live version of a name."""
        return next(self.named(vault, name), None)

    def named(self, vault: KnownVault, name: str) -> Iterator[Archive]:
        """Yield the live versions of a name, newest first."""
        return self._select(
            vault,
            f"name = CAST(? AS TEXT) AND {LIVE} ORDER BY uploaded_at DESC, archive_key DESC",
            encode_text(name),
        )

    def last(self, vault: KnownVault, name: str) -> Archive | None:
        """Return the newest version of a name, a deleted one too."""
        condition = "name = CAST(? AS TEXT) ORDER BY uploaded_at DESC, archive_key DESC LIMIT 1"
        return next(self._select(vault, condition, encode_text(name)), None)

    def live(self, vault: KnownVault, *, prefix: str = "") -> Iterator[Archive]:
        """Yield the live archives whose name starts with a prefix.

        In order of name, the versions of one newest first; archives without a name come first of
        all, where there is no prefix.
        """
        low = encode_text(prefix) or b""
        if not low:
            return chain(self._unnamed(vault, LIVE), self._named(vault, LIVE))
        return self._named(vault, LIVE, low=low)

    def live_sent(self, vault: KnownVault, *, prefix: str) -> Iterator[Archive]:
        """Yield the live archives of names that begin so, and that an upload gave theirs.

        That was an upload from here, or from where a key map is that was united with this one.
        """
        condition = f"{LIVE} AND name_source = {BY_UPLOAD}"
        return self._named(vault, condition, low=encode_text(prefix) or b"")

    def every(self, vault: KnownVault) -> Iterator[Archive]:
        """Yield all archives of a vault, tombstones too, in order of name."""
        return chain(self._unnamed(vault, "1"), self._named(vault, "1"))

    def guessed(self, vault: KnownVault) -> Iterator[Archive]:
        """Yield the live archives without a name, or with their description for a name.

        Only those whose content is known.  Those that are named meanwhile are not met again.
        """
        content = f"{LIVE} AND archive_id IS NOT NULL AND tree_hash IS NOT NULL"
        taken = f"{content} AND name_source = {BY_DESCRIPTION} AND description IS NULL"
        return chain(self._unnamed(vault, content), self._named(vault, taken))

    def in_state(self, vault: KnownVault, *states: ArchiveState) -> Iterator[Archive]:
        """Yield the archives in any of some states, in order of name."""
        condition = f"state IN ({', '.join('?' for _ in states)})"
        values = [state_code(state) for state in states]
        return chain(
            self._unnamed(vault, condition, *values), self._named(vault, condition, *values)
        )

    def doomed(self, vault: KnownVault) -> Iterator[Archive]:
        """Yield the tombstones whose archive may still be there, in order of name.

        Those are *deleting*, or *deleted* before anybody knew an ID by which that could be done.
        """
        condition = f"(state = {DELETING} OR state = {DELETED} AND archive_id IS NULL)"
        return chain(self._unnamed(vault, condition), self._named(vault, condition))

    def by_id_prefix(self, vault: KnownVault, prefix: str) -> list[Archive]:
        """Return the archives, deleted ones too, whose ID starts with a prefix."""
        rank = identifiers.rank_of("archives")
        found: list[Archive] = []
        for low, end in identifiers.prefix_ranks(prefix):
            condition = f"{rank} BETWEEN ? AND ? ORDER BY archive_id"
            found += self._select(vault, condition, low, end)
        return [one for one in found if (one.archive_id or "").startswith(prefix)]

    def by_id(self, vault: KnownVault, archive_id: str) -> Archive | None:
        """Return the archive of an ID, a deleted one too."""
        found = self._select(vault, identifiers.HAS_ID, *identifiers.found_by(archive_id))
        return next(found, None)

    def set_state(self, key: int, state: ArchiveState, *, deleted_at: datetime | None) -> None:
        """Record what became of an archive."""
        self._database.execute(
            f"UPDATE archives SET listed_at = {LISTED_AT}, state = ?, deleted_at = ?"
            " WHERE archive_key = ?",
            (state_code(state), None if deleted_at is None else to_ms(deleted_at), key),
        )

    def count_relisted(self, vault: KnownVault, *, now: datetime) -> int:
        """Return how many deleted archives an inventory lists that was made after that."""
        row = self._database.one(
            f"SELECT count(*) FROM archives WHERE {_RELISTED}", (vault.key, to_ms(now))
        )
        assert row is not None
        return integer(row[0])

    def doom_relisted(self, vault: KnownVault, *, now: datetime) -> int:
        """Take them as not deleted yet, and return how many they are."""
        with self._database.transaction():
            count = self.count_relisted(vault, now=now)
            self._database.execute(
                f"UPDATE archives SET state = {DELETING} WHERE {_RELISTED}",
                (vault.key, to_ms(now)),
            )
        return count

    def rename(self, key: int, name: str) -> None:
        """Give an archive a name of the user's choice."""
        told = described.words(self._database, key)
        if told is not None:
            described.write(self._database, key, replace(told, name=name, source="user"))

    def claim(self, key: int) -> None:
        """Take the name that a description gave an archive for that of an upload."""
        self._database.execute(
            f"UPDATE archives SET name_source = {BY_UPLOAD}"
            f" WHERE archive_key = ? AND name_source = {BY_DESCRIPTION}",
            (key,),
        )

    def is_empty(self, vault: KnownVault) -> bool:
        """Tell whether nothing at all is known of what a vault holds, or held."""
        found = self._database.one(
            "SELECT 1 FROM archives WHERE vault_key = ? LIMIT 1", (vault.key,)
        )
        return found is None

    def last_key(self) -> int:
        """Return the key of the row that was put in last, or 0: every later one has a greater."""
        row = self._database.one("SELECT coalesce(max(archive_key), 0) FROM archives")
        assert row is not None
        return integer(row[0])

    def totals(self, vault: KnownVault) -> tuple[int, int]:
        """Return how many live archives a vault holds, and their bytes."""
        row = self._database.one(
            f"SELECT count(*), coalesce(sum(size_bytes), 0) FROM archives"
            f" WHERE vault_key = ? AND {LIVE} AND NOT {STAND_IN}",
            (vault.key,),
        )
        assert row is not None
        return integer(row[0]), integer(row[1])

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


def archive_of(row: Sequence[object], vault: VaultIdentity) -> Archive:
    """Return the archive of a row of ``COLUMNS``."""
    name, modified_ns = text_or_none(row[2]), integer_or_none(row[7])
    tag = identifiers.token_or_none(row[4])
    description = described.whole(row[3], name=name, modified_ns=modified_ns, tag=tag)
    return Archive(
        vault=vault,
        key=integer(row[0]),
        archive_id=identifiers.token_or_none(row[1]),
        name=name,
        description=description,
        tag=tag,
        size_bytes=integer(row[5]),
        tree_hash=blob_or_none(row[6]),
        modified_ns=modified_ns,
        uploaded_at=from_ms(row[8]),
        state=state_of(row[9]),
        listed_at=from_ms_or_none(row[10]),
        deleted_at=from_ms_or_none(row[11]),
        mode=integer_or_none(row[12]),
        gone_at=from_ms_or_none(row[13]),
        is_missing_stand_in=row[5] == 0 and row[9] == MISSING and _is_of_no_bytes(description),
    )


def _is_of_no_bytes(description: str) -> bool:
    # Few are asked, and listing starts quickly.
    from glaciercli.core.description import is_of_no_bytes

    return is_of_no_bytes(description)
