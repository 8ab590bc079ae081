"""What was measured on test sets, as it is kept: figures, comparisons and gates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import fsum
from statistics import median

from ftrunner.evaluation.measured import MeasuredRow, MeasuredSet
from ftrunner.evaluation.sets.claims import Price, high
from ftrunner.evaluation.sets.comparison import SetComparison, compare_sets
from ftrunner.evaluation.sets.gates import GateOutcome, Measured
from ftrunner.evaluation.sets.kept_rows import changed_rows, differences
from ftrunner.evaluation.sets.metrics import Values, own_figures
from ftrunner.evaluation.sets.tries import Metric
from ftrunner.evaluation.verdict import set_digest
from ftrunner.evaluation.wording import in_words
from ftrunner.spec.testing import TUNED, Tests, TestSet
from ftrunner.state.results import (
    Confusion,
    Figure,
    KeptComparison,
    KeptGate,
    KeptModel,
    KeptSet,
    KeptSlice,
)

_MOST_LABELS = 20  # whose precision and recall get an interval


@dataclass(frozen=True, slots=True)
class AskedAt:
    """Where a model was asked, for its row in a table, and what an answer costs there."""

    provider: str
    price: Price | None = None


def kept_sets(
    tests: Tests, measured: Measured, where: Mapping[str, AskedAt]
) -> tuple[KeptSet, ...]:
    """Every set with each model's figures, and how the tuned model compares with the others.

    `where` says for the tuned model and each opponent where it was asked.
    """
    return tuple(_set(tests, answers, where) for answers in measured.values() if TUNED in answers)


def _set(tests: Tests, answers: Mapping[str, MeasuredSet], where: Mapping[str, AskedAt]) -> KeptSet:
    tuned = answers[TUNED]
    others = {name: one for name, one in answers.items() if name != TUNED}
    clusters = {row.cluster for row in tuned.rows} if tuned.set.cluster else None
    return KeptSet(
        name=tuned.set.name,
        file=tuned.set.file,
        rows=len(tuned.rows),
        repeat=tuned.set.repeat,
        leaked=tuned.leaked,
        clusters=None if clusters is None else len(clusters),
        models=tuple(_model(name, one, tests, where[name]) for name, one in answers.items()),
        comparisons=tuple(_compared(name, tuned, one, tests) for name, one in others.items()),
        digest=set_digest(tuned.set, tuned.rows_digest),
    )


def _model(name: str, measured: MeasuredSet, tests: Tests, asked: AskedAt) -> KeptModel:
    answers = [one for row in measured.rows for one in row.attempts if one is not None]
    costs = [asked.price(one) for one in answers] if asked.price else []
    known = [cost for cost in costs if cost is not None]
    times = [one.at for one in answers if one.at is not None]
    seconds = [one.seconds for one in answers if one.seconds is not None]
    lengths = [one.tokens_out for one in answers if one.tokens_out is not None]
    sent = [one.tokens_in for one in answers if one.tokens_in is not None]
    return KeptModel(
        name=name,
        model=measured.model,
        provider=asked.provider,
        passed=sum(_all_passed(row) for row in measured.rows),
        answers=len(answers),
        unmeasured=measured.unmeasured,
        metrics=_figures(measured, tests),
        confusion=_confusion(measured),
        latency_p50=median(seconds) if seconds else None,
        latency_p95=high(seconds) if seconds else None,
        tokens_in=sum(sent) if sent else None,
        tokens_out=sum(lengths) if lengths else None,
        tokens_out_median=median(lengths) if lengths else None,
        cost=fsum(known) if known and len(known) == len(costs) else None,
        oldest=min(times, default=None),
        newest=max(times, default=None),
        digest=measured.answers_digest,
    )


def _all_passed(row: MeasuredRow) -> bool:
    return all(one is not None and one.passed for one in row.attempts)


def _metrics(test_set: TestSet) -> Iterator[str]:
    """The metrics that the set's expectations make possible."""
    yield from ("passed", "score")
    for assertion in test_set.expect:
        if assertion.kind == "label":
            yield from ("accuracy", "macro_f1")
            labels = assertion.value["in"][:_MOST_LABELS]
            yield from (f"{kind}.{label}" for kind in ("precision", "recall") for label in labels)
        elif assertion.kind == "fields":
            yield from (f"fields.{key}" for key in assertion.value["keys"])


def _figures(measured: MeasuredSet, tests: Tests) -> dict[str, Figure]:
    names = list(_metrics(measured.set))
    found = own_figures(measured, map(Metric.named, names))
    return {name: _figure(values, tests) for name, values in zip(names, found, strict=True)}


def _figure(values: Values, tests: Tests) -> Figure:
    reason = values.reason or values.lack(tests.run.unmeasured)
    interval = None if reason else values.own_interval(tests.confidence)
    return Figure(
        value=values.seen.figure if values.seen else None,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        n=len(values.rows),
        reason=reason,
    )


def _confusion(measured: MeasuredSet) -> Confusion | None:
    """None where no row has a right label."""
    listed = [
        label
        for assertion in measured.set.expect
        if assertion.kind == "label"
        for label in assertion.value["in"]
    ]
    if not listed:
        return None
    counts = Counter(
        (row.reference, one.label)
        for row in measured.rows
        for one in row.attempts
        if one is not None
    )
    return Confusion(
        labels=tuple(listed),
        counts=tuple(tuple(counts[truth, given] for given in (*listed, None)) for truth in listed),
    )


def _compared(name: str, tuned: MeasuredSet, other: MeasuredSet, tests: Tests) -> KeptComparison:
    margin = _margin(tests, tuned.set.name, name)
    found = compare_sets(name, tuned, other, tests, margin=margin)
    changes = differences(tuned, other)
    changed, left_out = changed_rows(tuned, other, changes)
    return replace(
        _effect(name, other.model, found),
        differences=changes,
        slices=tuple(_slices(found)),
        changed=changed,
        left_out=left_out,
    )


def _effect(name: str, model: str, compared: SetComparison) -> KeptComparison:
    found = compared.found
    if found is None:
        why = "no row was measured at both models"
        return KeptComparison(
            name=name,
            model=model,
            effect=0.0,
            low=None,
            high=None,
            word="not enough evidence",
            sentence=f"not enough evidence: {why}",
            better=0,
            worse=0,
            reason=why,
        )
    return KeptComparison(
        name=name,
        model=model,
        effect=found.effect,
        low=found.interval.low if found.interval else None,
        high=found.interval.high if found.interval else None,
        word=found.word,
        sentence=in_words(name, found),
        better=found.better,
        worse=found.worse,
        p_value=found.p_value,
        enough=found.enough,
        reason=found.reason,
        margin=compared.margin,
        narrowing=compared.narrowing,
    )


def _margin(tests: Tests, test_set: str, opponent: str) -> float | None:
    """The difference that does not matter, as a gate on this set has it."""
    margins = [
        gate.margin
        for gate in tests.gates
        if gate.set == test_set and gate.not_worse_than == opponent and gate.metric == "passed"
    ]
    return min((margin for margin in margins if margin), default=None)


def _slices(compared: SetComparison) -> Iterator[KeptSlice]:
    for one in compared.slices:
        interval = one.found.interval
        yield KeptSlice(
            column=one.column,
            value=one.value,
            n=one.found.prompts,
            effect=one.found.effect,
            low=interval.low if interval else None,
            high=interval.high if interval else None,
            word=one.found.word,
        )


def kept_gates(outcomes: Iterable[GateOutcome]) -> tuple[KeptGate, ...]:
    """Every gate and what came of it."""
    return tuple(
        KeptGate(
            claim=one.claim,
            name=one.gate.name,
            set=one.gate.set,
            result=one.result.value,
            why=one.why,
            excused=one.excused,
            value=one.value,
            bound=one.bound,
            threshold=one.threshold,
            enough=one.enough,
            oldest=one.oldest,
        )
        for one in outcomes
    )
