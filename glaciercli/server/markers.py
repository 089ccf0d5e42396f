"""Opaque page markers: a kind and a few numbers, so that one list's marker fits no other."""

import base64
import binascii


def encode(kind: str, *numbers: int) -> str:
    """Return a marker that holds some numbers."""
    text = ":".join((kind, *map(str, numbers)))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def decode(kind: str, marker: str, *, count: int) -> tuple[int, ...] | None:
    """Return the numbers of a marker; ``None`` where it is none of this kind."""
    try:
        padded = marker + "=" * (-len(marker) % 4)
        found, *numbers = base64.urlsafe_b64decode(padded.encode()).decode().split(":")
        values = tuple(int(number) for number in numbers)
    except (ValueError, binascii.Error):
        return None
    fits = found == kind and len(values) == count and all(0 <= one < 2**63 for one in values)
    return values if fits else None
