"""How an archive's name becomes a path below a target directory, and a file's path a name.

A name comes from a vault that anyone with access may have written to: it must never lead out of
the directory, nor to something that is no file.
"""

from glaciercli.core.text import printable
from glaciercli.errors import UnsafeName

#: What common file systems take in one component.
_COMPONENT_MOST_BYTES = 255

_SHOWN_CHARACTERS = 120

#: Names that Windows gives to devices, in any directory and with any extension.
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [port + digit for port in ("com", "lpt") for digit in "0123456789¹²³"]
)

#: What Windows takes in no file name; a colon makes a drive or a hidden stream.
_FORBIDDEN_ON_WINDOWS = frozenset('<>:"|?*') | {chr(code) for code in range(32)}


def components(name: str, *, windows: bool = False) -> tuple[str, ...]:
    """Return the path of an archive's file below the target directory, component by component.

    A leading slash, empty components and ``.`` are dropped.  A name that cannot be a file below
    the directory raises `UnsafeName`.
    """
    separated = name.replace("\\", "/") if windows else name
    parts = tuple(part for part in separated.split("/") if part not in {"", "."})
    if not parts:
        raise _unsafe(name, "names no file")
    if separated.endswith(("/", "/.")):
        raise _unsafe(name, "names a directory, not a file")
    for part in parts:
        reason = _why_unsafe(part) or (_why_unsafe_on_windows(part) if windows else None)
        if reason:
            raise _unsafe(name, reason)
    return parts


def archive_name(relative: str, prefix: str | None) -> str:
    """Return the name under which a file is stored: its relative path behind the prefix."""
    start = (prefix or "").rstrip("/")
    return f"{start}/{relative}" if start else relative


def lies_in(name: str, place: str) -> bool:
    """Tell whether a relative name is that of a place, or of something in it.

    Of a place that could not be looked at nobody knows whether it is a directory, so it may have no
    slash behind it.
    """
    return name == place or not place or name.startswith(place.rstrip("/") + "/")


def doubt(name: str, *, vault: str) -> str | None:
    """Return why a name that somebody gives may not be the one that is meant, if it may not."""
    try:
        components(name)
    except UnsafeName as error:
        return f"{error.message}: `retrieve` brings it back with --to FILE alone"
    if name.startswith(f"{vault}/"):
        return f'the name is "{printable(name)}", with that of the vault in front'
    return None


def extended(part: str, ending: str) -> str:
    """Return a component with an ASCII ending, shortened before that to what file systems take."""
    raw = part.encode("utf-8", "surrogateescape")
    most = _COMPONENT_MOST_BYTES - len(ending)
    # The bytes of one character stay together.
    while 0 < most < len(raw) and raw[most] & 0xC0 == 0x80:  # noqa: PLR2004 - UTF-8 goes on so
        most -= 1
    return raw[:most].decode("utf-8", "surrogateescape") + ending


def _why_unsafe(part: str) -> str | None:
    """Return why a component can be no file's name, or None."""
    if part == "..":
        return 'leads out of the directory by ".."'
    if "\0" in part:
        return "holds a NUL, which no path can"
    try:
        encoded = part.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return "holds half a character, which no path can"
    if len(encoded) > _COMPONENT_MOST_BYTES:
        return f"has a part of more than {_COMPONENT_MOST_BYTES} bytes"
    return None


def _why_unsafe_on_windows(part: str) -> str | None:
    """Return why Windows takes a component for something else than a file's name, or None."""
    if not _FORBIDDEN_ON_WINDOWS.isdisjoint(part):
        return "holds a character that Windows does not allow in a file name"
    if part.endswith((".", " ")):
        return "has a part that ends with a dot or a blank, which Windows drops"
    if part.partition(".")[0].rstrip().lower() in _DEVICES:
        return "has a part that is a device on Windows"
    return None


def _unsafe(name: str, reason: str) -> UnsafeName:
    """Return the error for a name that becomes no path."""
    shown = printable(name[:_SHOWN_CHARACTERS]) + ("..." if len(name) > _SHOWN_CHARACTERS else "")
    return UnsafeName(
        f'the name "{shown}" {reason}',
        hint="--to FILE puts one archive under a file name of your choice",
    )
