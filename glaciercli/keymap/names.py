"""Names by the steps of their folders, and the ranges of them that an index answers for.

A completion asks nothing else, so this takes as little with it as it can.
"""

from collections.abc import Iterator

from glaciercli.keymap.codes import LIVE
from glaciercli.keymap.database import Database, Parameter, decode_text, encode_text
from glaciercli.keymap.values import text
from glaciercli.model.vaults import KnownVault


class Names:
    """The names of live archives."""

    def __init__(self, opened: Database) -> None:
        self._database = opened

    def steps(self, vault: KnownVault, *, prefix: str, most: int) -> Iterator[str]:
        """Yield how names with a prefix go on, up to and with the next slash, each once.

        Each step is one look into the index, however many names lie below it.
        """
        begun = encode_text(prefix) or b""
        low: bytes | None = begun
        for _ in range(most):
            name = self._first(vault, low, end_of(begun))
            if name is None:
                return
            step, slash, _rest = name[len(begun) :].partition(b"/")
            reached = begun + step + slash
            yield decode_text(reached)
            # On behind everything below this step, or behind this name.
            low = end_of(reached) if slash else reached + b"\0"

    def _first(self, vault: KnownVault, low: bytes | None, end: bytes | None) -> bytes | None:
        """Return the first name of a live archive between two bounds; none is below no bound."""
        if low is None:
            return None
        condition, bounds = between(low, end)
        row = self._database.one(
            f"SELECT name FROM archives WHERE vault_key = ? AND {condition} AND {LIVE}"
            " ORDER BY name LIMIT 1",
            (vault.key, *bounds),
        )
        return None if row is None else encode_text(text(row[0]))


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
