"""What was measured on test sets, as events and as the lock file has it."""

from __future__ import annotations

from collections.abc import Sequence

from ftrunner.engine.context import Run
from ftrunner.events import GateJudged, RowChanged, SetCompared, SetMeasured, SliceCompared
from ftrunner.state.lock import OpponentRecord, SetRecord
from ftrunner.state.results import (
    ChangedRow,
    KeptAnswer,
    KeptComparison,
    KeptGate,
    KeptModel,
    KeptSet,
    KeptSlice,
)


def announce(run: Run, sets: Sequence[KeptSet], gates: Sequence[KeptGate]) -> None:
    """Report what was measured, each set with its comparisons, then the gates."""
    for one in sets:
        for model in one.models:
            run.emit(set_measured(one, model))
        for comparison in one.comparisons:
            run.emit(set_compared(one, comparison, run.spec.tests.confidence))
    for gate in gates:
        run.emit(
            GateJudged(
                claim=gate.claim,
                set=gate.set,
                result=gate.result,
                why=gate.why,
                excused=gate.excused,
                bound=gate.bound,
                threshold=gate.threshold,
            )
        )


def set_measured(test_set: KeptSet, model: KeptModel) -> SetMeasured:
    """How one model did on a set."""
    passed = model.metrics["passed"]
    return SetMeasured(
        set=test_set.name,
        who=model.name,
        model=model.model,
        rows=test_set.rows,
        passed=model.passed,
        mean=passed.value,
        low=passed.low,
        high=passed.high,
        reason=passed.reason,
        leaked=test_set.leaked,
        unmeasured=model.unmeasured,
        repeat=test_set.repeat,
        metrics={name: figure.value for name, figure in model.metrics.items() if name != "passed"},
    )


def set_compared(test_set: KeptSet, found: KeptComparison, confidence: float) -> SetCompared:
    """How the tuned model compares with another on a set."""
    return SetCompared(
        set=test_set.name,
        against=found.name,
        model=found.model,
        rows=test_set.rows,
        effect=found.effect,
        low=found.low,
        high=found.high,
        confidence=confidence,
        reason=found.reason,
        word=found.word,
        better=found.better,
        worse=found.worse,
        p_value=found.p_value,
        enough=found.enough,
        sentence=found.sentence,
        changed=tuple(map(_row, found.changed)),
        slices=tuple(map(_slice, found.slices)),
    )


def _slice(found: KeptSlice) -> SliceCompared:
    return SliceCompared(
        column=found.column,
        value=found.value,
        rows=found.n,
        effect=found.effect,
        low=found.low,
        high=found.high,
        word=found.word,
    )


def _row(row: ChangedRow) -> RowChanged:
    """The row with an answer of each model; of several the first that did not pass is telling."""
    return RowChanged(
        place=row.place,
        question=row.question,
        reference=row.reference,
        difference=row.difference,
        answer=_telling(row.tuned, passed=row.difference > 0),
        other_answer=_telling(row.other, passed=row.difference < 0),
    )


def _telling(answers: Sequence[KeptAnswer | None], *, passed: bool) -> str | None:
    given = [answer for answer in answers if answer is not None]
    return next(
        (one.text for one in given if one.passed is passed), given[0].text if given else None
    )


def set_record(test_set: KeptSet) -> SetRecord:
    """What the lock file records of a set: figures, and no row of it."""
    tuned, *others = test_set.models
    digests = {model.name: model.digest for model in others}
    passed = tuned.metrics["passed"]
    return SetRecord(
        n=passed.n or 0,
        passed=tuned.passed,
        mean=_rounded(passed.value) or 0.0,
        low=_rounded(passed.low),
        high=_rounded(passed.high),
        tests=test_set.digest,
        answers=tuned.digest,
        against={
            found.name: OpponentRecord(
                model=found.model,
                effect=_rounded(found.effect) or 0.0,
                low=_rounded(found.low),
                high=_rounded(found.high),
                better=found.better,
                worse=found.worse,
                word=found.word,
                answers=digests[found.name],
            )
            for found in test_set.comparisons
        },
    )


def _rounded(share: float | None) -> float | None:
    """As exact as anyone compares it; the last bits differ between machines."""
    return None if share is None else round(share, 9)
