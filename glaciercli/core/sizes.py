"""Numbers of bytes as people write and read them; units are powers of 1024."""

from glaciercli.core.text import printable
from glaciercli.errors import BadUsage

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_STEP = 1024

#: What may follow a number, in lower case: `k`, `kb` and `kib` mean the same.
_FACTORS = {"": 1, "b": 1} | {
    unit[0].lower() + rest: _STEP**power
    for power, unit in enumerate(_UNITS)
    if power
    for rest in ("", "b", "ib")
}

#: The largest number that a database column holds.
_MOST_BYTES = 2**63 - 1
_MOST_DIGITS = 40

#: The slowest rate that makes sense: services end a request that moves less.
_LEAST_BYTES_PER_S = 1024


def parse_size(text: str) -> int:
    """Return the bytes that a user wrote, such as 1048576, 16MiB, 1.5GiB or 1G, rounded down."""
    number = text.strip().rstrip("BEGIKMPTbegikmpt ")
    unit = text.strip()[len(number) :].strip().lower()
    whole, point, fraction = number.partition(".")
    digits = whole + fraction
    written = bool(whole) and bool(fraction) == bool(point) and digits.isascii()
    # A fraction of a byte means a forgotten unit.
    if not (written and digits.isdigit() and unit in _FACTORS) or (point and _FACTORS[unit] == 1):
        raise _bad(text)
    if len(digits) > _MOST_DIGITS:
        raise _bad(text)
    size_bytes: int = int(digits) * _FACTORS[unit] // 10 ** len(fraction)
    if size_bytes > _MOST_BYTES:
        raise _bad(text)
    return size_bytes


def parse_rate(text: str) -> int:
    """Return the bytes a second that a user wrote as a size."""
    bytes_per_s = parse_size(text)
    if bytes_per_s < _LEAST_BYTES_PER_S:
        raise BadUsage(
            f"{bytes_per_s} B a second is too slow: a service ends requests that hardly move",
            hint=f"the least is {format_size(_LEAST_BYTES_PER_S)}; without a limit, leave it out",
        )
    return bytes_per_s


def format_size(size_bytes: int) -> str:
    """Return a number of bytes in the largest unit that leaves at least one of it."""
    value, power = float(size_bytes), 0
    while _rounds_up(value, power) and power < len(_UNITS) - 1:
        value /= _STEP
        power += 1
    return f"{value:.1f} {_UNITS[power]}" if power else f"{size_bytes} B"


def _rounds_up(value: float, power: int) -> bool:
    """Tell whether a value would show as 1024 or more of its unit."""
    return abs(round(value, 1 if power else 0)) >= _STEP


def _bad(text: str) -> BadUsage:
    """Return the error for what is no number of bytes."""
    return BadUsage(
        f'"{printable(text)}" is no size', hint="write for instance 512KiB, 16MiB or 1.5GiB"
    )
