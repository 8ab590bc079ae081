"""Prices: a dated table that ships as data, and what a spec puts in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ftrunner.dataset.cost.models import is_snapshot
from ftrunner.document.document import Document, read_document
from ftrunner.document.reading import read_text
from ftrunner.document.schema import check_structure
from ftrunner.document.source import Source
from ftrunner.findings import Finding, has_errors
from ftrunner.providers.registry import unknown
from ftrunner.spec.model import Spec, point


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars a million trained tokens, from the lowest to the highest known.

    `dated` says since when, where that is known; `source` where it is known from.
    """

    low: float
    high: float
    dated: str | None
    source: str


@dataclass(frozen=True, slots=True)
class AnswerPrice:
    """US dollars for a million tokens that a model reads, and for a million that it writes."""

    input: float
    output: float

    def of(self, tokens_in: float | None, tokens_out: float | None) -> float:
        """What an answer costs; tokens that are not known cost nothing."""
        return ((tokens_in or 0) * self.input + (tokens_out or 0) * self.output) / _MILLION


_MILLION = 1_000_000
_UNREADABLE = "FT150"
_NOT_OPENED = ("FT101", "FT102")  # so that the fault is in the spec, which names the file
_EMPTY = "FT103"  # of a spec, whose hint is not for prices
_HINT = (
    "`prices` names a YAML file, relative to the folder of the spec; "
    "`ftrunner schema prices` describes it"
)

PriceTable = Mapping[str, Mapping[str, Price]]
_Root = Mapping[str, Mapping[str, Any]]


def price_of(model: str, provider: str, table: PriceTable) -> Price | None:
    """What training `model` costs at `provider`; None where the table does not know.

    A name stands for its dated versions and what was tuned from them, never for a variant.
    """
    known = table.get(provider, {})
    name = _name_of(model, known)
    return known[name] if name else None


def answer_price_of(
    spec: Spec, model: str, provider: str, *, tuned: bool = False
) -> AnswerPrice | None:
    """What answers of `model` cost at `provider`, or of a model that was `tuned` from it.

    None where neither the spec's prices nor the shipped ones know it.
    """
    own = _root_of_file(spec)[0] if isinstance(spec.prices, str) else spec.prices or {}
    for root in (own, _shipped_root()):
        known = root.get(provider, {}).get("answers", {})
        if name := _name_of(model, known):
            return _answer_price(known[name], tuned=tuned)
    return None


def _answer_price(value: Mapping[str, float], *, tuned: bool) -> AnswerPrice:
    names = ("tuned_input", "tuned_output") if tuned else ("input", "output")
    read, written = (value.get(name, value[name.removeprefix("tuned_")]) for name in names)
    return AnswerPrice(float(read), float(written))


def _name_of(model: str, known: Mapping[str, Any]) -> str | None:
    """The longest of the known names that stands for the model."""
    return max((name for name in known if is_snapshot(model, name)), key=len, default=None)


@cache
def shipped_prices() -> PriceTable:
    """The table that comes with ftrunner; a test holds it to `schemas/prices.schema.json`."""
    return parsed(_shipped_root(), source="ftrunner")


@cache
def _shipped_root() -> _Root:
    text = Path(__file__).with_name("prices.yaml").read_text(encoding="utf-8")
    root: _Root = yaml.load(text, Loader=yaml.CSafeLoader)
    return root


def parsed(root: Mapping[str, Any], *, source: str) -> PriceTable:
    """The table in plain values that the schema accepts; `source` is for prices that name none."""
    return {provider: _prices(entry, source) for provider, entry in root.items()}


def _prices(entry: Mapping[str, Any], source: str) -> Mapping[str, Price]:
    origin = entry.get("dated"), entry.get("source", source)
    ranges = {
        model: price if isinstance(price, list | tuple) else (price, price)
        for model, price in entry.get("training", {}).items()
    }
    return {
        model: Price(float(min(ends)), float(max(ends)), *origin) for model, ends in ranges.items()
    }


def prices_for(spec: Spec, providers: tuple[str, ...]) -> tuple[PriceTable, tuple[Finding, ...]]:
    """The shipped table with the spec's prices before it, and what is wrong with these.

    `providers` are the names of all profiles: prices under another name would never be used.
    """
    if spec.prices is None:
        return shipped_prices(), ()
    if isinstance(spec.prices, str):
        return _of_file(spec, spec.prices, providers)
    findings = (
        point(spec, ("prices", name), code=why.code, message=why.message, hint=why.hint, at="key")
        for name, why in unknown(spec.prices, providers)
    )
    return _before_shipped(parsed(spec.prices, source=spec.path.name)), tuple(findings)


def _of_file(
    spec: Spec, name: str, providers: tuple[str, ...]
) -> tuple[PriceTable, tuple[Finding, ...]]:
    root, findings = _root_of_file(spec, providers)
    return ({} if has_errors(findings) else _before_shipped(parsed(root, source=name))), findings


def _root_of_file(
    spec: Spec, providers: tuple[str, ...] | None = None
) -> tuple[_Root, tuple[Finding, ...]]:
    """The plain values of the file that `prices` names, none where it has an error."""
    document = _read(spec, str(spec.prices))
    if isinstance(document, Finding):
        return {}, (document,)
    found = [*document.findings, *check_structure(document, kind="prices")]
    if not has_errors(found) and providers is not None:
        found += [
            document.source.finding(why.code, (provider,), why.message, hint=why.hint, at="key")
            for provider, why in unknown(document.root, providers)
        ]
    findings = tuple(sorted(found, key=lambda finding: finding.location.line or 0))
    return ({} if has_errors(findings) else document.root), findings


def _before_shipped(own: PriceTable) -> PriceTable:
    shipped = shipped_prices()
    return {name: {**shipped.get(name, {}), **own.get(name, {})} for name in {**shipped, **own}}


def _read(spec: Spec, name: str) -> Document | Finding:
    path = spec.folder / name
    file = path.as_posix()
    text = read_text(path, file)
    if isinstance(text, Finding):
        if text.code in _NOT_OPENED:
            return _unreadable(spec, text.message)
        return replace(text, code=_UNREADABLE, hint=_HINT)
    document = read_document(Source(file, text), {}, {})
    if isinstance(document, Finding) and document.code == _EMPTY:
        return replace(document, code=_UNREADABLE, hint=_HINT)
    return document


def _unreadable(spec: Spec, why: str) -> Finding:
    return point(spec, ("prices",), code=_UNREADABLE, message=why, hint=_HINT)
