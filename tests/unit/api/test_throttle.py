"""A provider that refuses requests for coming too fast is asked as fast as it allows."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from random import Random

import pytest

from ftrunner.api.http.exchange import Response
from ftrunner.api.http.throttle import Pace, Throttle
from mockserver.faults.limiter import Limiter
from mockserver.faults.scenario import Limit
from tests.unit.api.fakes import FakeClock

OK = Response(200, {}, b"")
WORKERS = 16


@dataclass
class Tried:
    """What became of a run: how long it took, and how often it was refused."""

    seconds: float
    answered: int
    refused: int
    most_refusals: int
    longest_storm: int


@dataclass(frozen=True)
class Account:
    """A limit, and how the provider words a refusal."""

    a_minute: int
    burst: int = 1
    latency: float = 0.5
    header: str = "retry-after-ms"
    names_limit: bool = False

    def asked(self, refusal: dict[str, str]) -> float:
        scale = 1000 if self.header.endswith("-ms") else 1
        return float(refusal.get(self.header, "0")) / scale


def tried(account: Account, requests: int, seed: int = 0) -> Tried:
    """So many requests of 16 workers, in virtual time, without sleeping."""
    chance, pace = Random(seed), Pace()
    limiter = Limiter(Limit(account.a_minute, burst=account.burst), "limit", None)
    waiting = [(chance.uniform(0, 0.002), 0) for _ in range(WORKERS)]  # when, refused how often
    answers: list[tuple[float, float, float | None, int]] = []  # when, sent, asked, refused
    done = Tried(0, 0, 0, 0, 0)
    storm = 0
    while done.answered < requests:
        heapq.heapify(waiting)
        turn = max(waiting[0][0], pace.turn()) if waiting else math.inf
        if answers and answers[0][0] <= turn:
            now, sent, asked, refused = heapq.heappop(answers)
            if asked is None:
                pace.answered()
                done.answered, done.seconds, storm = done.answered + 1, now, 0
                heapq.heappush(waiting, (now, 0))
                continue
            pace.refused(sent, now, asked, account.a_minute if account.names_limit else None)
            done.refused, storm = done.refused + 1, storm + 1
            done.most_refusals = max(done.most_refusals, refused + 1)
            done.longest_storm = max(done.longest_storm, storm)
            again = now + asked + chance.uniform(0, min(0.5, asked or 0.5) * 2**refused)
            heapq.heappush(waiting, (again, refused + 1))
            continue
        _, refused = heapq.heappop(waiting)
        pace.sent(turn)
        there = turn + chance.uniform(0.0005, 0.0015)
        refusal, _ = limiter.admit("key", there, 0.0)
        if refusal is None:
            took = account.latency * chance.uniform(0.7, 1.3)
            heapq.heappush(answers, (there + took, turn, None, 0))
        else:
            asked = account.asked(dict(refusal.headers))
            heapq.heappush(answers, (there + 0.001, turn, asked, refused))
    return done


@pytest.mark.parametrize(
    "account",
    [
        Account(20, latency=3),
        Account(60),
        Account(60, names_limit=True),
        Account(60, burst=60, header="retry-after"),
        Account(600, burst=10, header="none"),
        Account(600, latency=0.005),
        Account(1_200, burst=10, header="retry-after"),
        Account(3_000, latency=0.005),
        Account(3_000, burst=10, latency=0.005, header="retry-after"),
        Account(12_000, latency=0.005, names_limit=True),
        Account(60_000, burst=1_000, latency=0.005),
    ],
    ids=str,
)
def test_a_limited_account_is_used_and_hardly_ever_refuses(account: Account) -> None:
    requests = 1_500 + account.burst
    for seed in range(2):
        done = tried(account, requests, seed)
        demand = done.answered / WORKERS * account.latency
        possible = max((done.answered - account.burst) / account.a_minute * 60, demand)

        assert possible / done.seconds >= 0.7
        assert done.refused <= WORKERS + 0.05 * requests
        assert done.longest_storm <= WORKERS
        assert done.most_refusals < 5  # more tries than that has no request


def _refused(header: str = "retry-after", value: str = "2", status: int = 429) -> Response:
    return Response(status, {header: value}, b"")


def _sent(throttle: Throttle, clock: FakeClock, *answers: Response) -> list[float]:
    """When each request went out, in seconds since the first."""
    started, sent = clock.monotonic(), []
    for answer in answers:
        sent.append(throttle.wait())
        throttle.observe(answer, sent[-1])
    return [moment - started for moment in sent]


def test_every_request_waits_as_long_as_the_provider_asks() -> None:
    clock = FakeClock()

    first, second, third = _sent(Throttle(clock), clock, _refused(), OK, OK)

    assert second - first == pytest.approx(2)
    assert 0 < third - second < 0.1


def test_without_a_refusal_nothing_waits() -> None:
    clock = FakeClock()

    assert _sent(Throttle(clock), clock, *[OK] * 100)[-1] == 0
    assert clock.slept == []


@pytest.mark.parametrize(("status", "headers"), [(503, {}), (500, {}), (404, {"retry-after": "9"})])
def test_other_failures_slow_nothing_down(status: int, headers: dict[str, str]) -> None:
    clock = FakeClock()

    assert _sent(Throttle(clock), clock, Response(status, headers, b""), OK, OK)[-1] == 0


def test_the_gap_shrinks_to_next_to_nothing() -> None:
    clock = FakeClock()
    sent = _sent(Throttle(clock), clock, *[_refused()] * 3, *[OK] * 60)

    assert sent[-1] - sent[-2] < 0.001


def test_a_storm_of_refusals_is_over_as_soon_as_it_came() -> None:
    """Eight refusals one after the other: the next sixty requests take no minute."""
    pace, now = Pace(), 0.0
    for _ in range(8):
        pace.sent(now)
        pace.refused(now, now + 0.01, 1.0, None)
        now = pace.turn()
    calm = now
    for _ in range(60):
        now = pace.turn()
        pace.sent(now)
        pace.answered()

    assert now - calm < 20


def test_an_endless_wait_is_bounded() -> None:
    clock = FakeClock()

    sent = _sent(Throttle(clock), clock, _refused(value="86400"), OK)

    assert sent[1] == pytest.approx(60)


def test_refusals_of_requests_under_way_together_slow_the_pace_once() -> None:
    one, many = Pace(), Pace()
    one.refused(0, 1, 0.5, None)
    for n in range(16):
        many.refused(n / 100, 1 + n / 100, 0.5, None)

    assert many.gap == one.gap


def test_the_limit_that_the_provider_names_is_the_pace() -> None:
    clock = FakeClock()
    headers = {"retry-after-ms": "100", "x-ratelimit-limit-requests": "60"}
    sent = _sent(Throttle(clock), clock, Response(429, headers, b""), OK, OK)

    assert 1 < sent[-1] - sent[-2] < 1.1
