"""How often, and for how long, the provider is asked for each kind of object.

Reads lag behind writes: a record answers 404 for a while, a list lacks its newest items. One look
never decides what costs money. All waiting in the engine follows a schedule from this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import TypeVar

from ftrunner.api.errors import NotFound
from ftrunner.clock import Clock

T = TypeVar("T")
Schedule = Sequence[float]  # seconds before each look

# What a request may have created whose answer was lost.
UNANSWERED: Schedule = (0.0, 1.0, 2.0, 4.0)
# A record that a list, a creation or the lock file says is there.
RECORD: Schedule = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0)
# The tuned model of a succeeded job: its name on the job, its record, its checkpoints.
TUNED_MODEL: Schedule = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
# A deployment or a model that a request may have created, which is billed by the hour.
RESOURCE: Schedule = RECORD
# The job of a file that the provider still reads is refused.
FILE_TO_BE_READ: Schedule = (2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0, 60.0)
# A model that has just been trained does not answer yet.
MODEL_TO_ANSWER: Schedule = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 30.0)

# Seconds for which the list of jobs may lack one that somebody else has just created.
LIST_LAG = 30.0
# Seconds for which the job of an unanswered request may still come into being.
LATE_CREATION = 24 * 3600.0

# Polls of a job: often at first, then ever less, never in step with others.
FIRST = 1.0
FIRST_IN_REHEARSAL = 0.2  # minutes pass in seconds there
LONGEST = 30.0
GROWTH = 1.5
JITTER = 0.1


def delays(random: Random, first: float = FIRST) -> Iterator[float]:
    """Seconds to wait between polls: `first` growing to 30, each up to a tenth more or less."""
    delay = first
    while True:
        yield delay * random.uniform(1 - JITTER, 1 + JITTER)
        delay = min(delay * GROWTH, LONGEST)


def look(clock: Clock, schedule: Schedule, find: Callable[[], T]) -> T:
    """What `find` finds at the first look that finds anything, else what the last look says."""
    for pause in schedule[:-1]:
        clock.sleep(pause)
        if found := find():
            return found
    clock.sleep(schedule[-1])
    return find()


def read(clock: Clock, schedule: Schedule, ask: Callable[[], T]) -> T:
    """What `ask` returns, asked again while the provider answers 404. Raises the last NotFound."""
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
    """Whether the object may show up later: 410, 405 and 501 are definite."""
    return error.status == 404
