"""Descriptions of other tools, and of those who copied them badly."""

from base64 import b64encode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glaciercli.core.description import decode, encode
from glaciercli.core.times import parse_ns

ANNEX = "SHA256E-s31390--f50d7ac4c6b9031379986bc362fcefb65f1e52621ce1708d537e740fefc59cc0.mp3"
FAST = (
    "<m>\n  <v>4</v>\n  <p>Z2xhY2llci1kZy5wZGY=</p>\n  <lm>20120821T170824Z</lm>\n"
    "  <ce>1:1:4340ebcf79712dc5e3ef7d50bab98ba5:54687</ce>\n</m>"
)
FAST_QUOTED = (
    '"       <m><v>4</v><p>RlgxNTAvQ0JCX2ZpZ3VyZS9lZTRjM2MxOS00OTBkLTQwN2UtOGJlNy04ODliZTQxYjQ4YmI'
    'uY2Ji </p><lm>20190121T085242Z       </lm>        </m>"'
)
FAST_FIRST = (
    '"<ArchiveMetadata>           <Path>       UkVOREVSRkFSTTUvQjovb25lL3R3by90aHJlZS9jaDAxX3NlcTA'
    'wNF9zaDAwMTAuMjA0NC5kcHg=   </Path></ArchiveMetadata>"'
)


def standard(text: str) -> str:
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("text", "name", "modified", "kind"),
    [
        ("mt2 eyJmaWxlbmFtZSI6ImZpbGUiLCJtdGltZSI6IjIwMTIxMTE0VDIwMTYxOFoifQ",
         "file", "2012-11-14T20:16:18Z", "mt2"),
        ("mt1 eyJmaWxlbmFtZSI6IsOQwq9Bw5DCryIsIm10aW1lIjoiMTk3MDAxMDFUMDAwMjAzWiJ9",
         "ЯAЯ", "1970-01-01T00:02:03Z", "mt1"),
        ("mt2 eyJtdGltZSI6IjAifQ==", None, "1970-01-01T00:00:00Z", "mt2"),
        ("mt2 " + standard('{"filename":"a?>é","mtime":"1352924178123"}'),
         "a?>é", "2012-11-14T20:16:18.123Z", "mt2"),
        ("mt2 " + standard('{"filename":"a","mtime":1352924178}'),
         "a", "2012-11-14T20:16:18Z", "mt2"),
        ("mt2 " + standard('{"filename":"a","mtime":"2012-11-14T20:16:18Z"}'),
         "a", "2012-11-14T20:16:18Z", "mt2"),
        ("mt2 " + standard('{"filename":"a","mtime":"19010230T000000Z"}'), "a", None, "mt2"),
        ("mt2 " + standard('{"filename":"a","mtime":"' + "9" * 400 + '"}'), "a", None, "mt2"),
        (FAST, "glacier-dg.pdf", "2012-08-21T17:08:24Z", "fastglacier"),
        (FAST_QUOTED, "FX150/CBB_figure/ee4c3c19-490d-407e-8be7-889be41b48bb.cbb",
         "2019-01-21T08:52:42Z", "fastglacier"),
        (FAST_FIRST, "RENDERFARM5/B:/one/two/three/ch01_seq004_sh0010.2044.dpx", None,
         "fastglacier"),
        ("<m><p>" + standard("a\\b/") + "</p></m>", "a\\b/", None, "fastglacier"),
        ("<m><p>ZOk</p></m>", "d\udce9", None, "fastglacier"),
        ("<m><v>4</v><p>YQ==</p><lm>2012", "a", None, "fastglacier"),
        ("<m><v>2</v><p>YTtiXGM=</p><lm>19010101T010101Z</lm></m>", "a;b\\c",
         "1901-01-01T01:01:01Z", "fastglacier"),
        ("<m> of Anna's tapes", "<m> of Anna's tapes", None, "plain"),
        ('{"Path":"c:\\\\my+AF8-folder\\\\f.txt","UTCDateModified":"20100310T110623Z","Flags":3}',
         "c:\\my_folder\\f.txt", "2010-03-10T11:06:23Z", "cloudberry"),
        ('{"Path":"my+F8-x","UTCDateModified":"20100310T110623Z"}', "my+F8-x",
         "2010-03-10T11:06:23Z", "cloudberry"),
        ('{"Path":"   ","UTCDateModified":"20100310T110623Z"}', None, "2010-03-10T11:06:23Z",
         "cloudberry"),
        ('{"path":"a+AF8-b","UTCDateModified":"x"}', "a_b", None, "cloudberry"),
        ('{"Path":"é"}', "é", None, "cloudberry"),
        ('"{\\"Path\\":\\"a/b.txt\\",\\"UTCDateModified\\":\\"20100310T110623Z\\"}"',
         "a/b.txt", "2010-03-10T11:06:23Z", "cloudberry"),
        ('{"path": "/sample/1234.pdf", "type": "file"}', "/sample/1234.pdf", None, "qnap"),
        ('{"path": "/sample", "type": "directory"}', "/sample/", None, "qnap"),
        ("foo/" + ANNEX, ANNEX, None, "git-annex"),
        ("GPGHMACSHA1--2945f64be96ccbb9feb4d8ff44ac9692fdbe654e",
         "GPGHMACSHA1--2945f64be96ccbb9feb4d8ff44ac9692fdbe654e", None, "git-annex"),
        ("XBLAKE3-s5--00", "XBLAKE3-s5--00", None, "git-annex"),
        ("WORM-s3-m1234--a b.txt", "WORM-s3-m1234--a b.txt", None, "git-annex"),
        ("duplicity-inc.20120906T215539Z.to.20120907T215539Z.vol1.difftar.gpg",
         "duplicity-inc.20120906T215539Z.to.20120907T215539Z.vol1.difftar.gpg", None,
         "duplicity"),
        ("backup.20120906215539.tgz.enc", "backup.20120906215539.tgz.enc", None, "plain"),
        ("DirFileWithSpaces.test", "DirFileWithSpaces.test", None, "plain"),
        ("/full/path/as typed", "/full/path/as typed", None, "plain"),
        ("trips/IMG--1.jpg", "trips/IMG--1.jpg", None, "plain"),
        ("duplicity-full.20120906T215539Z.manifest.gpg",
         "duplicity-full.20120906T215539Z.manifest.gpg", None, "duplicity"),
        ("duplicity-full-signatures.20120906T215539Z.sigtar.gpg",
         "duplicity-full-signatures.20120906T215539Z.sigtar.gpg", None, "duplicity"),
        ("No description.", None, None, "glacier-cmd"),
        ("   ", None, None, "blank"),
        ('"  "', None, None, "blank"),
        ("{not json", "{not json", None, "plain"),
        ('{"a":1}', '{"a":1}', None, "plain"),
        ('{"Path":5}', '{"Path":5}', None, "plain"),
        ("holiday.tar", "holiday.tar", None, "plain"),
        ('"holiday.tar"', '"holiday.tar"', None, "plain"),
        ('"', '"', None, "plain"),
    ],
)  # fmt: skip
def test_a_known_format_is_read(
    text: str, name: str | None, modified: str | None, kind: str
) -> None:
    got = decode(text)
    modified_ns = None if modified is None else parse_ns(modified)
    assert (got.name, got.modified_ns, got.tag, got.format) == (name, modified_ns, None, kind)


@pytest.mark.parametrize(
    "text",
    [
        "mt2 ",
        "mt2 x",
        "mt2 !!!!",
        "mt2 " + standard("[1]"),
        "mt2 " + standard("[" * 700),
        "mt1 " + standard('{"filename":"漢"}'),
        "<m></m>",
        "<m><p></p></m>",
        "<m><p>?</p></m>",
        "<m><p>Z2xhY2llci1kZy5wZGY=</m>",
        "<ArchiveMetadata>",
        "<m><v>4</v><p>Z2xhY2llc",
        '<!DOCTYPE m [<!ENTITY x "y">]><m><p>YQ==</p></m>',
        '<!doctype m SYSTEM "file:///etc/passwd"><m><p>YQ==</p></m>',
        '<!ENTITY x SYSTEM "http://127.0.0.1/"><ArchiveMetadata><Path>YQ==</Path>',
    ],
)
def test_a_damaged_description_is_its_own_name(text: str) -> None:
    got = decode(text)
    if text.strip() == "mt2":
        assert (got.name, got.format) == (text, "plain")
    else:
        assert (got.name, got.format) == (text, "undecodable")


@pytest.mark.covers("H10")
@pytest.mark.parametrize(
    "start",
    ["", "mt2 ", "mt1 ", "{", '"', "<m><p>", "<ArchiveMetadata><Path>", "duplicity-full", "gc1 "],
)
def test_what_is_far_too_long_costs_nothing(start: str) -> None:
    text = start + "A" * 100_000_000
    got = decode(text)
    assert got.name is text
    assert got.format in {"plain", "undecodable"}


@given(st.sampled_from(["mt2 ", "mt1 ", "<m><p>"]), st.binary(max_size=80))
def test_any_bytes_in_base64_give_a_name_that_can_be_kept(start: str, payload: bytes) -> None:
    got = decode(start + b64encode(payload).decode())
    assert got.name is None or got.name.encode("utf-8", "surrogatepass")


def test_our_own_record_may_be_wrapped_too() -> None:
    text = encode(name='a "b"', modified_ns=None, tag="t")
    wrapped = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert decode(wrapped) == decode(text)


@given(st.text(max_size=60), st.booleans())
def test_every_mt2_name_is_read(name: str, padded: bool) -> None:  # noqa: FBT001
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    escaped = "".join(char if ord(char) > 31 else f"\\u{ord(char):04x}" for char in escaped)
    payload = urlsafe_b64encode(f'{{"filename":"{escaped}"}}'.encode()).decode()
    got = decode("mt2 " + (payload if padded else payload.rstrip("=")))
    assert (got.name, got.format) == (name if name.strip() else None, "mt2")


@given(st.text(st.characters(exclude_categories=[])))
def test_reading_never_fails(text: str) -> None:
    for one in (
        text,
        f'"{text}"',
        f"mt2 {text}",
        f"mt1 {text}",
        f"<m><p>{text}</p><lm>{text}</lm></m>",
        f"<m><p>YQ</p><lm>{text}</lm></m>",
        f'{{"Path":"{text}","UTCDateModified":"{text}"}}',
        "{" + text,
    ):
        decode(one)
