"""When a request is tried again. What may be tried again at all is decided by what it does:

- a request that reads, deletes, cancels or asks a model: after every transient failure;
- a request that creates: only where the failure proves that nothing was created.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from random import Random

import tenacity

from ftrunner.api.errors import ApiError
from ftrunner.clock import Clock
from ftrunner.events import Retrying


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long to try. All times in seconds.

    The wait before try n+1 is drawn evenly from 0 to `first_wait` · 2ⁿ⁻¹, at most `longest_wait`.
    Where the provider asks for a wait, as far as `longest_asked_wait`, that comes before it, and
    takes the place of a longer `first_wait`. No try starts when the wait would end after
    `deadline`.
    """

    attempts: int = 5
    deadline: float = 180.0
    first_wait: float = 0.5
    longest_wait: float = 8.0
    longest_asked_wait: float = 60.0


_LIMITED = ("requests", "tokens")
_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|[dhms])")
_DURATION = re.compile(rf"(?:{_PART.pattern})+")

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

    def attempts(self, may_retry: MayRetry) -> Iterable[AbstractContextManager[object]]:
        """Blocks to make one try in each, as long as the last ended with an ApiError that may be
        tried again. The last error is raised; other exceptions end it at once.
        """
        started = self.clock.monotonic()
        return tenacity.Retrying(
            sleep=self.clock.sleep,
            retry=tenacity.retry_if_exception(
                lambda error: isinstance(error, ApiError) and may_retry(error)
            ),
            stop=lambda state: self._is_over(state, started),
            wait=self._delay,
            before_sleep=self._report,
            reraise=True,
        )

    def _is_over(self, state: tenacity.RetryCallState, started: float) -> bool:
        next_try = self.clock.monotonic() + state.upcoming_sleep - started
        return state.attempt_number >= self.policy.attempts or next_try > self.policy.deadline

    def _delay(self, state: tenacity.RetryCallState) -> float:
        asked = self._asked(state)
        first = min(self.policy.first_wait, asked or math.inf)
        bound = min(first * 2 ** (state.attempt_number - 1), self.policy.longest_wait)
        return asked + self.random.uniform(0, bound)

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
    """Seconds to wait from `now`, wall time; None where nothing, or nothing sensible, is said.

    Without a Retry-After it is when a limit that is used up is reset, in the headers of OpenAI's
    guide to rate limits.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    for seconds in (_number(text), _until(text, now), _until_reset(headers)):
        if seconds is not None:
            return seconds
    return None


def requests_a_minute(headers: Mapping[str, str]) -> float | None:
    """How many requests the account may make, by the same guide; None where nothing is said."""
    return _number(headers.get("x-ratelimit-limit-requests", "")) or None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _until(text: str, now: float) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _until_reset(headers: Mapping[str, str]) -> float | None:
    used_up = [each for each in _LIMITED if headers.get(f"x-ratelimit-remaining-{each}") == "0"]
    resets = [headers.get(f"x-ratelimit-reset-{each}", "") for each in used_up]
    return max((_duration(text) for text in resets if _DURATION.fullmatch(text)), default=None)


def _duration(text: str) -> float:
    """The seconds of `6m0s`, `1.2s` or `8ms`."""
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
