"""Intent, act, outcome: the one way in which anything is created at a provider.

What is about to be asked for is on disk before the request. Where the answer is lost, the provider
is asked what became of it; only after a definite "not there" is it asked for again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ftrunner.api.errors import ApiError
from ftrunner.engine.context import Run
from ftrunner.events import RequestUnconfirmed

ATTEMPTS = 3
T = TypeVar("T")


def create(
    run: Run,
    what: str,
    *,
    announce: Callable[[], None],
    act: Callable[[], T],
    look: Callable[[], T | None],
    withdraw: Callable[[], None],
) -> T:
    """What `act` created, or `look` found after an answer was lost.

    `announce` records the intent and `withdraw` takes it back, certain that nothing was done.
    `act` and `look` record what they come to; `look` has None for a definite "not there".
    Raises the last ApiError of `act`, and what `look` raises where nobody can tell.
    """
    for attempt in range(1, ATTEMPTS + 1):
        announce()
        try:
            return act()
        except ApiError as error:
            if error.nothing_was_done:
                withdraw()
                raise
            run.emit(RequestUnconfirmed(what, error.message))
            if (found := look()) is not None:
                return found
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable: the last attempt returns or raises")
