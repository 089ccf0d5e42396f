"""How archives are cut into parts."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core import parts
from glaciercli.core.sizes import parse_size
from glaciercli.errors import BadUsage

MIB = 2**20
GIB = 2**30


@pytest.mark.covers("F8")
@pytest.mark.parametrize(
    ("size_bytes", "part_bytes"),
    [
        (0, 16 * MIB),
        (1, 16 * MIB),
        (160_000 * MIB, 16 * MIB),
        (160_000 * MIB + 1, 32 * MIB),
        (1 << 40, 128 * MIB),
        (parts.MAX_ARCHIVE_BYTES, 4 * GIB),
    ],
)
def test_the_part_size_grows_until_the_parts_suffice(size_bytes: int, part_bytes: int) -> None:
    assert parts.choose_part_bytes(size_bytes, wanted=None) == part_bytes


@given(st.integers(0, parts.MAX_ARCHIVE_BYTES))
def test_the_chosen_part_size_is_one_the_service_takes(size_bytes: int) -> None:
    part_bytes = parts.choose_part_bytes(size_bytes, wanted=None)
    assert part_bytes % MIB == 0
    assert part_bytes.bit_count() == 1
    assert part_bytes <= 4 * GIB
    assert -(-size_bytes // part_bytes) <= 10_000
    assert parts.choose_part_bytes(size_bytes, wanted=part_bytes) == part_bytes


def test_a_wanted_part_size_is_kept_if_it_fits() -> None:
    assert parts.choose_part_bytes(10_000 * MIB, wanted=MIB) == MIB
    assert parts.choose_part_bytes(1, wanted=4 * GIB) == 4 * GIB


def test_too_small_parts_are_refused_with_the_smallest_that_fit() -> None:
    with pytest.raises(BadUsage, match=r"too small for 9\.8 GiB") as caught:
        parts.choose_part_bytes(10_000 * MIB + 1, wanted=MIB)
    assert caught.value.hint == "the smallest part size that fits is 2MiB"
    with pytest.raises(BadUsage) as caught:
        parts.choose_part_bytes(parts.MAX_ARCHIVE_BYTES, wanted=MIB)
    assert caught.value.hint == "the smallest part size that fits is 4GiB"


@pytest.mark.parametrize(
    ("wanted", "better"),
    [
        (10 * MIB, "16MiB"),
        (0, "1MiB"),
        (-MIB, "1MiB"),
        (1, "1MiB"),
        (MIB + 1, "2MiB"),
        (8 * GIB, "4GiB"),
        (1000 * MIB, "1GiB"),
    ],
)
def test_an_odd_part_size_is_refused_with_a_better_one(wanted: int, better: str) -> None:
    for refuse in (
        partial(parts.choose_part_bytes, 5, wanted=wanted),
        partial(parts.stream_part_bytes, wanted),
        partial(parts.check_part_bytes, wanted),
    ):
        with pytest.raises(BadUsage, match="is no part size") as caught:
            refuse()
        assert caught.value.hint == f"--part-size {better} would do"
    assert parts.choose_part_bytes(5, wanted=parse_size(better)) == parse_size(better)


@pytest.mark.covers("F8")
def test_a_larger_archive_than_the_service_holds_is_refused() -> None:
    with pytest.raises(BadUsage, match="more than an archive holds"):
        parts.choose_part_bytes(parts.MAX_ARCHIVE_BYTES + 1, wanted=None)


def test_input_of_unknown_length_may_grow_beyond_a_tebibyte() -> None:
    assert parts.STREAM_PART_BYTES * parts.MAX_PARTS > 1 << 40
    assert parts.stream_part_bytes(None) == parts.STREAM_PART_BYTES
    assert parts.STREAM_PART_BYTES == 128 * MIB
    assert parts.stream_part_bytes(MIB) == MIB


def test_no_part_size_and_a_good_one_pass_the_check() -> None:
    parts.check_part_bytes(None)
    parts.check_part_bytes(MIB)


@pytest.mark.covers("F8")
@given(st.integers(0, 300), st.integers(1, 300))
def test_the_parts_cover_the_archive(size_bytes: int, part_bytes: int) -> None:
    laid_out = list(parts.lay_out(size_bytes, part_bytes))
    offset = 0
    for part in laid_out:
        assert part.start == offset
        assert 0 < part.size_bytes <= part_bytes
        offset = part.stop
    assert offset == size_bytes
    assert all(part.size_bytes == part_bytes for part in laid_out[:-1])


def test_what_is_no_larger_than_a_part_goes_in_one_request() -> None:
    assert parts.fits_single_request(16 * MIB, 16 * MIB)
    assert not parts.fits_single_request(16 * MIB + 1, 16 * MIB)
    assert parts.fits_single_request(4 * GIB, 4 * GIB)
    assert not parts.fits_single_request(4 * GIB + 1, 8 * GIB)
