"""Asking the tuned model, and those it is compared with, every row of the test sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice

from ftrunner.engine.context import Run
from ftrunner.engine.steps.answers import accounts
from ftrunner.engine.steps.ask import Question, Reuse, attempts, not_stored
from ftrunner.engine.steps.contenders import Contender, answer_price, contenders_of
from ftrunner.errors import InvalidInput
from ftrunner.evaluation.measured import MeasuredRow, MeasuredSet
from ftrunner.evaluation.sets.grading import measured_set
from ftrunner.evaluation.sets.kept import AskedAt
from ftrunner.evaluation.sets.rows import SetRows, read_sets
from ftrunner.evaluation.spending import Account
from ftrunner.events import AskingProgressed, FindingsReported
from ftrunner.findings import has_errors

# Seconds between two reports of how far the asking is.
_OFTEN = 0.5


@dataclass(frozen=True, slots=True)
class Measurement:
    """The answers of each model to each set: by the set's name, then `tuned` or the opponent's.

    `where` says of each model where it was asked, and `skipped` why one was not.
    """

    sets: Mapping[str, Mapping[str, MeasuredSet]] = field(default_factory=dict)
    where: Mapping[str, AskedAt] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)


def measure(run: Run, tuned: str, reuse: Reuse) -> Measurement:
    """Ask `tuned`, and every model under `tests.against`, the rows of every set.

    Raises InvalidInput for a set that cannot be read, and RunFailed where a model does not answer
    at all.
    """
    sets = readable_sets(run)
    contenders, skipped = contenders_of(run, tuned)
    return replace(measured(run, contenders, sets, reuse), skipped=skipped)


def readable_sets(run: Run) -> Mapping[str, SetRows]:
    """The sets of the spec. Warnings are reported. Raises InvalidInput."""
    sets, findings = read_sets(run.spec)
    if has_errors(findings):
        raise InvalidInput(findings)
    if findings:
        run.emit(FindingsReported(findings))
    return sets


def measured(
    run: Run, contenders: Sequence[Contender], sets: Mapping[str, SetRows], reuse: Reuse
) -> Measurement:
    """What each model answers to each set. Raises OverBudget where `max_cost` stops the asking."""
    of_each = accounts(run, contenders, sets) if reuse is not Reuse.ONLY else {}
    found: dict[str, dict[str, MeasuredSet]] = {name: {} for name in sets}
    where = {}
    for contender in contenders:
        account = of_each.get(contender.name)
        with contender.at(run) as there:
            where[contender.name] = _asked(there, contender)
            for name, rows in sets.items():
                found[name][contender.name] = _measured(there, contender, rows, reuse, account)
    return Measurement(found, where)


def _asked(run: Run, contender: Contender) -> AskedAt:
    price = answer_price(run, contender)
    of_answer = (lambda one: price.of(one.tokens_in, one.tokens_out)) if price else None
    return AskedAt(run.target.profile.name, of_answer)


def _measured(
    run: Run, contender: Contender, rows: SetRows, reuse: Reuse, account: Account | None
) -> MeasuredSet:
    assert contender.model is not None, "a model that is asked has a name"
    repeat = rows.set.repeat
    attempts_at = range(1, repeat + 1)
    questions = (Question.of_row(row, attempt) for row in rows.rows for attempt in attempts_at)
    progress = _Progress(run, contender, rows)
    with closing(attempts(run, contender.model, questions, reuse, account)) as given:
        by_row = (tuple(islice(given, repeat)) for _ in rows.rows)
        found = measured_set(rows, contender.model, by_row, progress.on_row)
    progress.report()
    if reuse is Reuse.ONLY and found.unmeasured == len(rows.rows) * repeat:
        raise not_stored(run, contender.model, f"the rows of {rows.set.name!r}")
    return found


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
                model=self._contender.model or "",
                done=self._done,
                total=self._total,
                passed=self._passed,
                stored=self._stored,
                missing=self._missing,
                seconds=now - self._began,
            )
        )
