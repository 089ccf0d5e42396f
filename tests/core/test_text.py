"""What a terminal gets to see of untrusted text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.text import counted, printable

ANY_TEXT = st.text(st.characters(exclude_categories=[]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("holiday.tar", "holiday.tar"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\x9b31m", r"\x9b31m"),
        ("\x00\x7f\x80", r"\x00\x7f\x80"),
        ("gpj.\u202eexe", r"gpj.\u202eexe"),
        ("\u2066x\u2069\u200e\u200f\u061c", r"\u2066x\u2069\u200e\u200f\u061c"),
        ("a\u200bb\u200cc\ufeff", r"a\u200bb\u200cc\ufeff"),
        ("a\u2028b\u2029", r"a\u2028b\u2029"),
        ("caf\udce9", r"caf\xe9"),
        ("\udc80\udcff", r"\x80\xff"),
        ("\ud800\udc7f\udd00", r"\ud800\udc7f\udd00"),
        ("\ue000\uffff", r"\ue000\uffff"),
        ("\U000e0041\U0010ffff", r"\U000e0041\U0010ffff"),
        ("soft\u00adhyphen", r"soft\xadhyphen"),
    ],
)
def test_what_nobody_sees_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "Grüße aus Köln",
        "写真\u3000日本語",
        "👩\u200d👩\u200d👧 ☃\ufe0f",
        "शून्य עברית العربية \u0600",
        "10\u00a0km",
        r"c:\new\table",
        "e\u0301",
    ],
)
def test_ordinary_text_is_unchanged(text: str) -> None:
    assert printable(text) == text


@given(ANY_TEXT)
def test_nothing_dangerous_is_left(text: str) -> None:
    shown = printable(text)
    for char in shown:
        category = unicodedata.category(char)
        assert category not in {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
        assert unicodedata.bidirectional(char) not in {
            "LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI",
        }  # fmt: skip
    shown.encode()


@given(ANY_TEXT)
def test_a_second_time_changes_nothing(text: str) -> None:
    assert printable(printable(text)) == printable(text)


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (12_000, "12,000 files")]
)
def test_a_count_has_its_noun(number: int, said: str) -> None:
    assert counted(number, "file") == said
    assert counted(number, "entry", "entries").endswith("entry" if number == 1 else "entries")
