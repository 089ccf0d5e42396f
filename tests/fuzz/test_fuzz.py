"""Readers of foreign bytes raise nothing but what they declare, and take no time to speak of."""

from itertools import islice
from pathlib import Path

import pytest

from tests.fuzz import campaign
from tests.fuzz.mutation import MOST_BYTES
from tests.fuzz.parser import Parser
from tests.fuzz.table import parsers

#: How many broken samples a reader has to read, of those that are tried.
_SOME = 2

NAMES = [one.name for one in parsers(Path("nowhere"))]


@pytest.fixture
def parser(request: pytest.FixtureRequest, tmp_path: Path) -> Parser:
    (found,) = (one for one in parsers(tmp_path) if one.name == request.param)
    return found


@pytest.mark.parametrize("parser", NAMES, indirect=True)
def test_what_is_kept_as_a_sample_is_read_or_refused(parser: Parser) -> None:
    found = [campaign.failure_of(parser, data) for data in campaign.samples(parser)]
    assert found
    assert [str(one) for one in found if one is not None] == []


@pytest.mark.parametrize("parser", NAMES, indirect=True)
def test_samples_are_short_enough_to_be_tried_whole(parser: Parser) -> None:
    assert max(map(len, campaign.samples(parser))) <= MOST_BYTES


@pytest.mark.parametrize("parser", NAMES, indirect=True)
def test_some_broken_samples_are_read_to_their_end(parser: Parser) -> None:
    """A reader that refuses all of them at its door is not tried."""
    known = set(campaign.samples(parser))
    changed = (one for one in campaign.cases(parser, seed=1, count=400) if one not in known)
    read = (data for data in changed if _is_read(parser, data))
    assert len({*islice(read, _SOME)}) == _SOME


def _is_read(parser: Parser, data: bytes) -> bool:
    try:
        parser.read(data)
    except parser.declared:
        return False
    return True


@pytest.mark.covers("P9", "H8", "H9", "H10", "H11", "H12", "E4")
@pytest.mark.parametrize("parser", NAMES, indirect=True)
def test_broken_samples_are_read_or_refused(parser: Parser) -> None:
    tried = campaign.failures(parser, count=parser.cases, seed=0)
    assert [str(one) for one in tried if one is not None] == []
