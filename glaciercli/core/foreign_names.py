"""Names and times in the descriptions that other Glacier tools write.

Formats: `mt2`, `mt1` (mt-aws-glacier and those who copied it), `fastglacier` (also QNAP Hybrid
Backup Sync, CrushFTP and others), `cloudberry` (also MSP360), `qnap` (its Glacier app),
`git-annex`, `duplicity`, `glacier-cmd`.  Nothing here raises: a date that cannot be read must not
lose the name, and a name that cannot be read is for the caller to take as it came.
"""

import binascii
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from functools import cache
from typing import Any

from glaciercli.core import times
from glaciercli.core.described import Described

_MT2, _MT1 = "mt2 ", "mt1 "

#: Counts of milliseconds are larger (1973 and later), counts of seconds smaller (up to 5138).
_MOST_SECONDS = 10**11

#: The service takes 1,024 characters; twice encoded as JSON they may be six times as many.  What
#: is longer is no description, and is not worked on.
_MOST_CHARACTERS = 16 * 1024

#: What no tool's XML holds: a parser that took it in would read other files, or fill the memory.
_HOSTILE_XML = ("<!DOCTYPE", "<!ENTITY")

#: What glacier-cmd writes when it has no file name.
_GLACIER_CMD_NOTHING = "No description."


def unwrapped(text: str) -> str:
    """Return a description without blanks and without the quotes that some tools put around it.

    One level is undone: a JSON string, or else one pair of quotes.
    """
    bare = text.strip() if len(text) <= _MOST_CHARACTERS else text
    if len(bare) > _MOST_CHARACTERS or len(bare) < 2 or not (bare[0] == bare[-1] == '"'):  # noqa: PLR2004 - two quotes
        return bare
    try:
        value = json.loads(bare)
    except ValueError:
        value = None
    return (value if isinstance(value, str) else bare[1:-1]).strip()


def recognise(text: str) -> Described | None:
    """Return what another tool's description says, None for a text of no known format.

    A description of a known format that is damaged comes back as `undecodable`, without a name.
    """
    if len(text) > _MOST_CHARACTERS:
        return _found("undecodable", None)
    for prefix in (_MT2, _MT1):
        if text.startswith(prefix):
            return _read_mt(text.removeprefix(prefix), prefix.strip())
    if text.startswith("{"):
        return _read_json(text)
    return _read_xml(text) or _read_plain(text)


def _found(kind: str, name: str | None, modified: object = None) -> Described:
    """Return what was found; a blank name is none."""
    return Described(
        name=name if name and name.strip() else None,
        modified_ns=_time(modified),
        tag=None,
        format=kind,
    )


def _read_mt(text: str, kind: str) -> Described:
    """Return what a description of mt-aws-glacier says: JSON in base64."""
    payload = _base64(text)
    try:
        if payload is not None and kind == "mt1":
            # Its JSON was taken for Latin-1 and encoded a second time.
            payload = payload.decode("utf-8").encode("latin-1")
        record = None if payload is None else json.loads(payload)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        return _found("undecodable", None)
    return _found(kind, _text(record, "filename"), record.get("mtime"))


def _read_json(text: str) -> Described | None:
    """Return what a description of CloudBerry, or of QNAP's app, says."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict):
        return None
    kind = record.get("type")
    path = _text(record, "Path", "path")
    if path is None:
        return None
    if isinstance(kind, str) and "path" in record:
        # Only files have content; a slash at the end marks the rest as a directory.
        return _found("qnap", path if kind == "file" else path.rstrip("/") + "/")
    return _found("cloudberry", _utf7(path), record.get("UTCDateModified"))


def _read_xml(text: str) -> Described | None:
    """Return what a description of FastGlacier of any version says."""
    newer = "<m>" in text and "</" in text
    if not newer and "<ArchiveMetadata>" not in text:
        return None
    if any(sign in text.upper() for sign in _HOSTILE_XML):
        return _found("undecodable", None)
    if newer:
        # Without its end it was cut off, and what is whole in it still counts.
        inside = _between(text, "<m>", "</m>") or text.partition("<m>")[2]
        return _read_fastglacier(inside, "p", "lm")
    return _read_fastglacier(text, "Path", "LastModified")


def _read_fastglacier(text: str, path_tag: str, time_tag: str) -> Described:
    """Return what a description of FastGlacier says: a few fixed tags, never a whole XML."""
    path = _base64(_between(text, f"<{path_tag}>", f"</{path_tag}>"))
    if path is None:
        return _found("undecodable", None)
    modified = _between(text, f"<{time_tag}>", f"</{time_tag}>")
    return _found("fastglacier", path.decode("utf-8", "surrogateescape"), modified)


def _read_plain(text: str) -> Described | None:
    """Return what a plain text of a known shape says."""
    if text == _GLACIER_CMD_NOTHING:
        return _found("glacier-cmd", None)
    if text.startswith(("duplicity-full", "duplicity-inc.", "duplicity-new")):
        return _found("duplicity", text)
    last = text.rpartition("/")[2]
    return _found("git-annex", last) if _annex_key().fullmatch(last) else None


@cache
def _annex_key() -> re.Pattern[str]:
    """Return the form of a git-annex key: a known backend, fields, and a name."""
    return re.compile(
        r"(?:SHA(?:1|224|256|384|512|3_[0-9]+)E?|SKEIN[0-9]+E?|BLAKE2[A-Z]+[0-9]+E?|MD5E?"
        r"|X[A-Z0-9]+|WORM|V?URL|GPGHMACSHA[0-9]+|HMACSHA[0-9]+)(?:-[smSC][0-9]+)*--.+",
        re.DOTALL,
    )


def _between(text: str, start: str, stop: str) -> str:
    """Return what stands between two tags, without blanks; nothing if they are not there."""
    _, _, rest = text.partition(start)
    inner, found, _ = rest.partition(stop)
    return inner.strip() if found else ""


def _base64(text: str) -> bytes | None:
    """Return the bytes of a base64 text of either alphabet, padded or not; None if it is none."""
    digits = "".join(text.split()).replace("+", "-").replace("/", "_").rstrip("=")
    if not digits or not digits.isascii() or not digits.replace("-", "").replace("_", "").isalnum():
        return None
    try:
        return urlsafe_b64decode(digits + "=" * (-len(digits) % 4))
    except binascii.Error:
        return None


def _utf7(path: str) -> str:
    """Return a path that CloudBerry wrote in UTF-7; what is no UTF-7 stays as it is."""
    try:
        return path.encode("ascii").decode("utf-7")
    except UnicodeError:
        return path


def _text(record: Mapping[str, Any], *keys: str) -> str | None:
    """Return the first of some fields that is a text."""
    for key in keys:
        value = record.get(key)
        if isinstance(value, str):
            return value
    return None


def _time(value: object) -> int | None:
    """Return the nanoseconds since 1970 of a date as one tool or another writes it."""
    text = str(value).strip()
    if text.removeprefix("-").isdecimal() and text.isascii():
        return _counted(text)
    day, _, clock = text.removesuffix("Z").partition("T")
    if len(text) == len("YYYYMMDDTHHMMSSZ") and text.endswith("Z"):
        date = f"{day[:4]}-{day[4:6]}-{day[6:]}"
        text = f"{date}T{clock[:2]}:{clock[2:4]}:{clock[4:]}Z"
    try:
        return times.parse_ns(text)
    except ValueError:
        return None


def _counted(text: str) -> int | None:
    """Return the nanoseconds of a count of seconds, or of milliseconds, since 1970."""
    if len(text) > len(str(_MOST_SECONDS)) + 3:
        return None
    count = int(text)
    return count * (10**6 if abs(count) > _MOST_SECONDS else 10**9)
