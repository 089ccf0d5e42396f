"""How an archive is cut into parts for a multipart upload.

Limits: "Uploading Large Archives in Parts" and "Uploading an Archive in a Single Operation" in
the Amazon Glacier developer guide.
"""

from collections.abc import Iterator

from glaciercli.core import ranges
from glaciercli.core.sizes import format_size
from glaciercli.errors import BadUsage
from glaciercli.model.ranges import ByteRange

#: Every part but the last has the same size: 1 MiB times a power of two, up to 4 GiB.
SMALLEST_PART_BYTES = 2**20
LARGEST_PART_BYTES = 2**32

#: As many parts as one upload takes.
MAX_PARTS = 10_000

#: The largest archive: as many parts as may be, of the largest size.
MAX_ARCHIVE_BYTES = MAX_PARTS * LARGEST_PART_BYTES

#: As much as one request may carry.
MAX_SINGLE_REQUEST_BYTES = 2**32

#: Our own choice: smaller parts cost more requests, larger ones more repeated work.
DEFAULT_PART_BYTES = 16 * 2**20

#: For input of unknown length: 10,000 of these are 1.2 TiB.
STREAM_PART_BYTES = 128 * 2**20


def stream_part_bytes(wanted: int | None) -> int:
    """Return a part size for input of unknown length, the wanted one if there is one."""
    return STREAM_PART_BYTES if wanted is None else _checked(wanted)


def choose_part_bytes(size_bytes: int, *, wanted: int | None) -> int:
    """Return a part size with which the archive fits, the wanted one if there is one.

    Raise `BadUsage` if the service takes no such part size, or no such archive.
    """
    smallest = _smallest_part_bytes(size_bytes)
    if wanted is None:
        return max(DEFAULT_PART_BYTES, smallest)
    if _checked(wanted) < smallest:
        raise BadUsage(
            f"parts of {format_size(wanted)} are too small for {format_size(size_bytes)}: "
            f"an upload has at most {MAX_PARTS:,} parts",
            hint=f"the smallest part size that fits is {_exactly(smallest)}",
        )
    return wanted


def check_part_bytes(wanted: int | None) -> None:
    """Raise `BadUsage` if the service takes no parts of the size that a user wants."""
    if wanted is not None:
        _checked(wanted)


def lay_out(size_bytes: int, part_bytes: int) -> Iterator[ByteRange]:
    """Yield the parts in order; the last may be shorter."""
    return ranges.cut(size_bytes, part_bytes)


def fits_single_request(size_bytes: int, part_bytes: int) -> bool:
    """Tell whether an archive is small enough to be sent in one request."""
    return size_bytes <= min(part_bytes, MAX_SINGLE_REQUEST_BYTES)


def _smallest_part_bytes(size_bytes: int) -> int:
    """Return the smallest part size of which as many as may be hold the archive."""
    if size_bytes > MAX_ARCHIVE_BYTES:
        raise BadUsage(
            f"{format_size(size_bytes)} is more than an archive holds, "
            f"which is {format_size(MAX_ARCHIVE_BYTES)}",
            hint="cut the file into several archives",
        )
    part_bytes = SMALLEST_PART_BYTES
    while part_bytes * MAX_PARTS < size_bytes:
        part_bytes *= 2
    return part_bytes


def _checked(wanted: int) -> int:
    """Return a part size that the service takes; another raises `BadUsage`."""
    if SMALLEST_PART_BYTES <= wanted <= LARGEST_PART_BYTES and wanted.bit_count() == 1:
        return wanted
    nearest = SMALLEST_PART_BYTES
    while nearest < min(wanted, LARGEST_PART_BYTES):
        nearest *= 2
    raise BadUsage(
        f"{format_size(wanted)} is no part size: it is a power of two from 1 MiB to 4 GiB",
        hint=f"--part-size {_exactly(nearest)} would do",
    )


def _exactly(part_bytes: int) -> str:
    """Return a power of two MiB as an option takes it."""
    mebibytes = part_bytes // SMALLEST_PART_BYTES
    return f"{mebibytes // 1024}GiB" if mebibytes >= 1024 else f"{mebibytes}MiB"  # noqa: PLR2004
