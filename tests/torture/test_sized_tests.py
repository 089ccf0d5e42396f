"""Tests of the suite as kinds of torture: what fails is lost, and how often they run."""

import os
import random
import time
from pathlib import Path

import pytest

from tests.torture.sized_tests import SizedTests

_TEST = """
import os
def test_it():
    assert int(os.environ["GLACIERCLI_NAMES"]) < 5
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "pytest.ini").touch()
    place = tmp_path / "test_it.py"
    place.write_text(_TEST)
    return os.fspath(place)


def test_what_fails_is_lost(path: str) -> None:
    chance = random.Random(1)  # noqa: S311 - no secret
    sized = SizedTests(path=path, round={"GLACIERCLI_NAMES": "3"}, whole={"GLACIERCLI_NAMES": "7"})
    assert sized.run(chance, time.monotonic()).lost == ()
    (lost,) = sized.run(chance, None).lost
    assert "'GLACIERCLI_NAMES': '7'" in lost
