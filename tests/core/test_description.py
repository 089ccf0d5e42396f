"""What descriptions hold, and how much fits."""

import json
import random
import zlib
from base64 import b85encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core import description, packing
from glaciercli.core.description import (
    MAX_CHARACTERS,
    Described,
    decode,
    encode,
    job_tag,
    parse_job_tag,
    verbatim,
)
from glaciercli.errors import BadUsage

FIRST_NS = -62135596800 * 10**9
LAST_NS = 253402300800 * 10**9 - 1
NS = 1_700_000_000_123_456_789
TAG = "0123456789abcdef"

ANY_CHARACTER = st.characters(exclude_categories=[])
NAMES = st.text(ANY_CHARACTER, min_size=1, max_size=120)
TIMES = st.none() | st.integers(FIRST_NS, LAST_NS)


def assert_sendable(text: str) -> None:
    assert len(text) <= MAX_CHARACTERS
    assert all(0x20 <= ord(char) <= 0x7E for char in text)
    assert "  " not in text
    assert text == text.strip()


@given(NAMES, TIMES, st.text(ANY_CHARACTER, max_size=24))
def test_every_name_round_trips(name: str, modified_ns: int | None, tag: str) -> None:
    text = encode(name=name, modified_ns=modified_ns, tag=tag)
    assert_sendable(text)
    assert decode(text) == Described(name=name, modified_ns=modified_ns, tag=tag, format="gc1")


@given(st.text(" ab", min_size=1, max_size=60))
def test_blanks_round_trip(name: str) -> None:
    text = encode(name=name, modified_ns=None, tag=TAG)
    assert_sendable(text)
    assert decode(text).name == name


def test_the_record_is_compact_ascii_json() -> None:
    assert encode(name="a  b/é", modified_ns=1_500_000_000, tag="t") == (
        r'gc1 {"n":"a \u0020b/\u00e9","m":"1970-01-01T00:00:01.5Z","u":"t"}'
    )
    assert encode(name="a", modified_ns=None, tag="t") == 'gc1 {"n":"a","u":"t"}'


PLANES = [
    *((plane << 16, (plane << 16) + 0xFFFF) for plane in range(1, 17)),
    (0x21, 0xD7FF),
    (0xE000, 0xFFFF),
]


@pytest.mark.parametrize(
    "spans",
    [[(0x20, 0x7E)], [(0x4E00, 0x9FFF)], [(0x1F300, 0x1FAFF)], [(0xA0, 0x24F)], PLANES]
    + [[span] for span in PLANES],
)
def test_a_path_of_900_bytes_fits(spans: list[tuple[int, int]]) -> None:
    chance = random.Random(str(spans))  # noqa: S311 - test data
    for _ in range(10):
        name = ""
        while len(name.encode()) < 897:
            name += chr(chance.randint(*chance.choice(spans)))
        text = encode(name=name, modified_ns=NS, tag=TAG)
        assert_sendable(text)
        assert decode(text).name == name


def test_a_file_name_of_undecodable_bytes_round_trips() -> None:
    name = bytes(range(1, 256)).decode("utf-8", "surrogateescape")
    text = encode(name=name, modified_ns=NS, tag=TAG)
    assert_sendable(text)
    assert decode(text).name == name


def test_half_characters_are_not_joined() -> None:
    for name in ("\ud83d\ude00", "\ud83d\ude00" * 100):
        assert decode(encode(name=name, modified_ns=NS, tag=TAG)).name == name


def test_a_name_that_does_not_fit_is_named() -> None:
    chance = random.Random(4)  # noqa: S311 - test data
    name = "\x1b" + "".join(chr(chance.randint(33, 0x10FFF)) for _ in range(900))
    with pytest.raises(BadUsage) as caught:
        encode(name=name, modified_ns=NS, tag=TAG)
    assert r"\x1b" in caught.value.message
    assert "1,024" in caught.value.message
    assert len(caught.value.message) < 1000


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(BadUsage, match="needs a name"):
        encode(name="", modified_ns=None, tag=TAG)


@pytest.mark.parametrize("modified_ns", [FIRST_NS - 1, LAST_NS + 1])
def test_a_time_outside_the_calendar_does_not_stop_an_upload(modified_ns: int) -> None:
    described = decode(encode(name="a", modified_ns=modified_ns, tag=TAG))
    assert (described.name, described.modified_ns) == ("a", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (None, None, None, "blank")),
        ("   ", (None, None, None, "blank")),
        ("holiday.tar", ("holiday.tar", None, None, "plain")),
        (" a  b ", (" a  b ", None, None, "plain")),
        ("gc1", ("gc1", None, None, "plain")),
        ("gc12 {}", ("gc12 {}", None, None, "plain")),
        ('gc1 {"n":"a","x":[1],"u":"t"}', ("a", None, "t", "gc1")),
        (' gc1 {"n":"a"} ', ("a", None, None, "gc1")),
        ('gc1 {"n":"a","m":"yesterday","u":5}', ("a", None, None, "gc1")),
        ('gc1 {"n":"a","m":"1969-12-31T23:59:59Z"}', ("a", -(10**9), None, "gc1")),
        ('gc1 {"n":"a', ('gc1 {"n":"a', None, None, "undecodable")),
        ('gc1 {"n":""}', ('gc1 {"n":""}', None, None, "undecodable")),
        ('gc1 {"n":5}', ('gc1 {"n":5}', None, None, "undecodable")),
        ("gc1 [1]", ("gc1 [1]", None, None, "undecodable")),
        ("gc1z !!!", ("gc1z !!!", None, None, "undecodable")),
        ("gc1z \u00e9", ("gc1z \u00e9", None, None, "undecodable")),
    ],
)
def test_a_description_is_read_whoever_wrote_it(
    text: str, expected: tuple[str | None, int | None, str | None, str]
) -> None:
    got = decode(text)
    assert (got.name, got.modified_ns, got.tag, got.format) == expected


def packed(payload: bytes) -> str:
    return "gc1z " + b85encode(zlib.compress(payload, 9)).decode()


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "utf-16-le", "utf-16-be"])
def test_packed_json_of_either_encoding_is_read(encoding: str) -> None:
    payload = json.dumps({"n": "é", "u": "t"}, ensure_ascii=encoding == "ascii")
    assert decode(packed(payload.encode(encoding))).name == "é"


@pytest.mark.parametrize(
    "text",
    [
        packed(b'{"n":"' + b"a" * 10_000_000 + b'"}'),
        packed(b"[" * 60_000),
        packed(b"\xff\xfe"),
        packed(b'{"n":"abc"}')[:-6],
        "gc1 " + "[" * 1000,
        "gc1 " + '{"n":' * 200,
        'gc1 {"n":"a","i":' + "9" * 5000 + "}",
    ],
    ids=["bomb", "deep", "no text", "cut off", "brackets", "objects", "huge number"],
)
def test_a_hostile_record_is_its_own_name(text: str) -> None:
    assert decode(text) == Described(name=text, modified_ns=None, tag=None, format="undecodable")


@given(st.text(ANY_CHARACTER))
def test_reading_never_fails(text: str) -> None:
    for one in (text, "gc1 " + text, "gc1z " + text, 'gc1 {"n":' + text + "}"):
        assert decode(one).name or not one.strip()
        parse_job_tag(one)


@given(NAMES, st.text(ANY_CHARACTER, max_size=20))
def test_packing_round_trips(name: str, other: str) -> None:
    for record in ({"n": name}, {"o": other, "n": name}):
        assert packing.unpack(packing.pack(record, name_key="n")) == record


@given(st.text("abc123-_", min_size=1))
def test_a_job_s_tag_is_found_again(tag: str) -> None:
    assert job_tag(tag) == f'gc1 {{"u":"{tag}"}}'
    assert parse_job_tag(job_tag(tag)) == tag


@pytest.mark.parametrize("text", ["", "gc1", "gc1 {}", "gc1 []", 'gc1 {"u":1}', "mtijob1 e30"])
def test_a_job_of_others_has_no_tag(text: str) -> None:
    assert parse_job_tag(text) is None


def test_a_user_s_own_description_is_checked() -> None:
    assert verbatim("Back-up of  2024 ~") == "Back-up of  2024 ~"
    assert verbatim(" as  HTTP has it  ") == "as  HTTP has it"
    assert verbatim("x" * 1024)
    with pytest.raises(BadUsage, match="printable ASCII"):
        verbatim("Grüße")
    with pytest.raises(BadUsage, match="printable ASCII"):
        verbatim("a\n")
    with pytest.raises(BadUsage, match="1,024"):
        verbatim("x" * 1025)


def test_a_stored_key_map_is_told_from_a_file_of_its_name() -> None:
    name = ".glaciercli/keymap-2026-11-22T100000Z.jsonl.gz"
    text = description.encode(name=name, modified_ns=1, tag="t" * 12, kind=description.KEY_MAP_KIND)
    assert description.is_key_map(text)
    said = description.decode(text)
    assert (said.format, said.name, said.tag) == ("gc1-keymap", name, "t" * 12)
    for other in (
        description.encode(name=name, modified_ns=1, tag="t" * 12),
        description.encode(name='"k":"keymap"', modified_ns=1, tag="t" * 12),
        f'{{"k":"keymap","n":"{name}"}}',
        text[:-1],
    ):
        assert not description.is_key_map(other)
