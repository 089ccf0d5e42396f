"""How long, how often and how fast a failing call is repeated."""

import pytest
from botocore.exceptions import ClientError

from glaciercli import errors
from glaciercli.service.retry import Retrier
from tests.fakes import MovedClock
from tests.service.misbehaving import START, retrier


def failure(
    *, maybe_done: bool = True, unasked: bool = False, retry_after_s: float | None = None
) -> Exception:
    return errors.TransientFailure(
        "no", maybe_done=maybe_done, unasked=unasked, retry_after_s=retry_after_s
    )


class Call:
    """A call that fails some times and then succeeds."""

    def __init__(self, *failures: Exception, for_ever: bool = False) -> None:
        self._failures = list(failures)
        self._for_ever = for_ever
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        if self._for_ever:
            raise self._failures[0]
        if self._failures:
            raise self._failures.pop(0)
        return "done"


class Trial:
    """A retrier that has been answered, unless it is fresh."""

    def __init__(self, *, fresh: bool = False, random: float = 1.0) -> None:
        self.clock = MovedClock(START)
        self.pauses: list[float] = []
        self.retrier: Retrier = retrier(self.clock, self.pauses, lambda: random)
        if not fresh:
            self.retrier.repeat(Call())


def test_a_call_that_succeeds_is_made_once() -> None:
    trial, call = Trial(), Call()
    assert trial.retrier.repeat(call) == "done"
    assert (call.times, trial.pauses) == (1, [])


def test_pauses_double_up_to_a_ceiling() -> None:
    trial = Trial()
    trial.retrier.repeat(Call(*[failure()] * 9))
    assert trial.pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert trial.clock.monotonic() == sum(trial.pauses)


def test_pauses_are_anything_below_their_ceiling() -> None:
    trial = Trial(random=0.25)
    trial.retrier.repeat(Call(failure(), failure()))
    assert trial.pauses == [0.125, 0.25]


def test_the_budget_is_never_exceeded() -> None:
    trial, call = Trial(), Call(failure(), for_ever=True)
    with pytest.raises(errors.TransientFailure):
        trial.retrier.repeat(call)
    assert 870 <= trial.clock.monotonic() <= 900
    assert call.times == len(trial.pauses) + 1


def test_a_pause_may_take_all_of_the_budget() -> None:
    trial = Trial()
    trial.retrier.repeat(Call(failure(retry_after_s=900)))
    assert trial.pauses == [900]


def test_answers_to_something_else_have_a_budget_of_their_own() -> None:
    trial = Trial()
    long_trouble = [failure()] * 10
    trial.retrier.repeat(Call(*long_trouble, failure(unasked=True)))
    trial, call = Trial(), Call(failure(unasked=True), for_ever=True)
    with pytest.raises(errors.ChecksumMismatch):
        trial.retrier.repeat(call)
    assert 30 <= trial.clock.monotonic() <= 60


def test_very_many_short_pauses_are_no_number_too_large() -> None:
    trial = Trial(random=1e-4)
    trial.retrier.repeat(Call(*[failure()] * 3000))
    assert max(trial.pauses) == pytest.approx(0.003)


def test_the_service_may_ask_for_a_longer_pause() -> None:
    trial = Trial()
    trial.retrier.repeat(Call(failure(retry_after_s=7), failure(retry_after_s=0.0)))
    assert trial.pauses == [7, 1]


def test_a_pause_beyond_the_budget_is_not_made() -> None:
    trial, call = Trial(), Call(failure(retry_after_s=3600), for_ever=True)
    with pytest.raises(errors.TransientFailure):
        trial.retrier.repeat(call)
    assert (call.times, trial.pauses) == (1, [])


def test_a_long_request_that_fails_is_not_given_up() -> None:
    trial = Trial()
    failures = [failure(), failure()]

    def call() -> str:
        trial.clock.sleep(1200)
        if failures:
            raise failures.pop()
        return "done"

    with pytest.raises(errors.TransientFailure):
        trial.retrier.repeat(call)
    assert len(trial.pauses) == 1
    assert trial.retrier.repeat(call) == "done"


def test_a_service_that_was_never_reached_is_given_up_soon() -> None:
    trial, call = Trial(fresh=True), Call(failure(), for_ever=True)
    with pytest.raises(errors.TransientFailure):
        trial.retrier.repeat(call)
    assert trial.clock.monotonic() <= 3
    assert call.times > 1


def test_an_error_that_the_service_answers_with_is_contact_too() -> None:
    trial = Trial(fresh=True)
    answered = failure()
    answered.__cause__ = ClientError({}, "ListVaults")
    trial.retrier.repeat(Call(*[answered] * 6))
    assert trial.clock.monotonic() == 31.5


@pytest.mark.covers("N18")
def test_other_errors_are_not_repeated() -> None:
    trial, call = Trial(), Call(errors.VaultNotFound("photos"), for_ever=True)
    with pytest.raises(errors.VaultNotFound):
        trial.retrier.repeat(call)
    assert call.times == 1


def test_a_call_with_one_chance_is_not_repeated_after_it_may_have_been_done() -> None:
    trial, call = Trial(), Call(failure())
    with pytest.raises(errors.OutcomeUnknown, match="the deed, but the answer was lost: no"):
        trial.retrier.once(call, deed="the deed")
    assert (call.times, trial.pauses) == (1, [])


def test_a_call_with_one_chance_is_repeated_while_it_surely_was_not_done() -> None:
    trial = Trial()
    call = Call(failure(maybe_done=False), failure(maybe_done=False))
    assert trial.retrier.once(call, deed="the deed") == "done"
    assert call.times == 3
    last = Call(failure(maybe_done=False), failure(maybe_done=True))
    with pytest.raises(errors.OutcomeUnknown):
        trial.retrier.once(last, deed="the deed")
    assert last.times == 2


def test_a_call_that_surely_was_not_done_fails_as_what_it_is() -> None:
    trial = Trial()
    with pytest.raises(errors.TransientFailure):
        trial.retrier.once(Call(failure(maybe_done=False), for_ever=True), deed="the deed")
    assert trial.clock.monotonic() > 800
