"""Which request has which fault: decided by the plan, its seed, and the count alone."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from glaciercli.errors import BadUsage
from glaciercli.server.faults.plan import Course, Deed, Plan
from glaciercli.server.faults.reading import plan_of, read_plan

NOW = timedelta(0)


def course(seed: int = 0, **fault: Any) -> Course:
    named = {word.replace("_", "-"): value for word, value in fault.items()}
    return Course(plan=plan_of({"seed": seed, "fault": [{"do": "drop", **named}]}))


def struck(one: Course, operations: str, *, at: timedelta = NOW) -> list[bool]:
    return [one.next(operation, at) is not None for operation in operations.split()]


def test_a_fault_is_about_every_request_unless_it_says_otherwise() -> None:
    assert struck(course(), "ListVaults CreateVault x") == [True] * 3


def test_only_the_requests_of_its_operations_count() -> None:
    one = course(operations="ListJobs", nth=2)
    assert struck(one, "ListJobs ListVaults ListJobs ListJobs") == [False, False, True, False]


def test_several_requests_can_be_named() -> None:
    assert struck(course(nth=[1, 3]), "x x x x") == [True, False, True, False]


def test_a_fault_has_its_time_and_counts_only_in_it() -> None:
    one = course(between=["10s", "1m"], nth=1)
    assert struck(one, "x", at=timedelta(seconds=9.9)) == [False]
    assert struck(one, "x x", at=timedelta(seconds=10)) == [True, False]
    assert struck(course(between=["10s", "1m"]), "x", at=timedelta(minutes=1)) == [False]


def test_chance_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    many = "x " * 1000
    first, second = (struck(course(7, probability=0.3), many) for _ in range(2))
    assert first == second != struck(course(8, probability=0.3), many)
    assert 230 < sum(first) < 370


def test_requests_that_overtake_each_other_change_nothing() -> None:
    both = [{"do": "drop", "operations": one, "probability": 0.5} for one in ("ListJobs", "x")]
    both[1]["operations"] = "ListVaults"
    plan = plan_of({"fault": both})
    forth = struck(Course(plan=plan), "ListJobs " * 50 + "ListVaults " * 50)
    mixed = struck(Course(plan=plan), "ListVaults ListJobs " * 50)
    assert forth == mixed[1::2] + mixed[::2]


def test_the_first_fault_that_strikes_counts_and_all_count_the_request() -> None:
    plan = plan_of({"fault": [{"do": "drop", "nth": 1}, {"do": "flip", "nth": [1, 2]}]})
    one = Course(plan=plan)
    deeds = [strike.fault.deed for _ in range(2) if (strike := one.next("x", NOW))]
    assert deeds == [Deed.DROP, Deed.FLIP]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"faults": []}, 'called "faults"'),
        ({"fault": {}}, "[[fault]]"),
        ({"seed": "x"}, '"seed"'),
        ({"fault": [{}]}, '"do"'),
        ({"fault": [{"do": "explode"}]}, '"do"'),
        ({"fault": [{"do": "drop", "when": 1}]}, 'called "when"'),
        ({"fault": [{"do": "drop", "nth": 0}]}, '"nth"'),
        ({"fault": [{"do": "drop", "nth": True}]}, '"nth"'),
        ({"fault": [{"do": "drop", "probability": 1.1}]}, '"probability"'),
        ({"fault": [{"do": "drop", "between": ["1s"]}]}, '"between"'),
        ({"fault": [{"do": "drop", "between": ["1s", "x"]}]}, "no duration"),
        ({"fault": [{"do": "drop", "operations": "GetLost"}]}, "no operation"),
        ({"fault": [{"do": "answer", "status": 99}]}, '"status"'),
        ({"fault": [{"do": "answer", "code": 5}]}, '"code"'),
        ({"fault": [{"do": "answer", "after": 1}]}, '"after"'),
        ({"fault": [{"do": "stall", "pause": 5}]}, '"pause"'),
        ({"fault": [{"do": "headers", "headers": {"a": "b\r\nc: d"}}]}, '"headers"'),
        ({"fault": [{"do": "trickle", "bytes-per-second": 0}]}, '"bytes-per-second"'),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_by_name(
    table: Mapping[str, Any], words: str
) -> None:
    with pytest.raises(BadUsage) as caught:
        plan_of(table)
    assert words in caught.value.message


def test_a_plan_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text('seed = 3\n[[fault]]\ndo = "answer"\nretry-after = "2m"\n')
    plan = read_plan(str(path))
    assert (plan.seed, plan.faults[0].retry_after_s) == (3, 120)
    assert Plan() != plan


@pytest.mark.parametrize("text", [b"[[fault", b"\xff", b"seed = 1.5"])
def test_a_file_that_is_no_plan_is_refused_by_its_name(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(text)
    with pytest.raises(BadUsage, match=r"plan\.toml"):
        read_plan(str(path))


def test_a_plan_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="No such file"):
        read_plan(str(tmp_path / "none"))
