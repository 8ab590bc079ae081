"""How often, and for how long, ftrunner looks for each kind of object.

Reads lag behind writes: a new object answers 404 for a while, a list lacks its newest items. A
single look never decides about money. All waiting in the engine follows the run's `Schedules`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

from ftrunner.api.errors import NotFound
from ftrunner.clock import Clock

T = TypeVar("T")
Schedule = Sequence[float]  # seconds before each look

_GROWTH = 1.5
_JITTER = 0.1


@dataclass(frozen=True, slots=True)
class Schedules:
    """How a run looks and polls; the defaults are for real providers. All in seconds.

    `unconfirmed` is for what a request with a lost response may have created, `resource` for such
    a deployment or model, which may be billed by the hour. `recorded` is for an object that a list,
    its creation or the lock file says exists, `tuned_model` for a succeeded job's model: its name,
    the model itself, its checkpoints. `readable_file` is for a job that a provider refuses while it
    still processes its file, `first_answer` for a model that has just been trained.

    A list may lack for `list_lag` a job that another process just created, and the job of an
    unconfirmed request may appear within `late_creation`. A job is polled after `first_poll`, then
    less and less often, at least every `longest_poll`.
    """

    unconfirmed: Schedule = (0.0, 1.0, 2.0, 4.0)
    resource: Schedule = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0)
    recorded: Schedule = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0)
    tuned_model: Schedule = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
    readable_file: Schedule = (2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0, 60.0)
    first_answer: Schedule = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 30.0)
    list_lag: float = 30.0
    late_creation: float = 24 * 3600.0
    first_poll: float = 1.0
    longest_poll: float = 30.0

    def in_rehearsal(self) -> Schedules:
        """The same where minutes pass in seconds and no other machine uses the provider."""
        return replace(self, first_poll=min(self.first_poll, 0.2), list_lag=0.0)

    def polls(self, random: Random) -> Iterator[float]:
        """Seconds to wait between polls, without end, each with a jitter of 10 %."""
        delay = self.first_poll
        while True:
            yield delay * random.uniform(1 - _JITTER, 1 + _JITTER)
            delay = min(delay * _GROWTH, self.longest_poll)


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
