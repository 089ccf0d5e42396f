"""The digests of files, read again only where a file was touched."""

import hashlib
from pathlib import Path

from tests.torture.kept import Mark

#: So many files that none of a trial is forgotten within it.
_MOST = 10_000


class Digests:
    """Remembers digests by what shows that nobody has touched a file since."""

    def __init__(self) -> None:
        self._known: dict[Mark, str] = {}

    def of(self, path: Path, mark: Mark) -> str:
        """Return the digest of a file's content."""
        known = self._known.get(mark)
        if known is not None:
            return known
        if len(self._known) >= _MOST:
            self._known.clear()
        found = self._known[mark] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found
