"""A job's training steps for people: a line now and then, curves at the end, and the pace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ftrunner.api.fields import number
from ftrunner.events import MetricsReported
from ftrunner.text import one_line

_BARS = "▁▂▃▄▅▆▇█"
_LINES = 10
_STEPS = ("step", "global_step", "current_step", "iteration", "total_steps")
_NAMED = frozenset((*_STEPS, "train_loss", "valid_loss"))
_MOST_SHOWN = 6
_NAME = 60  # characters of a metric's name


class Milestones:
    """Which training steps get a line: about ten, however many a provider reports."""

    def __init__(self) -> None:
        self._seen = 0
        self._shown: int | None = None
        self._next = 1.0

    def is_one(self, event: MetricsReported) -> bool:
        """With a total: the first, the last, each tenth of the way. Else ever fewer of them."""
        self._seen += 1
        if event.step is None or not event.total_steps:
            return self._is_next(self._seen)
        shown, total = self._shown, event.total_steps
        is_due = shown is None or event.step < shown or event.step - shown >= total / _LINES
        if is_due or event.step >= total:
            self._shown = event.step
        return self._shown == event.step

    def _is_next(self, number: int) -> bool:
        if number < self._next:
            return False
        self._next = number * 1.5
        return True


def describe(event: MetricsReported) -> str:
    """`step 30/100  loss 1.2031  validation 1.3310`, and then every other metric by its name."""
    of_total = f"/{event.total_steps}" if event.total_steps else ""
    parts = [f"step {event.step}{of_total}" if event.step is not None else "metrics"]
    if event.train_loss is not None:
        parts.append(f"loss {event.train_loss:.4f}")
    if event.valid_loss is not None:
        parts.append(f"validation {event.valid_loss:.4f}")
    others = list(other_metrics(event).items())[:_MOST_SHOWN]
    parts.extend(f"{called(name)} {value:.4g}" for name, value in others)
    return "  ".join(parts)


def called(metric: str) -> str:
    """The provider's name for a metric, in words."""
    return one_line(metric.replace("_", " "), bound=_NAME)


def other_metrics(event: MetricsReported) -> dict[str, float]:
    """The numbers beside the step and the losses, those of an inner mapping as `train.reward`.
    Accuracies say what a loss says: they are left out beside one.
    """
    metrics = dict(_flat(event.metrics))
    names = [name for name in metrics if name not in _NAMED]
    if event.train_loss is not None:
        names = [name for name in names if "accuracy" not in name]
    numbers = {name: number(metrics, name) for name in names}
    return {name: value for name, value in numbers.items() if value is not None}


def _flat(metrics: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", number) for inner, number in value.items())
        else:
            yield name, value


def curve(losses: Sequence[float], *, cells: int = 40) -> str:
    """The losses as one line of bars, at most `cells` wide; empty for fewer than two."""
    if len(losses) < 2:
        return ""
    sampled = _sample(losses, cells)
    halves = [loss / 2 for loss in sampled]  # whose differences are never too large for a float
    low, high = min(halves), max(halves)
    span = (high - low) or 1.0
    return "".join(_BARS[round((half - low) / span * (len(_BARS) - 1))] for half in halves)


def _sample(losses: Sequence[float], cells: int) -> list[float]:
    if len(losses) <= cells:
        return list(losses)
    return [losses[i * (len(losses) - 1) // (cells - 1)] for i in range(cells)]


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
