"""Archive IDs and marks in three quarters of their length: base64 undone.

The service makes IDs of 138 letters, digits, "-" and "_", and the marks of uploads are 16 of them.
Whatever is none, to the last bit, stays the text that it is.
"""

from binascii import a2b_base64, b2a_base64
from collections.abc import Sequence
from typing import TypeAlias

#: What is kept of a token: bytes that were packed, or its text.
Kept: TypeAlias = str | bytes

ID_CHARACTERS = 138
ID_BYTES = 104
_MARK_CHARACTERS = 16
_MARK_BYTES = 12

#: What makes whole groups of four characters of a token; of an ID's two "A" one byte is left over.
_FILLED = {ID_CHARACTERS: "AA", _MARK_CHARACTERS: ""}

_BYTES = {ID_CHARACTERS: ID_BYTES, _MARK_CHARACTERS: _MARK_BYTES}
_CHARACTERS = {size: characters for characters, size in _BYTES.items()}

_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_FROM_STANDARD = bytes.maketrans(b"+/", b"-_")


def pack(token: str) -> Kept:
    """Return the bytes of a token, or the token itself where it is none that can be packed."""
    filling = _FILLED.get(len(token))
    if filling is None or not token.isascii():
        return token
    raw = _undone(token + filling)
    return token if raw is None else raw[: _BYTES[len(token)]]


def pack_all(tokens: Sequence[str]) -> list[Kept]:
    """Return what ``pack`` does of each, far sooner where all are IDs, or all are marks."""
    lengths = set(map(len, tokens))
    length = lengths.pop() if len(lengths) == 1 else 0
    filling = _FILLED.get(length)
    if filling is not None:
        together = filling.join((*tokens, ""))
        raw = _undone(together) if together.isascii() else None
        if raw is not None:
            size, step = _BYTES[length], len(raw) // len(tokens)
            return [raw[at : at + size] for at in range(0, len(raw), step)]
    return list(map(pack, tokens))


def unpack(kept: Kept) -> str:
    """Return the token; raise ``ValueError`` for bytes that are none."""
    if isinstance(kept, str):
        return kept
    characters = _CHARACTERS.get(len(kept))
    if characters is None:
        message = f"no token has {len(kept)} bytes"
        raise ValueError(message)
    # To a multiple of three bytes, so that nothing is filled up with "=".
    whole = kept.ljust(-(-len(kept) // 3) * 3, b"\0")
    return b2a_base64(whole, newline=False).translate(_FROM_STANDARD)[:characters].decode("ascii")


def order(token: str) -> tuple[bool, Kept]:
    """Return what sorts tokens as they are sorted in the form that they are kept in."""
    kept = pack(token)
    return isinstance(kept, bytes), kept


def bounds(prefix: str) -> tuple[bytes, bytes] | None:
    """Return the lowest and the highest bytes of an ID that starts so, if one can."""
    low, high = (pack(prefix.ljust(ID_CHARACTERS, end)) for end in "A_")
    if isinstance(low, bytes) and isinstance(high, bytes):
        return low, high
    return None


def _undone(text: str) -> bytes | None:
    """Return what is written in URL-safe base64, None for anything else.

    It has whole groups of four characters, so that not a bit of it is lost.
    """
    digits = text.encode("ascii")
    if digits.translate(None, _DIGITS):
        return None
    return a2b_base64(digits.translate(_TO_STANDARD))
