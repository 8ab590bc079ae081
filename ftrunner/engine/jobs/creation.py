"""Intent, act, outcome: the only way in which ftrunner creates anything at a provider.

The intent is on disk before the request. If the response is lost, ftrunner looks for the result at
the provider, and repeats the request only after a definite "not there".
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
    """What `act` created, or what `look` found after a lost response.

    `announce` records the intent; `withdraw` removes it when nothing was created for certain.
    `act` and `look` record their outcome; `look` returns None for a definite "not there".
    Raises the last ApiError of `act`, and what `look` raises if the outcome stays unknown.
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
