"""A run for people: four steps, what it does now, the loss, answers and verdicts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from rich.console import Console
from rich.filesize import decimal
from rich.text import Text

from ftrunner import events as e
from ftrunner.clock import Clock, SystemClock
from ftrunner.dataset.totals.diff import Difference
from ftrunner.render.documents.data_change import of_split
from ftrunner.render.findings.text import render_findings
from ftrunner.render.fold import breaks, hang
from ftrunner.render.run import sets
from ftrunner.render.run.live import INDENT, LiveLine, console_of
from ftrunner.render.run.notices import notices, notices_for_people, retrying
from ftrunner.render.run.progress import NowAndThen, Progress, brief
from ftrunner.render.run.training import Milestones, called, curve, describe, other_metrics
from ftrunner.text import one_line, printable

_STEPS = {"prepare": "1", "upload": "2", "train": "3", "test": "4"}
_MOST_CURVES = 4
_LONG = 60.0  # seconds, after which somebody may have turned away
_OUTCOMES = {"passed": "green", "failed": "red", "not_enough_evidence": "yellow"}
_LEVELS = {"note": "dim", "info": "", "warn": "yellow", "warning": "yellow", "error": "red"}


@contextmanager
def one_run(stream: TextIO, clock: Clock, *, verbose: bool) -> Iterator[e.Emit]:
    """A renderer on `stream`: colour and a live line only where it is a terminal.

    `verbose` shows every training step, and what else only programs see.
    """
    terminal = Terminal(console_of(stream), clock, verbose=verbose)
    try:
        yield terminal
    finally:
        terminal.close()


class Terminal:
    """Prints events to `console` as they come; colours and a live line only on a terminal."""

    def __init__(
        self, console: Console, clock: Clock | None = None, *, verbose: bool = False
    ) -> None:
        self._console = console
        self._verbose = verbose
        self._clock = clock or SystemClock()
        self._began = self._clock.monotonic()
        self._name = "the run"
        self._is_adopting = False
        self._series: dict[str, list[float]] = {}
        self._milestones = Milestones()
        self._progress = Progress(self._clock)
        self._live = LiveLine(console, self._progress)
        self._words = NowAndThen()
        self._show: dict[type[e.Event], Callable[[Any], None]] = {
            e.RunStarted: self._run_started,
            e.StepStarted: self._step_started,
            e.DatasetPrepared: self._dataset_prepared,
            e.DatasetCompared: self._dataset_compared,
            e.FindingsReported: self._findings,
            e.UploadProgressed: self._silent,
            e.FileUploaded: self._file_uploaded,
            e.JobCreated: self._job_created,
            e.JobAdopted: self._job_adopted,
            e.JobStatusChanged: self._job_status,
            e.StillWaiting: self._still_waiting,
            e.JobMessage: self._job_message,
            e.MetricsReported: self._metrics,
            e.JobSucceeded: self._job_succeeded,
            e.AnswerGiven: self._answer,
            e.TestsFinished: self._tests_finished,
            e.AskingProgressed: self._asking,
            e.SetMeasured: self._set_measured,
            e.SetCompared: self._set_compared,
            e.GateJudged: self._gate,
            e.VerdictReached: self._verdict,
            e.Retrying: self._retrying,
            e.RunFinished: self._run_finished,
        }

    def __call__(self, event: e.Event) -> None:
        self._progress(event)
        if not self._progress.is_active:
            self._live.close()
        self._show.get(type(event), self._notices)(event)
        self._live.update()

    def close(self) -> None:
        """Leave the terminal as it was; after a long run, call the person back to it."""
        self._live.close()
        if self._live.is_shown and self._clock.monotonic() - self._began > _LONG:
            self._console.bell()
            self._console.set_window_title(f"ftrunner: {self._name} has ended")

    def _line(self, *parts: str | tuple[str, str], indent: int | None = None) -> None:
        safe = ((printable(p) if isinstance(p, str) else (printable(p[0]), p[1])) for p in parts)
        line = Text.assemble(*safe)
        if self._console.is_terminal:
            line = _folded(line, self._console.width, indent)
        self._console.print(line, soft_wrap=True)

    def _detail(self, *parts: str | tuple[str, str]) -> None:
        self._line(INDENT, *parts)

    def _run_started(self, event: e.RunStarted) -> None:
        where = "a rehearsal on this machine" if event.rehearsal else event.endpoint
        self._name = one_line(event.name, bound=80)
        self._line((event.name, "bold"), f" · {event.provider} · {where}")

    def _step_started(self, event: e.StepStarted) -> None:
        self._is_adopting = event.action == "adopt"  # and the step's line says why
        style = {"skip": "dim", "stop": "red"}.get(event.action, "bold")
        number = _STEPS[event.step]
        self._line(
            (f"{number} {event.step:<9}", style),
            f"{event.action}: {event.reason}",
            indent=len(INDENT),
        )

    def _dataset_prepared(self, event: e.DatasetPrepared) -> None:
        tokens = f", {event.tokens:,} tokens" if event.tokens is not None else ""
        self._detail(
            f"{event.split}: {event.examples:,} examples, {decimal(event.size)}{tokens}"
            f" → {event.filename}"
        )

    def _dataset_compared(self, event: e.DatasetCompared) -> None:
        rows = Difference(event.added, event.removed, event.changed, event.unchanged)
        self._detail(of_split(event.split, rows, one_line(event.against)))

    def _findings(self, event: e.FindingsReported) -> None:
        for line in render_findings(event.findings, event.counts).splitlines():
            self._line(line)

    def _silent(self, _event: e.Event) -> None:
        """The live line says it."""

    def _file_uploaded(self, event: e.FileUploaded) -> None:
        self._detail(f"{event.filename} → {one_line(event.file_id)}")

    def _job_created(self, event: e.JobCreated) -> None:
        self._detail(f"{one_line(event.model)} → {one_line(event.job_id)}")

    def _job_adopted(self, event: e.JobAdopted) -> None:
        why = "" if self._is_adopting else f": {event.reason}"
        self._detail(f"following {one_line(event.job_id)}{why}")

    def _job_status(self, event: e.JobStatusChanged) -> None:
        unknown = " (not a status this provider's profile knows; waiting)"
        self._detail((one_line(event.status), "cyan"), unknown if event.state == "unknown" else "")

    def _still_waiting(self, event: e.StillWaiting) -> None:
        """Without a live line, a word now and then."""
        if not self._live.is_shown and self._words.is_due(event.seconds):
            status = one_line(event.status or "without a status")
            self._detail((f"still {status}: {self._progress.line(100)}", "dim"))

    def _asking(self, event: e.AskingProgressed) -> None:
        if not self._live.is_shown and self._words.is_due(event.seconds):
            asked = f"asked {event.done:,} of {event.total:,} in {brief(event.seconds)}"
            self._detail((asked, "dim"))

    def _job_message(self, event: e.JobMessage) -> None:
        self._detail((one_line(event.message), _LEVELS.get(event.level, "")))
        if event.data:
            self._detail("  ", one_line(json.dumps(event.data, ensure_ascii=False), bound=500))

    def _metrics(self, event: e.MetricsReported) -> None:
        losses = {} if event.train_loss is None else {"loss": event.train_loss}
        for name, value in {**losses, **other_metrics(event)}.items():
            self._series.setdefault(name, []).append(value)
        if self._milestones.is_one(event) or self._verbose:
            self._detail(describe(event))

    def _job_succeeded(self, event: e.JobSucceeded) -> None:
        for name, values in list(self._series.items())[:_MOST_CURVES]:
            if drawn := curve(values):
                first, last = f"{called(name)} {values[0]:.2f} ", f" {values[-1]:.2f}"
                self._detail(first, (drawn, "cyan"), last)
        trained = f", {event.trained_tokens:,} tokens trained" if event.trained_tokens else ""
        self._detail((one_line(event.model), "green"), trained)

    def _answer(self, event: e.AnswerGiven) -> None:
        again = f" ({event.attempt} of {event.repeat})" if event.repeat > 1 else ""
        self._detail((event.prompt, "bold"), f"{again}  {one_line(event.question)}")
        for line in printable(event.answer).splitlines() or [""]:
            self._detail("  ", (line, "italic"))
        for check in event.checks:
            mark = ("✓ ", "green") if check.passed else ("✗ ", "red")
            why = f": {one_line(check.why)}" if check.why and not check.passed else ""
            self._detail("  ", mark, one_line(check.expected), why)

    def _tests_finished(self, event: e.TestsFinished) -> None:
        total = event.passed + event.failed
        style = "red" if event.failed else "green"
        self._detail((f"{event.passed} of {total} passed", style))

    def _set_measured(self, event: e.SetMeasured) -> None:
        for line in sets.measured(event):
            self._detail(*line)

    def _set_compared(self, event: e.SetCompared) -> None:
        for line in sets.compared(event):
            self._detail(*line)

    def _gate(self, event: e.GateJudged) -> None:
        self._detail(*sets.judged(event))

    def _verdict(self, event: e.VerdictReached) -> None:
        self._detail((one_line(event.sentence, bound=500), _OUTCOMES.get(event.outcome, "")))

    def _retrying(self, event: e.Retrying) -> None:
        self._detail((retrying(event), "yellow"))

    def _notices(self, event: e.Event) -> None:
        for notice in notices(event) if self._verbose else notices_for_people(event):
            self._detail((one_line(notice.text, bound=500), _LEVELS.get(notice.level, "")))

    def _run_finished(self, event: e.RunFinished) -> None:
        if event.outcome == "nothing_to_do":
            self._line(("Nothing to do", "green"), f": {one_line(event.model or 'no model')}")
        elif event.outcome == "done":
            self._line(("Done", "green"), f": {one_line(event.model or '')}")
        else:
            stays = f"{one_line(event.model or '')} passed before and stays current"
            current = stays if event.model else "no model has passed its tests yet"
            failed: tuple[str, str] = ("Tests failed", "red")
            open_ = ("Not enough evidence", "yellow")
            self._line(open_ if event.outcome == "not_enough_evidence" else failed, f"; {current}")
        if event.evidence:
            self._line(("Report", "dim"), f": {one_line(event.evidence, bound=1000)}/report.html")


def _folded(line: Text, cells: int, indent: int | None) -> Text:
    indent = hang(line.plain) if indent is None else indent
    parts = line.divide(breaks(line.plain, cells, indent))
    for part in parts[:-1]:
        part.rstrip()
    return Text(f"\n{' ' * indent}").join(parts)
