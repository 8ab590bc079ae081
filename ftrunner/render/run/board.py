"""Several runs at once for people: one line of progress each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self, TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ftrunner import events as e
from ftrunner.clock import Clock, SystemClock
from ftrunner.render.fold import width
from ftrunner.render.run.live import console_of
from ftrunner.render.run.notices import notices_for_people, retrying
from ftrunner.render.run.progress import NowAndThen, Progress, brief
from ftrunner.render.run.terminal import Terminal
from ftrunner.render.run.training import describe
from ftrunner.text import escaped, one_line

_LINE = 90  # cells
_ENDS = {
    "nothing_to_do": "nothing to do",
    "done": "done",
    "tests_failed": "tests failed",
    "not_enough_evidence": "not enough evidence",
}


@dataclass(slots=True)
class _Lane:
    """What is known of one run."""

    progress: Progress
    words: NowAndThen = field(default_factory=NowAndThen)
    latest: str = ""
    more: list[e.Event] = field(default_factory=list)
    ended: str = "not finished"
    model: str = ""
    began: float | None = None
    last: float = 0.0

    def note(self, event: e.Event, now: float) -> None:
        """Keep what is shown when all runs have ended."""
        self.began, self.last = now if self.began is None else self.began, now
        if _needs_more(event):
            self.more.append(event)
        if isinstance(event, e.RunFinished):
            self.ended, self.model = _ENDS.get(event.outcome, event.outcome), event.model or ""
        if isinstance(event, e.Noted) and event.level == "error":
            self.ended = one_line(event.message)

    def row(self) -> tuple[str, str, str]:
        """How it ended, its model, and how long it took."""
        took = "" if self.began is None else brief(self.last - self.began)
        return self.ended, one_line(self.model), took


@contextmanager
def several_runs(
    stream: TextIO, clock: Clock, specs: Sequence[Path]
) -> Iterator[Callable[[Path], e.Emit]]:
    """A board on `stream` with a line for each spec."""
    labels = {spec: escaped(str(spec)) for spec in specs}
    with Board(console_of(stream), list(labels.values()), clock) as board:
        yield lambda spec: board.lane(labels[spec])


class Board:
    """One line per run, updated on a terminal; elsewhere a line for each change.

    When all have ended, the findings and failed answers of each run follow, and a table.
    """

    def __init__(self, console: Console, labels: Sequence[str], clock: Clock | None = None) -> None:
        self._console = console
        self._clock = clock or SystemClock()
        self._lanes = {label: _Lane(Progress(self._clock)) for label in labels}
        self._width = max(map(width, labels), default=0)
        self._lock = Lock()
        is_live = console.is_terminal and not console.is_dumb_terminal
        self._live = (
            Live(
                console=console,
                get_renderable=self._drawn,
                refresh_per_second=2,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            if is_live
            else None
        )

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()
        if kind is None:
            self._show_details()
            self._show_table()

    def lane(self, label: str) -> e.Emit:
        """The renderer for the events of the run `label`."""
        lane = self._lanes[label]

        def show(event: e.Event) -> None:
            with self._lock:
                lane.progress(event)
                lane.note(event, self._clock.monotonic())
                if shown := self._shown(lane, event):
                    self._update(label, lane, shown)

        return show

    def _shown(self, lane: _Lane, event: e.Event) -> str | None:
        """The event in a few words, if it changes the line; without a live line, seldom."""
        if self._live is None and isinstance(event, e.MetricsReported):
            return None
        if isinstance(event, e.StillWaiting):
            return lane.progress.line(_LINE) if lane.words.is_due(event.seconds) else None
        return headline(event)

    def _update(self, label: str, lane: _Lane, shown: str) -> None:
        lane.latest = shown
        if self._live is None:
            self._print(f"{label}{' ' * (self._width - width(label))}  {shown}")
        else:
            self._live.refresh()

    def _drawn(self) -> Table:
        """A line for each run: what it does now, else what it did last."""
        table = Table.grid(padding=(0, 2))
        for label, lane in self._lanes.items():
            doing = lane.progress.line(_LINE)
            table.add_row(
                Text(label), Text(doing or lane.latest, overflow="ellipsis", no_wrap=True)
            )
        return table

    def _show_details(self) -> None:
        """The events that do not fit into a line, in full, run by run."""
        terminal = Terminal(self._console, self._clock)
        for label, lane in self._lanes.items():
            if lane.more:
                self._print(f"{label}:")
            for event in lane.more:
                terminal(event)

    def _show_table(self) -> None:
        """How each run ended, its model, and how long it took."""
        rows = [(label, *lane.row()) for label, lane in self._lanes.items()]
        widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (
                cell + " " * (room - width(cell)) for cell, room in zip(row, widths, strict=True)
            )
            self._print("  ".join(cells).rstrip())

    def _print(self, line: str) -> None:
        self._console.print(Text(line), soft_wrap=True)


def headline(event: e.Event) -> str | None:
    """The event in a few words; None for what needs none."""
    if short := _HEADLINES.get(type(event)):
        return one_line(short(event))
    shown = notices_for_people(event)
    return one_line(shown[-1].text) if shown else None


def _needs_more(event: e.Event) -> bool:
    """Whether the event is shown in full at the end."""
    if isinstance(event, e.AnswerGiven):
        return not event.passed
    if isinstance(event, e.GateJudged):
        return event.result in ("failed", "undecided")
    return isinstance(event, e.FindingsReported | e.SetMeasured | e.SetCompared)


def _finished(event: e.RunFinished) -> str:
    return f"{_ENDS.get(event.outcome, event.outcome)}: {event.model or 'no model'}"


_HEADLINES: dict[type[e.Event], Callable[[Any], str]] = {
    e.StepStarted: lambda event: f"{event.step}: {event.action}, {event.reason}",
    e.FileUploaded: lambda event: f"uploaded {event.file_id}",
    e.JobCreated: lambda event: f"started {event.job_id}",
    e.JobAdopted: lambda event: f"following {event.job_id}: {event.reason}",
    e.JobStatusChanged: lambda event: f"{event.job_id} {event.status}",
    e.MetricsReported: describe,
    e.AnswerGiven: lambda event: f"{'✓' if event.passed else '✗'} {event.prompt}",
    e.AskingProgressed: lambda event: f"{event.set}: {event.who} {event.done}/{event.total}",
    e.SetMeasured: lambda event: f"{event.set}: {event.who} {event.passed} of {event.rows} passed",
    e.SetCompared: lambda event: f"{event.set}: {event.sentence}",
    e.GateJudged: lambda event: f"{event.claim}: {event.result}",
    e.VerdictReached: lambda event: event.sentence,
    e.Retrying: retrying,
    e.RunFinished: _finished,
}
