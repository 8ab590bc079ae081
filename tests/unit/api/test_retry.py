"""What is tried again, how often, and after how long."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ftrunner.api import errors
from ftrunner.api.http.retry import MayRetry, Retrier, RetryPolicy, creating, repeatable
from ftrunner.events import Retrying
from tests.unit.api.fakes import FakeClock, Midway


class Flaky:
    """Fails with each of the given errors, then returns "done"."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self._failures:
            raise self._failures.pop(0)
        return "done"


def _error(
    kind: type[errors.ApiError] = errors.ServerError, retry_after: float | None = None
) -> errors.ApiError:
    return kind("it broke", code="FT317", retry_after=retry_after)


def _retrier(
    clock: FakeClock, reported: list[Retrying] | None = None, policy: RetryPolicy | None = None
) -> Retrier:
    heard = reported if reported is not None else list[Retrying]()
    return Retrier(policy or RetryPolicy(), clock, Midway(), heard.append)


def _call(retrier: Retrier, action: Callable[[], str], may_retry: MayRetry) -> str:
    for attempt in retrier.attempts(may_retry):
        with attempt:
            return action()
    raise AssertionError("the last try returns or raises")


# Whether what reads, and whether what creates, may be sent again after each error.
MAY_BE_REPEATED = {
    errors.ConnectionFailed: (True, True),
    errors.CannotConnect: (False, False),
    errors.ConnectionLost: (True, False),
    errors.TimedOut: (True, False),
    errors.BadResponse: (False, False),
    errors.SourceChanged: (False, False),
    errors.BadRequest: (False, False),
    errors.AuthenticationFailed: (False, False),
    errors.PermissionDenied: (False, False),
    errors.NotFound: (False, False),
    errors.RateLimited: (True, True),
    errors.ServerError: (True, False),
}


@pytest.mark.parametrize("kind", MAY_BE_REPEATED)
def test_only_a_failure_that_proves_nothing_was_created_lets_a_creation_be_repeated(
    kind: type[errors.ApiError],
) -> None:
    error = _error(kind)
    assert (repeatable(error), creating(error)) == MAY_BE_REPEATED[kind]


def test_the_table_above_has_every_error() -> None:
    def tree(kind: type[errors.ApiError]) -> set[type[errors.ApiError]]:
        return {kind}.union(*map(tree, kind.__subclasses__()))

    assert set(MAY_BE_REPEATED) == tree(errors.ApiError) - {errors.ApiError, errors.Refused}


def test_waits_grow_are_drawn_from_the_whole_range_and_are_reported() -> None:
    clock, reported, flaky = FakeClock(), list[Retrying](), Flaky(_error(), _error(), _error())

    assert _call(_retrier(clock, reported), flaky, repeatable) == "done"

    assert clock.slept == [0.25, 0.5, 1.0]  # the middle of 0..0.5, 0..1, 0..2
    assert reported == [Retrying(n, delay, "it broke") for n, delay in enumerate(clock.slept, 1)]


def test_the_attempts_are_bounded_and_the_last_error_is_raised() -> None:
    flaky = Flaky(*(_error() for _ in range(9)))
    with pytest.raises(errors.ServerError):
        _call(_retrier(FakeClock()), flaky, repeatable)
    assert flaky.calls == RetryPolicy().attempts


def test_a_wait_that_the_provider_asks_for_is_kept() -> None:
    clock = FakeClock()
    _call(_retrier(clock), Flaky(_error(errors.RateLimited, retry_after=20)), repeatable)
    assert clock.slept == [20.25]


def test_a_wait_that_the_provider_asks_for_is_capped() -> None:
    clock = FakeClock()
    _call(_retrier(clock), Flaky(_error(errors.RateLimited, retry_after=86_400)), repeatable)
    assert clock.slept == [60.25]


def test_nothing_is_tried_after_the_deadline() -> None:
    clock, policy = FakeClock(), RetryPolicy(attempts=100, deadline=50)
    flaky = Flaky(*(_error(errors.RateLimited, retry_after=20) for _ in range(99)))
    with pytest.raises(errors.RateLimited):
        _call(_retrier(clock, policy=policy), flaky, repeatable)
    assert flaky.calls == 3
    assert sum(clock.slept) < 50


def test_a_wait_that_ends_after_the_deadline_by_chance_alone_is_not_begun() -> None:
    clock, policy = FakeClock(), RetryPolicy(attempts=100, deadline=40.6)
    flaky = Flaky(*(_error(errors.RateLimited, retry_after=20) for _ in range(99)))
    with pytest.raises(errors.RateLimited):
        _call(_retrier(clock, policy=policy), flaky, repeatable)
    assert clock.slept == [20.25]  # 20.5 more would end at 40.75


def test_what_may_not_be_repeated_is_raised_at_once() -> None:
    clock, flaky = FakeClock(), Flaky(_error())
    with pytest.raises(errors.ServerError):
        _call(_retrier(clock), flaky, creating)
    assert (flaky.calls, clock.slept) == (1, [])


def test_a_failure_that_is_not_the_provider_s_is_raised_at_once() -> None:
    flaky = Flaky(OSError("disk"))
    with pytest.raises(OSError, match="disk"):
        _call(_retrier(FakeClock()), flaky, repeatable)
    assert flaky.calls == 1
