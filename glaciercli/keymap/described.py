"""Descriptions as the key map holds them: only what does not follow from the rest of the row.

NULL stands for the name itself, or for nothing where there is no name, a number for one of
``core.derived``.  Text that is no UTF-8 is kept as bytes.
"""

from dataclasses import dataclass
from typing import TypeAlias

from glaciercli import errors
from glaciercli.core.derived import Form, Said, form_of, written
from glaciercli.core.tokens import Kept
from glaciercli.keymap import identifiers
from glaciercli.keymap.codes import source_code, source_of
from glaciercli.keymap.database import Database, decode_text, encode_text
from glaciercli.keymap.values import damaged, integer, integer_or_none, nanoseconds, text_or_none

#: What some columns are to hold.
Columns: TypeAlias = tuple[str | bytes | int | None, ...]

#: What ``of_row`` reads.
COLUMNS = "description, name, modified_ns, tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What an archive is called, and what was told with that."""

    name: str | None
    #: Who gave the name: "upload", "description", "user" or "none".
    source: str
    description: str
    modified_ns: int | None
    tag: str | None


def kept(description: str, said: Said) -> str | bytes | int | None:
    """Return what a row that holds what was said keeps of a description."""
    if description == said.name:
        return None
    form = form_of(description, said._replace(name=_read_back(said.name)))
    if form is not None:
        return int(form)
    raw = encode_text(description) or b""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def whole(value: object, *, name: str | None, modified_ns: int | None, tag: str | None) -> str:
    """Return the description of a row whose columns hold this; raise ``KeyMapDamaged``."""
    if value is None:
        return name or ""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return decode_text(value)
    try:
        said = written(Form(integer(value)), Said(name or "", modified_ns, tag))
    except ValueError as error:
        raise damaged(value) from error
    if said is None:
        raise damaged(value)
    return said


def of_row(row: tuple[object, ...]) -> str:
    """Return the description of a row of ``COLUMNS``."""
    value, name, modified_ns, tag = row
    return whole(
        value,
        name=text_or_none(name),
        modified_ns=integer_or_none(modified_ns),
        tag=identifiers.token_or_none(tag),
    )


def follows(value: int, name: bytes | None, modified_ns: int | None, tag: Kept | None) -> bool:
    """Tell whether a description that is kept as a number can be told: for statements."""
    told = None if name is None else decode_text(name)
    try:
        whole(value, name=told, modified_ns=modified_ns, tag=identifiers.token_or_none(tag))
    except errors.KeyMapDamaged:
        return False
    return True


def kept_of_raw(
    description: bytes, name: bytes | None, modified_ns: int | None, tag: bytes | None
) -> str | bytes | int | None:
    """Return what is kept of a description, all texts given as bytes: for statements."""
    mark = None if tag is None else decode_text(tag)
    told = None if name is None else decode_text(name)
    return kept_columns(decode_text(description), told, modified_ns, mark)[1]


def words(database: Database, key: int) -> Words | None:
    """Return what an archive is called and described by, ``None`` where there is none."""
    row = database.one(f"SELECT name_source, {COLUMNS} FROM archives WHERE archive_key = ?", (key,))
    if row is None:
        return None
    return Words(
        name=text_or_none(row[2]),
        source=source_of(row[0]),
        description=of_row(row[1:]),
        modified_ns=integer_or_none(row[3]),
        tag=identifiers.token_or_none(row[4]),
    )


def write(database: Database, key: int, told: Words) -> None:
    """Give an archive its words: what is held of the description follows from the others."""
    database.execute(
        "UPDATE archives SET name = CAST(? AS TEXT), name_source = ?, description = ?,"
        " modified_ns = ?, tag = ? WHERE archive_key = ?",
        (*columns(told), key),
    )


def columns(told: Words) -> Columns:
    """Return the columns ``name``, ``name_source``, ``description``, ``modified_ns``, ``tag``.

    The name is to be cast to text.
    """
    name, *others = kept_columns(told.description, told.name, told.modified_ns, told.tag)
    return name, source_code(told.source), *others


def kept_columns(
    description: str, name: str | None, modified_ns: int | None, tag: str | None
) -> Columns:
    """Return the columns ``name``, ``description``, ``modified_ns`` and ``tag``."""
    if name is description and tag is None:
        # So it is with most; ASCII needs no encoding.
        return name if name.isascii() else encode_text(name), None, nanoseconds(modified_ns), None
    mark = identifiers.kept_mark(tag)
    modified_ns = nanoseconds(modified_ns)
    said = Said(name or "", modified_ns, None if mark is None else tag)
    return encode_text(name), kept(description, said), modified_ns, mark


def _read_back(name: str) -> str:
    """Return a name as it comes out of the key map: half characters do not stay what they are."""
    return name if name.isascii() else decode_text(encode_text(name) or b"")
