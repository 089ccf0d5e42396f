"""The names of the program's own temporary files, by which they are known among a user's."""

import re

#: What ends the name of a file that is being brought back, behind a tag.
PARTIAL_SUFFIX = ".partial"

#: What the files begin with that a key map is written to before it has its name.
KEY_MAP_PREFIX = ".key-map-"

_NAMES = re.compile(
    # The tag is twelve random bytes in base64, or the first digits of a hash.
    rb"\..+\.[A-Za-z0-9_-]{16}"
    + re.escape(PARTIAL_SUFFIX.encode())
    + rb"|"
    # The characters are those that ``tempfile`` picks; SQLite keeps files beside.
    + re.escape(KEY_MAP_PREFIX.encode())
    + rb"[a-z0-9_]{8}(?:-journal|-wal|-shm)?",
    re.DOTALL,
)


def is_temporary(name: bytes) -> bool:
    """Tell whether the last component of a path is the name of a temporary file of ours."""
    return _NAMES.fullmatch(name) is not None
