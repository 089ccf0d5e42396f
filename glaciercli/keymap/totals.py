"""Sums over archives, made by SQLite in one pass and in memory that does not grow."""

from collections.abc import Sequence
from datetime import datetime

from glaciercli.keymap.codes import STAND_IN
from glaciercli.keymap.database import Database
from glaciercli.keymap.listings import Listings
from glaciercli.keymap.values import integer, to_ms
from glaciercli.model.questions import Question
from glaciercli.model.sums import ArchiveSums, Span

#: A product of bytes and seconds exceeds SQLite's integers, so it is summed in limbs of so many
#: bits: what SQLite would round, Python puts together exactly.
_LIMB_BITS = 12
_LIMBS = 4


class Totals:
    """Sums for questions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, questions: Sequence[Question], *, span: Span, now: datetime) -> ArchiveSums:
        """Return the sums over the archives that questions are about, each counted once."""
        condition = Listings(self._database).any_of(questions)
        limbs = ", ".join(f"coalesce(sum({_limb(index)} * left_s), 0)" for index in range(_LIMBS))
        row = self._database.one(
            "WITH chosen AS (SELECT size_bytes, size_bytes + ? AS whole,"
            f" {_seconds_left()} AS left_s, uploaded_at > ? AS future,"
            f" size_bytes = 0 AND NOT {STAND_IN} AS unknown"
            f" FROM archives WHERE {condition.sql})"
            " SELECT count(*), coalesce(sum(size_bytes), 0), coalesce(sum(unknown), 0),"
            " coalesce(sum(left_s > 0), 0), coalesce(sum((left_s > 0) * size_bytes), 0),"
            " coalesce(sum((left_s > 0) * unknown), 0),"
            f" coalesce(sum(future), 0), {limbs} FROM chosen",
            (
                span.added_bytes,
                span.length_ms,
                span.length_ms - to_ms(now),
                to_ms(now),
                *condition.values,
            ),
        )
        assert row is not None
        count, size, unknown, young, young_bytes, young_unknown, future, *products = map(
            integer, row
        )
        return ArchiveSums(
            count=count,
            size_bytes=size,
            unknown_sizes=unknown,
            young_count=young,
            young_bytes=young_bytes,
            young_unknown=young_unknown,
            young_byte_seconds=sum(
                product << (_LIMB_BITS * index) for index, product in enumerate(products)
            ),
            from_future=future,
        )


def _seconds_left() -> str:
    """Return what is left of a span at a moment, rounded up, and never more than all of it."""
    return "max(min(?, uploaded_at + ?) + 999, 0) / 1000"


def _limb(index: int) -> str:
    """Return a limb of an archive's whole size; the last one holds all that is above it."""
    shifted = f"(whole >> {_LIMB_BITS * index})"
    return shifted if index == _LIMBS - 1 else f"({shifted} & {(1 << _LIMB_BITS) - 1})"
