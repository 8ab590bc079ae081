"""How questions go out: several at a time, and no faster than an account allows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from threading import Lock
from typing import TypeVar

from ftrunner.clock import Clock

_MINUTE = 60.0


class Pace:
    """A sliding minute of requests and tokens. Without limits it never waits."""

    def __init__(self, clock: Clock, *, requests: int | None, tokens: int | None) -> None:
        self._clock = clock
        self._requests = requests
        self._tokens = tokens
        self._sent: deque[float] = deque()
        self._used: deque[tuple[float, int]] = deque()
        self._lock = Lock()

    def wait(self) -> None:
        """Return when another request may be sent; it counts from then on."""
        while True:
            with self._lock:
                pause = self._pause()
                if pause <= 0:
                    self._sent.append(self._clock.monotonic())
                    return
            self._clock.sleep(pause)

    def used(self, tokens: int | None) -> None:
        """Count the tokens of an answer, prompt and completion."""
        if tokens and self._tokens:
            with self._lock:
                self._used.append((self._clock.monotonic(), tokens))

    def _pause(self) -> float:
        now = self._clock.monotonic()
        while self._sent and self._sent[0] <= now - _MINUTE:
            self._sent.popleft()
        while self._used and self._used[0][0] <= now - _MINUTE:
            self._used.popleft()
        pauses = [0.0]
        if self._requests and len(self._sent) >= self._requests:
            pauses.append(self._sent[0] + _MINUTE - now)
        if self._tokens and sum(tokens for _, tokens in self._used) >= self._tokens:
            pauses.append(self._used[0][0] + _MINUTE - now)
        return max(pauses)


T = TypeVar("T")
R = TypeVar("R")


def in_order(
    act: Callable[[T], R],
    items: Iterable[T],
    *,
    workers: int,
    known: Callable[[T], R | None] = lambda _: None,
) -> Iterator[R]:
    """`act` on each item, by so many threads; results come in the items' order.

    What is `known` of an item without acting takes no thread. The first exception ends it: what was
    not begun is dropped, what is under way is waited for. At most twice as many items as workers
    are taken ahead, so that a long list needs little memory.
    """
    if workers == 1:
        yield from map(act, items)
        return
    rest = iter(items)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="ask")

    def begin(item: T) -> Callable[[], R]:
        result = known(item)
        return pool.submit(act, item).result if result is None else lambda: result

    try:
        under_way = deque(begin(item) for item in islice(rest, 2 * workers))
        while under_way:
            result = under_way.popleft()()
            under_way.extend(begin(item) for item in islice(rest, 1))
            yield result
    finally:
        pool.shutdown(cancel_futures=True)
