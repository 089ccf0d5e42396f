"""Data retrieval policies and provisioned capacity: every documented answer."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from glaciercli.server.settings import ServiceSettings
from tests.fakes import MovedClock
from tests.server.conformance.steps import initiate_job, upload
from tests.server.conformance.wire import Answer, Wire, check_refused, invalid, missing
from tests.server.conftest import SETTINGS

POLICY, CAPACITY = "/-/policies/data-retrieval", "/-/provisioned-capacity"


@pytest.fixture
def settings() -> ServiceSettings:
    return replace(SETTINGS, standard_delay=timedelta(hours=4), on_demand_expedited=False)


def put(wire: Wire, *rules: Any) -> Answer:
    return wire.ask("PUT", POLICY, json.dumps({"Policy": {"Rules": rules}}).encode())


def rule(strategy: str | None, number: Any = None) -> dict[str, Any]:
    return {"Strategy": strategy, "BytesPerHour": number}


def test_no_policy_is_no_limit(wire: Wire) -> None:
    assert wire.ask("GET", POLICY).json == {"Policy": {"Rules": [rule("None")]}}


@pytest.mark.parametrize(
    "wanted",
    [rule("None"), rule("FreeTier"), rule("BytesPerHour", 1), rule("BytesPerHour", 2**63 - 1)],
)
def test_a_policy_is_set_for_its_region(wire: Wire, wanted: dict[str, Any]) -> None:
    put(wire, {name: value for name, value in wanted.items() if value is not None}).ok(204)
    found = wire.ask("GET", POLICY).json["Policy"]["Rules"][0]
    assert {"BytesPerHour": None, **found} == wanted
    west = replace(wire, signer=replace(wire.signer, region="us-west-2"))
    assert west.ask("GET", POLICY).json["Policy"]["Rules"][0]["Strategy"] == "None"


@pytest.mark.parametrize(
    "rules",
    [
        (),
        (rule("None"), rule("None")),
        (rule("none"),),
        (rule("BytesPerHour", 0),),
        (rule("BytesPerHour", -1),),
        (rule("BytesPerHour", 2**63),),
        (rule("None", 1),),
        (rule("FreeTier", 1),),
    ],
)
def test_wrong_policies(wire: Wire, rules: tuple[Any, ...]) -> None:
    invalid(put(wire, *rules))
    assert wire.ask("GET", POLICY).json == {"Policy": {"Rules": [rule("None")]}}


def test_policy_strategy_and_number_are_required(wire: Wire) -> None:
    missing(wire.ask("PUT", POLICY, b"{}"), "Policy")
    missing(wire.ask("PUT", POLICY, b'{"Policy":{}}'), "Rules")
    missing(put(wire, rule(None)), "Strategy")
    missing(put(wire, rule("BytesPerHour")), "BytesPerHour")


@pytest.mark.parametrize("body", [b"", b"{", b'{"Policy":[]}', b'{"Policy":{"Rules":{}}}',
                                  b'{"Policy":{"Rules":[5]}}'])  # fmt: skip
def test_what_is_no_document_is_refused(wire: Wire, body: bytes) -> None:
    check_refused(wire.ask("PUT", POLICY, body), 400, "SerializationException")


@pytest.mark.parametrize("number", ["5", 5.5, True, [5]])
def test_a_number_is_a_number(wire: Wire, number: Any) -> None:
    answer = put(wire, rule("BytesPerHour", number))
    check_refused(answer, 400, "SerializationException")


@pytest.mark.usefixtures("vault")
def test_a_standard_retrieval_beyond_the_rate_is_refused(wire: Wire) -> None:
    wanted = {"Type": "archive-retrieval", "ArchiveId": upload(wire, b"x" * 1000)}
    # A standard retrieval counts as if it took four hours.
    put(wire, rule("BytesPerHour", 499)).ok(204)
    initiate_job(wire, **wanted).ok(202)
    check_refused(
        initiate_job(wire, **wanted),
        400,
        "PolicyEnforcedException",
        "InitiateJob request denied by current data retrieval policy.",
    )
    initiate_job(wire, **wanted, Tier="Bulk").ok(202)
    initiate_job(wire, Type="inventory-retrieval").ok(202)


@pytest.mark.usefixtures("vault")
def test_an_expedited_retrieval_may_lack_capacity(wire: Wire) -> None:
    wanted = {"Type": "archive-retrieval", "ArchiveId": upload(wire), "Tier": "Expedited"}
    check_refused(initiate_job(wire, **wanted), 503, "InsufficientCapacityException")
    wire.ask("POST", CAPACITY).ok(201)
    initiate_job(wire, **wanted).ok(202)


def test_two_units_are_the_limit(wire: Wire) -> None:
    assert wire.ask("GET", CAPACITY).json == {"ProvisionedCapacityList": []}
    bought = [wire.ask("POST", CAPACITY).ok(201).headers["x-amz-capacity-id"] for _ in "ab"]
    assert [len(one) for one in bought] == [24, 24]
    check_refused(wire.ask("POST", CAPACITY), 400, "LimitExceededException")
    dates = {"ExpirationDate": "2026-02-02T03:04:05.000Z", "StartDate": "2026-01-02T03:04:05.678Z"}
    listed = wire.ask("GET", CAPACITY).json["ProvisionedCapacityList"]
    assert sorted(listed, key=lambda unit: bought.index(unit["CapacityId"])) == [
        {"CapacityId": one, **dates} for one in bought
    ]


@pytest.mark.parametrize(
    ("bought", "expires"),
    [
        ("2026-01-31T23:59:59.999", "2026-02-28T23:59:59.000Z"),
        ("2028-01-30T00:00:00.001", "2028-02-29T00:00:00.000Z"),
        ("2026-08-31T12:00:00.000", "2026-09-30T12:00:00.000Z"),
        ("2026-12-31T12:00:00.000", "2027-01-31T12:00:00.000Z"),
        ("2026-02-28T12:00:00.000", "2026-03-28T12:00:00.000Z"),
    ],
)
def test_a_unit_ends_a_month_later(
    wire: Wire, clock: MovedClock, bought: str, expires: str
) -> None:
    clock.advance(datetime.fromisoformat(bought).replace(tzinfo=UTC) - clock.now())
    wire.ask("POST", CAPACITY).ok(201)
    (unit,) = wire.ask("GET", CAPACITY).json["ProvisionedCapacityList"]
    assert unit["ExpirationDate"] == expires
    clock.advance(datetime.fromisoformat(expires) - clock.now() - timedelta(milliseconds=1))
    assert wire.ask("GET", CAPACITY).json["ProvisionedCapacityList"] == [unit]
    clock.advance(timedelta(milliseconds=1))
    assert wire.ask("GET", CAPACITY).json == {"ProvisionedCapacityList": []}
