"""Asking the tuned model, and those it is compared with, every row of the test sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from itertools import islice

from ftrunner.engine.context import Run
from ftrunner.engine.steps.ask import Question, Reuse, attempts, not_stored
from ftrunner.errors import InvalidInput
from ftrunner.evaluation.measured import MeasuredRow, MeasuredSet
from ftrunner.evaluation.sets.grading import measured_set
from ftrunner.evaluation.sets.rows import Row, SetRows, read_sets
from ftrunner.evaluation.spending import Account
from ftrunner.events import AskingProgressed, FindingsReported
from ftrunner.findings import has_errors
from ftrunner.spec.testing import BASE, CURRENT, TUNED, Opponent

# Seconds between two reports of how far the asking is.
_OFTEN = 0.5


@dataclass(frozen=True, slots=True)
class Measurement:
    """The answers of each model to each set: by the set's name, then `tuned` or the opponent's.

    `skipped` says why a model to compare with was not asked.
    """

    sets: Mapping[str, Mapping[str, MeasuredSet]] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contender:
    """A model that is asked: what the spec calls it, its name there, and where it is."""

    name: str
    model: str
    elsewhere: Opponent | None = None


def measure(run: Run, tuned: str, reuse: Reuse) -> Measurement:
    """Ask `tuned`, and every model under `tests.against`, the rows of every set.

    Raises InvalidInput for a set that cannot be read, and RunFailed where a model does not answer
    at all.
    """
    if not run.spec.tests.sets:
        return Measurement()
    contenders, skipped = contenders_of(run, tuned)
    sets = readable_sets(run)
    return Measurement(measured(run, contenders, sets, reuse), skipped)


def readable_sets(run: Run) -> Mapping[str, SetRows]:
    """The sets of the spec. Warnings are reported. Raises InvalidInput."""
    sets, findings = read_sets(run.spec)
    if has_errors(findings):
        raise InvalidInput(findings)
    if findings:
        run.emit(FindingsReported(findings))
    return sets


def contenders_of(run: Run, tuned: str) -> tuple[tuple[Contender, ...], Mapping[str, str]]:
    """The models to ask, the tuned one first, and why others are not asked."""
    found, skipped = [Contender(TUNED, tuned)], {}
    for opponent in run.spec.tests.against:
        model = opponent_model(run, opponent)
        if model is None:
            skipped[opponent.name] = "no model is current yet"
        elif model == tuned and not opponent.is_elsewhere:
            skipped[opponent.name] = "it is the model under test"
        else:
            elsewhere = opponent if opponent.is_elsewhere else None
            found.append(Contender(opponent.name, model, elsewhere))
    return tuple(found), skipped


def opponent_model(run: Run, opponent: Opponent) -> str | None:
    """The name that chat takes for a model to compare with; None where none is current.

    The mock provider knows the base model by the name under which it trains.
    """
    if opponent.name == CURRENT:
        current = run.journal.record.current
        return current.model if current else None
    if opponent.name == BASE and (opponent.model is None or run.target.is_rehearsal):
        return run.spec.model
    return opponent.model


def measured(
    run: Run, contenders: Iterable[Contender], sets: Mapping[str, SetRows], reuse: Reuse
) -> Mapping[str, Mapping[str, MeasuredSet]]:
    """What each model answers to each set."""
    found: dict[str, dict[str, MeasuredSet]] = {name: {} for name in sets}
    for contender in contenders:
        there = run.elsewhere(contender.elsewhere) if contender.elsewhere else nullcontext(run)
        with there as at:
            for name, rows in sets.items():
                found[name][contender.name] = _measured(at, contender, rows, reuse, None)
    return found


def _measured(
    run: Run, contender: Contender, rows: SetRows, reuse: Reuse, account: Account | None
) -> MeasuredSet:
    repeat = rows.set.repeat
    questions = (question for row in rows.rows for question in _questions(row, repeat))
    progress = _Progress(run, contender, rows)
    with closing(attempts(run, contender.model, questions, reuse, account)) as given:
        by_row = (tuple(islice(given, repeat)) for _ in rows.rows)
        found = measured_set(rows, contender.model, by_row, progress.on_row)
    progress.report()
    if reuse is Reuse.ONLY and found.unmeasured == len(rows.rows) * repeat:
        raise not_stored(run, contender.model, f"the rows of {rows.set.name!r}")
    return found


def _questions(row: Row, repeat: int) -> Iterator[Question]:
    return (
        Question(f"the row at {row.place}", row.messages, attempt, row.request)
        for attempt in range(1, repeat + 1)
    )


class _Progress:
    """Reports now and then how far the asking is."""

    def __init__(self, run: Run, contender: Contender, rows: SetRows) -> None:
        self._run = run
        self._contender = contender
        self._set = rows.set.name
        self._total = len(rows.rows) * rows.set.repeat
        self._done = self._passed = self._stored = self._missing = 0
        self._began = self._reported = run.clock.monotonic()
        self._began_at = run.clock.now()

    def on_row(self, row: MeasuredRow) -> None:
        for attempt in row.attempts:
            self._done += 1
            self._missing += attempt is None
            self._passed += attempt is not None and attempt.passed
            self._stored += attempt is not None and (attempt.at or 0) < self._began_at
        if self._run.clock.monotonic() - self._reported >= _OFTEN:
            self.report()

    def report(self) -> None:
        now = self._reported = self._run.clock.monotonic()
        self._run.emit(
            AskingProgressed(
                set=self._set,
                who=self._contender.name,
                model=self._contender.model,
                done=self._done,
                total=self._total,
                passed=self._passed,
                stored=self._stored,
                missing=self._missing,
                seconds=now - self._began,
            )
        )
