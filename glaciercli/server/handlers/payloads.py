"""Bodies that carry content: their headers, their hashes, and how they get to the disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from glaciercli.server import machine
from glaciercli.server.blobs import Incoming, ShortBody
from glaciercli.server.catalogue import contents
from glaciercli.server.catalogue.records import NewBlob
from glaciercli.server.service import Service
from glaciercli.server.sigv4 import is_digest, refuse
from glaciercli.server.wire import Call, ErrorCode, WireError, invalid, missing

TREE_HASH_HEADER = "x-amz-sha256-tree-hash"
LINEAR_HASH_HEADER = "x-amz-content-sha256"

#: What a client puts in place of a hash that it did not compute; let in with signatures only off.
UNSIGNED = "UNSIGNED-PAYLOAD"

MAX_PAYLOAD_BYTES = 4 * 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredPayload:
    """What the headers say of the body that follows."""

    size_bytes: int
    linear_hash: str
    tree_hash: str


def declared(call: Call) -> DeclaredPayload:
    """Return what the headers say of a payload; refuse what lacks anything or is too big."""
    size = call.request.body_bytes
    if size is None:
        raise missing("Content-Length")
    linear = call.headers.required(LINEAR_HASH_HEADER)
    tree = call.headers.required(TREE_HASH_HEADER)
    if not 1 <= size <= MAX_PAYLOAD_BYTES:
        raise invalid(f"Invalid Content-Length: {size}")
    if not is_digest(tree.lower()):
        raise invalid(f"Invalid {TREE_HASH_HEADER}: {tree}")
    return DeclaredPayload(size_bytes=size, linear_hash=linear, tree_hash=tree)


@contextmanager
def received(service: Service, call: Call, payload: DeclaredPayload) -> Iterator[NewBlob]:
    """Lend a payload that is on the disk and proven; what fails later drops it again."""
    try:
        with service.blobs.new() as incoming:
            _take(incoming, call, payload)
            blob = incoming.keep()
    except OSError as error:
        raise machine.not_taken(error) from error
    with entering(service, blob.file):
        yield blob


@contextmanager
def entering(service: Service, file: str) -> Iterator[None]:
    """Drop a content file where the step that enters it into the catalogue is refused or fails.

    Where the disk may have the entry all the same, the file stays until a sweep can tell.
    """
    try:
        yield
    except WireError:
        service.blobs.discard([file])
        raise
    except BaseException as error:
        # Not left lying about: if the disk is full, the file may be what fills it.
        if contents.is_surely_unknown(service.catalogue, file, after=error):
            service.blobs.discard([file])
            if machine.refusal(error):
                raise machine.not_taken(error) from error
        else:
            service.blobs.leave_to_sweep()
        raise


def _take(incoming: Incoming, call: Call, payload: DeclaredPayload) -> None:
    try:
        incoming.receive(call.request.body, payload.size_bytes)
    except ShortBody as error:
        raise WireError(ErrorCode.REQUEST_TIMEOUT, "Request timed out.") from error
    _compare(incoming, payload)


def _compare(incoming: Incoming, payload: DeclaredPayload) -> None:
    linear = incoming.linear_digest().hex()
    if payload.linear_hash not in (linear, UNSIGNED):
        raise payload_mismatch(linear, payload.linear_hash)
    tree = incoming.tree_digest().hex()
    if tree != payload.tree_hash.lower():
        raise invalid(f"Checksum mismatch: expected {payload.tree_hash}, computed {tree}")


def payload_mismatch(computed: str, expected: str) -> WireError:
    """Return the refusal of a body that is not the one that was signed."""
    return refuse(
        "The value passed in as x-amz-content-sha256 does not match the computed payload hash."
        f" Computed digest: {computed} expected hash: {expected}"
    )
