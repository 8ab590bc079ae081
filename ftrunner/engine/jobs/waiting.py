"""How often, and for how long, ftrunner looks for each kind of object.

Reads lag behind writes: a new object answers 404 for a while, a list lacks its newest items. A
single look never decides about money. All waiting in the engine follows a schedule from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import TypeVar

from ftrunner.api.errors import NotFound
from ftrunner.clock import Clock

T = TypeVar("T")
Schedule = Sequence[float]  # seconds before each look

# What a request with a lost response may have created.
UNCONFIRMED: Schedule = (0.0, 1.0, 2.0, 4.0)
# An object that a list, its creation or the lock file says exists.
RECORD: Schedule = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0)
# The tuned model of a succeeded job: its name, the model itself, its checkpoints.
TUNED_MODEL: Schedule = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
# A deployment or a model that a request may have created; it may be billed by the hour.
RESOURCE: Schedule = RECORD
# A provider refuses a job while it still processes the file.
FILE_TO_BE_READ: Schedule = (2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0, 60.0)
# A model that has just been trained does not answer yet.
MODEL_TO_ANSWER: Schedule = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 30.0)

# Seconds for which the list may lack a job that another process just created.
LIST_LAG = 30.0
# Seconds for which the job of an unconfirmed request may still appear.
LATE_CREATION = 24 * 3600.0

# Polls of a job: often at first, then less often, with jitter.
FIRST = 1.0
FIRST_IN_REHEARSAL = 0.2  # minutes pass in seconds there
LONGEST = 30.0
GROWTH = 1.5
JITTER = 0.1


def delays(random: Random, first: float = FIRST) -> Iterator[float]:
    """Seconds to wait between polls: from `first` up to 30, each with a jitter of 10 %."""
    delay = first
    while True:
        yield delay * random.uniform(1 - JITTER, 1 + JITTER)
        delay = min(delay * GROWTH, LONGEST)


def look(clock: Clock, schedule: Schedule, find: Callable[[], T]) -> T:
    """What `find` returns as soon as it is truthy, or at the last try."""
    for pause in schedule[:-1]:
        clock.sleep(pause)
        if found := find():
            return found
    clock.sleep(schedule[-1])
    return find()


def read(clock: Clock, schedule: Schedule, ask: Callable[[], T]) -> T:
    """What `ask` returns, called again while the provider answers 404. Raises the last NotFound."""
    for pause in schedule[:-1]:
        clock.sleep(pause)
        try:
            return ask()
        except NotFound as error:
            if not may_lag(error):
                raise
    clock.sleep(schedule[-1])
    return ask()


def may_lag(error: NotFound) -> bool:
    """Whether the object may appear later: 410, 405 and 501 are definite."""
    return error.status == 404
