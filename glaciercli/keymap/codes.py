"""Words that stand in very many rows, as small numbers; 0 and 1 take no room at all.

docs/key-map.md lists them.  A number is never given to another word.
"""

from typing import TypeVar

from glaciercli.keymap.values import damaged
from glaciercli.model.archives import ArchiveState

Word = TypeVar("Word", str, ArchiveState)

UPLOADED, CONFIRMED, MISSING, UNSETTLED, EMPTY, DELETING, DELETED = range(7)

_STATES = (
    ArchiveState.UPLOADED,
    ArchiveState.CONFIRMED,
    ArchiveState.MISSING,
    ArchiveState.UNSETTLED,
    ArchiveState.EMPTY,
    ArchiveState.DELETING,
    ArchiveState.DELETED,
)
_STATE_CODES = {state: code for code, state in enumerate(_STATES)}

BY_UPLOAD, BY_DESCRIPTION, BY_NOBODY, BY_USER = range(4)

_SOURCES = ("upload", "description", "none", "user")
_SOURCE_CODES = {source: code for code, source in enumerate(_SOURCES)}

#: What is not deleted, and not about to be.
LIVE = f"state < {DELETING}"

#: What is live and stands for what has no bytes, though nobody may know its ID yet.  Of one that
#: is missing only its description says so for sure; it has a mark, and no tree hash.
STAND_IN = (
    f"({LIVE} AND (state = {EMPTY} OR archive_id IS NULL AND size_bytes = 0 OR state = {MISSING}"
    " AND size_bytes = 0 AND tree_hash IS NULL AND tag IS NOT NULL))"
)


def state_code(state: ArchiveState) -> int:
    """Return the number of a state."""
    return _STATE_CODES[state]


def state_of(value: object) -> ArchiveState:
    """Return the state that a column holds."""
    return _word(_STATES, value)


def source_code(source: str) -> int:
    """Return the number of who gave a name; raise ``KeyError`` for a word of no meaning."""
    return _SOURCE_CODES[source]


def source_of(value: object) -> str:
    """Return who gave a name, as a column holds it."""
    return _word(_SOURCES, value)


def _word(words: tuple[Word, ...], value: object) -> Word:
    if isinstance(value, int) and 0 <= value < len(words):
        return words[value]
    raise damaged(value)
