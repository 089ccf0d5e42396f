"""A key map in a file of its own, and a vault in it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from glaciercli.keymap.store import KeyMap, open_key_map
from glaciercli.model.vaults import KnownVault
from tests.keymap.records import NOW, meet


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "state" / "keymap.db")


@pytest.fixture
def key_map(path: str) -> Iterator[KeyMap]:
    with closing(open_key_map(path, now=NOW)) as opened:
        yield opened


@pytest.fixture
def vault(key_map: KeyMap) -> KnownVault:
    return meet(key_map)
