"""Findings from requests alone: pure functions of a part of the log."""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from mockserver.jobs.training import TERMINAL
from mockserver.verdict.exchange import Exchange
from mockserver.verdict.findings import Finding

SLACK = 0.9
"""The share of the requested time that counts as waiting."""
UNDER_WAY = 0.25
"""A request within this many seconds of a response may have been sent before it."""
FAST_POLLS = 3
"""The number of early polls that is not a coincidence."""
STORM = 5
"""The number of failures of one request in a row that is a storm."""
STORM_PAUSE = 0.1

_JOB = re.compile(r"^/fine_tuning/jobs/([^/]+)$")
_JOB_CHANGE = re.compile(r"^/fine_tuning/jobs/([^/]+)/(?:cancel|pause|resume)$")

Key = Callable[[Exchange], tuple[str, ...]]


def request_findings(exchanges: Sequence[Exchange], poll_interval: float) -> list[Finding]:
    """The findings from these requests, independent of jobs and files.

    `poll_interval` is the interval in seconds at which clients are asked to poll a job.
    """
    return [
        *_polled_too_fast(exchanges, poll_interval),
        *_ignored_retry_after(exchanges),
        *_retry_storm(exchanges),
        *_named_no_model(exchanges),
        *_keys_in_urls(exchanges),
    ]


def followed_jobs(exchanges: Iterable[Exchange]) -> set[str]:
    """The ids of jobs whose end the client has seen."""
    found = set()
    for exchange in exchanges:
        if exchange.job_status in TERMINAL:
            job = _JOB.match(exchange.path) or _JOB_CHANGE.match(exchange.path)
            found |= {job[1]} if job else set()
    return found


def _polled_too_fast(exchanges: Sequence[Exchange], poll_interval: float) -> Iterator[Finding]:
    polls: dict[str, list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        job = _JOB.match(exchange.path) if exchange.method == "GET" else None
        if job:
            polls[job[1]].append(exchange)
    for job_id, looks in polls.items():
        hasty = [
            later
            for earlier, later in itertools.pairwise(looks)
            if earlier.job_status not in TERMINAL
            and earlier.status == 200
            and _pause(earlier, later) < poll_interval * SLACK
        ]
        if len(hasty) >= FAST_POLLS:
            yield Finding(
                "polled-too-fast",
                "fault",
                f"{job_id} was looked at {len(hasty)} times sooner than "
                f"{poll_interval:g} s after the look before",
                tuple(look.number for look in hasty),
            )


def _ignored_retry_after(exchanges: Sequence[Exchange]) -> Iterator[Finding]:
    """Requests that came too early: repeats, or new ones that were not yet under way."""
    if not any(exchange.retry_after for exchange in exchanges):
        return
    repeats = [*_repeats(exchanges, _same_request)]
    repeats += [pair for pair in _repeats(exchanges, _same_route) if _since(*pair) > UNDER_WAY]
    blamed: set[int] = set()
    for earlier, later in sorted(repeats, key=lambda pair: pair[1].number):
        wanted = earlier.retry_after
        if wanted is None or later.number in blamed or _pause(earlier, later) >= wanted * SLACK:
            continue
        blamed.add(later.number)
        yield Finding(
            "retry-after-ignored",
            "fault",
            f"{later.method} {later.path} came again after {_pause(earlier, later):.2f} s, "
            f"though {wanted:g} s had been asked for",
            (earlier.number, later.number),
        )


def _retry_storm(exchanges: Sequence[Exchange]) -> Iterator[Finding]:
    if not any(_failed(exchange) for exchange in exchanges):
        return
    runs: dict[int, tuple[Exchange, ...]] = {}
    for earlier, later in _repeats(exchanges, _same_request):
        if not _failed(earlier) or _pause(earlier, later) >= STORM_PAUSE:
            continue
        run = (*runs.get(earlier.number, ())[-STORM:], later)
        runs[later.number] = run
        if len(run) == STORM:
            yield Finding(
                "retry-storm",
                "fault",
                f"{later.method} {later.path} was sent again {STORM} times in a row with "
                f"less than {STORM_PAUSE:g} s after each failure",
                tuple(exchange.number for exchange in run),
            )


def _named_no_model(exchanges: Sequence[Exchange]) -> Iterator[Finding]:
    for exchange in exchanges:
        if exchange.model in ("", "None", "null"):
            yield Finding(
                "finished-too-early",
                "fault",
                "a chat request named no model: a job's fine_tuned_model is null until the job "
                "has succeeded",
                (exchange.number,),
            )


def _keys_in_urls(exchanges: Sequence[Exchange]) -> Iterator[Finding]:
    for exchange in exchanges:
        if exchange.key_in_url:
            yield Finding(
                "key-in-url",
                "fault",
                f"{exchange.method} {exchange.path} carried a key in its URL",
                (exchange.number,),
            )


def _same_route(exchange: Exchange) -> tuple[str, ...]:
    return exchange.method, exchange.path, exchange.key


def _same_request(exchange: Exchange) -> tuple[str, ...]:
    return (*_same_route(exchange), exchange.body)


def _repeats(exchanges: Sequence[Exchange], key_of: Key) -> Iterator[tuple[Exchange, Exchange]]:
    """Each exchange with the last one of the same key that was answered before it began.

    Concurrent requests are not repeats.
    """
    open_: dict[tuple[str, ...], list[Exchange]] = defaultdict(list)
    answered: dict[tuple[str, ...], Exchange] = {}
    for exchange in exchanges:
        key = key_of(exchange)
        over = [each for each in open_[key] if _end(each) <= exchange.real]
        if over:
            answered[key] = max(over, key=_end)
            open_[key] = [each for each in open_[key] if _end(each) > exchange.real]
        if key in answered:
            yield answered[key], exchange
        if exchange.answered is not None:
            open_[key].append(exchange)


def _end(exchange: Exchange) -> float:
    return math.inf if exchange.answered is None else exchange.answered


def _since(earlier: Exchange, later: Exchange) -> float:
    """The seconds between a response and a later request."""
    return later.real - _end(earlier)


def _failed(exchange: Exchange) -> bool:
    return exchange.status is None or exchange.status == 429 or exchange.status >= 500


def _pause(earlier: Exchange, later: Exchange) -> float:
    """The seconds between two requests, by the clock that has moved further.

    Moving a manual clock counts as waiting.
    """
    return max(later.real - earlier.real, later.at - earlier.at)
