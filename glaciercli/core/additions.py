"""What the description of an archive tells that only an inventory tells of."""

from typing import TypeAlias

from glaciercli.core import description
from glaciercli.core.described import EMPTY_FILE_CONTENT

#: A name, the upload's tag, the modification time in nanoseconds since 1970, the format of the
#: description (`blank` where it gave no name), and whether the archive stands for an empty file.
Told: TypeAlias = tuple[str | None, str | None, int | None, str, bool]


def told(text: str, size_bytes: int) -> Told:
    """Return what a description tells of an archive of some size."""
    if description.is_plain(text):
        return text, None, None, "plain", False
    said = description.decode(text)
    empty = said.size_bytes == 0 and size_bytes == len(EMPTY_FILE_CONTENT)
    kind = "blank" if said.name is None else said.format
    return said.name, said.tag, said.modified_ns, kind, empty
