"""The sentence that tells where names came from."""

import pytest

from glaciercli.render.views.named import sentence


@pytest.mark.parametrize(
    ("formats", "expected"),
    [
        ({}, None),
        (
            {"mt2": 1410, "fastglacier": 39800, "blank": 212, "undecodable": 3},
            "41,210 named: FastGlacier 39,800, mt2 1,410; 212 blank; 3 undecodable",
        ),
        ({"gc1": 2}, "2 named: glaciercli 2"),
        ({"blank": 5}, "5 blank"),
        ({"undecodable": 1, "plain": 1, "mt1": 1}, "2 named: mt1 1, plain text 1; 1 undecodable"),
    ],
)
def test_names_are_counted_by_who_wrote_them(formats: dict[str, int], expected: str | None) -> None:
    assert sentence(formats) == expected
