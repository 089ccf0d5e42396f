"""What stands between the program and SQLite."""

from collections.abc import Callable
from contextlib import closing

import pytest

from glaciercli import errors
from glaciercli.cli.signals import Termination
from glaciercli.keymap.database import Database, connect_memory

ASKING = [
    lambda opened: opened.one("SELECT called(1)"),
    lambda opened: list(opened.query("SELECT called(1)")),
    lambda opened: list(opened.query_many("SELECT called(1)")),
    lambda opened: opened.execute("CREATE TABLE made AS SELECT called(1)"),
]


@pytest.mark.parametrize("ask", ASKING)
@pytest.mark.parametrize("stop", [KeyboardInterrupt, Termination])
def test_a_stop_within_a_function_of_a_statement_is_a_stop(
    ask: Callable[[Database], object], stop: type[BaseException]
) -> None:
    def called(_value: object) -> None:
        raise stop

    with closing(connect_memory()) as opened:
        opened.define("called", called)
        with pytest.raises(stop):
            ask(opened)


def test_the_next_failure_is_its_own_again() -> None:
    def called(value: object) -> int:
        if value == 1:
            raise KeyboardInterrupt
        return 1 // 0

    with closing(connect_memory()) as opened:
        opened.define("called", called)
        with pytest.raises(KeyboardInterrupt):
            opened.one("SELECT called(1)")
        with pytest.raises(errors.KeyMapDamaged, match="user-defined function"):
            opened.one("SELECT called(2)")


@pytest.mark.parametrize("statement", ["SELECT gone()", "SELECT * FROM gone", "SELECT -"])
def test_a_statement_that_makes_no_sense_for_a_file_is_damage_of_it(statement: str) -> None:
    with closing(connect_memory()) as opened, pytest.raises(errors.KeyMapDamaged):
        opened.one(statement)
