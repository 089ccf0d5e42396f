"""Which stores bill, and so are asked about before they are made to."""

from pathlib import Path

import pytest

from glaciercli.config.choosing import load
from glaciercli.config.environment import Environment
from glaciercli.config.settings import StoreSettings


@pytest.mark.parametrize(
    ("endpoint", "billed"),
    [
        (None, True),
        ("https://glacier.eu-west-1.amazonaws.com", True),
        ("https://vpce-1a2b-glacier.us-east-1.vpce.amazonaws.com/", True),
        ("https://glacier.cn-north-1.amazonaws.com.cn", True),
        ("http://127.0.0.1:8010", False),
        ("http://[::1]:8010", False),
        ("http://glacier.lab:8010", False),
        ("http://amazonaws.com.evil.example", False),
        ("http://notamazonaws.com", False),
        # Nobody knows, so it is the dear guess.
        ("http://[", True),
    ],
)
def test_amazons_endpoints_bill_and_others_do_not(endpoint: str | None, *, billed: bool) -> None:
    store = StoreSettings(name="x", kind="glacier", endpoint_url=endpoint)
    assert store.is_billed is billed


def test_the_embedded_service_bills_nothing_unless_told_so(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    environment = Environment({"HOME": str(tmp_path)})
    flags = {"config": str(config), "store": "local"}
    config.write_text("")
    assert load(flags, environment).store.is_billed is False
    config.write_text('[stores.local]\nkind = "local"\nbilled = true\nsame_region = true\n')
    store = load(flags, environment).store
    assert (store.is_billed, store.same_region) == (True, True)


def test_a_store_at_amazon_can_be_said_to_bill_nothing(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[stores.aws]\nbilled = false\n")
    found = load({"config": str(config)}, Environment({"HOME": str(tmp_path)}))
    assert found.store.is_billed is False


def test_prices_of_the_users_own_are_exact(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[prices.r]\nas_of = "May"\n"vault/storage" = 0.1\n"vault/retrieval/bulk" = 0\n'
    )
    found = load({"config": str(config)}, Environment({"HOME": str(tmp_path)}))
    assert [(one.item, str(one.usd), one.as_of) for one in found.prices] == [
        ("vault/storage", "0.1", "May"),
        ("vault/retrieval/bulk", "0", "May"),
    ]
