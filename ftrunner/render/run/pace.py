"""How long things take: durations in a few characters, the pace of training, words now and then."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from ftrunner.events import MetricsReported
from ftrunner.render.run.loss import other_metrics

_LONGEST = 1e9  # seconds; a provider's times may be any numbers
_FIRST_WORD, _LONGEST_SILENCE = 60.0, 480.0  # seconds


def brief(seconds: float) -> str:
    """`42s`, `4m12s`, `2h05m` or `3d04h`."""
    whole = int(min(max(seconds, 0), _LONGEST)) if math.isfinite(seconds) else 0
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if days:
        return f"{days}d{hours % 24:02}h"
    if hours:
        return f"{hours}h{minutes % 60:02}m"
    return f"{minutes}m{whole % 60:02}s" if minutes else f"{whole}s"


def about(seconds: float) -> str:
    """`about 9m left`: no more exact than an estimate is."""
    step = 10 if seconds < 60 else 60
    rounded = max(step, round(min(seconds, _LONGEST) / step) * step)
    return f"about {brief(rounded).replace('m00s', 'm')} left"


class NowAndThen:
    """When another word about something slow is due: after a minute, then ever less often."""

    def __init__(self) -> None:
        self._last, self._next = 0.0, _FIRST_WORD

    def is_due(self, seconds: float) -> bool:
        """Whether one is due `seconds` into it; fewer seconds than before are another wait."""
        if seconds < self._last:
            self._next = _FIRST_WORD
        self._last = seconds
        if seconds < self._next:
            return False
        self._next = seconds + min(seconds, _LONGEST_SILENCE)
        return True


class Point(NamedTuple):
    """A training step, when it arrived here and when the provider says that it was."""

    step: int
    arrived: float
    stamped: float | None


@dataclass(slots=True)
class Steps:
    """The training steps seen: how far they are, and at which pace."""

    total: int | None = None
    metric: str | None = None
    values: list[float] = field(default_factory=list)
    first: Point | None = None
    last: Point | None = None

    def add(self, event: MetricsReported, now: float) -> None:
        """Take in a step; one before the last one begins another count."""
        self.total = event.total_steps or self.total
        losses = {} if event.train_loss is None else {"loss": event.train_loss}
        series = {**losses, **other_metrics(event)}
        self.metric = self.metric or next(iter(series), None)
        if self.metric in series:
            self.values.append(series[self.metric])
        if event.step is None:
            return
        point = Point(event.step, now, event.created_at)
        if self.first is None or self.last is None or event.step < self.last.step:
            self.first = point
        self.last = point

    def span(self) -> float:
        """Seconds from the first step to the last, by the provider's clock if it says."""
        if self.first is None or self.last is None:
            return 0.0
        if self.first.stamped is None or self.last.stamped is None:
            return self.last.arrived - self.first.arrived
        return max(self.last.stamped - self.first.stamped, 0.0)

    def elapsed(self, now: float) -> float:
        """Seconds since the first step, which may be older than this process."""
        return self.span() + (now - self.last.arrived if self.last else 0.0)

    def left(self, now: float) -> float | None:
        """Seconds to the last step at the pace so far; None if that is not known."""
        if self.first is None or self.last is None or not self.total:
            return None
        done = self.last.step - self.first.step
        if done <= 0 or self.span() <= 0:
            return None
        return (self.total - self.last.step) * self.span() / done - (now - self.last.arrived)
