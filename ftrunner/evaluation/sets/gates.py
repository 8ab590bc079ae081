"""Gates: claims about the tuned model that must hold before it becomes current.

A claim holds if its bound lies beyond the threshold, fails if the opposite bound does, and is
undecided otherwise. What could not be measured counts against the claim, so a request that failed
never helps a model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ftrunner.errors import ExitCode
from ftrunner.evaluation.measured import MeasuredSet
from ftrunner.evaluation.sets.claims import Bound, Price, bound_on, claim, is_stricter, why
from ftrunner.evaluation.sets.metrics import Numbers, Values, difference, own
from ftrunner.evaluation.sets.tries import Metric
from ftrunner.evaluation.statistics.interval import Interval, gate_bounds, plus_two
from ftrunner.evaluation.statistics.power import more_prompts, more_scores
from ftrunner.evaluation.statistics.words import GateResult, above
from ftrunner.spec.testing import TUNED, Gate, Tests

_WITHOUT_PRICE = "no price is known for its answers; `prices` in the spec can give one"

Measured = Mapping[str, Mapping[str, MeasuredSet]]
"""What was measured: by the name of the set, then by `tuned` or the name of the opponent."""


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """What the answers say about one gate, and `why` in words.

    `value` is the plain figure or difference; `bound` is what was held against `threshold` and
    decided: a bound of the interval, or the bare value. Shares are from -1 to 1: 0.02 is two
    points. `excused` says that the spec lets it stay open. A gate that is open because answers are
    `unmeasured` is never excused. `enough` is about how many rows in all would settle it. `oldest`
    is when the first of the answers came that a bound on latency was held against.
    """

    gate: Gate
    result: GateResult
    why: str
    value: float | None = None
    bound: float | None = None
    threshold: float | None = None
    rows: int = 0
    unmeasured: bool = False
    excused: bool = False
    enough: int | None = None
    oldest: float | None = None

    @property
    def claim(self) -> str:
        return claim(self.gate)

    @property
    def holds(self) -> bool:
        """Whether it lets the tuned model become current."""
        return self.excused or self.result in (GateResult.PASSED, GateResult.SKIPPED)


def judge_gates(
    tests: Tests,
    measured: Measured,
    *,
    skipped: Mapping[str, str] | None = None,
    price: Price | None = None,
) -> tuple[GateOutcome, ...]:
    """The outcome of every gate, in the spec's order.

    `skipped` says for an opponent why its gates do not apply.
    """
    return tuple(
        _excused(_outcome(gate, tests, measured, skipped or {}, price), tests)
        for gate in tests.gates
    )


def exit_code(outcomes: Iterable[GateOutcome], *, prompts_passed: bool) -> ExitCode:
    """A failed prompt or gate counts before an open one; what is excused does not count."""
    found = list(outcomes)
    if not prompts_passed or any(one.result is GateResult.FAILED for one in found):
        return ExitCode.TESTS_FAILED
    return ExitCode.DONE if all(one.holds for one in found) else ExitCode.NOT_ENOUGH_EVIDENCE


def _outcome(
    gate: Gate, tests: Tests, measured: Measured, skipped: Mapping[str, str], price: Price | None
) -> GateOutcome:
    if gate.opponent and gate.opponent in skipped:
        return GateOutcome(gate, GateResult.SKIPPED, skipped[gate.opponent])
    if gate.opponent is not None:
        return _compared(gate, tests, measured)
    if gate.at_least is not None:
        return _reached(gate, tests, measured)
    return _bounded(gate, tests, measured, price)


def _excused(outcome: GateOutcome, tests: Tests) -> GateOutcome:
    allowed = tests.may_stay_open(outcome.gate)
    is_open = outcome.result is GateResult.UNDECIDED and not outcome.unmeasured
    return replace(outcome, excused=True) if allowed and is_open else outcome


def _compared(gate: Gate, tests: Tests, measured: Measured) -> GateOutcome:
    """Better than an opponent, or not worse than it by more than the margin."""
    answers = measured.get(gate.set or "", {})
    tuned, other = answers.get(TUNED), answers.get(gate.opponent or "")
    threshold = gate.by if gate.better_than else -(gate.margin or 0.0)
    if tuned is None or other is None:
        return _without_answers(gate, threshold)
    values = difference(tuned, other, Metric.named(gate.metric))
    bounds_of = gate_bounds if is_stricter(gate, values) else plus_two

    def bounds(numbers: Numbers) -> Interval:
        return bounds_of(numbers.values, tests.confidence)

    return _judged(gate, values, bounds, threshold, tests)


def _reached(gate: Gate, tests: Tests, measured: Measured) -> GateOutcome:
    """A figure of the tuned model is at least so much."""
    tuned = measured.get(gate.set or "", {}).get(TUNED)
    threshold = gate.at_least or 0.0
    if tuned is None:
        return _without_answers(gate, threshold)
    values = own(tuned, Metric.named(gate.metric))
    if gate.point and values.seen:
        values = replace(values, reason=None)

    def bounds(numbers: Numbers) -> Interval:
        if gate.point:
            return Interval(numbers.figure, numbers.figure)
        return values.own_bounds(numbers, tests.confidence)

    return _judged(gate, values, bounds, threshold, tests)


def _judged(
    gate: Gate,
    values: Values,
    bounds: Callable[[Numbers], Interval],
    threshold: float,
    tests: Tests,
) -> GateOutcome:
    """Hold the bounds of a figure, or of a difference, against the threshold."""
    found = GateOutcome(
        gate,
        GateResult.UNDECIDED,
        values.reason or "",
        value=values.seen.figure if values.seen else None,
        threshold=threshold,
        rows=len(values.rows),
        unmeasured=values.missing > 0,
    )
    if lack := values.lack(tests.run.unmeasured):
        return replace(found, why=lack)
    if values.reason:
        return found
    least, most = bounds(values.least), bounds(values.most)

    def held(low: float, high: float) -> GateResult:
        return above(Interval(low, high), threshold, inclusive=gate.at_least is not None)

    result = held(least.low, most.high)
    is_open = result is GateResult.UNDECIDED
    extremes = (held(least.low, least.high), held(most.low, most.high))
    enough = _enough(gate, values, threshold, tests.confidence) if is_open else None
    return replace(
        found,
        result=result,
        why=why(gate, values, result, Interval(least.low, most.high), enough),
        bound=most.high if result is GateResult.FAILED else least.low,
        unmeasured=is_open and any(one is not GateResult.UNDECIDED for one in extremes),
        enough=enough,
    )


def _enough(gate: Gate, values: Values, threshold: float, confidence: float) -> int | None:
    if gate.point:
        return None
    numbers = values.least.values
    if gate.opponent:
        needed = more_prompts(numbers, threshold, confidence)
    else:
        needed = more_scores(numbers, threshold, confidence)
    return values.in_rows(needed) if needed else None


def _without_answers(gate: Gate, threshold: float, why: str | None = None) -> GateOutcome:
    return GateOutcome(
        gate,
        GateResult.UNDECIDED,
        why or "no answer could be measured",
        threshold=threshold,
        unmeasured=True,
    )


def _bounded(gate: Gate, tests: Tests, measured: Measured, price: Price | None) -> GateOutcome:
    """A bound on latency, cost or length: of the answers to one set, or to all."""
    bound = bound_on(gate)
    sets = [measured.get(gate.set, {})] if gate.set else list(measured.values())
    rows = [row for one in sets if TUNED in one for row in one[TUNED].rows]
    answers = [answer for row in rows for answer in row.attempts]
    numbers = [bound.of(answer, price) if answer else None for answer in answers]
    known = [number for number in numbers if number is not None]
    if not known:
        return _without_answers(gate, bound.most, _WITHOUT_PRICE if bound.needs_price else None)
    missing = len(numbers) - len(known)
    repeat = max(len(row.attempts) for row in rows)
    found = GateOutcome(
        gate,
        GateResult.UNDECIDED,
        f"{missing:,} of {len(numbers):,} answers could not be measured",
        value=bound.figure(known),
        threshold=bound.most,
        rows=len(rows),
        unmeasured=missing > 0,
        oldest=min((answer.at for answer in answers if answer and answer.at), default=None),
    )
    if missing > max(repeat, tests.run.unmeasured * len(numbers)):
        return found
    return _held(found, bound, known, missing)


def _held(found: GateOutcome, bound: Bound, known: Sequence[float], missing: int) -> GateOutcome:
    """Hold the figure against the bound; open where what is missing could decide."""
    worst = bound.figure([*known, *[bound.worst(known)] * missing])
    best = bound.figure([*known, *[0.0] * missing])
    if best <= bound.most < worst:
        return found
    result = GateResult.PASSED if worst <= bound.most else GateResult.FAILED
    over = f"{bound.shown(worst)} over {len(known):,} answers"
    return replace(found, result=result, why=over, bound=worst, unmeasured=False)
