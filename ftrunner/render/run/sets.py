"""Test sets and gates for people: a table for each set, its effect as a small picture, gates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ftrunner import events as e
from ftrunner.evaluation.wording import changes, points
from ftrunner.text import one_line

Part = str | tuple[str, str]
Line = Sequence[Part]

_CELLS = 41
_REACHES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_MOST_ROWS = 5
_MOST_SLICES = 8
_ANSWER = 160  # characters of an answer that are shown
_MARKS: dict[str, tuple[str, str]] = {
    "passed": ("✓", "green"),
    "failed": ("✗", "red"),
    "undecided": ("?", "yellow"),
    "skipped": ("-", "dim"),
}
_STYLES = {"better": "green", "worse": "red", "not enough evidence": "yellow"}


def measured(event: e.SetMeasured) -> Iterator[Line]:
    """One model's row in the table of a set; the tuned model's has the set's name above it."""
    if event.who == "tuned":
        yield heading(event)
    yield from row(event)


def heading(event: e.SetMeasured) -> Line:
    """The name of a set and how many rows it has."""
    leaked = f", {_rows(event.leaked)} left out: the training data has them"
    rows = f"  {_rows(event.rows)}{leaked if event.leaked else ''}"
    return (one_line(event.set), "bold"), rows


def row(event: e.SetMeasured) -> Iterator[Line]:
    """How one model did on a set."""
    yield f"  {one_line(event.who):<8} {_share(event)}", _missing(event.unmeasured)
    if figures := _figures(event):
        yield f"  {'':<8} {figures}", ""


def compared(event: e.SetCompared) -> Iterator[Line]:
    """The effect with its interval, drawn and in words; slices; then the rows that got worse."""
    yield "  ", (one_line(event.sentence, bound=500), _STYLES.get(event.word, ""))
    yield f"    {changes(event.better, event.worse, event.rows)}{_chance(event.p_value)}", ""
    if event.low is not None and event.high is not None:
        yield f"    {picture(event.effect, event.low, event.high)}", ""
    for one in event.slices[:_MOST_SLICES]:
        yield f"    {_slice(one)}", ""
    worse = [each for each in event.changed if each.difference < 0]
    for each in worse[:_MOST_ROWS]:
        yield from _changed(each, event.against)
    if event.worse > _MOST_ROWS:
        yield f"    and {event.worse - min(len(worse), _MOST_ROWS):,} more that got worse", ""


def judged(event: e.GateJudged) -> Line:
    """One gate: what came of it and why."""
    mark, style = _MARKS.get(event.result, ("?", "yellow"))
    excused = " (may stay open)" if event.excused else ""
    claim, why = one_line(event.claim, bound=500), one_line(event.why, bound=500)
    return (
        "  ",
        (f"{mark} ", style),
        claim,
        (f"  {one_line(event.result)}{excused}", style),
        f": {why}",
    )


def picture(effect: float, low: float, high: float) -> str:
    """The interval on a line with zero in the middle: `−5 ├───●───┤·······│··············· +5`"""
    reach = next(r for r in _REACHES if max(-low, high, abs(effect)) <= r or r == 1.0)
    cells = ["·"] * _CELLS
    first, last = _cell(low, reach), _cell(high, reach)
    cells[first : last + 1] = ["─"] * (last + 1 - first)
    cells[_CELLS // 2] = "┼" if first <= _CELLS // 2 <= last else "│"
    cells[first], cells[last] = "├", "┤"
    cells[_cell(effect, reach)] = "●"
    return f"{points(-reach)} {''.join(cells)} {points(reach)}"


def _cell(value: float, reach: float) -> int:
    """Which cell of the picture a value is in."""
    return round((min(max(value / reach, -1.0), 1.0) + 1) / 2 * (_CELLS - 1))


def _slice(one: e.SliceCompared) -> str:
    """`channel = mail: +85 points (+60.1 to +95.2), 27 rows`"""
    interval = ""
    if one.low is not None and one.high is not None:
        interval = f" ({points(one.low)} to {points(one.high)})"
    name = f"{one_line(one.column)} = {one_line(one.value, bound=60)}"
    return f"{name}: {points(one.effect)} points{interval}, {_rows(one.rows)}"


def _changed(row: e.RowChanged, against: str) -> Iterator[Line]:
    reference = f"  (right: {one_line(row.reference, bound=_ANSWER)})" if row.reference else ""
    question = one_line(row.question, bound=_ANSWER)
    yield "    ", ("worse ", "red"), f"{one_line(row.place)}  {question}{reference}"
    yield f"      {'tuned':<8} {_answer(row.answer)}", ""
    yield f"      {one_line(against):<8} {_answer(row.other_answer)}", ""


def _answer(answer: str | None) -> str:
    return "no answer" if answer is None else one_line(answer, bound=_ANSWER)


def _chance(p_value: float | None) -> str:
    if p_value is None:
        return ""
    return " (p < 0.001)" if p_value < 0.001 else f" (p = {p_value:.3f})"


def _share(event: e.SetMeasured) -> str:
    if event.mean is None:
        return one_line(event.reason or "nothing was measured")
    width = len(f"{event.rows:,}")
    each = " every time" if event.repeat > 1 else ""
    passed = f"{event.passed:>{width},} of {event.rows:,} passed{each}"
    interval = "" if event.low is None or event.high is None else _interval(event.low, event.high)
    return f"{passed}  {100 * event.mean:5.1f} %{interval}"


def _interval(low: float, high: float) -> str:
    return f"  ({100 * low:.1f} to {100 * high:.1f})"


def _figures(event: e.SetMeasured) -> str:
    """Other figures of the whole set, by name, that are not the mean again."""
    named = {
        name: value
        for name, value in event.metrics.items()
        if isinstance(value, float) and "." not in name and value != event.mean
    }
    return "  ".join(
        f"{one_line(name.replace('_', ' '))} {100 * value:.1f} %" for name, value in named.items()
    )


def _missing(unmeasured: int) -> Part:
    return (f"  {unmeasured:,} unmeasured", "yellow") if unmeasured else ""


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"
