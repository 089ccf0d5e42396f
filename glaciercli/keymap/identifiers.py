"""Archive IDs, and the marks of uploads, as the key map holds them.

An ID of the service is kept as its bytes, any other as its text.  An index over whole IDs would be
half as large as the table, so it holds the first bytes of those that are kept so: every look-up
compares the whole ID too.
"""

from glaciercli import errors
from glaciercli.core import tokens
from glaciercli.core.tokens import Kept
from glaciercli.keymap.database import decode_text
from glaciercli.keymap.values import damaged

_BYTES = 5

_RANK = f"CASE typeof({{kept}}) WHEN 'blob' THEN substr({{kept}}, 1, {_BYTES}) ELSE {{kept}} END"

#: The same where an index is made, which names no table.
RANK = _RANK.format(kept="archive_id")


def rank_of(table: str) -> str:
    """Return what the index of a table with IDs holds; it sorts as the IDs that are kept do."""
    return _RANK.format(kept=f"{table}.archive_id")


def rank(kept: Kept) -> Kept:
    """Return the rank of an ID that is kept so."""
    return kept[:_BYTES] if isinstance(kept, bytes) else kept


def same_id(one: str, other: str) -> str:
    """Return the condition that the rows of two tables have one ID, for an index on the first."""
    return f"{rank_of(one)} = {rank_of(other)} AND {one}.archive_id = {other}.archive_id"


def prefix_ranks(prefix: str) -> list[tuple[Kept, Kept]]:
    """Return the bounds of the ranks of IDs that start with a prefix, in either form."""
    packed = tokens.bounds(prefix)
    # Above every text that is an ID: they are printable ASCII.
    texts = (prefix, prefix + "\x7f")
    return [texts] if packed is None else [texts, (rank(packed[0]), rank(packed[1]))]


#: The condition that an archive has an ID, whose values ``found_by`` returns.
HAS_ID = f"{rank_of('archives')} = ? AND archives.archive_id = ?"


def found_by(archive_id: str) -> tuple[Kept, Kept]:
    """Return the values that ``HAS_ID`` asks for."""
    kept = tokens.pack(archive_id)
    return rank(kept), kept


def kept(token: str | None) -> Kept | None:
    """Return an ID or a mark as a column holds it."""
    return None if token is None else tokens.pack(token)


def kept_mark(tag: str | None) -> Kept | None:
    """Return a mark as a column holds it; what no UTF-8 holds is no mark of ours."""
    if tag is None or tag.isascii():
        return kept(tag)
    try:
        tag.encode()
    except UnicodeEncodeError:
        return None
    return tag


def kept_of_raw(raw: bytes | None) -> Kept | None:
    """Return what ``kept_mark`` does of the bytes of a text: for statements."""
    return None if raw is None else kept_mark(decode_text(raw))


def is_token(raw: bytes | None, kind: str) -> bool:
    """Tell whether a column, given as bytes and their type, holds a token or nothing."""
    if raw is None:
        return True
    try:
        return kind in {"blob", "text"} and bool(token(raw if kind == "blob" else raw.decode()))
    except (errors.KeyMapDamaged, UnicodeDecodeError):
        return False


def token(value: object) -> str:
    """Return the ID or the mark that a column holds."""
    if isinstance(value, (bytes, str)):
        try:
            return tokens.unpack(value)
        except ValueError as error:
            raise damaged(value) from error
    raise damaged(value)


def token_or_none(value: object) -> str | None:
    """Return the ID or the mark that a column may hold."""
    return None if value is None else token(value)
