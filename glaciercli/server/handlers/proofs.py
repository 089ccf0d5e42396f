"""The tree hash of a stretch of an archive, from digests kept at upload: no content is read."""

from glaciercli.core import treehash
from glaciercli.core.ranges import is_tree_aligned
from glaciercli.core.treehash import LEAF_BYTES
from glaciercli.model.ranges import ByteRange
from glaciercli.server.catalogue import archives
from glaciercli.server.catalogue.database import Transaction
from glaciercli.server.catalogue.records import ArchiveRecord


def tree_hash(tx: Transaction, archive: ArchiveRecord, span: ByteRange) -> bytes | None:
    """Return the hash of a stretch; ``None`` where it is not exactly one node of the tree."""
    if span == ByteRange(0, archive.size_bytes):
        return archive.tree_hash
    if not is_tree_aligned(span, archive.size_bytes):
        return None
    held = archives.segments(tx, archive.row, span.start, span.stop)
    first = held[0]
    if first.start == span.start and held[-1].stop == span.stop:
        # Parts are of a power of two MiB, so whole parts are nodes themselves.
        return treehash.combine([segment.tree_hash for segment in held])
    leaf = (span.start - first.start) // LEAF_BYTES
    count = -(-span.size_bytes // LEAF_BYTES)
    return treehash.combine(archives.leaf_digests(tx, first.blob_row, leaf, count))
