"""Threads side by side, and how fast they may go."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count

import pytest

from ftrunner.evaluation.pace import Pace, in_order
from tests.unit.api.fakes import FakeClock


def test_what_is_known_takes_no_thread_and_keeps_its_place() -> None:
    here = threading.get_ident()

    def act(n: int) -> tuple[int, bool]:
        return n, threading.get_ident() == here

    def known(n: int) -> tuple[int, bool] | None:
        return (n, threading.get_ident() == here) if n % 3 else None

    found = list(in_order(act, range(30), workers=4, known=known))

    assert found == [(n, n % 3 > 0) for n in range(30)]


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_results_come_in_the_order_of_the_work(workers: int) -> None:
    assert list(in_order(lambda n: n * n, range(50), workers=workers)) == [n * n for n in range(50)]


def test_so_many_work_at_a_time_and_no_more() -> None:
    together = threading.Barrier(4)
    at_once, most, lock = count(), [0], threading.Lock()
    running = [0]

    def act(n: int) -> int:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        if next(at_once) < 4:
            together.wait(10)
        with lock:
            running[0] -= 1
        return n

    assert list(in_order(act, range(20), workers=4)) == list(range(20))
    assert most[0] == 4


def test_the_first_failure_ends_it_and_drops_what_was_not_begun() -> None:
    begun: list[int] = []

    def act(n: int) -> int:
        begun.append(n)
        if n == 3:
            raise ValueError(n)
        return n

    results = in_order(act, range(1000), workers=2)
    with pytest.raises(ValueError, match="3"):
        list(results)
    assert len(begun) < 12


def test_a_long_list_is_not_read_ahead() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for n in range(1000):
            taken.append(n)
            yield n

    results = in_order(lambda n: n, items(), workers=2)
    next(results)
    assert len(taken) <= 6


def test_so_many_requests_a_minute() -> None:
    clock = FakeClock()
    pace = Pace(clock, requests=3, tokens=None)
    started = clock.monotonic()
    sent = []
    for _ in range(7):
        pace.wait()
        sent.append(round(clock.monotonic() - started))

    assert sent == [0, 0, 0, 60, 60, 60, 120]


def test_so_many_tokens_a_minute() -> None:
    clock = FakeClock()
    pace = Pace(clock, requests=None, tokens=100)
    started = clock.monotonic()
    sent = []
    for _ in range(4):
        pace.wait()
        sent.append(round(clock.monotonic() - started))
        pace.used(60)

    assert sent == [0, 0, 60, 60]


def test_without_limits_there_is_no_wait() -> None:
    clock = FakeClock()
    pace = Pace(clock, requests=None, tokens=None)
    started = clock.monotonic()
    for _ in range(1000):
        pace.wait()
        pace.used(10**6)

    assert clock.monotonic() == started
