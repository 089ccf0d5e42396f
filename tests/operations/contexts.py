"""The world as an operation sees it, with fakes for what a test says nothing of."""

from collections.abc import Callable
from typing import Any

from glaciercli.keymap.store import KeyMap
from glaciercli.operations.context import Context
from glaciercli.ports import Clock
from glaciercli.reporting import Reporter
from tests.fakes import Deaf, MovedClock
from tests.keymap.records import NOW, STORE


def context_of(
    key_map: KeyMap,
    *,
    clock: Clock | None = None,
    reporter: Reporter | None = None,
    service: Any = None,
    new_tag: Callable[[], str] = lambda: "tag",
) -> Context:
    """Return a world with a key map, and a service that has what the test needs of one."""
    return Context(
        key_map=key_map,
        store=STORE,
        clock=clock or MovedClock(NOW),
        reporter=reporter or Deaf(),
        connect=lambda: service,
        new_tag=new_tag,
        jobs=1,
    )
