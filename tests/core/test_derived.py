"""A description that follows from what it says comes out again to the last character."""

import json
from base64 import b64encode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli import errors
from glaciercli.core import description
from glaciercli.core.derived import Form, Said, _ours_as_most, form_of, read_ours, written

MARK = "abcDEF-_01234567"

names = st.text(min_size=1, max_size=40) | st.text('a "\\/\x7f\n\ud800\udcff', min_size=1)
times = st.none() | st.integers(-(2**63), 2**63 - 1)
any_text = st.text(max_size=60) | st.builds(
    "".join, st.tuples(st.sampled_from(["gc1 ", "mt2 ", "<m><v>4</v>"]), st.text(max_size=40))
)


def said_by(text: str) -> Said:
    found = description.decode(text)
    return Said(found.name or "", found.modified_ns, found.tag)


@given(name=names, modified_ns=times)
def test_every_record_of_ours_follows(name: str, modified_ns: int | None) -> None:
    text = description.encode(name=name, modified_ns=modified_ns, tag=MARK)
    assert form_of(text, Said(name, modified_ns, MARK)) is Form.OURS


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (
            "mt2 eyJmaWxlbmFtZSI6ImZpbGUiLCJtdGltZSI6IjIwMTIxMTE0VDIwMTYxOFoifQ",
            Form.MT2_NAME_FIRST,
        ),
        (
            "mt2 "
            + urlsafe_b64encode(
                json.dumps(
                    {"mtime": "20121114T201618Z", "filename": "é/a b"},
                    separators=(",", ":"),
                    ensure_ascii=False,
                ).encode()
            )
            .decode()
            .rstrip("="),
            Form.MT2_TIME_FIRST,
        ),
        (
            "<m><v>4</v><p>Z2xhY2llci1kZy5wZGY=</p><lm>20120705T202210Z</lm></m>",
            Form.FASTGLACIER_4,
        ),
        (
            (
                f"<m><v>2</v><p>{b64encode(b'a' + bytes([255])).decode()}</p>"
                "<lm>19010101T010101Z</lm></m>"
            ),
            Form.FASTGLACIER_2,
        ),
    ],
)
def test_those_of_other_tools_follow(text: str, form: Form) -> None:
    assert form_of(text, said_by(text)) is form


@pytest.mark.parametrize(
    "text",
    [
        'gc1 {"u":"abcDEF-_01234567","n":"a"}',
        'gc1 {"n":"a", "u":"abcDEF-_01234567"}',
        'gc1 {"n":"a","u":"abcDEF-_01234567","s":0}',
        'gc1 {"n":"a","m":"2026-01-01T00:00:00.0Z","u":"abcDEF-_01234567"}',
        "mt2 eyJmaWxlbmFtZSI6ImZpbGUiLCJtdGltZSI6IjIwMTIxMTE0VDIwMTYxOFoifQ==",
        "mt2 eyJtdGltZSI6IjAifQ==",
        (
            "<m><v>4</v><p>Z2xhY2llci1kZy5wZGY=</p><lm>20120705T202210Z</lm>"
            "<ce>1:1:4340ebcf79712dc5e3ef7d50bab98ba5:54687</ce></m>"
        ),
        "<m><v>4</v><p>Z2xhY2llci1kZy5wZGY</p><lm>20120705T202210Z</lm></m>",
        "",
    ],
)
def test_what_is_written_otherwise_does_not_follow(text: str) -> None:
    assert form_of(text, said_by(text)) is None


@given(any_text)
def test_any_text_comes_out_as_it_was_or_does_not_follow(text: str) -> None:
    said = said_by(text)
    form = form_of(text, said)
    assert form is None or written(form, said) == text


@given(st.sampled_from(Form), st.text(max_size=20), times, st.none() | st.text(max_size=20))
def test_nothing_raises(form: Form, name: str, modified_ns: int | None, tag: str | None) -> None:
    text = written(form, Said(name, modified_ns, tag))
    assert text is None or name


@given(name=st.text('ab/ "\\é~', min_size=1, max_size=9), modified_ns=times)
def test_a_record_that_is_read_quickly_says_the_same(name: str, modified_ns: int | None) -> None:
    text = description.encode(name=name, modified_ns=modified_ns, tag=MARK)
    said = read_ours(text)
    assert said in {None, said_by(text)}
    # The first day that a time can be of began before any.
    is_edge = modified_ns is not None and modified_ns < 10**14 - 2**63
    is_odd = not name.isascii() or {'"', "\\"} & set(name) or "  " in name
    assert said is not None or is_odd or is_edge


@given(st.from_regex(_ours_as_most(), fullmatch=True))
def test_what_is_read_quickly_follows(text: str) -> None:
    said = read_ours(text)
    if said is not None:
        assert said == said_by(text)
        assert form_of(text, said) is Form.OURS


@pytest.mark.parametrize("moment", ["2026-02-30", "0000-01-01", "2026-13-01", "2263-01-01"])
def test_a_date_of_no_calendar_is_not_read_quickly(moment: str) -> None:
    assert read_ours(f'gc1 {{"n":"a","m":"{moment}T00:00:00Z","u":"{MARK}"}}') is None


def test_a_name_that_fits_into_no_description_has_none() -> None:
    long = "".join(map(chr, range(0x4E00, 0x4E00 + 2_000)))
    with pytest.raises(errors.BadUsage):
        description.encode(name=long, modified_ns=None, tag=MARK)
    assert written(Form.OURS, Said(long, None, MARK)) is None
