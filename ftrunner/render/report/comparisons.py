"""The sections of the page about test sets: intervals, what changed, figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from markupsafe import Markup

from ftrunner.engine.report.verdict import tone_of
from ftrunner.evaluation.statistics.words import settled_by
from ftrunner.render.report.charts import Bar, interval_chart, scale_of, squares
from ftrunner.render.report.differences import Part, differences
from ftrunner.render.report.figures import UNKNOWN, count, interval, percent, points
from ftrunner.state.results import (
    ChangedRow,
    Confusion,
    Figure,
    KeptAnswer,
    KeptComparison,
    KeptSet,
    RunResults,
)
from ftrunner.text import printable

_MOST_SQUARES = 2_000  # of a comparison, and
_SQUARES = 16_000  # of all of them
_MOST_COMPARED = 60  # comparisons
_MOST_FIGURES = 60  # of a set
_MOST_SLICES = 12  # of a comparison
_MOST_LABELS = 20  # of a confusion matrix
_LONGEST = 2_000

Row = Mapping[str, Any]


class _Measured(Protocol):
    """A comparison, or a slice of one."""

    @property
    def effect(self) -> float: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...


def effects(results: RunResults) -> list[Row]:
    """Each comparison, and below it its slices."""
    compared = _compared_sets(results)
    drawn: list[_Measured] = []
    for _, found in compared:
        drawn += [found, *found.slices[:_MOST_SLICES]]
    values = (value for bar in drawn for value in (bar.effect, bar.low, bar.high))
    scale = scale_of(value for value in values if value is not None)

    def row(name: str, bar: _Measured, tone: str, **more: Any) -> Row:
        bounds = interval(bar.low, bar.high)
        title = printable(f"{name}: {points(bar.effect)}, {bounds}")
        return {
            "name": name,
            "difference": points(bar.effect),
            "interval": bounds,
            "chart": interval_chart(Bar(bar.effect, bar.low, bar.high, tone), scale, title),
            "tone": tone,
            **more,
        }

    rows: list[Row] = []
    for each, comparison in compared:
        name = f"{each.name} against {comparison.name}"
        tone = tone_of(comparison.word)
        rows.append(row(name, comparison, tone, **_compared(each, comparison)))
        for part in comparison.slices[:_MOST_SLICES]:
            label = f"{part.column} {part.value} ({count(part.n, 'row')})"
            rows.append(row(label, part, "slice", word="", note=None, is_slice=True))
    return rows


def _compared(each: KeptSet, comparison: KeptComparison) -> Row:
    clusters = "" if each.clusters is None else f" in {count(each.clusters, 'cluster')}"
    settles = settled_by(comparison.enough) if comparison.enough else None
    p_value = None if comparison.p_value is None else _p(comparison.p_value)
    notes = [note for note in (comparison.reason, settles, p_value) if note]
    return {
        "is_slice": False,
        "word": comparison.word,
        "set": each.name,
        "against": comparison.name,
        "rows": f"{each.rows:,}{clusters}",
        "mine": _mean(each, "tuned"),
        "theirs": _mean(each, comparison.name),
        "changes": f"{comparison.better:,} / {comparison.worse:,}",
        "note": "; ".join(notes) or None,
    }


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def _mean(each: KeptSet, name: str) -> str:
    """The share of the model's rows that passed, or its mean score."""
    model = next((model for model in each.models if model.name == name), None)
    if model is None:
        return UNKNOWN
    figure = model.metrics.get("passed") or model.metrics.get("score")
    if figure is not None and figure.value is not None:
        return percent(figure.value)
    return percent(model.passed / model.answers) if model.answers else UNKNOWN


def changes(results: RunResults) -> Iterator[Row]:
    """What changed in each comparison."""
    compared = _compared_sets(results)
    most = min(_MOST_SQUARES, _SQUARES // max(1, len(compared)))
    for each, found in compared:
        unmeasured = sum(difference is None for difference in found.differences)
        total = len(found.differences) or each.rows
        same = max(0, total - found.better - found.worse - unmeasured)
        rows = [(row.difference, _changed(row, found.name)) for row in found.changed]
        yield {
            "title": f"{each.name}: tuned against {found.name}",
            "picture": _picture((found.worse, same, unmeasured, found.better), most),
            "better": found.better,
            "worse": found.worse,
            "same": same,
            "unmeasured": unmeasured,
            "worse_rows": [row for difference, row in rows if difference < 0],
            "better_rows": [row for difference, row in rows if difference >= 0],
        }


def _compared_sets(results: RunResults) -> list[tuple[KeptSet, KeptComparison]]:
    compared = [(each, found) for each in results.sets for found in each.comparisons]
    return compared[:_MOST_COMPARED]


def _picture(numbers: tuple[int, int, int, int], most: int) -> Markup:
    """A square for each row that is worse, as before, unmeasured or better; of very many rows, for
    so many of them each.
    """
    each = max(1, -(-sum(numbers) // most))
    kinds = [(kind, -(-number // each)) for kind, number in zip("wsub", numbers, strict=True)]
    unit = "a square for each row" if each == 1 else f"a square for {each} rows"
    worse, same, _, better = numbers
    title = f"{worse:,} worse, {same:,} as before, {better:,} better; {unit}"
    return squares(kinds, title)


def _changed(row: ChangedRow, against: str) -> Row:
    """The attempt in which the two differ most, both answers with their differences marked."""
    pairs = list(zip(row.tuned, row.other, strict=False)) or [(None, None)]
    tuned, other = next((pair for pair in pairs if _differ(*pair)), pairs[0])
    before, after = differences(_text(other), _text(tuned))
    return {
        "place": row.place,
        "scores": f"{against} {_score(row.other)}, tuned {_score(row.tuned)}",
        "question": row.question,
        "reference": row.reference,
        "against": against,
        "tuned": _side(tuned, after),
        "other": _side(other, before),
    }


def _differ(one: KeptAnswer | None, other: KeptAnswer | None) -> bool:
    return (one and one.passed) != (other and other.passed)


def _text(answer: KeptAnswer | None) -> str:
    return printable(answer.text, bound=_LONGEST) if answer else ""


def _side(answer: KeptAnswer | None, parts: tuple[Part, ...]) -> Row:
    return {
        "passed": answer.passed if answer else None,
        "parts": parts,
        "checks": [check for check in answer.checks if not check.passed] if answer else [],
    }


def _score(answers: Sequence[KeptAnswer | None]) -> str:
    known = [answer for answer in answers if answer]
    if not known:
        return "no answer"
    if any(answer.score not in (0.0, 1.0) for answer in known):
        return f"{sum(answer.score for answer in known) / len(known):.2f}"
    passed = sum(answer.passed for answer in known)
    return f"{passed} of {len(answers)}"


def figures(results: RunResults) -> list[Row]:
    """The metrics of each set, a column for each model, and the tuned model's confusion matrix."""
    shown = (_figures(each) for each in results.sets[:_MOST_COMPARED])
    return [row for row in shown if row["rows"] or row["confusion"]]


def _figures(each: KeptSet) -> Row:
    names = list(dict.fromkeys(name for model in each.models for name in model.metrics))
    confusion = each.models[0].confusion if each.models else None
    left = [f"{len(names) - _MOST_FIGURES:,} more figures"] if len(names) > _MOST_FIGURES else []
    if confusion and len(confusion.labels) > _MOST_LABELS:
        left.append(f"the confusion matrix of {len(confusion.labels):,} labels")
        confusion = None
    return {
        "set": each.name,
        "models": [model.name for model in each.models],
        "rows": [
            (name, [_figure(model.metrics.get(name)) for model in each.models])
            for name in names[:_MOST_FIGURES]
        ],
        "confusion": _matrix(confusion) if confusion else None,
        "note": _reasons(each),
        "left": " and ".join(left),
    }


def _figure(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return UNKNOWN
    if figure.low is None or figure.high is None:
        return percent(figure.value)
    return f"{percent(figure.value)} ({100 * figure.low:.1f} to {100 * figure.high:.1f})"


def _reasons(each: KeptSet) -> str | None:
    """Why some figures of the tuned model have no interval."""
    figures = each.models[0].metrics.items() if each.models else ()
    reasons = [f"{name}: {figure.reason}" for name, figure in figures if figure.reason]
    return "; ".join(reasons) or None


def _matrix(confusion: Confusion) -> Row:
    rows = []
    for number, (label, counts) in enumerate(zip(confusion.labels, confusion.counts, strict=False)):
        kinds = ["hit" if n == number else "miss" for n in range(len(counts))]
        cells = [(f"{c:,}", kind if c else "") for c, kind in zip(counts, kinds, strict=True)]
        rows.append((label, cells))
    return {"columns": [*confusion.labels, "no label"], "rows": rows}
