"""The live line of a run: what it does now, for how long, and how long that may still take."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ftrunner import events as e
from ftrunner.clock import Clock
from ftrunner.render.fold import cropped, width
from ftrunner.render.run.training import Steps, called, curve
from ftrunner.text import one_line

_ENDED = ("succeeded", "failed", "cancelled")
_CURVE = 8
_BAR = 20
_SEPARATOR = " · "
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


@dataclass(slots=True)
class _Doing:
    """One activity; `total` is 0 if its end is not known."""

    what: str
    since: float
    done: int = 0
    total: int = 0
    first_done: int = 0
    in_bytes: bool = False


class Progress:
    """Takes the events of a run, and says in a line what the run does now."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._doing: _Doing | None = None
        self._steps = Steps()
        self._finish: float | None = None
        self._takes: dict[type[e.Event], Callable[[Any], None]] = {
            e.UploadProgressed: self._uploaded,
            e.FileProcessing: lambda event: self._begin(f"processing {event.file_id}"),
            e.JobCreated: self._another_job,
            e.JobAdopted: self._another_job,
            e.JobStatusChanged: self._job_status,
            e.MetricsReported: lambda event: self._steps.add(event, self._clock.monotonic()),
            e.StillWaiting: self._still_waiting,
            e.DeploymentCreated: lambda event: self._begin(f"{event.noun} starting"),
            e.DeploymentStatusChanged: self._deployment,
            e.AskingProgressed: self._asked,
            e.ModelNotReady: lambda _: self._begin("waiting for the model to answer"),
            **dict.fromkeys(
                (
                    *(e.FileUploaded, e.StepStarted, e.JobSucceeded, e.JobLeftRunning),
                    *(e.SetMeasured, e.TestsFinished, e.RunFinished),
                ),
                self._end,
            ),
        }

    def __call__(self, event: e.Event) -> None:
        take = self._takes.get(type(event))
        if take:
            take(event)

    @property
    def is_active(self) -> bool:
        """Whether there is something that takes time."""
        return self._doing is not None

    @property
    def step(self) -> tuple[int, int | None] | None:
        """The last training step, and of how many, if there was one."""
        return (self._steps.last.step, self._steps.total) if self._steps.last else None

    @property
    def metric(self) -> tuple[str, float] | None:
        """The loss, or the provider's first metric, and its last value."""
        steps = self._steps
        return (steps.metric, steps.values[-1]) if steps.metric and steps.values else None

    @property
    def seconds_left(self) -> float | None:
        """How long what the run does now may still take, if that can be said."""
        left = self._left(self._doing, self._clock.monotonic()) if self._doing else None
        return left if left is not None and left > 0 else None

    def summary(self, cells: int) -> str:
        """The line, or how training went if it is over; empty if nothing is known."""
        values = self._steps.values
        if self._doing or not values or not self.step:
            return self.line(cells)
        went = f"{called(self._steps.metric or '')} {values[0]:.3g} → {values[-1]:.3g}"
        return cropped(f"{went} {curve(values, cells=_CURVE)} in {self.step[0]:,} steps", cells)

    def line(self, cells: int) -> str:
        """What the run does now, in at most `cells`; empty if nothing takes time."""
        parts = [part for part in self._parts() if part]
        while len(parts) > 2 and width(_SEPARATOR.join(parts)) > cells:
            del parts[1]
        return cropped(_SEPARATOR.join(parts), cells)

    def _parts(self) -> Iterator[str | None]:
        """What it does and how far it is, the metric, how long already, how long still."""
        doing, now = self._doing, self._clock.monotonic()
        if doing is None:
            return
        yield _counted(doing) if doing.total else f"{doing.what}{self._step()}"
        is_training = doing.what == "training"
        yield self._metric() if is_training else None
        elapsed = now - doing.since
        yield brief(max(elapsed, self._steps.elapsed(now)) if is_training else elapsed)
        left = self.seconds_left
        yield None if left is None else about(left)

    def _step(self) -> str:
        last = self._steps.last
        if last is None or self._doing is None or self._doing.what != "training":
            return ""
        return f" {last.step}/{self._steps.total}" if self._steps.total else f" step {last.step}"

    def _metric(self) -> str | None:
        if not self._steps.values or self._steps.metric is None:
            return None
        value = f"{called(self._steps.metric)} {self._steps.values[-1]:.3g}"
        return f"{value} {curve(self._steps.values, cells=_CURVE)}".rstrip()

    def _left(self, doing: _Doing, now: float) -> float | None:
        """Seconds left: of what is counted, by the provider's estimate, or by the pace seen."""
        if doing.total:
            done = doing.done - doing.first_done
            elapsed = now - doing.since
            return (doing.total - doing.done) * elapsed / done if done and elapsed > 1 else None
        if self._finish is not None and self._finish > self._clock.now():
            return self._finish - self._clock.now()
        return self._steps.left(now) if doing.what == "training" else None

    def _begin(self, what: str) -> None:
        """`what` may hold a provider's words."""
        what = one_line(what)
        if self._doing is None or self._doing.what != what:
            self._doing = _Doing(what, self._clock.monotonic())

    def _count(self, what: str, done: int, total: int, *, in_bytes: bool = False) -> None:
        self._begin(what)
        doing = self._doing
        if doing is not None:
            doing.first_done = doing.first_done if doing.total else done
            doing.done, doing.total, doing.in_bytes = done, total, in_bytes

    def _end(self, _event: e.Event) -> None:
        self._doing = None

    def _uploaded(self, event: e.UploadProgressed) -> None:
        self._count(f"uploading {event.split}", event.sent, event.total, in_bytes=True)

    def _another_job(self, _event: e.Event) -> None:
        self._steps = Steps()

    def _job_status(self, event: e.JobStatusChanged) -> None:
        self._finish = event.estimated_finish
        if event.state in _ENDED:
            self._doing = None
        elif event.status.lower() == "running":
            self._begin("training")
        else:
            self._begin(event.status.replace("_", " "))

    def _still_waiting(self, event: e.StillWaiting) -> None:
        self._finish = event.estimated_finish

    def _asked(self, event: e.AskingProgressed) -> None:
        self._count(f"asking {event.set}, {event.who}", event.done, event.total)
        if event.done >= event.total:
            self._doing = None

    def _deployment(self, event: e.DeploymentStatusChanged) -> None:
        self._begin(f"{event.noun} {event.status or 'not visible yet'}")


def _counted(doing: _Doing) -> str:
    """`uploading train ━━━━━───── 12.3/40.0 MB`"""
    full = round(_BAR * min(doing.done / doing.total, 1))
    bar = "━" * full + "─" * (_BAR - full)
    return f"{doing.what} {bar} {_of_total(doing)}"


def _of_total(doing: _Doing) -> str:
    """`31/120`, `12.3/40.0 MB` or `0.4/1.7 kB`."""
    if not doing.in_bytes:
        return f"{doing.done:,}/{doing.total:,}"
    unit, size = ("MB", 1e6) if doing.total >= 1e6 else ("kB", 1e3)
    return f"{doing.done / size:.1f}/{doing.total / size:.1f} {unit}"


def replayed(seen: Iterable[tuple[float, e.Event]], now: float) -> Progress:
    """What a log says of a run: its events, each with its time in Unix seconds, as of `now`."""
    clock = _At()
    progress = Progress(clock)
    for clock.time, event in seen:
        progress(event)
    clock.time = max(now, clock.time)
    return progress


class _At:
    """The clock of a log."""

    time = 0.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    def sleep(self, _seconds: float) -> None:
        """Nothing waits for what is over."""
