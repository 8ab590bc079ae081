"""A report as one HTML file: no script, no request, and everything that was given is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

from markupsafe import Markup, escape
from minijinja import Environment

from ftrunner.engine.report.report import Report
from ftrunner.render.report import comparisons, views
from ftrunner.render.report.figures import moment
from ftrunner.state.results import RunResults
from ftrunner.text import one_line, printable

LONGEST_TEXT = 2_000  # characters of an answer
MOST_BYTES = 850_000  # of all examples together; the page stays below 1 MB
_MOST_CHANGED = 200
_MOST_BETTER = 12
_MOST_PROMPTS = 200
_MOST_GATES = 200
_MOST_CHECKPOINTS = 20
_MARKS = {"good": "✓", "bad": "✗", "open": "?"}
METHOD = (
    "Both models answered the same rows, so each row gives one difference: the score of the tuned "
    "model's answers minus that of the other model's, from −1 to 1.",
    "The difference shown is the plain mean. Its interval is the usual t interval of these "
    "differences after two imaginary rows are added: one that only the tuned model passes, and "
    "one that only the other model passes. They keep a few rows from looking like proof.",
    "A gate that depends on one bound adds a third imaginary row, against what it claims. Rows of "
    "one cluster vary together, and the interval allows for that.",
    "What could not be measured counts against the claim. “Not enough evidence” means that the "
    "interval holds both what would pass and what would not: more rows would settle it.",
)
# The sections in their order: the title of each, and what it shows.
_SECTIONS = {
    "gates": ("Gates", "gates"),
    "effect": ("Intervals", "effects"),
    "changed": ("What changed", "changes"),
    "prompts": ("Test prompts", "prompts"),
    "figures": ("Figures", "figures"),
    "training": ("Training", "training"),
    "data": ("Data", "data"),
    "cost": ("Cost and time", "costs"),
    "history": ("History", "past"),
    "provenance": ("Provenance", "provenance"),
    "method": ("Method", "effects"),
}


def _given(value: object) -> object:
    """What a template shows: text that cannot steer what displays it; markup made here as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return escape(printable(value, bound=len(value)))
    return value


@cache
def _source(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


_ENVIRONMENT = Environment(
    loader=_source,
    auto_escape_callback=lambda _: True,
    undefined_behavior="strict",
    finalizer=_given,
    filters={
        "line": lambda text: one_line(str(text), bound=300),
        "clip": lambda text: printable(str(text), bound=LONGEST_TEXT),
        "moment": moment,
        "thousands": lambda number: f"{number:,}",
    },
)


def html(report: Report) -> str:
    """The page."""
    results = report.results
    cards = _Cards(MOST_BYTES)
    page = {
        "report": report,
        "results": results,
        "style": Markup(_source("style.css")),  # noqa: S704 - it is ours
        "mark": _MARKS[report.verdict.tone],
        "tiles": views.tiles(report),
        "confidence": f"{100 * results.confidence:g}",
        "gates": results.gates[:_MOST_GATES],
        **_of_sets(results, cards),
        "prompts": _prompts(results, cards),
        "training": views.training(report),
        "checkpoints": ", ".join(map(str, report.checkpoints[-_MOST_CHECKPOINTS:])),
        "data": views.data(results),
        "leaks": views.leaks(results),
        "costs": views.costs(report),
        "usage": views.usage(results),
        "past": views.past(report),
        "provenance": views.provenance(report),
        "method": METHOD,
    }
    page["sections"] = [(id_, title) for id_, (title, shown) in _SECTIONS.items() if page[shown]]
    return _ENVIRONMENT.render_template("page.html", **page)


def _of_sets(results: RunResults, cards: _Cards) -> dict[str, Any]:
    """The sections about test sets, where there is one."""
    if not results.sets:
        return {"effects": [], "has_slices": False, "changes": [], "figures": []}
    return {
        "effects": comparisons.effects(results),
        "has_slices": any(c.slices for each in results.sets for c in each.comparisons),
        "changes": [_with_examples(view, cards) for view in comparisons.changes(results)],
        "figures": comparisons.figures(results),
    }


class _Cards:
    """Examples as markup, as long as there is room for them on the page."""

    def __init__(self, room: int) -> None:
        self._room = room

    def made(self, kind: str, cases: Iterable[Any], most: int, *, opened: int) -> list[Markup]:
        """A card for each of the first `most` cases; the first `opened` are open."""
        found: list[Markup] = []
        for number, case in enumerate(islice(cases, most)):
            card = _card(kind, case, is_open=number < opened)
            self._room -= len(card.encode(errors="replace"))
            if self._room < 0:
                break
            found.append(card)
        return found


def _card(kind: str, case: Any, *, is_open: bool) -> Markup:
    card = _ENVIRONMENT.render_template("cards.html", kind=kind, case=case, open=is_open)
    return Markup(card)  # noqa: S704 - the template escapes


def _with_examples(view: Mapping[str, Any], cards: _Cards) -> dict[str, Any]:
    """What got worse comes first, and all of it; then some of what got better."""
    shown = cards.made("changed", view["worse_rows"], _MOST_CHANGED, opened=3)
    better = cards.made("changed", view["better_rows"], _MOST_BETTER, opened=not shown)
    left = view["worse"] + view["better"] - len(shown) - len(better)
    return {**view, "cards": [*shown, *better], "left": left}


def _prompts(results: RunResults, cards: _Cards) -> dict[str, Any] | None:
    """The failed ones first."""
    prompts = sorted(results.prompts, key=lambda prompt: prompt.passed)
    if not prompts:
        return None
    shown = cards.made("prompt", prompts, _MOST_PROMPTS, opened=3 if not prompts[0].passed else 1)
    left = prompts[len(shown) :]
    return {
        "passed": sum(prompt.passed for prompt in prompts),
        "total": len(prompts),
        "cards": shown,
        "left": len(left),
        "left_failed": sum(not prompt.passed for prompt in left),
    }
