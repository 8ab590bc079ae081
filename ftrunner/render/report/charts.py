"""Charts as SVG, from numbers and escaped names only.

What is drawn grows with the page and its text does not: places are shares of the width, and curves
are drawn in a box that is stretched. Each chart is an image with a title; the page has the same
numbers as a table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_BOX = 1000  # of a curve, in both directions
_MOST_POINTS = 400
_TICKS = 4
_SQUARES_A_ROW = 50


@dataclass(frozen=True, slots=True)
class Bar:
    """One interval: a share from -1 to 1, its bounds, and how it is to be taken."""

    value: float
    low: float | None
    high: float | None
    tone: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A range of values as shares of the width."""

    low: float
    high: float

    def __call__(self, value: float) -> str:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return f"{100 * share:.2f}%"


def scale_of(values: Iterable[float]) -> Scale:
    """A scale with all of the values and 0 on it, and room at both ends."""
    found = [0.0, *values]
    low, high = min(found), max(found)
    room = 0.06 * ((high - low) or 0.1)
    return Scale(low - room, high + room)


def interval_chart(bar: Bar, scale: Scale, title: str) -> Markup:
    """One interval around its value, against the line of no difference."""
    middle = scale(0.0)
    parts = [f'<line class="zero" x1="{middle}" x2="{middle}" y1="0" y2="28"/>']
    if bar.low is not None and bar.high is not None:
        ends = f'x1="{scale(bar.low)}" x2="{scale(bar.high)}"'
        parts.append(f'<line class="span" {ends} y1="14" y2="14"/>')
    parts.append(f'<circle cx="{scale(bar.value)}" cy="14" r="5.5"/>')
    return _image("".join(parts), title, height=28, style=f"interval {bar.tone}")


def squares(kinds: Sequence[tuple[str, int]], title: str) -> Markup:
    """A square for each row: so many of each kind, one kind after another."""
    place, paths = 0, []
    for kind, number in kinds:
        steps = "".join(_square(at) for at in range(place, place + number))
        paths.append(f'<path class="{escape(kind)}" d="{steps}"/>' if number else "")
        place += number
    rows = max(1, math.ceil(place / _SQUARES_A_ROW))
    columns = min(max(place, 25), _SQUARES_A_ROW)
    return Markup(  # noqa: S704 - numbers and escaped texts
        f'<svg class="squares" role="img" viewBox="0 0 {columns * 10} {rows * 10}"'
        f' style="max-width:{columns * 14}px"><title>{escape(title)}</title>{"".join(paths)}</svg>'
    )


def _square(at: int) -> str:
    row, column = divmod(at, _SQUARES_A_ROW)
    return f"M{column * 10 + 1} {row * 10 + 1}h8v8h-8z"


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its name, and its values by step."""

    name: str
    points: tuple[tuple[float, float], ...]


def curves(lines: Sequence[Line], marks: Sequence[int], title: str) -> Markup:
    """The lines over the steps, from 0 up, with a mark at each of the steps in `marks`."""
    lines = [Line(line.name, _finite(line.points)) for line in lines]
    steps = [step for line in lines for step, _ in line.points]
    top = max((value for line in lines for _, value in line.points), default=0.0)
    first, last = min(steps, default=0), max(steps, default=1)
    ticks = _ticks(top)
    height = (ticks[-1] if ticks else top) or 1.0
    across = _across(first, last)

    def up(value: float) -> float:
        return 1 - value / height

    inner = "".join(_curve(line, across, up) for line in lines)
    return _image(
        "".join(_grid(up(value)) for value in ticks)
        + "".join(_mark(across(step)) for step in marks if first <= step <= last)
        + f'<svg y="10" height="200" width="100%" viewBox="0 0 {_BOX} {_BOX}"'
        f' preserveAspectRatio="none">{inner}</svg>'
        + "".join(_label(value, up(value)) for value in ticks if value)
        + f'<text x="0" y="232">step {first:,.0f}</text>'
        + f'<text x="100%" y="232" text-anchor="end">{last:,.0f}</text>',
        title,
        height=240,
        style="curves",
    )


def _finite(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Those that can be drawn, and of many as many as a page shows."""
    found = [(x, y) for x, y in points if math.isfinite(y) and 0 <= y < 1e9]
    if len(found) <= _MOST_POINTS:
        return tuple(found)
    return tuple(found[n * (len(found) - 1) // (_MOST_POINTS - 1)] for n in range(_MOST_POINTS))


def _across(first: float, last: float) -> Callable[[float], float]:
    return lambda step: (step - first) / ((last - first) or 1)


def _curve(line: Line, across: Callable[[float], float], up: Callable[[float], float]) -> str:
    if not line.points:
        return ""
    places = [f"{_BOX * across(x):.1f} {_BOX * up(y):.1f}" for x, y in line.points]
    kind = escape(line.name)
    drawn = f'<path class="line {kind}" d="M{"L".join(places)}"/>'
    if len(places) > 40:
        return drawn
    dots = "".join(f"M{place}h0" for place in places)
    return f'{drawn}<path class="dots {kind}" d="{dots}"/>'


def _ticks(top: float) -> list[float]:
    """Round values from 0 to at least `top`."""
    rough = top / _TICKS
    if rough <= 0:
        return []
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    return [step * n for n in range(math.ceil(top / step - 1e-9) + 1)]


def _grid(share: float) -> str:
    y = 10 + 200 * share
    return f'<line class="grid" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'


def _label(value: float, share: float) -> str:
    return f'<text x="0" y="{6 + 200 * share:.1f}">{value:g}</text>'


def _mark(share: float) -> str:
    at = f"{100 * share:.2f}%"
    return f'<line class="mark" x1="{at}" x2="{at}" y1="10" y2="210"/>'


def _image(inside: str, title: str, *, height: int, style: str) -> Markup:
    return Markup(  # noqa: S704 - numbers and escaped texts
        f'<svg class="{escape(style)}" role="img" width="100%" height="{height}">'
        f"<title>{escape(title)}</title>{inside}</svg>"
    )
