"""When a request is tried again. What may be tried again at all is decided by what it does:

- a request that reads, deletes, cancels or asks a model: after every transient failure;
- a request that creates: only where the failure proves that nothing was created.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from math import isfinite
from random import Random
from typing import TypeVar

import tenacity

from ftrunner.api.errors import ApiError
from ftrunner.clock import Clock
from ftrunner.events import Retrying

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long to try. All times in seconds.

    The wait before try n+1 is drawn evenly from 0 to `first_wait` · 2ⁿ⁻¹, at most `longest_wait`,
    and is never shorter than what the provider asks for, as far as `longest_asked_wait`. No try
    starts when the wait would end after `deadline`.
    """

    attempts: int = 5
    deadline: float = 180.0
    first_wait: float = 0.5
    longest_wait: float = 8.0
    longest_asked_wait: float = 60.0


OnRetry = Callable[[Retrying], None]
MayRetry = Callable[[ApiError], bool]


def repeatable(error: ApiError) -> bool:
    """May a request that can be made twice without harm be made again after `error`?"""
    return error.is_transient


def creating(error: ApiError) -> bool:
    """May a request that creates something be made again after `error`?"""
    return error.is_transient and error.nothing_was_done


@dataclass(frozen=True, slots=True)
class Retrier:
    """Runs requests under one policy, with the time and the chance it is given."""

    policy: RetryPolicy
    clock: Clock
    random: Random
    on_retry: OnRetry

    def call(self, action: Callable[[], T], may_retry: MayRetry) -> T:
        """What `action` returns at last, or its last ApiError. Other exceptions end it at once."""
        started = self.clock.monotonic()
        retrying = tenacity.Retrying(
            sleep=self.clock.sleep,
            retry=tenacity.retry_if_exception(
                lambda error: isinstance(error, ApiError) and may_retry(error)
            ),
            stop=lambda state: self._is_over(state, started),
            wait=self._delay,
            before_sleep=self._report,
            reraise=True,
        )
        return retrying(action)

    def _is_over(self, state: tenacity.RetryCallState, started: float) -> bool:
        next_try = self.clock.monotonic() + state.upcoming_sleep - started
        return state.attempt_number >= self.policy.attempts or next_try > self.policy.deadline

    def _delay(self, state: tenacity.RetryCallState) -> float:
        bound = self.policy.first_wait * 2 ** (state.attempt_number - 1)
        drawn = self.random.uniform(0, min(bound, self.policy.longest_wait))
        asked = self._asked(state)
        return asked + drawn if asked else drawn

    def _asked(self, state: tenacity.RetryCallState) -> float:
        return min(_error(state).retry_after or 0.0, self.policy.longest_asked_wait)

    def _report(self, state: tenacity.RetryCallState) -> None:
        self.on_retry(
            Retrying(
                attempt=state.attempt_number,
                delay=state.upcoming_sleep,
                reason=_error(state).message,
            )
        )


def _error(state: tenacity.RetryCallState) -> ApiError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, ApiError)
    return error


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds to wait from `now`, wall time; None where nothing, or nothing sensible, is said."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    seconds = _number(text)
    return seconds if seconds is not None else _until(text, now)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) and number >= 0 else None


def _until(text: str, now: float) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
