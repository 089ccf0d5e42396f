"""What another tool's store says of an archive, and the checks that all of its readers share.

A store comes from a disk that anybody may have written to: what is wrong is refused with its
place, and nothing is taken for granted but text.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import NoReturn

from glaciercli.core.description import decode
from glaciercli.core.parts import MAX_ARCHIVE_BYTES
from glaciercli.core.text import printable
from glaciercli.core.times import EPOCH, FIRST, LAST
from glaciercli.core.treehash import DIGEST_BYTES
from glaciercli.errors import GlacierCliError

#: IDs of the service have 138 characters; some room is left for services that are made alike.
_ID_MOST_CHARACTERS = 1024

_SHOWN_CHARACTERS = 60


class StoreFormat(Enum):
    """The stores that can be taken over; the value is what `--format` takes."""

    INVENTORY = "inventory"
    GLACIERCLI = "glaciercli"
    MT_AWS_GLACIER = "mt-aws-glacier"
    GLACIER_CLI = "glacier-cli"
    GLACIER_CMD = "glacier-cmd"
    GLACIER_INTERFACE = "glacier-interface"
    SAGU = "sagu"
    BAKTHAT = "bakthat"
    SYNOLOGY = "synology"


class Event(Enum):
    """What a record tells."""

    STORED = "stored"
    DELETED = "deleted"
    #: A retrieval was asked for.
    ASKED_FOR = "asked for"
    #: Something that is no archive, or whose archive has no ID yet.
    UNIDENTIFIED = "unidentified"


class MalformedStore(GlacierCliError):
    """The store of another tool is cut off, or is none."""

    code = "malformed_store"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a store something stands."""

    store: StoreFormat
    #: "line", "row" or "character".
    unit: str
    number: int

    def refusal(self, reason: str) -> MalformedStore:
        """Return the error that says what is wrong here."""
        return MalformedStore(
            f"the {self.store.value} store is malformed at {self.unit} {self.number:,}: {reason}",
            hint="nothing was changed; --format says that another tool wrote it",
        )

    def fail(self, reason: str) -> NoReturn:
        """Say what is wrong here."""
        raise self.refusal(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What an archive is called, and who says so."""

    name: str | None
    #: "upload" for a name that the tool itself keeps, "description" for one that was read out of
    #: the archive's description, or "none".
    source: str
    #: How the name was read: a format of ``core.description``, or that of the store.
    format: str
    description: str = ""
    #: Nanoseconds since 1970, where the description tells.
    modified_ns: int | None = None


NAMELESS = Naming(name=None, source="none", format="blank")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRecord:
    """What a store says of one archive at one moment."""

    event: Event
    archive_id: str
    naming: Naming = NAMELESS
    #: ``None`` where the store does not say.
    vault: str | None = None
    #: When it happened; ``None`` where the store does not say.
    at: datetime | None = None
    size_bytes: int | None = None
    #: 32 bytes.
    tree_hash: bytes | None = None
    #: Nanoseconds since 1970.
    modified_ns: int | None = None


def told(name: str | None, store: StoreFormat) -> Naming:
    """Return a name that the tool itself keeps; an empty one is none."""
    if not name:
        return NAMELESS
    return Naming(name=name, source="upload", format=store.value)


def described(text: str) -> Naming:
    """Return the name that an archive's description holds."""
    said = decode(text)
    return Naming(
        name=said.name,
        source="none" if said.name is None else "description",
        format="blank" if said.name is None else said.format,
        description=text,
        modified_ns=said.modified_ns,
    )


def read_id(value: object, place: Place) -> str:
    """Return an archive ID."""
    archive_id = read_text(value, "an archive ID", place)
    if not archive_id:
        place.fail("there is no archive ID")
    plain = archive_id.isascii() and archive_id.isprintable() and " " not in archive_id
    if not plain or len(archive_id) > _ID_MOST_CHARACTERS:
        place.fail(f'"{_shown(archive_id)}" is no archive ID')
    return archive_id


def read_text(value: object, what: str, place: Place) -> str:
    """Return a value that has to be a text."""
    if not isinstance(value, str):
        place.fail(f'"{_shown(value)}" is no text, but {what} has to be')
    return value


def read_text_or_none(value: object, what: str, place: Place) -> str | None:
    """Return a text that may be absent."""
    return None if value is None else read_text(value, what, place)


def read_size(value: object, place: Place) -> int | None:
    """Return a size in bytes, a number or its digits; none and 0 are one that is not known.

    The service holds no archive of 0 bytes.
    """
    if value is None or value == "":
        return None
    number = _integer(value)
    if number is None or not 0 <= number <= MAX_ARCHIVE_BYTES:
        place.fail(f'"{_shown(value)}" is no size')
    return number or None


def read_hash(value: object, place: Place) -> bytes | None:
    """Return a tree hash, 32 bytes; an empty one is not known."""
    if value is None or value == "":
        return None
    digits = read_text(value, "a tree hash", place)
    try:
        digest = bytes.fromhex(digits)
    except ValueError:
        digest = b""
    # fromhex reads over blanks, so the digits are counted too.
    if len(digest) != DIGEST_BYTES or len(digits) != 2 * DIGEST_BYTES:
        place.fail(f'"{_shown(digits)}" is no tree hash')
    return digest


def read_moment(value: object, place: Place) -> datetime | None:
    """Return the moment of a count of seconds since 1970; none is not known."""
    if value is None:
        return None
    seconds = value if isinstance(value, float) else _integer(value)
    try:
        moment = None if seconds is None else EPOCH + timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        moment = None
    if moment is None or not FIRST <= moment <= LAST:
        place.fail(f'"{_shown(value)}" is no time')
    return moment


def read_date(text: object, *forms: str) -> datetime | None:
    """Return the moment of a date in one of some forms, taken for UTC; else it is not known.

    Only for dates that the next inventory corrects: a bad one must not lose the archive.
    """
    if not isinstance(text, str):
        return None
    for form in forms:
        try:
            # A date without a zone is off by some hours, which nothing depends on.
            moment = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return moment if FIRST <= moment <= LAST else None
    return None


def _integer(value: object) -> int | None:
    """Return a whole number, or that of at most 20 digits; anything else is none."""
    if type(value) is int:
        return value
    if not isinstance(value, str) or not value.isascii():
        return None
    digits = value.removeprefix("-").removeprefix("+")
    return int(value) if digits.isdigit() and len(value) <= len(str(2**64)) + 1 else None


def _shown(value: object) -> str:
    """Return the start of a value, for a message."""
    text = value if isinstance(value, str) else repr(value)[:_SHOWN_CHARACTERS]
    return printable(text[:_SHOWN_CHARACTERS])
