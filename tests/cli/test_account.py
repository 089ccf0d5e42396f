"""``glaciercli account``: the retrieval policy, and capacity that costs money."""

import pytest

from tests.cli.conftest import Run, Server
from tests.cli.wire import answered, refused

BUY = ("account", "capacity", "buy")


def units(run: Run) -> list[str]:
    """Return the IDs of the units that the account has."""
    listed = run("account", "capacity", "list", "-o", "json").ok().json["units"]
    return [one["capacity_id"] for one in listed]


def test_the_retrieval_policy_is_shown_and_set(local: Run) -> None:
    assert local("account", "policy", "show", "-o", "json").ok().json == {"strategy": "none"}
    dry = local("account", "policy", "set", "--max-per-hour", "10GiB", "--dry-run").ok()
    assert "would be set" in dry.lines[0]
    assert local("account", "policy", "show").ok().lines == ["no limit on retrievals"]
    said = local("account", "policy", "set", "--max-per-hour", "10GiB", "-o", "json").ok().json
    assert said["before"] == {"strategy": "none"}
    row = local("account", "policy", "show", "-o", "csv").ok().lines
    assert row == ["strategy,hourly_bytes", "bytes_per_hour,10737418240"]
    assert "10.0 GiB an hour" in local("account", "policy", "show").ok().out
    local("account", "policy", "set", "--free-tier").ok()
    assert "free allowance" in local("account", "policy", "show").ok().out
    local("account", "policy", "set", "--unlimited").ok()
    assert local("account", "policy", "show").ok().lines == ["no limit on retrievals"]


@pytest.mark.parametrize(
    "words", [(), ("--free-tier", "--unlimited"), ("--max-per-hour", "0"), ("--max-per-hour", "x")]
)
def test_a_policy_that_is_none_is_refused(local: Run, words: tuple[str, ...]) -> None:
    local("account", "policy", "set", *words).failed(2)


def test_capacity_is_bought_for_a_price_that_is_asked_about(local: Run) -> None:
    assert "no unit" in local("account", "capacity", "list").ok().out
    shown = local(*BUY, "--dry-run", "-o", "json").ok().json
    assert (shown["usd"], shown["capacity_id"]) == ("100.000000", None)
    refused = local(*BUY).failed(2, "no terminal to ask on")
    assert "$100.00" in refused.err
    assert "2025-07-04" in refused.err
    assert local("account", "capacity", "list", "-o", "json").json == {"units": []}
    bought = local(*BUY, "--yes", "-o", "json").ok().json
    (unit,) = local("account", "capacity", "list", "-o", "jsonl").ok().jsonl
    assert unit["capacity_id"] == bought["capacity_id"]
    assert unit["expires_at"] > unit["started_at"]
    assert bought["capacity_id"] in local("account", "capacity", "list").ok().out
    local(*BUY, "--yes").ok()
    local(*BUY, "--dry-run").failed(14, "no account has more")


def test_a_region_without_a_price_says_so(remote: Run) -> None:
    said = remote("--region", "eu-west-9", "account", "capacity", "buy", "--dry-run").ok()
    assert "unknown: no price of eu-west-9/vault/capacity-unit" in said.out


@pytest.mark.covers("N7")
def test_a_purchase_whose_answer_was_lost_is_never_made_twice(run: Run, vault: Server) -> None:
    vault.service.loses("PurchaseProvisionedCapacity")
    said = run(*BUY, "--yes").failed(1, "the answer was lost")
    assert "account capacity list" in said.err
    (unit,) = units(run)
    told = run(*BUY, "--dry-run").ok()
    assert "was bought by a line that was cut off" in told.out
    # That was the line which was cut off: nobody has to be asked.
    assert run(*BUY, "-o", "json").ok().json["capacity_id"] == unit
    assert units(run) == [unit]
    run(*BUY, "--yes").ok()
    assert len(units(run)) == 2


def test_a_purchase_that_never_arrived_is_made_by_the_same_line(run: Run, vault: Server) -> None:
    vault.service.breaks("PurchaseProvisionedCapacity", lambda _: answered(500, b"{}"))
    run(*BUY, "--yes").failed(1, "the answer was lost")
    assert units(run) == []
    run(*BUY, "--yes").ok()
    assert len(units(run)) == 1


def test_a_purchase_that_was_refused_is_not_taken_for_one_of_somebody_else(
    run: Run, vault: Server
) -> None:
    no = refused("InvalidParameterValueException", "No.")
    vault.service.breaks("PurchaseProvisionedCapacity", no)
    run(*BUY, "--yes").failed(1)
    vault.client.purchase_provisioned_capacity()
    run(*BUY, "--yes").ok()
    assert len(units(run)) == 2
