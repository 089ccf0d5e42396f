"""What glaciercli writes into the descriptions of archives and jobs, and reads out of them.

An archive's description is ``gc1`` and compact ASCII JSON: ``n`` the name, ``m`` the modification
time, ``u`` a tag that no other upload has; docs/key-map.md lists the further keys.  If that is too
long it is ``gc1z`` and the base85 form of the compressed JSON.  With it a vault is enough to
rebuild the key map.  Readers ignore keys that they do not know.
"""

import re
import stat
from collections.abc import Mapping, Sequence
from typing import Any

from glaciercli.core import foreign_names, packing, times
from glaciercli.core.described import Attributes, Described
from glaciercli.core.text import printable
from glaciercli.errors import BadUsage

__all__ = [
    "KEY_MAP_KIND",
    "MAX_CHARACTERS",
    "Described",
    "are_plain",
    "decode",
    "encode",
    "is_key_map",
    "job_tag",
    "parse_job_tag",
    "verbatim",
]

#: "Upload Archive" in the Amazon Glacier developer guide: up to 1,024 characters, 0x20 to 0x7E.
MAX_CHARACTERS = 1024
_ALLOWED = re.compile(r"[ -~]*")

#: What a record says of an archive that is a copy of a key map.
KEY_MAP_KIND = "keymap"
_KEY_MAP = "gc1-keymap"

#: What is not written, because most files have it.
_USUAL_FILE = stat.S_IFREG | 0o644
_USUAL_DIRECTORY = stat.S_IFDIR | 0o755
#: What a symbolic link has on every system.
_LINK = stat.S_IFLNK | 0o777
_OCTAL = re.compile("[0-7]{1,4}")

_PLAIN = "gc1 "
_PACKED = "gc1z "

#: How a description may begin that is more than a name, and the one that says nothing.  Those of
#: FastGlacier hold "<", and those of git-annex "--".
_MARKED = ('"', "{", "gc1", "mt1 ", "mt2 ", "duplicity-", "No description.")

#: How much of a description it takes to see that it is nothing but a name.
_HEAD = 4
_MARKED_HEADS = tuple(mark[:_HEAD] for mark in _MARKED)

#: How much of a name an error message shows.
_SHOWN_CHARACTERS = 60


def encode(
    *,
    name: str,
    modified_ns: int | None,
    tag: str,
    size_bytes: int | None = None,
    kind: str | None = None,
    attributes: Attributes | None = None,
) -> str:
    """Return the description for an archive; a name that does not fit raises `BadUsage`.

    `size_bytes` is given where the file has another size than the archive, `kind` where it is no
    file of a user's, `attributes` where it is more than bytes.  A time outside the years 1 to 9999,
    which only a damaged file system reports, is left out.
    """
    if not name:
        raise BadUsage("an archive needs a name")
    record: dict[str, str | int] = {"n": name, **_written_time(modified_ns), "u": tag}
    if size_bytes is not None:
        record["s"] = size_bytes
    if kind is not None:
        record["k"] = kind
    if attributes is not None:
        record |= _written_attributes(attributes)
    text = _PLAIN + _dumps(record)
    if len(text) <= MAX_CHARACTERS and not packing.has_half_pair(name):
        return text
    shortest = _PACKED + packing.pack(record, name_key="n")
    if len(shortest) > MAX_CHARACTERS:
        raise BadUsage(
            f'the name "{printable(name[:_SHOWN_CHARACTERS])}..." is too long: its record takes '
            f"{len(shortest):,} characters, and a description holds {MAX_CHARACTERS:,}",
            hint="use a shorter name, or --description with a text of your own",
        )
    return shortest


def verbatim(text: str) -> str:
    """Return a user's own description as it arrives; what the service refuses raises `BadUsage`.

    It goes in a header of HTTP, which has no blanks at its ends (RFC 9110, 5.5).
    """
    text = text.strip(" ")
    if not _ALLOWED.fullmatch(text):
        raise BadUsage(
            f'the description "{printable(text[:_SHOWN_CHARACTERS])}" holds characters other '
            "than printable ASCII",
            hint="without --description any name is stored, in an encoded form",
        )
    if len(text) > MAX_CHARACTERS:
        raise BadUsage(
            f"the description has {len(text):,} characters, and the service takes "
            f"{MAX_CHARACTERS:,}"
        )
    return text


def decode(text: str) -> Described:
    """Return what a description says, whoever wrote it and whatever it holds.

    A text of no known format is its own name, exactly as it came.
    """
    bare = foreign_names.unwrapped(text)
    if not bare:
        return Described(name=None, modified_ns=None, tag=None, format="blank")
    if bare.startswith((_PLAIN, _PACKED)):
        return _decode_record(bare) or _as_name(text, "undecodable")
    found = foreign_names.recognise(bare)
    if found is None or found.format == "undecodable":
        return _as_name(text, "plain" if found is None else "undecodable")
    return found


def is_plain(text: str) -> bool:
    """Tell quickly that a description is its own name; that of some it does not find out."""
    return (
        bool(text)
        and not text.startswith(_MARKED)
        and "<" not in text
        and "--" not in text
        and len(text) <= MAX_CHARACTERS
        and text.strip() == text
    )


def are_plain(texts: Sequence[str]) -> bool:
    """Tell very quickly whether many descriptions are their own names, and plain ASCII.

    That of some it does not find out.
    """
    together = "\n".join(texts)
    if not together.isascii() or "<" in together or "--" in together:
        return False
    heads, lasts = {text[:_HEAD] for text in texts}, {text[-1:] for text in texts}
    return (
        max(map(len, texts), default=0) <= MAX_CHARACTERS
        and all(lasts)
        and not any(last.isspace() for last in lasts)
        and not any(head[0].isspace() or head.startswith(_MARKED_HEADS) for head in heads)
    )


def is_key_map(text: str) -> bool:
    """Tell whether a description says that its archive is a copy of a key map."""
    # Most are told apart without reading them: this is asked of every archive of a vault.
    return '"k":' in text and decode(text).format == _KEY_MAP


def is_of_no_bytes(text: str) -> bool:
    """Tell whether a description says that its archive stands for what has no bytes."""
    return text.startswith(("gc1 ", "gc1z ")) and decode(text).size_bytes == 0


def job_tag(tag: str) -> str:
    """Return the description of a job that we start, by which it is found again."""
    return _PLAIN + _dumps({"u": tag})


def parse_job_tag(text: str) -> str | None:
    """Return the tag of a job that we started, None for any other job."""
    if not text.startswith(_PLAIN):
        return None
    record = packing.load_object(text.removeprefix(_PLAIN))
    return None if record is None else _text_of(record, "u")


def _as_name(text: str, kind: str) -> Described:
    """Return a description that is taken for the name itself."""
    return Described(name=text, modified_ns=None, tag=None, format=kind)


def _written_time(modified_ns: int | None) -> dict[str, str]:
    """Return the modification time as the record holds it."""
    if modified_ns is None:
        return {}
    try:
        return {"m": times.format_ns(modified_ns)}
    except ValueError:
        return {}


def _written_attributes(attributes: Attributes) -> dict[str, str]:
    """Return what a file is, as the record holds it: permissions only where they are unusual."""
    if attributes.target is not None:
        return {"t": attributes.target}
    if attributes.linked_to is not None:
        return {"h": attributes.linked_to}
    mode = attributes.mode
    usual = _USUAL_DIRECTORY if mode is not None and stat.S_ISDIR(mode) else _USUAL_FILE
    return {} if mode in {None, usual} else {"p": f"{stat.S_IMODE(mode or 0):o}"}


def _read_attributes(record: dict[str, Any], name: str) -> Attributes:
    """Return what a record says that a file is."""
    target = _text_of(record, "t")
    if target:
        return Attributes(mode=_LINK, target=target)
    permissions = _permissions_of(record)
    if name.endswith("/") and _size_of(record) == 0:
        usual = stat.S_IMODE(_USUAL_DIRECTORY)
        return Attributes(mode=stat.S_IFDIR | (usual if permissions is None else permissions))
    mode = None if permissions is None else stat.S_IFREG | permissions
    return Attributes(mode=mode, linked_to=_text_of(record, "h") or None)


def _permissions_of(record: dict[str, Any]) -> int | None:
    """Return the permissions that a record holds, ``None`` where there are none."""
    text = _text_of(record, "p")
    if text is None or not _OCTAL.fullmatch(text):
        return None
    return int(text, 8)


def _dumps(record: Mapping[str, str | int]) -> str:
    """Return compact ASCII JSON without two blanks in a row.

    HTTP signing collapses runs of blanks in a header, so the second of two is written as an
    escape.
    """
    return packing.compact(record).replace("  ", r" \u0020")


def _decode_record(text: str) -> Described | None:
    """Return what a record of ours says, or None if it is damaged."""
    if text.startswith(_PACKED):
        record = packing.unpack(text.removeprefix(_PACKED))
    else:
        record = packing.load_object(text.removeprefix(_PLAIN))
    name = _text_of(record, "n") if record is not None else None
    if record is None or not name:
        return None
    written = _text_of(record, "m")
    return Described(
        name=name,
        modified_ns=None if written is None else _read_time(written),
        tag=_text_of(record, "u"),
        format=_KEY_MAP if record.get("k") == KEY_MAP_KIND else "gc1",
        size_bytes=_size_of(record),
        attributes=_read_attributes(record, name),
    )


def _text_of(record: dict[str, Any], key: str) -> str | None:
    """Return a text of a record, None where it is absent or no text."""
    value = record.get(key)
    return value if isinstance(value, str) else None


def _size_of(record: dict[str, Any]) -> int | None:
    """Return the size that a record holds, None where there is none."""
    value = record.get("s")
    return value if type(value) is int and value >= 0 else None


def _read_time(text: str) -> int | None:
    """Return a time in nanoseconds since 1970; a bad date must not lose the name."""
    try:
        return times.parse_ns(text)
    except ValueError:
        return None
