"""How far a transfer is, over all of its parts."""

import threading
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from glaciercli.reporting import Event, TransferAdvanced, TransferFinished, TransferStarted
from glaciercli.transfer.meter import Meter


class Heard:
    """A reporter that keeps what it hears, and dawdles so that threads meet in it."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def report(self, event: Event) -> None:
        threading.Event().wait(0.0001)
        self.events.append(event)

    @property
    def totals(self) -> list[int]:
        return [one.done_bytes for one in self.events if isinstance(one, TransferAdvanced)]


def test_a_transfer_is_told_from_its_start_to_its_end() -> None:
    heard = Heard()
    meter = Meter(heard, "a", 10)
    meter.advance(0, 4)
    meter.advance(4, 6)
    meter.finish()
    begun = heard.events[0]
    assert isinstance(begun, TransferStarted)
    assert heard.events == [
        TransferStarted(name="a", total_bytes=10, number=begun.number),
        TransferAdvanced(name="a", done_bytes=4, number=begun.number),
        TransferAdvanced(name="a", done_bytes=10, number=begun.number),
        TransferFinished(name="a", number=begun.number),
    ]
    other = Meter(heard, "a", 10)
    other.finish()
    assert heard.events[-1] != TransferFinished(name="a", number=begun.number)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=30))
def test_a_part_sent_again_takes_nothing_back(steps: list[tuple[int, int]]) -> None:
    heard = Heard()
    meter = Meter(heard, "a", None)
    for start, done in steps:
        meter.advance(start, done)
    assert all(before < after for before, after in pairwise(heard.totals))
    furthest = {start: max(d for s, d in steps if s == start) for start, _ in steps}
    assert (heard.totals or [0])[-1] == sum(furthest.values())


def test_totals_never_go_backwards_over_many_threads() -> None:
    heard = Heard()
    meter = Meter(heard, "a", None)

    def send(start: int) -> None:
        for done in range(1, 51):
            meter.advance(start, done)

    threads = [threading.Thread(target=send, args=(start,)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard.totals == list(range(1, 401))
