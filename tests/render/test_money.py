"""Money, quantities and spans of time in documents and for people."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.render import humanise, money


@given(st.integers(0, 10**18), st.integers(1, 2**60))
def test_a_quantity_is_written_to_twelve_decimals_and_never_less(units: int, part: int) -> None:
    found = Fraction(money.quantity(Fraction(units, part)))
    assert 0 <= found - Fraction(units, part) < Fraction(1, 10**12)


@pytest.mark.parametrize(("units", "text"), [(Fraction(0), "0"), (Fraction(1000), "1000")])
def test_a_whole_quantity_keeps_its_noughts(units: Fraction, text: str) -> None:
    assert money.quantity(units) == text


def test_an_amount_in_a_document_is_a_text_with_six_decimals() -> None:
    assert money.exact(Decimal("3.6")) == "3.600000"
    assert money.exact(None) is None


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(0), "0 min"),
        (timedelta(seconds=1), "1 min"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=12), "12 h"),
        (timedelta(hours=5, minutes=1), "5 h 1 min"),
        (timedelta(days=2, hours=4, minutes=59), "2 d 4 h"),
        (timedelta(days=2, minutes=59), "2 d"),
        (timedelta(days=3650), "3,650 d"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(span: timedelta, text: str) -> None:
    assert humanise.span(span) == text
