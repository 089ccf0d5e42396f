"""Whether the content is what the catalogue says: quickly at every start, thoroughly on request."""

from collections.abc import Iterator
from dataclasses import dataclass

from glaciercli.core.treehash import TreeHasher
from glaciercli.errors import FileProblem
from glaciercli.server.blobs import BlobStore, read_stretch
from glaciercli.server.catalogue import contents
from glaciercli.server.catalogue.contents import StoredContent
from glaciercli.server.catalogue.database import Database

#: How many files are looked at when the service starts: about a tenth of a second.
_LOOKED_AT_BY_START = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A content file that is not as it should be, and the archives that need it."""

    file: str
    reason: str
    archive_ids: tuple[str, ...]


def look(catalogue: Database, blobs: BlobStore) -> None:
    """Raise ``FileProblem`` where a content file is missing or has a wrong size.

    Nothing is read, and nothing is done where there are so many files that starting would take
    long.
    """
    with catalogue.reading() as tx:
        if contents.count(tx) > _LOOKED_AT_BY_START:
            return
    found = next(_damage(catalogue, blobs, thorough=False), None)
    if found:
        raise FileProblem(
            f'the content file "{found.file}" {found.reason}',
            hint="serve --check lists all damage; --local still reads the rest",
        )


def check(catalogue: Database, blobs: BlobStore) -> Iterator[Damage]:
    """Read every content file, and yield those that are not what was stored."""
    yield from _damage(catalogue, blobs, thorough=True)


def _damage(catalogue: Database, blobs: BlobStore, *, thorough: bool) -> Iterator[Damage]:
    for one in _contents(catalogue):
        reason = _outside(blobs, one) or (_inside(blobs, one) if thorough else None)
        if reason is None:
            continue
        with catalogue.reading() as tx:
            is_known = contents.is_known(tx, one)
            archive_ids = tuple(contents.archives_in(tx, one))
        # Another process may have deleted it meanwhile, and rightly so.
        if is_known:
            yield Damage(file=one.file, reason=reason, archive_ids=archive_ids)


def _contents(catalogue: Database) -> Iterator[StoredContent]:
    # A page at a time: a transaction that lasts would keep others from writing.
    after = 0
    while True:
        with catalogue.reading() as tx:
            page = contents.page(tx, after_row=after)
        if not page:
            return
        yield from page
        after = page[-1].row


def _outside(blobs: BlobStore, content: StoredContent) -> str | None:
    try:
        size = blobs.size_of(content.file)
    except OSError as error:
        return _unreadable(error)
    if size is None:
        return "is missing"
    if size != content.size_bytes:
        return f"has {size} bytes instead of {content.size_bytes}"
    return None


def _inside(blobs: BlobStore, content: StoredContent) -> str | None:
    hasher = TreeHasher()
    try:
        with blobs.open(content.file) as file:
            for piece in read_stretch(file, 0, content.size_bytes):
                hasher.update(piece)
    except OSError as error:
        return _unreadable(error)
    return None if hasher.tree_digest() == content.tree_hash else "holds other bytes than stored"


def _unreadable(error: OSError) -> str:
    return f"cannot be read: {error.strerror or error}"
