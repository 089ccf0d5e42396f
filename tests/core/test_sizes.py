"""Numbers of bytes as people write and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.sizes import format_size, parse_size
from glaciercli.errors import BadUsage


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("1048576", 1048576),
        ("812B", 812),
        ("16MiB", 16 << 20),
        ("16 MiB", 16 << 20),
        ("16mb", 16 << 20),
        ("1.5GiB", 3 << 29),
        ("1G", 1 << 30),
        ("2k", 2048),
        ("4T", 4 << 40),
        ("0.5K", 512),
        ("1.1KiB", 1126),
    ],
)
def test_a_size_is_read(text: str, expected: int) -> None:
    assert parse_size(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "MiB", "-1", "+1", "1.5", "1e3", "nan", "1XB", "1iB", "1KiBB", ".5G", "1.G",
     "9E", "9" * 5000, "\u0661K", "1 2"],
)  # fmt: skip
def test_what_is_no_size_is_explained(text: str) -> None:
    with pytest.raises(BadUsage, match="is no size") as caught:
        parse_size(text)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (812, "812 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (3 << 29, "1.5 GiB"),
        ((1 << 20) - 1, "1.0 MiB"),
        (1 << 50, "1.0 PiB"),
        (5 << 70, "5120.0 EiB"),
    ],
)
def test_a_size_is_written_in_its_unit(size_bytes: int, text: str) -> None:
    assert format_size(size_bytes) == text


@given(st.integers(0, 2**62))
def test_a_written_size_reads_as_nearly_the_same(size_bytes: int) -> None:
    number, unit = format_size(size_bytes).split()
    factor = parse_size("1" + unit)
    assert abs(float(number) * factor - size_bytes) <= factor * 0.051
    assert float(number) < 1024


@given(st.integers(0, 2**63 - 1))
def test_plain_bytes_round_trip(size_bytes: int) -> None:
    assert parse_size(str(size_bytes)) == size_bytes
