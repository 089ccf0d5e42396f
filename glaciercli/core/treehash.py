"""The SHA-256 tree hash of Amazon Glacier.

The payload is cut into leaves of 1 MiB, each leaf is hashed, and the digests are paired level by
level until one is left; an odd last digest moves up unchanged.  Rule: "Computing Checksums" in
the Amazon Glacier developer guide.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

#: The size of a leaf in bytes, fixed by the service.
LEAF_BYTES = 1024 * 1024

#: The length of a digest in bytes.
DIGEST_BYTES = 32


class TreeHasher:
    """The tree hash of a stream given in pieces of any size.

    Memory grows by 32 bytes for each MiB.
    """

    __slots__ = ("_leaf", "_leaf_filled", "_leaves", "size_bytes")

    def __init__(self) -> None:
        self._leaf: _Hash = sha256()
        self._leaf_filled = 0
        self._leaves: list[bytes] = []
        self.size_bytes = 0

    def update(self, piece: bytes | bytearray | memoryview) -> None:
        """Take the next bytes of the stream."""
        view = memoryview(piece)
        while view:
            head = view[: LEAF_BYTES - self._leaf_filled]
            self._leaf.update(head)
            self._leaf_filled += len(head)
            self.size_bytes += len(head)
            view = view[len(head) :]
            if self._leaf_filled == LEAF_BYTES:
                self._leaves.append(self._leaf.digest())
                self._leaf = sha256()
                self._leaf_filled = 0

    def leaves(self) -> list[bytes]:
        """Return the digests of the leaves so far, a last short leaf among them."""
        if self._leaf_filled or not self._leaves:
            return [*self._leaves, self._leaf.digest()]
        return list(self._leaves)

    def tree_digest(self) -> bytes:
        """Return the tree hash of the stream so far, 32 bytes."""
        return combine(self.leaves())


def combine(digests: Sequence[bytes]) -> bytes:
    """Return the root over one complete level of the tree, 32 bytes.

    The digests may be leaves, or the tree hashes of consecutive parts whose common size is a
    power of two MiB (the last part may be shorter).
    """
    if not digests:
        message = "a tree hash needs at least one digest"
        raise ValueError(message)
    level = list(digests)
    while len(level) > 1:
        paired = [
            sha256(level[index] + level[index + 1]).digest()
            for index in range(0, len(level) - 1, 2)
        ]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def tree_hash(pieces: Iterable[bytes | bytearray | memoryview]) -> bytes:
    """Return the tree hash of a stream of pieces, 32 bytes."""
    hasher = TreeHasher()
    for piece in pieces:
        hasher.update(piece)
    return hasher.tree_digest()
