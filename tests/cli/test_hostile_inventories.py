"""Inventories made to do harm: told in a sentence that names the place, and nothing changes."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.dates import hours_from_now

_HEAD = (
    '{"VaultARN":"arn:aws:glacier:us-east-1:000000000000:vaults/photos",'
    f'"InventoryDate":"{hours_from_now(6)}","ArchiveList":['
)
_CSV = b"ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\n"
_MANY = 5_000_000

#: Where the first archive begins.
_AT = f"at character {len(_HEAD)}: "


def record(**others: Any) -> dict[str, Any]:
    return {
        "ArchiveId": "A" * 138,
        "ArchiveDescription": "a",
        "CreationDate": "2026-01-01T00:00:00Z",
        "Size": 5,
        "SHA256TreeHash": "0" * 64,
        **others,
    }


def of(*records: object) -> bytes:
    return (_HEAD + ",".join(map(json.dumps, records)) + "]}").encode()


_NO_UTF_8 = of(record()).replace(b'"a"', b'"\xff"')

REFUSED: dict[str, tuple[bytes, str]] = {
    "an ID that is a number": (of(record(ArchiveId=5)), _AT),
    "an ID of nothing": (of(record(ArchiveId="")), _AT + "an archive has no ID"),
    "an ID with a zero byte": (of(record(ArchiveId="a\0b")), _AT),
    "a size that is a text": (of(record(Size="5")), _AT + '"5" is no size'),
    "a size below nothing": (of(record(Size=-1)), _AT),
    "a size that no disk holds": (of(record(Size=10**30)), _AT),
    "a size that is a truth": (of(record(Size=True)), _AT),
    "a hash that is too short": (of(record(SHA256TreeHash="00")), _AT),
    "a date of no calendar": (of(record(CreationDate="0000-01-01T00:00:00Z")), _AT),
    "a description that is a list": (of(record(ArchiveDescription=[])), _AT),
    "an archive that is none": (of(5), _AT + "an archive is no object"),
    "a list that is none": ((_HEAD[:-1] + "5}").encode(), '"[" was expected'),
    "a long description": (of(record(ArchiveDescription="x" * _MANY)), _AT + "a record is longer"),
    "a long ID": (of(record(ArchiveId="x" * _MANY)), _AT + "a record is longer"),
    "a long key": (b'{"' + b"x" * _MANY + b'":1}', "at character 1: a record is longer"),
    "a text without end": ((_HEAD + '{"a":"' + "x" * _MANY).encode(), _AT + "a record is longer"),
    "deep lists": ((_HEAD + "[" * _MANY).encode(), _AT),
    "deep lists before the archives": (b'{"a":' + b"[" * _MANY, "at character 5: "),
    "deep objects": ((_HEAD + '{"a":' * _MANY).encode(), _AT),
    "blanks": (b" " * _MANY, f"at character {_MANY}: it is empty"),
    "a long number": ((_HEAD + '{"Size":' + "9" * _MANY + "}]}").encode(), _AT),
    "an end too early": (of(record(), record())[:-40], "it ends too early"),
    "two documents": (of(record()) * 2, "something follows the inventory"),
    "what is no UTF-8": (_NO_UTF_8, f"no UTF-8 text at byte {_NO_UTF_8.index(255)}"),
    "another heading": (b"a,b,c\n1,2,3\n", "at character 0: the heading"),
    "a line with too few fields": (_CSV + b"A,b,c\n", f"at character {len(_CSV)}: "),
    "a long line": (_CSV + b"x" * _MANY, f"at character {len(_CSV)}: a line is longer"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "at byte 0"),
}


@pytest.mark.covers("H8")
@pytest.mark.parametrize("kind", REFUSED)
def test_a_bad_inventory_is_refused_with_its_place(
    local: Run, photos: Path, key_map: Path, kind: str
) -> None:
    content, words = REFUSED[kind]
    (photos / "saved").write_bytes(content)
    before = key_map.read_bytes()
    local("inventory", "import", "photos", "saved").failed(1, words)
    assert key_map.read_bytes() == before


#: Archives that are there, whatever their descriptions try, and what they are called then.
ODD = {
    "../../etc/passwd": "../../etc/passwd",
    "a\x1b[31m\n\0\u202e": "a\x1b[31m\n\0\u202e",
    '<!DOCTYPE m [<!ENTITY a "b">]><m><v>4</v><p>&a;</p></m>': None,
    "<m>" * 9_000: None,
    "gc1 " + "[" * 50_000: None,
    '{"Path":' + "[" * 50_000: None,
}


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_an_odd_description_loses_no_archive(local: Run, photos: Path, text: str) -> None:
    (photos / "saved").write_bytes(of(record(ArchiveDescription=text)))
    local("inventory", "import", "photos", "saved").ok()
    (found,) = local("list", "photos", "-o", "json").ok().json["archives"]
    assert found["description"] == text
    assert found["name"] == (ODD[text] or text)
    assert "\x1b" not in local("list", "photos").ok().out


@pytest.mark.covers("H4")
@pytest.mark.parametrize("start", ["A", "A" * 130], ids=["few", "all but eight"])
def test_an_archive_that_is_listed_often_counts_once(local: Run, photos: Path, start: str) -> None:
    numbers = [n % 700 for n in range(2_000)]
    records = [record(ArchiveId=f"{start}{n:08}".ljust(138, "x")) for n in numbers]
    (photos / "saved").write_bytes(of(*records))
    for _ in range(2):
        local("inventory", "import", "photos", "saved").ok()
        assert len(local("list", "photos", "--all-versions", "-o", "jsonl").ok().lines) == 700
    local("keymap", "check").ok()
