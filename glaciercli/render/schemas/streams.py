"""What stands on standard error: an error, and what happens meanwhile."""

from glaciercli.render.schemas.fields import NAME
from glaciercli.render.schemas.scalars import BYTES, COUNT, TEXT
from glaciercli.render.schemas.shapes import Member, Record, exactly, record

#: The last line on standard error with ``-o json`` and ``-o jsonl``.
ERROR: Record = record(
    Member(
        name="error",
        shape=record(
            Member(
                name="code", shape=TEXT, says="A stable word; docs/exit-codes.md lists them all."
            ),
            Member(name="message", shape=TEXT, says="What went wrong, in words for people."),
            Member(name="hint", shape=TEXT, says="What to do about it.").or_null(
                "where nobody knows"
            ),
        ),
        says="Why the command ended.",
    )
)

_TRANSFER = NAME.saying("What is moved.")
_NUMBER = Member(
    name="number", shape=COUNT, says="Tells transfers of one name apart, such as versions."
)
_TOTAL = Member(name="total_bytes", shape=BYTES, says="How much that is, in bytes.")
_MESSAGE = Member(name="message", shape=TEXT, says="In words for people.")


def _event(name: str, *members: Member) -> Record:
    word = Member(name="event", shape=exactly(name), says="What happened.")
    return record(word, *members)


#: The lines on standard error with ``-o jsonl -v``.
EVENTS = (
    _event(
        "transfers_planned",
        Member(name="count", shape=COUNT, says="How much is about to be moved."),
        _TOTAL,
    ),
    _event(
        "transfer_started",
        _TRANSFER,
        _TOTAL.or_null("for a stream of unknown length"),
        _NUMBER,
    ),
    _event("transfer_finished", _TRANSFER, _NUMBER),
    _event("transfer_spared", _TRANSFER, _TOTAL),
    _event("notice", _MESSAGE),
    _event("detail", _MESSAGE.saying("In words for people: such as what is tried again.")),
)
