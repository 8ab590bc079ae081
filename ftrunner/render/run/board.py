"""Several runs at once for people: one line of progress each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ftrunner import events as e
from ftrunner.render.fold import width
from ftrunner.render.run.loss import describe
from ftrunner.render.run.notices import notices_for_people
from ftrunner.render.run.terminal import Terminal
from ftrunner.text import one_line


class Board:
    """One line per run, updated on a terminal; elsewhere a line for each change.

    When all have ended, the findings and failed answers of each run follow.
    """

    def __init__(self, console: Console, labels: Sequence[str]) -> None:
        self._console = console
        self._latest = dict.fromkeys(labels, "")
        self._more: dict[str, list[e.Event]] = {label: [] for label in labels}
        self._width = max(map(width, labels), default=0)
        self._lock = Lock()
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

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

    def lane(self, label: str) -> e.Emit:
        """The renderer for the events of the run `label`."""

        def show(event: e.Event) -> None:
            if isinstance(event, e.MetricsReported) and self._live is None:
                return
            shown = headline(event)
            with self._lock:
                if _needs_more(event):
                    self._more[label].append(event)
                if shown:
                    self._update(label, shown)

        return show

    def _show_details(self) -> None:
        """The events that do not fit into a line, in full, run by run."""
        terminal = Terminal(self._console)
        for label, events in self._more.items():
            if events:
                self._console.print(Text(f"{label}:"), soft_wrap=True)
            for event in events:
                terminal(event)

    def _update(self, label: str, shown: str) -> None:
        self._latest[label] = shown
        if self._live is None:
            self._console.print(
                Text(f"{label}{' ' * (self._width - width(label))}  {shown}"), soft_wrap=True
            )
            return
        table = Table.grid(padding=(0, 2))
        for each, latest in self._latest.items():
            table.add_row(Text(each), Text(latest, overflow="ellipsis", no_wrap=True))
        self._live.update(table, refresh=True)


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
    ends = {
        "nothing_to_do": "nothing to do",
        "done": "done",
        "tests_failed": "tests failed",
        "not_enough_evidence": "not enough evidence",
    }
    return f"{ends.get(event.outcome, event.outcome)}: {event.model or 'no model'}"


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
    e.Retrying: lambda event: f"{event.reason}; again in {event.delay:.1f} s",
    e.RunFinished: _finished,
}
