"""Work done by several threads, its results in the order of the work."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_order(act: Callable[[T], R], items: Iterable[T], *, workers: int) -> Iterator[R]:
    """`act` on each item, by so many threads; results come in the items' order.

    The first exception ends it: what was not begun is dropped, what is under way is waited for. At
    most twice as many items as workers are taken ahead, so that a long list needs little memory.
    """
    if workers == 1:
        yield from map(act, items)
        return
    rest = iter(items)
    with ThreadPoolExecutor(workers, thread_name_prefix="ask") as pool:
        under_way: deque[Future[R]] = deque()
        try:
            for item in islice(rest, 2 * workers):
                under_way.append(pool.submit(act, item))
            while under_way:
                result = under_way.popleft().result()
                for item in islice(rest, 1):
                    under_way.append(pool.submit(act, item))
                yield result
        finally:
            for future in under_way:
                future.cancel()
