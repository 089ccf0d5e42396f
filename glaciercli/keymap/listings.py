"""Archives listed: filtered, sorted and paged by SQLite, in memory that does not grow.

A question that is left half answered keeps every other run from committing; so each page is read
whole before anything of it is handed out.  What cannot be read in order of an index is sorted into
a temporary table first, which SQLite keeps in a file of its own once it is large.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from glaciercli.keymap.archives import COLUMNS, archive_of
from glaciercli.keymap.codes import LIVE, STAND_IN, state_code
from glaciercli.keymap.database import Database, Parameter, encode_text
from glaciercli.keymap.names import end_of
from glaciercli.keymap.values import integer, to_ms
from glaciercli.model.archives import Archive
from glaciercli.model.questions import ArchiveFilter, Question, Sort

#: How many archives are read at once; the first page is short, so that a screen fills soon.
_PAGE_ROWS = 1000
_FIRST_ROWS = 64

#: The largest number that SQLite takes.
MOST_ROWS = 2**63 - 1

#: How many questions one statement answers: SQLite takes conditions a thousand deep.
_MOST_AT_ONCE = 100

_NEWEST = (
    "NOT EXISTS (SELECT 1 FROM archives AS newer WHERE newer.vault_key = archives.vault_key"
    f" AND newer.name = archives.name AND newer.{LIVE}"
    " AND newer.uploaded_at >= archives.uploaded_at"
    " AND (newer.uploaded_at, newer.archive_key) > (archives.uploaded_at, archives.archive_key))"
)

_ORDERS = {
    (Sort.SIZE, False): "size_bytes DESC",
    (Sort.SIZE, True): "size_bytes",
    (Sort.TIME, False): "uploaded_at DESC",
    (Sort.TIME, True): "uploaded_at",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Condition:
    """A condition on the rows of archives, and the values of its marks."""

    sql: str
    values: tuple[Parameter, ...] = ()

    def __and__(self, other: "_Condition") -> "_Condition":
        return _Condition(sql=f"{self.sql} AND {other.sql}", values=self.values + other.values)


class Listings:
    """Questions whose answer may be long."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_name(self, question: Question, *, reverse: bool = False) -> Iterator[Archive]:
        """Yield archives in order of name, of one name the newest version first.

        Those without a name come before all others, with ``reverse`` after them.
        """
        if reverse:
            yield from self._named(question, reverse=True)
        if _may_be_unnamed(question):
            yield from self._unnamed(question)
        if not reverse:
            yield from self._named(question, reverse=False)

    def sorted_by(
        self, questions: Sequence[Question], sort: Sort, *, reverse: bool, limit: int | None
    ) -> Iterator[Archive]:
        """Yield the archives that any of some questions is about, each once.

        Those that are equal come in order of vault and name.
        """
        condition = self.any_of(questions)
        most = "" if limit is None else f" LIMIT {min(limit, MOST_ROWS):d}"
        self._database.execute("DROP TABLE IF EXISTS temp.in_order")
        self._database.execute(
            "CREATE TEMP TABLE in_order AS SELECT archive_key FROM archives"
            f" WHERE {condition.sql} ORDER BY {_ORDERS[sort, reverse]}, vault_key, name,"
            f" uploaded_at DESC, archive_key DESC{most}",
            condition.values,
        )
        vaults = {one.vault.key: one.vault.identity for one in questions}
        last = 0
        while True:
            rows = list(
                self._database.query(
                    f"SELECT in_order.rowid, vault_key, {COLUMNS} FROM temp.in_order"
                    " CROSS JOIN archives USING (archive_key)"
                    f" WHERE in_order.rowid > ? ORDER BY in_order.rowid LIMIT {_PAGE_ROWS}",
                    (last,),
                )
            )
            for row in rows:
                yield archive_of(row[2:], vaults[integer(row[1])])
            if not rows:
                return
            last = integer(rows[-1][0])

    def any_of(self, questions: Sequence[Question]) -> _Condition:
        """Return the condition that any of some questions is about an archive."""
        if len(questions) <= _MOST_AT_ONCE:
            return self._any_at_once(questions)
        self._database.execute("DROP TABLE IF EXISTS temp.asked_for")
        self._database.execute("CREATE TEMP TABLE asked_for (archive_key INTEGER PRIMARY KEY)")
        for start in range(0, len(questions), _MOST_AT_ONCE):
            some = self._any_at_once(questions[start : start + _MOST_AT_ONCE])
            self._database.execute(
                "INSERT OR IGNORE INTO temp.asked_for"
                f" SELECT archive_key FROM archives WHERE {some.sql}",
                some.values,
            )
        return _Condition(sql="archive_key IN (SELECT archive_key FROM temp.asked_for)")

    def _any_at_once(self, questions: Sequence[Question]) -> _Condition:
        each = [self._whole(number, one) for number, one in enumerate(questions)]
        return _Condition(
            sql=" OR ".join(f"({one.sql})" for one in each) or "0",
            values=tuple(value for one in each for value in one.values),
        )

    def _whole(self, number: int, question: Question) -> _Condition:
        """Return the condition of a question, its glob included."""
        low, end = _bounds(question)
        condition = _place(question)
        if question.prefix or question.name is not None:
            condition &= low & end
        glob = question.glob
        if glob is not None:

            def matches(name: bytes | None) -> int:
                return name is not None and glob.matches(name.decode("utf-8", "surrogateescape"))

            self._database.define(f"matches_{number}", matches)
            condition &= _Condition(sql=f"matches_{number}(CAST(name AS BLOB))")
        return condition & _filtered(question.wanted)

    def _named(self, question: Question, *, reverse: bool) -> Iterator[Archive]:
        low, end = _bounds(question)
        most = _FIRST_ROWS
        way = "DESC" if reverse else "ASC"
        order = f"ORDER BY name {way}, uploaded_at DESC, archive_key DESC LIMIT"
        while True:
            page = self._page(question, low & end, f"{order} {most}")
            yield from _matching(question, page)
            if len(page) < most:
                return
            folder = _barren_folder(question, page[-1])
            if folder is None:
                most = min(2 * most, _PAGE_ROWS)
                bound = _behind(question, page[-1], reverse=reverse)
            else:
                most = _FIRST_ROWS
                bound = _outside(folder, reverse=reverse)
            # In the place of the old bound: SQLite looks up only one, and might take that.
            low, end = (low, bound) if reverse else (bound, end)

    def _unnamed(self, question: Question) -> Iterator[Archive]:
        after = _Condition(sql="name IS NULL")
        order = f"ORDER BY uploaded_at DESC, archive_key DESC LIMIT {_PAGE_ROWS}"
        while True:
            page = self._page(question, after, order)
            yield from page
            if len(page) < _PAGE_ROWS:
                return
            after = _Condition(
                sql="name IS NULL AND (uploaded_at, archive_key) < (?, ?)",
                values=(to_ms(page[-1].uploaded_at), page[-1].key),
            )

    def _page(self, question: Question, bounds: _Condition, order: str) -> list[Archive]:
        condition = _place(question) & bounds & _filtered(question.wanted)
        rows = self._database.query(
            f"SELECT {COLUMNS} FROM archives WHERE {condition.sql} {order}", condition.values
        )
        return [archive_of(row, question.vault.identity) for row in rows]


def _may_be_unnamed(question: Question) -> bool:
    return question.name is None and not question.prefix and question.glob is None


def _matching(question: Question, page: list[Archive]) -> Iterator[Archive]:
    glob = question.glob
    return (one for one in page if glob is None or glob.matches(one.name or ""))


def _barren_folder(question: Question, last: Archive) -> str | None:
    """Return the folder of the last name read that need not be read to its end."""
    if question.glob is None or last.name is None:
        return None
    return question.glob.barren_folder(last.name)


def _behind(question: Question, last: Archive, *, reverse: bool) -> _Condition:
    """Return the condition of what comes after an archive in order of name."""
    name, version = encode_text(last.name), (to_ms(last.uploaded_at), last.key)
    older = "(uploaded_at, archive_key) < (?, ?)"
    if question.name is not None:
        return _Condition(sql=f"name = CAST(? AS TEXT) AND {older}", values=(name, *version))
    way = "<" if reverse else ">"
    return _Condition(
        sql=f"name {way}= CAST(? AS TEXT) AND (name {way} CAST(? AS TEXT) OR {older})",
        values=(name, name, *version),
    )


def _outside(folder: str, *, reverse: bool) -> _Condition:
    """Return the condition of what comes after a folder in order of name."""
    begun = encode_text(folder) or b""
    if reverse:
        return _Condition(sql="name < CAST(? AS TEXT)", values=(begun,))
    # It ends with a slash, so there is something above it.
    return _Condition(sql="name >= CAST(? AS TEXT)", values=(end_of(begun),))


def _place(question: Question) -> _Condition:
    """Return the condition that an archive stands where a question looks."""
    condition = _Condition(sql="vault_key = ?", values=(question.vault.key,))
    if question.key is not None:
        condition &= _Condition(sql="archive_key = ?", values=(question.key,))
    return condition


def _bounds(question: Question) -> tuple[_Condition, _Condition]:
    """Return the conditions that a name is not below, and not above, what is meant.

    A name that is meant has one condition only: beside it SQLite would look up the range instead.
    """
    if question.name is not None:
        name = encode_text(question.name)
        return _Condition(sql="name = CAST(? AS TEXT)", values=(name,)), _Condition(sql="1")
    low = encode_text(question.prefix) or b""
    end = end_of(low)
    return (
        _Condition(sql="name >= CAST(? AS TEXT)", values=(low,)),
        _Condition(sql="name < CAST(? AS TEXT)", values=(end,))
        if end
        else _Condition(sql="name IS NOT NULL"),
    )


def _filtered(wanted: ArchiveFilter) -> _Condition:
    """Return the condition that an archive is wanted."""
    condition = _in_state(wanted)
    if wanted.uploaded_before is not None:
        condition &= _Condition(sql="uploaded_at < ?", values=(to_ms(wanted.uploaded_before),))
    if wanted.uploaded_after is not None:
        condition &= _Condition(sql="uploaded_at > ?", values=(to_ms(wanted.uploaded_after),))
    if wanted.larger_than_bytes is not None:
        condition &= _Condition(sql="size_bytes > ?", values=(wanted.larger_than_bytes,))
    if wanted.smaller_than_bytes is not None:
        # A size that nobody told is written as 0.
        sql = f"size_bytes < ? AND (size_bytes > 0 OR {STAND_IN})"
        condition &= _Condition(sql=sql, values=(wanted.smaller_than_bytes,))
    if wanted.unnamed:
        condition &= _Condition(sql="name IS NULL")
    if not wanted.all_versions and not wanted.wants_tombstones:
        condition &= _Condition(sql=_NEWEST)
    return condition


def _in_state(wanted: ArchiveFilter) -> _Condition:
    if not wanted.states:
        return _Condition(sql=LIVE)
    states = sorted(state_code(state) for state in wanted.states)
    marks = ", ".join("?" for _ in states)
    return _Condition(sql=f"state IN ({marks})", values=tuple(states))
