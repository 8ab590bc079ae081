"""The claims of gates, and what decided them, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, inf
from statistics import fmean, median

from ftrunner.evaluation.measured import Graded
from ftrunner.evaluation.sets.metrics import Values
from ftrunner.evaluation.sets.tries import Metric
from ftrunner.evaluation.statistics.interval import Interval
from ftrunner.evaluation.statistics.words import GateResult, settled_by
from ftrunner.spec.testing import Gate

Price = Callable[[Graded], float | None]
"""What one answer cost in US dollars; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A figure of single answers that may be at most `most`.

    `of` reads the number of an answer, `figure` is of all of them, `worst` is the number to assume
    for an answer that could not be measured.
    """

    name: str
    most: float
    unit: Callable[[str], str]
    of: Callable[[Graded, Price | None], float | None]
    figure: Callable[[Sequence[float]], float]
    worst: Callable[[Sequence[float]], float] = lambda _: inf
    needs_price: bool = False

    def shown(self, number: float) -> str:
        """A number of this kind for people."""
        return self.unit(f"{number:,.0f}" if number >= 1000 else f"{number:.3g}")


def bound_on(gate: Gate) -> Bound:
    """The bound that a gate without a metric sets. Raises ValueError for a gate that sets none."""
    for key, bound in BOUNDS.items():
        most = getattr(gate, key)
        if most is not None:
            return bound(most=most)
    raise ValueError(f"the gate sets no bound: {gate}")


def claim(gate: Gate) -> str:
    """The claim of a gate: `tickets: better than base by 2 points`."""
    metric = "" if gate.metric == "passed" else f" {gate.metric}"
    where = f"{gate.set}{metric}: " if gate.set else ""
    if gate.better_than:
        by = f" by more than {points(gate.by)}" if gate.by else ""
        return f"{where}better than {gate.better_than}{by}"
    if gate.not_worse_than:
        return f"{where}not worse than {gate.not_worse_than} by {points(gate.margin or 0)}"
    if gate.at_least is not None:
        return f"{where}at least {percent(gate.at_least)}"
    bound = bound_on(gate)
    return f"{where}{bound.name} at most {bound.shown(bound.most)}"


def why(
    gate: Gate, values: Values, result: GateResult, bounds: Interval, enough: int | None
) -> str:
    """Why a gate about a set passed, failed or is open, by what was held against its threshold."""
    threshold = _threshold(gate)
    shown = partial(_difference if gate.opponent else percent, places=_places(bounds, threshold))
    figure = shown(values.seen.figure if values.seen else 0.0)
    stricter = is_stricter(gate, values)
    the = "the gate's stricter " if stricter else "the "
    if gate.point:
        return f"{figure}{_changes(gate, values)}"
    if result is GateResult.PASSED:
        relation = "above" if gate.opponent else "at least"
        bound = f"{the}lower bound {shown(bounds.low)} is {relation} {shown(threshold)}"
    elif result is GateResult.FAILED:
        relation = "below" if bounds.high < threshold else "not above"
        bound = f"{the}upper bound {shown(bounds.high)} is {relation} {shown(threshold)}"
    else:
        within = "the gate's stricter bounds " if stricter else ""
        between = f"{within}{shown(bounds.low)} to {shown(bounds.high)}"
        bound = f"{shown(threshold)} lies within {between}"
    settled = f"; {settled_by(enough)}" if result is GateResult.UNDECIDED else ""
    return f"{figure}; {bound}{_changes(gate, values)}{settled}"


def is_stricter(gate: Gate, values: Values) -> bool:
    """Whether the gate's bounds are wider than the interval that is shown for the difference."""
    return gate.opponent is not None and not (values.single and _threshold(gate) == 0)


def points(share: float) -> str:
    """The size of a difference: 0.02 is two points."""
    number = f"{100 * share:.4g}"
    return f"{number} point{'' if number == '1' else 's'}"


def percent(share: float, places: int = 3) -> str:
    """A share for people, with as few places as say the same."""
    return f"{_digits(100 * share, places)} %"


def _difference(share: float, places: int) -> str:
    number = _digits(100 * share, places)
    if number in ("0", "-0"):
        return "0"
    return number.replace("-", "−") if share < 0 else f"+{number}"


def _places(bounds: Interval, threshold: float) -> int:
    """How many places show on which side of the threshold a bound is: it is often met closely."""
    nearest = 100 * min(abs(bounds.low - threshold), abs(bounds.high - threshold))
    return next((places for places in (1, 2, 3) if nearest >= 10**-places), 3)


def _digits(number: float, places: int) -> str:
    return f"{number:.{places}f}".rstrip("0").rstrip(".")


def _threshold(gate: Gate) -> float:
    if gate.at_least is not None:
        return gate.at_least
    return gate.by if gate.better_than else -(gate.margin or 0.0)


def _changes(gate: Gate, values: Values) -> str:
    """How many rows changed each way, and what is missing."""
    missing = f", {_digits(values.missing, 1)} not measured" if values.missing else ""
    if gate.opponent is None:
        together = f" in {values.clusters} clusters" if values.clusters else ""
        return f" ({len(values.rows):,} rows{together}{missing})"
    metric = Metric.named(gate.metric)
    by_row = Metric("accuracy") if metric.of_all_rows else metric
    changes = [row.number(by_row) for row in values.rows]
    better, worse = sum(c > 0 for c in changes), sum(c < 0 for c in changes)
    return f" ({better:,} better, {worse:,} worse of {len(changes):,} rows{missing})"


def _in_tokens(number: str) -> str:
    return f"{number} token{'' if number == '1' else 's'}"


def _seconds(answer: Graded, _: Price | None) -> float | None:
    return answer.seconds


def _tokens(answer: Graded, _: Price | None) -> float | None:
    return answer.tokens_out


def _cost(answer: Graded, price: Price | None) -> float | None:
    known = answer.tokens_in is not None and answer.tokens_out is not None
    return price(answer) if price and known else None


def high(numbers: Sequence[float]) -> float:
    """The number that 95 of 100 do not exceed: the nearest rank."""
    return sorted(numbers)[ceil(0.95 * len(numbers)) - 1]


BOUNDS: Mapping[str, Callable[..., Bound]] = {
    "latency_p50": partial(Bound, "median latency", unit="{} s".format, of=_seconds, figure=median),
    "latency_p95": partial(
        Bound, "95th percentile of latency", unit="{} s".format, of=_seconds, figure=high
    ),
    "cost_per_answer": partial(
        Bound,
        "cost of an answer",
        unit="${}".format,
        of=_cost,
        figure=fmean,
        worst=max,
        needs_price=True,
    ),
    "tokens_out_median": partial(
        Bound, "median length", unit=_in_tokens, of=_tokens, figure=median
    ),
}
"""The claims that hold a figure of single answers against a bound, by their key in a gate."""
