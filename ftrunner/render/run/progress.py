"""The live line of a run: what it does now, for how long, and how long that may still take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ftrunner import events as e
from ftrunner.clock import Clock
from ftrunner.render.fold import cropped, width
from ftrunner.render.run.loss import called, curve, other_metrics
from ftrunner.text import one_line

_ENDED = ("succeeded", "failed", "cancelled")
_CURVE = 8
_BAR = 20
_SEPARATOR = " · "
_FIRST_WORD, _LONGEST_SILENCE = 60.0, 480.0  # seconds


def brief(seconds: float) -> str:
    """`42s`, `4m12s`, `2h05m` or `3d04h`."""
    whole = max(0, int(seconds))
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if days:
        return f"{days}d{hours % 24:02}h"
    if hours:
        return f"{hours}h{minutes % 60:02}m"
    return f"{minutes}m{whole % 60:02}s" if minutes else f"{whole}s"


def about(seconds: float) -> str:
    """`about 9m left`: no more exact than an estimate is."""
    step = 10 if seconds < 60 else 60
    rounded = max(step, round(seconds / step) * step)
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

    step: float
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

    def add(self, event: e.MetricsReported, now: float) -> None:
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


@dataclass(slots=True)
class _Doing:
    """One activity; `total` is 0 if its end is not known."""

    what: str
    since: float
    done: int = 0
    total: int = 0
    first_done: int = 0
    shown: Callable[[int], str] = str


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
                    *(e.AnswerGiven, e.SetMeasured, e.TestsFinished, e.RunFinished),
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

    def line(self, cells: int) -> str:
        """What the run does now, in at most `cells`; empty if nothing takes time."""
        parts = [part for part in self._parts() if part]
        while len(parts) > 2 and width(_SEPARATOR.join(parts)) > cells:
            del parts[-2]
        return cropped(_SEPARATOR.join(parts), cells)

    def _parts(self) -> Iterator[str | None]:
        """The most important part first, then the last, then the others in their order."""
        doing, now = self._doing, self._clock.monotonic()
        if doing is None:
            return
        yield _counted(doing) if doing.total else f"{doing.what}{self._step()}"
        is_training = doing.what == "training"
        yield self._metric() if is_training else None
        elapsed = now - doing.since
        yield brief(max(elapsed, self._steps.elapsed(now)) if is_training else elapsed)
        left = self._left(doing, now)
        yield about(left) if left is not None and left > 0 else None

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

    def _count(self, what: str, done: int, total: int, shown: Callable[[int], str]) -> None:
        self._begin(what)
        doing = self._doing
        if doing is not None:
            doing.first_done = doing.first_done if doing.total else done
            doing.done, doing.total, doing.shown = done, total, shown

    def _end(self, _event: e.Event) -> None:
        self._doing = None

    def _uploaded(self, event: e.UploadProgressed) -> None:
        self._count(f"uploading {event.split}", event.sent, event.total, _megabytes)

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
        self._count(f"asking {event.set}, {event.who}", event.done, event.total, _number)
        if event.done >= event.total:
            self._doing = None

    def _deployment(self, event: e.DeploymentStatusChanged) -> None:
        self._begin(f"{event.noun} {event.status or 'not visible yet'}")


def _counted(doing: _Doing) -> str:
    """`uploading train ━━━━━───── 12.3/40.0 MB`"""
    full = round(_BAR * min(doing.done / doing.total, 1))
    bar = "━" * full + "─" * (_BAR - full)
    done, total = doing.shown(doing.done), doing.shown(doing.total)
    return f"{doing.what} {bar} {done.removesuffix(' MB')}/{total}"


def _number(number: int) -> str:
    return f"{number:,}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
