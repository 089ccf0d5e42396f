"""Which byte ranges Glacier can prove, and which are still to be fetched.

Rules: "Receiving Checksums When Downloading Data" in the Amazon Glacier developer guide; the
formula printed there has typing errors, the one here was checked against brute force.
"""

from collections.abc import Iterable, Iterator

from glaciercli.core.treehash import LEAF_BYTES
from glaciercli.model.ranges import ByteRange


def is_megabyte_aligned(wanted: ByteRange, total_bytes: int) -> bool:
    """Tell whether a range starts at a MiB and ends at one or at the archive's end."""
    ends_well = wanted.stop % LEAF_BYTES == 0 or wanted.stop == total_bytes
    return wanted.size_bytes > 0 and wanted.start % LEAF_BYTES == 0 and ends_well


def is_tree_aligned(wanted: ByteRange, total_bytes: int) -> bool:
    """Tell whether a range is exactly one node of the archive's hash tree."""
    if wanted.stop > total_bytes or not is_megabyte_aligned(wanted, total_bytes):
        return False
    first = wanted.start // LEAF_BYTES
    stop = -(-wanted.stop // LEAF_BYTES)
    leaf_count = -(-total_bytes // LEAF_BYTES)
    width = 1
    while first % width == 0:
        node_stop = min(first + width, leaf_count)
        if node_stop == stop:
            return True
        if node_stop > stop or first + width >= leaf_count:
            return False
        width *= 2
    return False


def cut(total_bytes: int, range_bytes: int) -> Iterator[ByteRange]:
    """Yield consecutive ranges of one size that cover everything; the last may be shorter.

    With a size of a power of two MiB each of them is tree-hash aligned.
    """
    for start in range(0, total_bytes, range_bytes):
        yield ByteRange(start, min(start + range_bytes, total_bytes))


def missing(wanted: Iterable[ByteRange], finished: Iterable[ByteRange]) -> list[ByteRange]:
    """Return those of the wanted ranges that are not finished."""
    done = set(finished)
    return [one for one in wanted if one not in done]
