from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.faults.limiter import Limiter, duration
from mockserver.faults.scenario import Limit


def limiter(a_minute: int = 60, burst: int = 1) -> Limiter:
    return Limiter(Limit(requests_per_minute=a_minute, burst=burst), "limit", None)


def test_a_burst_goes_through_and_the_rest_is_asked_to_wait() -> None:
    limit = limiter(a_minute=30, burst=3)

    answers = [limit.admit("key", 0.0, 0.0) for _ in range(4)]
    refusal, headers = answers[3]

    assert [action is None for action, _ in answers] == [True, True, True, False]
    assert [headers["x-ratelimit-remaining-requests"] for _, headers in answers] == list("2100")
    assert headers["x-ratelimit-limit-requests"] == "30"
    assert headers["x-ratelimit-reset-requests"] == "6s"
    assert refusal is not None
    assert refusal.headers == {"retry-after": "2", "retry-after-ms": "2000"}
    assert "Please try again in 2s." in refusal.body["error"]["message"]


@given(
    a_minute=st.integers(1, 6000),
    burst=st.integers(1, 20),
    pauses=st.lists(st.floats(0, 5), max_size=60),
)
def test_who_waits_as_asked_is_let_through(a_minute: int, burst: int, pauses: list[float]) -> None:
    limit, now, admitted = limiter(a_minute, burst), 100.0, 0
    for pause in pauses:
        now += pause
        refusal, _ = limit.admit("key", now, 0.0)
        if refusal is not None:
            now += float(refusal.headers["retry-after-ms"]) / 1000
            refusal, _ = limit.admit("key", now, 0.0)
        assert refusal is None
        admitted += 1

    assert admitted <= burst + (now - 100.0) * a_minute / 60 + 1e-6


def test_each_key_has_its_own_limit() -> None:
    limit = limiter()

    assert [limit.admit(key, 0.0, 0.0)[0] is None for key in "aab"] == [True, False, True]


def test_a_manual_clock_counts_as_waiting() -> None:
    limit = limiter()
    limit.admit("key", 10.0, 1000.0)

    assert limit.admit("key", 10.001, 1002.0)[0] is None
    assert limit.admit("key", 10.002, 1002.0)[0] is not None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.008, "8ms"), (1, "1s"), (1.2, "1.2s"), (20, "20s"), (360, "6m0s")],
)
def test_durations_are_written_as_the_service_does(seconds: float, text: str) -> None:
    assert duration(seconds) == text
