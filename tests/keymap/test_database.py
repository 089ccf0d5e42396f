"""What stands between the program and SQLite."""

import signal
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from glaciercli import errors
from glaciercli.cli.signals import Termination
from glaciercli.keymap.database import Database, connect_memory

#: A table n with a column i, for a statement to go on with.
_MILLION = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) "

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


def test_a_fault_within_a_function_of_a_statement_shows_its_cause() -> None:
    def called(value: object) -> int:
        if value == 1:
            raise KeyboardInterrupt
        return 1 // 0

    with closing(connect_memory()) as opened:
        opened.define("called", called)
        with pytest.raises(KeyboardInterrupt):
            opened.one("SELECT called(1)")
        with pytest.raises(errors.KeyMapDamaged, match="user-defined function") as found:
            opened.one("SELECT called(2)")
    assert found.value.__cause__ is not None
    assert isinstance(found.value.__cause__.__cause__, ZeroDivisionError)


def test_a_stop_at_the_door_of_a_function_is_a_stop() -> None:
    """The signal is heard when the function begins, before anything in it can note it."""

    def called(value: int) -> int:
        return value

    asked = "SELECT sum(called(i)) FROM n"
    with closing(connect_memory()) as opened:
        opened.define("called", called)
        for _ in range(20):
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            with pytest.raises(KeyboardInterrupt):
                opened.one(_MILLION + asked)


@pytest.fixture(autouse=True)
def _alarm_stops() -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    yield
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("statement", ["SELECT gone()", "SELECT * FROM gone", "SELECT -"])
def test_a_statement_that_makes_no_sense_for_a_file_is_damage_of_it(statement: str) -> None:
    with closing(connect_memory()) as opened, pytest.raises(errors.KeyMapDamaged):
        opened.one(statement)


def test_a_value_that_is_longer_than_any_may_be_is_damage() -> None:
    with closing(connect_memory()) as opened, pytest.raises(errors.KeyMapDamaged, match="too big"):
        opened.one("SELECT length(zeroblob(2147483647))")


def test_a_savepoint_that_a_full_disk_took_back_is_told_as_a_full_disk() -> None:
    with closing(connect_memory()) as opened:
        opened.execute("CREATE TEMP TABLE filled (x)")
        opened.execute("PRAGMA temp.max_page_count=10")
        filling = "INSERT OR ROLLBACK INTO filled SELECT zeroblob(900) FROM n"
        with pytest.raises(errors.DiskFull), opened.savepoint("some"):
            opened.execute(_MILLION + filling)
