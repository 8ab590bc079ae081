"""The rules about test sets, gates and the models that they compare with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ftrunner.document.source import KeyPath
from ftrunner.document.valid_view import ValidView
from ftrunner.findings import Finding, Severity
from ftrunner.spec.build_tests import CLAIMS, gate_name, opponent_name
from ftrunner.spec.template import ITEM, OPENING, references, without_references
from ftrunner.spec.testing import BASE, CURRENT
from ftrunner.text import did_you_mean
from ftrunner.urls import url_fault

_COMPARING = ("better_than", "not_worse_than")
_ABOUT_A_SET = (*_COMPARING, "at_least")
_NEEDS = {
    "accuracy": ("label", "in"),
    "macro_f1": ("label", "in"),
    "precision": ("label", "in"),
    "recall": ("label", "in"),
    "fields": ("fields", "keys"),
}
_NOUNS = {"label": "label", "fields": "field"}
_BELONGS_TO = {"by": "better_than", "margin": "not_worse_than", "point": "at_least"}


def something_is_tested(spec: ValidView) -> Iterator[Finding]:
    has_tests = spec.has("tests", "prompts") or spec.has("tests", "sets")
    if spec.is_mapping(("tests",)) and not has_tests:
        hint = "add `prompts`, or a file of rows under `sets`; or remove `tests`"
        message = "tests has neither prompts nor sets"
        yield spec.finding("FT157", ("tests",), message, hint=hint, at="key")


def gates_make_one_claim(spec: ValidView) -> Iterator[Finding]:
    for gate in _gates(spec):
        claims = [key for key in CLAIMS if spec.has(*gate, key)]
        if len(claims) != 1:
            listed = " and ".join(claims) if claims else "no claim"
            hint = f"write one claim in each gate: {', '.join(CLAIMS)}"
            yield spec.finding("FT151", gate, f"the gate makes {listed}", hint=hint)
        elif claims[0] in _ABOUT_A_SET and not spec.has(*gate, "set"):
            hint = "add `set:` with the name of a test set"
            yield spec.finding("FT151", gate, "the gate names no test set", hint=hint)


def keys_belong_to_the_claim(spec: ValidView) -> Iterator[Finding]:
    for gate in _gates(spec):
        for key, claim in _BELONGS_TO.items():
            if spec.has(*gate, key) and not spec.has(*gate, claim):
                message = f"{key} belongs to {claim}, which the gate does not have"
                hint = f"remove `{key}`, or write `{claim}`"
                yield spec.finding("FT151", (*gate, key), message, hint=hint, at="key")
        if spec.has(*gate, "metric") and not any(spec.has(*gate, key) for key in _ABOUT_A_SET):
            hint = f"remove it; {', '.join(_ABOUT_A_SET)} have a metric"
            message = "a bound on latency, cost or length has no metric"
            yield spec.finding("FT151", (*gate, "metric"), message, hint=hint, at="key")


def gates_name_what_is_there(spec: ValidView) -> Iterator[Finding]:
    sets = [str(path[-1]) for path in spec.inside("tests", "sets")]
    models = _models(spec)
    for gate in _gates(spec):
        yield from _unknown(spec, (*gate, "set"), sets, "a test set", "sets")
        for claim in _COMPARING:
            path = (*gate, claim)
            yield from _unknown(spec, path, models, "a model under tests.against", "against")
    for path in spec.inside("tests", "undecided"):
        yield from _unknown(spec, path, _gate_names(spec), "the name of a gate", "gates")


def metrics_are_measured(spec: ValidView) -> Iterator[Finding]:
    for gate in _gates(spec):
        if not spec.has("tests", "sets"):
            hint = "add the rows to test with under `sets`, or remove the gate"
            yield spec.finding("FT161", gate, "there is no test set to measure", hint=hint)
            continue
        metric, name = spec.get(*gate, "metric"), spec.get(*gate, "set")
        expect = spec.get("tests", "sets", name, "expect") if isinstance(name, str) else None
        if isinstance(metric, str) and expect is not None:
            yield from _unmeasured(spec, (*gate, "metric"), metric, expect)


def _unmeasured(
    spec: ValidView, path: KeyPath, metric: str, expect: Sequence[Mapping[str, Any]]
) -> Iterator[Finding]:
    kind, _, key = metric.partition(".")
    needed = _NEEDS.get(kind)
    if needed is None:
        return
    expectation, listed = needed
    measured = [str(one) for value in _expected(expect, expectation) for one in value[listed]]
    if not measured:
        hint = f"add `{expectation}` to what the set expects, or name another metric"
        message = f"{spec.shown(path)} needs an expectation `{expectation}`"
        yield spec.finding("FT161", path, message, hint=hint)
    elif key and key not in measured:
        hint = f"listed: {', '.join(measured)}; correct the metric, or the list if that is wrong"
        near = did_you_mean(key, measured) if spec.may_show(path) else ""
        about = f"a {_NOUNS[expectation]} that the set's `{expectation}` does not list"
        message = f"{spec.shown(path)} is about {about}{near}"
        yield spec.finding("FT161", path, message, hint=hint)


def _expected(expect: Sequence[Mapping[str, Any]], kind: str) -> Iterator[Mapping[str, Any]]:
    """The expectations of a kind that every answer is held against."""
    for one in expect:
        if kind in one:
            yield one[kind]
        yield from _expected(one.get("all_of", ()), kind)


def margins_allow_something(spec: ValidView) -> Iterator[Finding]:
    for gate in _gates(spec):
        if not spec.has(*gate, "not_worse_than"):
            continue
        path = (*gate, "margin")
        missing = not spec.has(*path)
        if missing or spec.get(*path) == 0:
            message = "no number of prompts can show `not_worse_than` without a margin"
            hint = "`margin: 0.02` allows two points; choose the difference that does not matter"
            yield spec.finding("FT153", gate if missing else path, message, hint=hint)


def columns_are_of_sets(spec: ValidView) -> Iterator[Finding]:
    """A prompt of the spec has no columns."""
    for path in spec.inside("tests", "prompts"):
        for place, text in spec.texts(*path, "expect"):
            if OPENING in text and any(name.startswith(ITEM) for name in references(text)):
                message = "a prompt has no columns; only the rows of a test set do"
                hint = "write the text itself, or move the prompt into a file under `sets`"
                yield spec.finding("FT154", place, message, hint=hint)


def references_are_to_columns(spec: ValidView) -> Iterator[Finding]:
    """Which columns there are is known once the file of the set is read."""
    for path in spec.inside("tests", "sets"):
        for key in ("user", "system", "expect"):
            for place, text in spec.texts(*path, key):
                if OPENING in text:
                    yield from _odd_references(spec, place, text)


def _odd_references(spec: ValidView, path: KeyPath, text: str) -> Iterator[Finding]:
    hint = "refer to a column of the row, as in {{item.answer}}; a column's text is taken as it is"
    for name in references(text):
        if not name.startswith(ITEM):
            message = f"{{{{{name}}}}} refers to nothing"
            yield spec.finding("FT160", path, message, hint=hint)
    if OPENING in without_references(text):
        yield spec.finding("FT160", path, "a {{ is not closed by }}", hint=hint)


def ratchets_are_anchored(spec: ValidView) -> Iterator[Finding]:
    """A margin against `current` alone lets quality fall by the margin with each fine-tune."""
    anchored = {spec.get(*gate, "set") for gate in _gates(spec) if _is_anchor(spec, gate)}
    for gate in _gates(spec):
        name = spec.get(*gate, "set")
        if spec.get(*gate, "not_worse_than") == CURRENT and name and name not in anchored:
            message = (
                f"only the current model is compared on {name!r}: each fine-tune may be worse "
                "than the last by the margin"
            )
            hint = "add a gate against `base` or a model by name, or an `at_least`"
            finding = spec.finding("FT155", (*gate, "not_worse_than"), message, hint=hint)
            yield replace(finding, severity=Severity.WARNING)


def weights_need_clusters(spec: ValidView) -> Iterator[Finding]:
    for path in spec.inside("tests", "sets"):
        if spec.get(*path, "weigh") == "cluster" and not spec.has(*path, "cluster"):
            hint = "name the column under `cluster`, or remove `weigh`"
            message = "weigh: cluster needs a cluster"
            yield spec.finding("FT156", (*path, "weigh"), message, hint=hint, at="key")


def messages_have_one_origin(spec: ValidView) -> Iterator[Finding]:
    for path in spec.inside("tests", "sets"):
        for key in ("user", "system"):
            if spec.has(*path, key) and spec.has(*path, "columns", key):
                hint = f"keep one: `columns.{key}` names a column, `{key}` is a text with columns"
                message = f"the set has both {key} and columns.{key}"
                yield spec.finding("FT158", (*path, key), message, hint=hint, at="key")


def opponents_are_reachable(spec: ValidView) -> Iterator[Finding]:
    seen: set[str] = set()
    for path in spec.inside("tests", "against"):
        value = spec.get(*path)
        if value is None:
            continue
        name = opponent_name(value)
        if name in seen:
            message = f"two models to compare with are called {name!r}"
            yield spec.finding("FT159", path, message, hint="give one of them another `name`")
        seen.add(name)
        fault = url_fault(value["base_url"]) if "base_url" in value else None
        if fault:
            yield spec.finding("FT132", (*path, "base_url"), fault[0], hint=fault[1])


def _has_fault(spec: ValidView, key: str) -> bool:
    return spec.has("tests", key) and spec.get("tests", key) is None


def _is_anchor(spec: ValidView, gate: KeyPath) -> bool:
    if spec.has(*gate, "at_least"):
        return True
    compared = spec.get(*gate, "better_than") or spec.get(*gate, "not_worse_than")
    return compared is not None and compared != CURRENT


def _gates(spec: ValidView) -> Iterator[KeyPath]:
    return (path for path in spec.inside("tests", "gates") if spec.is_mapping(path))


def _gate_names(spec: ValidView) -> list[str]:
    written = ({str(path[-1]): spec.get(*path) for path in spec.inside(*g)} for g in _gates(spec))
    return [name for name in map(gate_name, written) if name]


def _models(spec: ValidView) -> list[str]:
    if not spec.has("tests", "against"):
        return [BASE, CURRENT]
    written = (spec.get(*path) for path in spec.inside("tests", "against"))
    return [opponent_name(value) for value in written if value is not None]


def _unknown(
    spec: ValidView, path: KeyPath, known: list[str], what: str, listed_under: str
) -> Iterator[Finding]:
    name = spec.get(*path)
    if name is None or name in known:
        return
    near = did_you_mean(name, known) if spec.may_show(path) else ""
    if not near and _has_fault(spec, listed_under):
        return  # the entry with the fault may be the one that is meant
    hint = (
        f"known here: {', '.join(dict.fromkeys(known))}" if known else "there is none in this spec"
    )
    yield spec.finding("FT152", path, f"{spec.shown(path)} is not {what}{near}", hint=hint)


GATE_RULES: tuple[Callable[[ValidView], Iterable[Finding]], ...] = (
    something_is_tested,
    columns_are_of_sets,
    references_are_to_columns,
    weights_need_clusters,
    messages_have_one_origin,
    opponents_are_reachable,
    gates_make_one_claim,
    keys_belong_to_the_claim,
    gates_name_what_is_there,
    metrics_are_measured,
    margins_allow_something,
    ratchets_are_anchored,
)
