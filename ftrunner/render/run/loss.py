"""A job's metrics for people: a line now and then, and the curves at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ftrunner.api.fields import number
from ftrunner.events import MetricsReported
from ftrunner.text import one_line

_BARS = "▁▂▃▄▅▆▇█"
_LINES = 10
_WIDTH = 40
_STEPS = ("step", "global_step", "current_step", "iteration", "total_steps")
_NAMED = frozenset((*_STEPS, "train_loss", "valid_loss"))
_MOST_SHOWN = 6
_NAME = 60  # characters of a metric's name


def is_milestone(event: MetricsReported, shown: int | None) -> bool:
    """Whether this step gets a line: the first, the last, each tenth of the way.

    `shown` is the step of the last line. Without a total every step is one.
    """
    if event.step is None or event.total_steps is None or shown is None:
        return True
    if event.step >= event.total_steps:
        return True
    return event.step - shown >= event.total_steps / _LINES


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


def curve(losses: Sequence[float]) -> str:
    """The losses as one line of bars, at most 40 wide; empty for fewer than two."""
    if len(losses) < 2:
        return ""
    sampled = _sample(losses)
    halves = [loss / 2 for loss in sampled]  # whose differences are never too large for a float
    low, high = min(halves), max(halves)
    span = (high - low) or 1.0
    return "".join(_BARS[round((half - low) / span * (len(_BARS) - 1))] for half in halves)


def _sample(losses: Sequence[float]) -> list[float]:
    if len(losses) <= _WIDTH:
        return list(losses)
    return [losses[i * (len(losses) - 1) // (_WIDTH - 1)] for i in range(_WIDTH)]
