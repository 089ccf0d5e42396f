"""Readers of foreign bytes raise nothing but what they declare, and take no time to speak of."""

from pathlib import Path

import pytest

from tests.fuzz import campaign
from tests.fuzz.parser import Parser
from tests.fuzz.table import parsers

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


@pytest.mark.covers("P9", "H8", "H9", "H10", "H11", "H12", "E4")
@pytest.mark.parametrize("parser", NAMES, indirect=True)
def test_broken_samples_are_read_or_refused(parser: Parser) -> None:
    tried = campaign.failures(parser, cases=parser.cases, seed=0)
    assert [str(one) for one in tried if one is not None] == []
