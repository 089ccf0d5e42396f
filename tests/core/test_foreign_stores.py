"""What other tools keep on disk: recognised, read, and refused with its place."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glaciercli.core.foreign_stores import recognition
from glaciercli.core.foreign_stores.records import (
    Event,
    MalformedStore,
    Place,
    StoreFormat,
    StoreRecord,
)
from glaciercli.core.foreign_stores.sagu import squeezed
from glaciercli.errors import BadUsage

ID = "a" * 138
OTHER = "b" * 138
HASH = "0f" * 32
AT = datetime(2012, 12, 16, 14, 5, 55, tzinfo=UTC)
EPOCH_S = 1355666755

JOURNAL = (
    f"B\t{EPOCH_S}\tCREATED\t{ID}\t7684356\t1355666000\t{HASH}\tdef/a b\n"
    f"B\t{EPOCH_S}\tDELETED\t{ID}\tdef/a b\n"
    f"B\t{EPOCH_S}\tRETRIEVE_JOB\t{ID}\tJOB\n"
)
OLD_JOURNAL = (
    f"{EPOCH_S} CREATED {ID} 7684356 {HASH} def/a b\n"
    f"{EPOCH_S} DELETED {ID} def/a b\n"
    f"{EPOCH_S} RETRIEVE_JOB {ID}\n"
)
SAGU_DATE = "Sun Dec 16 14:05:55 UTC 2012"
SAGU_CSV = f'"{ID}","/d/a ""b"".txt","5","photos","us-east-1","{SAGU_DATE}","{HASH}"\n'
SAGU_YAML = (
    f'\n-  ArchiveID: "{ID}"\n   File:      "/d/a \\"b\\".txt"\n   Bytes:     "5"\n'
    f'   Vault:     "photos"\n   Location:  "us-east-1"\n   Date:      "{SAGU_DATE}"\n'
    f'   Hash:      "{HASH}"\n'
)
SAGU_LOG = (
    f'\n | ArchiveID: {ID} \n | File: /d/a "b".txt  | Bytes: 5  | Vault: photos  '
    f"| Location: us-east-1  | Date: {SAGU_DATE}  | Hash: {HASH} \n"
)
INTERFACE = json.dumps(
    {
        "journal": [
            {
                "state": "CREATE",
                "id": ID,
                "name": "a.log",
                "modifiedDate": 1355666000000,
                "createdDate": "Dec 16, 2012 2:05:55 PM",
                "size": 5,
                "hash": HASH,
                "uri": f"/123456789012/vaults/photos/archives/{ID}",
            }
        ],
        "date": "Jan 12, 2015 3:21:12 PM",
        "metadata": "MT_AWS_GLACIER_B",
        "name": "photos",
    },
    indent=2,
)
ITEM = {
    "region": "us-east-1",
    "vault": "photos",
    "filename": "/d/a.txt",
    "archive_id": ID,
    "description": "",
    "date": "2012-12-16T14:05:55Z",
    "hash": HASH,
    "size": "5",
}
OURS = {
    "vault": "photos",
    "name": "a",
    "archive_id": ID,
    "size_bytes": 5,
    "tree_hash": HASH,
    "uploaded_at": "2012-12-16T14:05:55Z",
    "state": "confirmed",
    "modified_at": "2012-12-16T13:53:20Z",
    "description": "",
}

TEXTS = {
    "mt": JOURNAL,
    "mt old": OLD_JOURNAL,
    "sagu csv": SAGU_CSV,
    "sagu yaml": SAGU_YAML,
    "sagu log": SAGU_LOG,
    "interface": INTERFACE,
    "cmd json": json.dumps([ITEM]),
    "cmd lines": json.dumps(ITEM) + "\n",
    "cmd csv": ",".join(ITEM) + "\n" + ",".join(ITEM.values()) + "\n",
    "ours json": json.dumps({"archives": [OURS]}),
    "ours list": json.dumps([OURS]),
    "ours lines": json.dumps(OURS) + "\n",
    "ours csv": ",".join(OURS) + "\n" + ",".join(map(str, OURS.values())) + "\n",
}


def read(text: str, store: StoreFormat | None = None, *, step: int = 50) -> list[StoreRecord]:
    found = recognition.recognise(text) if store is None else store
    pieces = (text[at : at + step] for at in range(0, len(text), step))
    return list(recognition.read(found, text, pieces))


@pytest.mark.parametrize(
    ("text", "store"),
    [
        *((TEXTS[one], StoreFormat.MT_AWS_GLACIER) for one in ("mt", "mt old")),
        *((text, StoreFormat.SAGU) for key, text in TEXTS.items() if key.startswith("sagu")),
        (f"ArchiveID,File,Bytes,Vault,Location,Date,Hash\n{SAGU_CSV}", StoreFormat.SAGU),
        *((text, StoreFormat.GLACIER_CMD) for key, text in TEXTS.items() if key.startswith("cmd")),
        *((text, StoreFormat.GLACIERCLI) for key, text in TEXTS.items() if key.startswith("ours")),
        (TEXTS["interface"], StoreFormat.GLACIER_INTERFACE),
        ("\ufeff" + JOURNAL, StoreFormat.MT_AWS_GLACIER),
        ("Z\t12\tCREATED\tx", StoreFormat.MT_AWS_GLACIER),
        ('{"VaultARN":"arn","ArchiveList":[]}', StoreFormat.INVENTORY),
        ("ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\n", StoreFormat.INVENTORY),
        ("", StoreFormat.INVENTORY),
        ("[]", StoreFormat.INVENTORY),
        ("[1]", StoreFormat.INVENTORY),
        ("{", StoreFormat.INVENTORY),
        ('{"a":1}\n', StoreFormat.INVENTORY),
        ("\x00\x01", StoreFormat.INVENTORY),
    ],
)
def test_a_store_is_recognised_by_its_start(text: str, store: StoreFormat) -> None:
    assert recognition.recognise(text) is store


@pytest.mark.parametrize("letter", ["A", "B", "C"])
def test_a_journal_with_a_version_is_read(letter: str) -> None:
    stored, deleted, asked = read(JOURNAL.replace("B\t1", f"{letter}\t1"))
    assert (stored.event, stored.archive_id, stored.at) == (Event.STORED, ID, AT)
    assert (stored.naming.name, stored.naming.source) == ("def/a b", "upload")
    assert (stored.size_bytes, stored.tree_hash) == (7684356, bytes.fromhex(HASH))
    assert stored.modified_ns == 1355666000 * 10**9
    assert (deleted.event, deleted.at) == (Event.DELETED, AT)
    assert (asked.event, asked.archive_id) == (Event.ASKED_FOR, ID)


def test_a_journal_of_the_first_kind_is_read() -> None:
    stored, deleted, asked = read(OLD_JOURNAL.replace("\n", "\r\n"))
    assert (stored.naming.name, stored.modified_ns) == ("def/a b", None)
    assert (stored.size_bytes, stored.at) == (7684356, AT)
    assert [one.event for one in (deleted, asked)] == [Event.DELETED, Event.ASKED_FOR]


@pytest.mark.parametrize(
    ("modified", "expected"), [("NONE", None), ("-5", -5 * 10**9), ("+5", 5 * 10**9), ("0", 0)]
)
def test_the_time_of_a_file_may_be_absent_or_before_1970(
    modified: str, expected: int | None
) -> None:
    (stored,) = read(f"B\t1\tCREATED\t{ID}\t5\t{modified}\t{HASH}\ta\n")
    assert stored.modified_ns == expected


def test_an_archive_that_a_journal_met_in_an_inventory_has_no_name() -> None:
    (stored,) = read(f"A\t1\tCREATED\t{ID}\t5\t77\t{HASH}\t{ID}\n")
    assert (stored.naming.name, stored.naming.source, stored.modified_ns) == (None, "none", None)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", " x ", "a\x1b[31m", "é", "\udcff"]
)
def test_a_name_of_a_journal_stays_as_it_is(name: str) -> None:
    (stored,) = read(f"B\t1\tCREATED\t{ID}\t5\tNONE\t{HASH}\t{name}\n")
    assert stored.naming.name == name


@pytest.mark.parametrize("key", ["sagu csv", "sagu yaml", "sagu log"])
def test_the_logs_of_sagu_are_read(key: str) -> None:
    (stored,) = read(TEXTS[key])
    assert stored.naming.name == '/d/a "b".txt'
    assert (stored.vault, stored.at, stored.size_bytes) == ("photos", AT, 5)
    assert stored.tree_hash == bytes.fromhex(HASH)


@pytest.mark.parametrize("key", ["sagu csv", "sagu yaml", "sagu log"])
def test_the_older_logs_of_sagu_have_no_hash(key: str) -> None:
    shorter = TEXTS[key].replace(f',"{HASH}"', "").replace(f"  | Hash: {HASH}", "")
    shorter = shorter.replace(f'   Hash:      "{HASH}"\n', "")
    (stored,) = read(shorter)
    assert (stored.tree_hash, stored.size_bytes) == (None, 5)
    assert len(read(TEXTS[key] * 3)) == 3


def test_a_path_in_a_log_of_sagu_may_hold_anything() -> None:
    path = "/a | Bytes: 7  | Vault: x: y "
    (stored,) = read(SAGU_LOG.replace('/d/a "b".txt', path))
    assert (stored.naming.name, stored.vault, stored.size_bytes) == (path, "photos", 5)


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (" | File: ", " "),
        (" | File: ", "  | Bytes: 1  | Vault: x  | Location: y"),
        ('-  ArchiveID: "', '"  '),
        (f'-  ArchiveID: "{ID}"\n   File:', " "),
        ("1 CREATED ", "a "),
        ("1 CREATED ", " "),
        ("B\t1\tCREATED\t", "\t"),
        ('{"name":', '"journal" '),
        ("", "---" + " "),
    ],
)
def test_a_hostile_line_takes_no_time(start: str, piece: str) -> None:
    line = (start + piece * (60_000 // len(piece)))[:60_000] + "!\n"
    for store in (None, StoreFormat.SAGU, StoreFormat.MT_AWS_GLACIER):
        text = f" | ArchiveID: {ID} \n{line}" if line.startswith(" |") else line
        found = recognition.recognise(text) if store is None else store
        if found is not StoreFormat.INVENTORY:
            with pytest.raises(MalformedStore):
                read(text, found, step=100_000)


def test_a_path_loses_most_in_the_descriptions_of_sagu() -> None:
    assert squeezed("/Dir/File With Spaces.test") == "DirFileWithSpaces.test"


@pytest.mark.parametrize("key", ["cmd json", "cmd lines", "cmd csv"])
def test_the_bookkeeping_of_glacier_cmd_is_read(key: str) -> None:
    (stored,) = read(TEXTS[key])
    assert (stored.naming.name, stored.vault, stored.at) == ("/d/a.txt", "photos", AT)
    assert (stored.size_bytes, stored.tree_hash) == (5, None)


def test_an_item_without_a_file_is_named_by_its_description() -> None:
    item = {**ITEM, "filename": None, "description": "tape 7", "date": "long ago"}
    (stored,) = read(json.dumps([item]))
    assert (stored.naming.name, stored.naming.source, stored.at) == ("tape 7", "description", None)


def test_a_journal_of_glacier_interface_is_read() -> None:
    (stored,) = read(INTERFACE)
    assert (stored.naming.name, stored.vault, stored.at) == ("a.log", "photos", AT)
    assert stored.modified_ns == 1355666000 * 10**9
    (gone,) = read(INTERFACE.replace("CREATE", "DELETE").replace(":55 PM", ":55\u202fPM"))
    assert (gone.event, gone.at) == (Event.DELETED, AT)


@pytest.mark.parametrize("key", ["ours json", "ours list", "ours lines", "ours csv"])
def test_an_export_of_ours_is_read(key: str) -> None:
    (stored,) = read(TEXTS[key])
    assert (stored.naming.name, stored.vault, stored.at) == ("a", "photos", AT)
    assert stored.modified_ns == 1355666000 * 10**9


def test_an_export_tells_what_is_deleted_and_what_has_no_archive() -> None:
    rows = [{**OURS, "state": "deleted"}, {**OURS, "archive_id": None, "state": "empty"}]
    assert [one.event for one in read(json.dumps({"archives": rows}))] == [
        Event.DELETED,
        Event.UNIDENTIFIED,
    ]


def test_a_name_that_a_table_made_printable_is_as_it_was() -> None:
    row = {**OURS, "name": "a\\nb", "description": 'gc1 {"n":"a\\nb","u":"t"}'}
    (stored,) = read(json.dumps([row]))
    assert stored.naming.name == "a\nb"


def line_of(**changes: str) -> str:
    fields = {"v": "B", "at": "1", "id": ID, "size": "5", "hash": HASH, "name": "a", **changes}
    head = f"{fields['v']}\t{fields['at']}\tCREATED\t{fields['id']}\t{fields['size']}"
    return f"{head}\tNONE\t{fields['hash']}\t{fields['name']}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (line_of() + line_of(v="D"), "line 2: version D"),
        (line_of() + "rubbish\n", "line 2: the line is none"),
        (line_of() + "\n" + line_of(hash="xy"), 'line 3: "xy" is no tree hash'),
        (line_of(hash=HASH[:-2]), "is no tree hash"),
        (line_of(size="9" * 20), "is no size"),
        (line_of(at="9" * 20), "is no time"),
        (line_of(id="é"), "is no archive ID"),
        (line_of(id="x" * 2000), "is no archive ID"),
        (line_of() + line_of()[:-1], "line 2: it ends in the middle"),
        (line_of(name=""), "the line is none"),
        (line_of() + "x" * 70_000 + "\n", "line 2: the line is longer"),
        (line_of() + "B\t1\tDELETED\t", "line 2: it ends in the middle"),
        (SAGU_CSV + "a,b\n", "line 2: the line has 2 fields, and there are 7"),
        (SAGU_CSV + '"' + ID + '","x\n', "line 2: unexpected end"),
        (SAGU_CSV.replace('"5"', '"many"'), '"many" is no size'),
        (SAGU_YAML + '   Hash:  "x"\n', '"Hash" stands where it should not'),
        (SAGU_YAML + "rubbish\n", "none of such a log"),
        (SAGU_LOG + SAGU_LOG.split(" | File", maxsplit=1)[0], "ends behind an archive ID"),
        (SAGU_LOG + " | File: x\n", "none of such a log"),
        (INTERFACE[:-5], "ends too early"),
        (INTERFACE.replace("CREATE", "BURN"), "no state"),
        (INTERFACE.replace('"size": 5', '"size": [5]'), "is no size"),
        (INTERFACE.replace(f'"id": "{ID}"', '"id": 5'), "is no text"),
        (INTERFACE + "x", "something follows"),
        (INTERFACE[:-1] + ',"journal":[]}', "occurs twice"),
        (json.dumps([ITEM])[:-1], "ends too early"),
        ('[{"archive_id":"x"},5]', "is no object"),
        (json.dumps(ITEM) + "\nrubbish\n", "line 2: the line is no JSON"),
        (json.dumps(ITEM) + "\n5\n", "line 2: the line is no object"),
        (json.dumps(ITEM) + "\n" + "[" * 60_000 + "\n", "line 2: the line is no JSON"),
        (json.dumps([{**ITEM, "archive_id": ""}]), "no archive ID"),
        (json.dumps([{**ITEM, "vault": 5}]), "is no text"),
        (json.dumps({"archives": [{**OURS, "size_bytes": True}]}), "is no size"),
        (json.dumps({"archives": [{**OURS, "name": ["a"]}]}), "is no text"),
        ('{"archives": [' + '{"a":"' + "x" * 3_000_000 + '"}]}', "longer than"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(
        MalformedStore, match=r"is malformed at (line|character|row) [0-9,]+: "
    ) as got:
        read(text, step=10_000)
    assert words in got.value.message


def test_a_line_without_an_end_is_refused_before_it_is_read_whole() -> None:
    given_out = 0

    def endless() -> Iterator[str]:
        nonlocal given_out
        yield line_of()
        while True:
            given_out += 1
            yield "x" * 10_000

    with pytest.raises(MalformedStore, match="line 2: the line is longer"):
        list(recognition.read(StoreFormat.MT_AWS_GLACIER, line_of(), endless()))
    assert given_out < 10


def test_a_document_without_its_list_is_refused() -> None:
    with pytest.raises(MalformedStore, match='there is no "journal"'):
        read('{"name":"x"}', StoreFormat.GLACIER_INTERFACE)


def test_a_database_is_not_read_as_text() -> None:
    with pytest.raises(BadUsage, match="is a database"):
        read("x", StoreFormat.BAKTHAT)


def test_an_export_of_a_whole_key_map_is_for_another_command() -> None:
    with pytest.raises(BadUsage, match="whole key map"):
        recognition.recognise('{"glaciercli_key_map": 1, "format": 1}\n')


TEXT_STORES = [one for one in StoreFormat if one.value not in {
    "inventory", "glacier-cli", "bakthat", "synology"
}]  # fmt: skip


#: Making up rows takes longer than reading them, and longer still on a machine that is busy.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@UNHURRIED
@given(
    st.sampled_from(list(TEXTS.values())),
    st.integers(0, 2000),
    st.integers(0, 30),
    st.text(st.characters(exclude_categories=[]), max_size=20),
    st.sampled_from([None, *TEXT_STORES]),
)
def test_a_text_that_was_changed_anywhere_is_read_or_refused(
    text: str, at: int, cut: int, put: str, store: StoreFormat | None
) -> None:
    at %= len(text)
    broken = text[:at] + put + text[at + cut :]
    found = recognition.recognise(broken) if store is None else store
    if found is StoreFormat.INVENTORY:
        return
    try:
        records = read(broken, found)
    except MalformedStore:
        return
    assert all(isinstance(one, StoreRecord) for one in records)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=10),
    st.binary(max_size=5),
    st.lists(st.none(), max_size=1),
    st.just(ID),
)
KEYS = st.sampled_from(["id", "name", "vault", "key", "created_here", "deleted_here", "archive_id",
                        "filename", "shareName", "basePath", "archiveID"])  # fmt: skip


@UNHURRIED
@given(
    st.sampled_from([StoreFormat.GLACIER_CLI, StoreFormat.BAKTHAT, StoreFormat.SYNOLOGY]),
    st.dictionaries(KEYS, VALUES),
)
def test_a_row_of_a_database_is_read_or_refused(store: StoreFormat, row: dict[str, object]) -> None:
    try:
        got = recognition.of_row(store)(row, Place(store=store, unit="row", number=1))
    except MalformedStore:
        return
    assert got.archive_id


def test_rows_of_databases_become_records() -> None:
    def of(store: StoreFormat, **row: object) -> StoreRecord:
        return recognition.of_row(store)(row, Place(store=store, unit="row", number=1))

    facts = {"vault": "photos", "key": "AKIA", "created_here": EPOCH_S + 0.0}
    kept = of(StoreFormat.GLACIER_CLI, id=ID, name="a", deleted_here=None, **facts)
    assert (kept.event, kept.at, kept.naming.name) == (Event.STORED, AT, "a")
    assert (kept.naming.source, kept.naming.description) == ("description", "a")
    gone = of(StoreFormat.GLACIER_CLI, id=OTHER, name=None, deleted_here=EPOCH_S, **facts)
    assert (gone.event, gone.at, gone.naming.name) == (Event.DELETED, AT, None)
    assert of(StoreFormat.BAKTHAT, archive_id=ID, filename="x.tgz").naming.name == "x.tgz"
    for share, path, name in (("s", "/d/f", "s/d/f"), ("s", "d/f", "s/d/f"), ("", "d", "d")):
        row = {"shareName": share, "basePath": path, "archiveID": ID}
        assert of(StoreFormat.SYNOLOGY, **row).naming.name == name
