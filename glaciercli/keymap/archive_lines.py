"""The rows of ``archives`` as an export gives them out: in words, whatever they are kept as.

Earlier formats kept words themselves, and a rank of each ID, which nothing needs any more.
"""

from collections.abc import Mapping
from typing import Any

from glaciercli.keymap import described, identifiers
from glaciercli.keymap.codes import source_code, source_of, state_code, state_of
from glaciercli.keymap.database import Parameter
from glaciercli.keymap.schema import SMALLER_SINCE
from glaciercli.keymap.values import integer_or_none, text_or_none
from glaciercli.model.archives import ArchiveState

_RANK = "id_rank"

#: What stands in a line where the table holds something else.
_WORDS = dict.fromkeys(("archive_id", "name_source", "description", "tag", "state"), "TEXT")


class UnknownWord(ValueError):
    """A column holds a word of no meaning."""


def line_types(types: Mapping[str, str], *, form: int) -> dict[str, str]:
    """Return the members of a line of some format, each with its type, for columns with theirs."""
    if form >= SMALLER_SINCE:
        return {**types, **_WORDS}
    return {name: kind for name, kind in types.items() if name != _RANK}


def told(row: Mapping[str, object], *, form: int) -> dict[str, object]:
    """Return what a line tells of a row; raise ``KeyMapDamaged``."""
    if form < SMALLER_SINCE:
        return dict(row)
    name, tag = text_or_none(row["name"]), identifiers.token_or_none(row["tag"])
    modified_ns = integer_or_none(row["modified_ns"])
    return {
        **row,
        "archive_id": identifiers.token_or_none(row["archive_id"]),
        "name_source": source_of(row["name_source"]),
        "description": described.whole(
            row["description"], name=name, modified_ns=modified_ns, tag=tag
        ),
        "tag": tag,
        "state": state_of(row["state"]).value,
    }


def kept(line: Mapping[str, Any], values: dict[str, Parameter], *, form: int) -> None:
    """Put what the table holds into the values of a line; raise ``UnknownWord``.

    Every member has the type that ``line_types`` says.
    """
    if form < SMALLER_SINCE:
        values[_RANK] = None if line["archive_id"] is None else 0
        return
    archive_id = line["archive_id"]
    if archive_id is not None and not (archive_id.isascii() and archive_id.isprintable()):
        message = "archive_id is none"
        raise UnknownWord(message)
    _, description, _, tag = described.kept_columns(
        line["description"] or "", line["name"], line["modified_ns"], line["tag"]
    )
    values |= {
        "archive_id": identifiers.kept(archive_id),
        "description": description,
        "tag": tag,
        "name_source": _code("name_source", line["name_source"]),
        "state": _code("state", line["state"]),
    }


def _code(column: str, word: str | None) -> int:
    try:
        if column == "state":
            return state_code(ArchiveState(word))
        return source_code(word or "")
    except (KeyError, ValueError):
        message = f"{column} is of no meaning: {str(word)[:40]!r}"
        raise UnknownWord(message) from None
