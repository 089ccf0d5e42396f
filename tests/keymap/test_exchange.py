"""A key map goes out as lines and comes back the same."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from glaciercli import errors
from glaciercli.keymap import database, exchange
from glaciercli.keymap.merge import Merger
from tests.keymap import worlds
from tests.keymap.records import NOW
from tests.keymap.worlds import View

VIEWS = worlds.things().flatmap(worlds.views)


def fill(lines: list[bytes], place: Path) -> str:
    place.touch()
    exchange.fill(str(place), lines, path="x.jsonl", now=NOW)
    return str(place)


@settings(max_examples=40, deadline=None)
@given(VIEWS)
def test_what_was_exported_is_imported_and_exported_the_same(view: View) -> None:
    with worlds.opened(view) as made, TemporaryDirectory() as directory:
        text = list(exchange.lines(made))
        path = fill([one.encode() for one in text], Path(directory) / "filled")
        with closing(database.connect(path)) as filled:
            assert list(exchange.lines(filled)) == text
        with worlds.opened(None) as empty:
            Merger(empty).fill(path)
            assert list(exchange.lines(empty)) == text


@pytest.fixture
def lines() -> list[bytes]:
    archive = worlds.Thing(1, 1, tagged=True, uploaded_at=5).facts
    vault = {"vault_key": 1, "endpoint": "e", "account": "a", "region": "r", "name": "photos"}
    known = {"name": "n", "name_source": "user", "state": "uploaded"}
    view = View({"vaults": [vault], "archives": [{**archive, **known}]})
    with worlds.opened(view) as made:
        return [one.encode() for one in exchange.lines(made)]


Damage = Callable[[list[bytes]], list[bytes]]

DAMAGES: dict[str, tuple[Damage, str]] = {
    "nothing": (lambda _: [], "line 1: the file ends too early"),
    "no head": (lambda them: them[1:], "line 1: it is not the first line"),
    "no end": (lambda them: them[:-1], "line 4: the file ends too early"),
    "a row lost": (lambda them: [*them[:2], them[-1]], "line 3: it speaks of 2 rows"),
    "more behind": (lambda them: [*them, them[1]], "line 5: something follows"),
    "cut off": (lambda them: [*them[:2], them[2][:-9]], "line 3: the line is cut off"),
    "no JSON": (lambda them: [them[0], b"{nonsense\n"], "line 2: it is no JSON"),
    "no object": (lambda them: [them[0], b"[]\n"], "line 2: it is no JSON object"),
    "deep": (lambda them: [them[0], b"[" * 99_999 + b"\n"], "line 2: it is no JSON"),
    "no table": (
        lambda them: [them[0], them[1].replace(b"vaults", b"safes")],
        "line 2: there is no table 'safes'",
    ),
    "a column more": (
        lambda them: [them[0], them[1].replace(b'"region"', b'"area"')],
        "line 2: the members are not those of vaults: area, region",
    ),
    "a wrong type": (
        lambda them: [*them[:2], them[2].replace(b'"size_bytes":1', b'"size_bytes":"1"')],
        "line 3: size_bytes is no integer",
    ),
    "too large": (
        lambda them: [*them[:2], them[2].replace(b'"size_bytes":1', b'"size_bytes":1' + b"0" * 20)],
        "line 3: size_bytes is no integer",
    ),
    "no hash": (
        lambda them: [*them[:2], them[2].replace(b'"tree_hash":"01', b'"tree_hash":"zz')],
        "line 3: tree_hash is no blob",
    ),
    "an unknown state": (
        lambda them: [*them[:2], them[2].replace(b'"uploaded"', b'"lost"')],
        "line 3: state is of no meaning: 'lost'",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_export_is_refused_with_the_line(
    lines: list[bytes], tmp_path: Path, damage: str
) -> None:
    change, words = DAMAGES[damage]
    with pytest.raises(errors.FileProblem) as caught:
        fill(change(lines), tmp_path / "made")
    assert words in caught.value.message


def test_an_export_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.KeyMapTooNew):
        fill([b'{"glaciercli_key_map":1,"format":9999}\n'], tmp_path / "made")
