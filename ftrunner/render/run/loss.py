"""The training loss as a person follows it: a line now and then, and the curve at the end."""

from __future__ import annotations

from collections.abc import Sequence

from ftrunner.events import MetricsReported

_BARS = "▁▂▃▄▅▆▇█"
_LINES = 10
_WIDTH = 40


def is_milestone(event: MetricsReported, shown: int | None) -> bool:
    """Whether this step deserves a line of its own: the first, the last, each tenth of the way.

    `shown` is the step of the last line. Without a total every step is one.
    """
    if event.step is None or event.total_steps is None or shown is None:
        return True
    if event.step >= event.total_steps:
        return True
    return event.step - shown >= event.total_steps / _LINES


def describe(event: MetricsReported) -> str:
    """`step 30/100  loss 1.2031  validation 1.3310`."""
    of_total = f"/{event.total_steps}" if event.total_steps else ""
    parts = [f"step {event.step}{of_total}" if event.step is not None else "metrics"]
    if event.train_loss is not None:
        parts.append(f"loss {event.train_loss:.4f}")
    if event.valid_loss is not None:
        parts.append(f"validation {event.valid_loss:.4f}")
    return "  ".join(parts)


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
