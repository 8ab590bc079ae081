"""The history of a spec, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from ftrunner.engine.report.history import History, PastEffect, PastRun
from ftrunner.render.report.figures import UNKNOWN, interval, moment, money, points
from ftrunner.text import one_line

_BARS = "▁▂▃▄▅▆▇█"
_WIDEST = 60  # runs in a chart, cells in a column
_SOURCES = {
    "git": "from the lock file's versions in git",
    "runs": "from the runs that are kept on this machine",
}


def as_text(history: History, *, name: str, run: str | None = None) -> str:
    """A row for each run, oldest first, and a small chart of each effect; `run` has not ended."""
    runs = history.runs
    if not runs:
        return f"{one_line(name)}: no run is known"
    count = f"{len(runs)} run{'' if len(runs) == 1 else 's'}"
    head = f"{one_line(name)} · {count}, {_SOURCES[history.source]}"
    lines = [head, "", *_table([_HEADS, *map(_row, runs)])]
    charts = list(_charts(runs))
    if charts:
        lines += ["", *_table(charts)]
    if history.unread:
        lines += ["", f"{history.unread} versions of the lock file could not be read"]
    if run:
        lines += ["", one_line(run)]
    return "\n".join(lines)


def as_fields(history: History) -> dict[str, Any]:
    """The same as a document."""
    return asdict(history)


_HEADS = ("date", "commit", "provider", "data", "outcome", "prompts", "effect", "cost")


def _row(run: PastRun) -> tuple[str, ...]:
    passed, prompts = run.prompts
    effects = "; ".join(map(effect_of, run.effects))
    return (
        moment(run.at),
        run.commit[:8] if run.commit else UNKNOWN,
        run.provider,
        run.data[:8] or UNKNOWN,
        outcome(run),
        f"{passed} of {prompts}" if prompts else UNKNOWN,
        effects or UNKNOWN,
        cost(run),
    )


def outcome(run: PastRun) -> str:
    """The verdict in a word, or the state of a job that has no model."""
    if run.state != "succeeded":
        return f"job {run.state}"
    if run.is_open:
        return "not enough evidence"
    return "not tested" if run.passed is None else "passed" if run.passed else "failed"


def cost(run: PastRun) -> str:
    """What training cost by the known prices, or a dash."""
    return UNKNOWN if run.cost is None else money(run.cost)


def effect_of(found: PastEffect) -> str:
    """`tickets against base +18.3 (+14.1 to +22.3) better`."""
    known = found.low is not None and found.high is not None
    bounds = f" ({interval(found.low, found.high)})" if known else ""
    return f"{found.set} against {found.against} {points(found.effect)}{bounds} {found.word}"


def _charts(runs: Sequence[PastRun]) -> Iterator[tuple[str, ...]]:
    """One line for each comparison that several runs have."""
    series: dict[tuple[str, str], list[float]] = {}
    for run in runs[-_WIDEST:]:
        for found in run.effects:
            series.setdefault((found.set, found.against), []).append(found.effect)
    for (name, against), values in series.items():
        if len(values) > 1:
            ends = f"{points(values[0])} to {points(values[-1])} points"
            yield f"{name} against {against}", _bars(values), ends


def _bars(values: Sequence[float]) -> str:
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    return "".join(_BARS[round((value - low) / span * (len(_BARS) - 1))] for value in values)


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as what is in them; the last ones may be as long as they like."""
    shown = [[one_line(cell, bound=300) for cell in row] for row in rows]
    widths = [min(max(map(len, column)), _WIDEST) for column in zip(*shown, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in shown
    ]
