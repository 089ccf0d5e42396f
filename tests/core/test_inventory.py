"""Inventories of both forms, whole and damaged."""

import json
import time
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glaciercli.core.inventory import (
    CsvInventory,
    InventoryHead,
    JsonInventory,
    ListedArchive,
    MalformedInventory,
    open_inventory,
)
from glaciercli.core.parts import MAX_ARCHIVE_BYTES

ARN = "arn:aws:glacier:us-west-2:012345678901:vaults/my-vault"
HASH = "9628195fcdbcbbe76cdde932d4646fa7de5f219fb39823836d81f0cc0e18aa67"
RECORD = {
    "ArchiveId": "-abc_",
    "ArchiveDescription": "multipart upload test",
    "CreationDate": "2015-04-06T22:24:34Z",
    "Size": 3145728,
    "SHA256TreeHash": HASH,
}
DOCUMENT = {"VaultARN": ARN, "InventoryDate": "2015-04-07T00:26:18Z", "ArchiveList": [RECORD]}
ARCHIVE = ListedArchive(
    archive_id="-abc_",
    description="multipart upload test",
    created_at=datetime(2015, 4, 6, 22, 24, 34, tzinfo=UTC),
    size_bytes=3145728,
    tree_hash=bytes.fromhex(HASH),
)
HEAD = InventoryHead(vault_arn=ARN, inventory_date=datetime(2015, 4, 7, 0, 26, 18, tzinfo=UTC))
CSV_HEADING = "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\n"
CSV_ROW = f'-abc_,"multipart upload test",2015-04-06T22:24:34Z,3145728,{HASH}\n'

DESCRIPTIONS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)
HARD_DESCRIPTIONS = st.text('a ,"\\', max_size=8)
ARCHIVES = st.builds(
    ListedArchive,
    archive_id=st.text("abcXYZ019-_", min_size=1, max_size=20),
    description=DESCRIPTIONS | HARD_DESCRIPTIONS,
    created_at=st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0)),
    size_bytes=st.integers(0, MAX_ARCHIVE_BYTES),
    tree_hash=st.binary(min_size=32, max_size=32),
)


def as_record(archive: ListedArchive) -> dict[str, object]:
    return {
        "ArchiveId": archive.archive_id,
        "ArchiveDescription": archive.description,
        "CreationDate": archive.created_at.isoformat().replace("+00:00", "Z"),
        "Size": archive.size_bytes,
        "SHA256TreeHash": archive.tree_hash.hex(),
    }


def as_row(archive: ListedArchive, *, quoted: bool) -> str:
    fields = [str(value) for value in as_record(archive).values()]
    if quoted or "," in archive.description or '"' in archive.description:
        fields[1] = '"' + archive.description.replace('"', '\\"') + '"'
    return ",".join(fields)


def pieces(text: str, size: int) -> Iterator[str]:
    return (text[at : at + size] for at in range(0, len(text), size))


@given(
    st.lists(ARCHIVES, max_size=5),
    st.permutations(["VaultARN", "InventoryDate", "ArchiveList", "Extra"]),
    st.sampled_from([None, 1, 4]),
    st.integers(1, 60),
)
def test_json_is_read_in_any_order_and_any_pieces(
    archives: list[ListedArchive], order: list[str], indent: int | None, size: int
) -> None:
    everything: dict[str, object] = {**DOCUMENT, "Extra": {"a": [1, None]}}
    everything["ArchiveList"] = [as_record(archive) for archive in archives]
    text = json.dumps({key: everything[key] for key in order}, indent=indent)
    inventory = open_inventory(pieces(text, size))
    assert isinstance(inventory, JsonInventory)
    assert list(inventory) == archives
    assert inventory.head == HEAD


@pytest.mark.covers("H9")
@given(st.lists(ARCHIVES, max_size=5), st.booleans(), st.sampled_from(["\n", "\r\n"]),
       st.integers(1, 60))  # fmt: skip
def test_csv_is_read_in_any_pieces(
    archives: list[ListedArchive],
    quoted: bool,  # noqa: FBT001
    end: str,
    size: int,
) -> None:
    rows = [CSV_HEADING.strip(), *(as_row(archive, quoted=quoted) for archive in archives)]
    inventory = open_inventory(pieces(end.join(rows) + end, size))
    assert isinstance(inventory, CsvInventory)
    assert list(inventory) == archives
    assert inventory.head == InventoryHead(vault_arn=None, inventory_date=None)


@pytest.mark.parametrize(
    ("field", "description"),
    [
        ('"a,1"', "a,1"),
        (r'"a,1\"2"', 'a,1"2'),
        (r'"a,1\\"2"', r"a,1\"2"),
        ('"x\\"', "x\\"),
        ("plain", "plain"),
        ('""', ""),
        ("", ""),
        ('"', '"'),
    ],
)
def test_the_service_s_own_quoting_is_undone(field: str, description: str) -> None:
    text = CSV_HEADING + CSV_ROW.replace('"multipart upload test"', field)
    assert [archive.description for archive in open_inventory([text])] == [description]


def test_every_csv_field_may_be_quoted() -> None:
    row = ",".join(f'"{value}"' for value in RECORD.values())
    heading = ",".join(f'"{key}"' for key in RECORD)
    assert list(open_inventory([f"\ufeff{heading}\r\n\r\n{row}"])) == [ARCHIVE]


def test_the_head_is_there_before_the_archives() -> None:
    inventory = JsonInventory([json.dumps(DOCUMENT)])
    assert inventory.head == HEAD
    assert list(inventory) == [ARCHIVE]
    assert inventory.head == HEAD


def test_an_empty_vault_has_an_inventory_too() -> None:
    assert list(open_inventory([json.dumps({**DOCUMENT, "ArchiveList": []})])) == []
    assert list(open_inventory([CSV_HEADING])) == []


def test_an_archive_may_have_no_description() -> None:
    for record in (
        {**RECORD, "ArchiveDescription": None},
        {key: value for key, value in RECORD.items() if key != "ArchiveDescription"},
    ):
        [archive] = open_inventory([json.dumps({**DOCUMENT, "ArchiveList": [record]})])
        assert archive.description == ""


def test_what_the_aws_cli_prints_behind_is_passed_over() -> None:
    answer = '\n{\n    "status": 200,\n    "contentType": "application/json"\n}\n'
    assert list(open_inventory(["\ufeff\n", json.dumps(DOCUMENT) + answer])) == [ARCHIVE]


def with_record(**fields: object) -> str:
    return json.dumps({**DOCUMENT, "ArchiveList": [RECORD, {**RECORD, **fields}]})


def without(document: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != key}


TEXT = json.dumps(DOCUMENT)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("[]", "heading"),
        ("<html>", "heading"),
        ("{}", "no list of archives"),
        ("{", "too early"),
        ('{"VaultARN"', "too early"),
        ('{"VaultARN":', "too early"),
        ('{"VaultARN":"x', "too early"),
        ('{"VaultARN":"x"}', "no list of archives"),
        ('{"VaultARN":"x",}', "expecting value"),
        ("{1:2}", "key is no text"),
        (TEXT + "x", "something follows"),
        (TEXT + TEXT, "something follows"),
        (TEXT + '{"status":200}x', "something follows"),
        (TEXT[:-2] + ",]}", "expecting value"),
        (TEXT[:-2] + " 5]}", '"," was expected'),
        (TEXT[:-1] + ',"ArchiveList":[]}', "occurs twice"),
        (TEXT[:-1] + ',"Other":NaN}', "none that such a file holds"),
        (TEXT[:-1] + ',"Other":' + "[" * 5000 + "}", "none that such a file holds|value"),
        (TEXT[:-1] + ',"Other":' + "9" * 9000 + "}", "none that such a file holds"),
        (json.dumps({**DOCUMENT, "ArchiveList": None}), r'"\[" was expected'),
        (json.dumps({**DOCUMENT, "ArchiveList": [5]}), "no object"),
        (json.dumps({**DOCUMENT, "VaultARN": 5}), "VaultARN is no text"),
        (json.dumps({**DOCUMENT, "InventoryDate": 5}), "InventoryDate is no text"),
        (json.dumps({**DOCUMENT, "InventoryDate": "today"}), '"today" is no date'),
        (json.dumps(without(DOCUMENT, "VaultARN")), "VaultARN is missing"),
        (json.dumps(without(DOCUMENT, "InventoryDate")), "InventoryDate is missing"),
        *(
            (json.dumps({**DOCUMENT, "ArchiveList": [without(RECORD, key)]}), f"has no {key}")
            for key in ("ArchiveId", "CreationDate", "Size", "SHA256TreeHash")
        ),
        (with_record(Size=-1), '"-1" is no size'),
        (with_record(Size=True), "is no size"),
        (with_record(Size=3.0), "is no size"),
        (with_record(Size="3"), "is no size"),
        (with_record(Size=MAX_ARCHIVE_BYTES + 1), "is no size"),
        (with_record(Size=float("nan")), "none that such a file holds"),
        (with_record(ArchiveId=""), "no ID"),
        (with_record(ArchiveId=5), "no text"),
        (with_record(ArchiveDescription=[]), "no text"),
        (with_record(CreationDate="2015-02-30T00:00:00Z"), "is no date"),
        (with_record(CreationDate=None), "no text"),
        (with_record(SHA256TreeHash=HASH[:-2]), "is no tree hash"),
        (with_record(SHA256TreeHash=HASH[:-2] + "  "), "is no tree hash"),
        (with_record(SHA256TreeHash="é" * 64), "is no tree hash"),
        (with_record(ArchiveDescription="x" * 70_000), "longer than 65,536"),
        (with_record(ArchiveDescription="x" * 3_000_000), "longer than 65,536"),
        (CSV_HEADING + "a,b", "too few fields"),
        (CSV_HEADING + "abc", "too few fields"),
        (CSV_HEADING + CSV_ROW[:-2], "is no tree hash"),
        (CSV_HEADING + CSV_ROW.replace("3145728", "-1"), "is no size"),
        (CSV_HEADING + CSV_ROW.replace("3145728", "9" * 9000), "is no size"),
        (CSV_HEADING + CSV_ROW.replace("3145728", "٣"), "is no size"),
        (CSV_HEADING + CSV_ROW.replace("2015-04-06", "April"), "is no date"),
        (CSV_HEADING + CSV_ROW.removeprefix("-abc_"), "no ID"),
        (CSV_HEADING + "x" * 70_000, "longer than 65,536"),
        (CSV_HEADING + "x" * 70_000 + "\n" + CSV_ROW, "longer than 65,536"),
    ],
)  # fmt: skip
def test_what_is_no_inventory_is_explained(text: str, reason: str) -> None:
    for size in (1000, len(text) + 1):
        with pytest.raises(MalformedInventory, match=reason) as caught:
            list(open_inventory(pieces(text, size)))
        assert "at character" in caught.value.message
        assert 0 <= caught.value.offset <= len(text)
        assert len(caught.value.message) < 300


@given(st.integers(0, len(TEXT) - 1))
def test_an_inventory_that_was_cut_off_is_never_taken_for_a_whole_one(length: int) -> None:
    with pytest.raises(MalformedInventory):
        list(open_inventory([TEXT[:length]]))


@given(st.text('{}[]",:\\aA1 \n') | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_an_inventory_or_malformed(text: str) -> None:
    for one in (text, TEXT[:60] + text, TEXT[:-2] + text, CSV_HEADING + text):
        try:
            list(open_inventory([one]))
        except MalformedInventory:
            continue


def test_the_offset_is_that_of_the_bad_record() -> None:
    good, bad = json.dumps(RECORD), json.dumps({**RECORD, "Size": -1})
    start = '{"ArchiveList":['
    text = start + (good + ",") * 9000 + bad
    with pytest.raises(MalformedInventory) as caught:
        list(open_inventory(pieces(text, 4096)))
    assert caught.value.offset == len(text) - len(bad)


HOSTILE = st.sampled_from(["},{", "},", "} ,", "]}", '{"', "\\", "a"])


@given(
    st.lists(st.lists(HOSTILE, max_size=4).map("".join), min_size=1, max_size=400),
    st.sampled_from([",", " ,", ",\n  "]),
    st.integers(1_000, 300_000),
)
@settings(max_examples=30, deadline=None)
def test_many_records_at_once_are_those_one_by_one(
    descriptions: list[str], between: str, size: int
) -> None:
    records = [
        json.dumps({**RECORD, "ArchiveId": f"id{number}", "ArchiveDescription": text})
        for number, text in enumerate(descriptions * 5)
    ]
    text = TEXT[: TEXT.index("[") + 1] + between.join(records) + "]}"
    found = list(open_inventory(pieces(text, size)))
    assert [one.description for one in found] == descriptions * 5
    assert [one.archive_id for one in found] == [f"id{number}" for number in range(len(records))]


@pytest.mark.parametrize(
    "change",
    [
        {"Size": True},
        {"Size": 3.0},
        {"Size": MAX_ARCHIVE_BYTES + 1},
        {"ArchiveId": "a b"},
        {"ArchiveId": ""},
        {"ArchiveId": "é"},
        {"ArchiveDescription": 5},
        {"CreationDate": "2015-W15-1T22:24:34Z"},
        {"CreationDate": "2015-04-06T25:24:34Z"},
        {"CreationDate": "20150406T222434000Z "},
        {"SHA256TreeHash": HASH[:-2]},
        {"SHA256TreeHash": HASH[:-2] + "  "},
        {"Size": None},
    ],
)
def test_a_bad_record_among_many_good_ones_is_found_where_it_is(change: dict[str, Any]) -> None:
    good, bad = json.dumps(RECORD), json.dumps({**RECORD, **change})
    start = TEXT[: TEXT.index("[") + 1] + (good + ",") * 700
    with pytest.raises(MalformedInventory) as caught:
        list(open_inventory([start + bad + ("," + good) * 700 + "]}"]))
    assert caught.value.offset == len(start)


@pytest.mark.parametrize(
    "change",
    [
        {"ArchiveDescription": None},
        {"CreationDate": "2015-04-06T22:24:34.5Z"},
        {"CreationDate": "2015-04-07T00:24:34+02:00"},
    ],
)
def test_an_odd_record_among_many_is_read_as_it_is_alone(change: dict[str, Any]) -> None:
    odd = json.dumps({**RECORD, **change})
    start = TEXT[: TEXT.index("[") + 1]
    [alone] = open_inventory([start + odd + "]}"])
    among = (json.dumps(RECORD) + ",") * 700 + odd + ("," + json.dumps(RECORD)) * 700
    found = list(open_inventory([start + among + "]}"]))
    assert len(found) == 1401
    assert found[700] == alone


def test_text_without_a_known_end_of_records_takes_time_in_proportion() -> None:
    record = json.dumps(RECORD)
    start = TEXT[: TEXT.index("[") + 1]

    def seconds(count: int) -> float:
        text = start + " ,".join([record] * count) + "]}"
        begun = time.process_time()
        assert sum(1 for _ in open_inventory(pieces(text, 256 * 1024))) == count
        return time.process_time() - begun

    assert min(seconds(10_000) for _ in range(2)) < 25 * min(seconds(1_000) for _ in range(2))


def many(count: int) -> Iterator[str]:
    yield json.dumps(DOCUMENT)[:-2]
    day = datetime(2020, 1, 1, tzinfo=UTC)
    for number in range(count):
        date = (day + timedelta(seconds=number)).isoformat()
        yield "," + json.dumps({**RECORD, "ArchiveId": f"id{number}", "CreationDate": date})
    yield "]}"


@pytest.mark.covers("H7")
def test_memory_does_not_grow_with_the_inventory() -> None:
    tracemalloc.start()
    try:
        count = sum(1 for _ in open_inventory(many(12_000)))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 12_001
    # All of them take 5 MiB, and what is read at once 3.
    assert peak_bytes < 4 * 2**20
