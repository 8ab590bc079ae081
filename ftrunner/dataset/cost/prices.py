"""Training prices: a dated table that ships as data, and what a spec puts in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from ftrunner.dataset.cost.models import is_snapshot
from ftrunner.document.bounds import check_bounds
from ftrunner.document.document import Document, resolve_tree
from ftrunner.document.reading import read_text
from ftrunner.document.source import Source
from ftrunner.document.structure import check_structure
from ftrunner.document.tree import read_tree
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


_UNREADABLE = "FT150"
_EMPTY = "FT103"  # of a spec, whose hint is not for prices
_HINT = (
    "`prices` names a YAML file, relative to the folder of the spec; "
    "`ftrunner schema prices` tells what is in it"
)

PriceTable = Mapping[str, Mapping[str, Price]]


def price_of(model: str, provider: str, table: PriceTable) -> Price | None:
    """What training `model` costs at `provider`; None where the table does not know.

    A name stands for its dated versions and what was tuned from them, never for a variant.
    """
    known = table.get(provider, {})
    names = [name for name in known if is_snapshot(model, name)]
    return known[max(names, key=len)] if names else None


@cache
def shipped_prices() -> PriceTable:
    """The table that comes with ftrunner; a test holds it to `schemas/prices.schema.json`."""
    text = (files(__package__) / "prices.yaml").read_text(encoding="utf-8")
    return parsed(yaml.load(text, Loader=yaml.CSafeLoader), source="ftrunner")


def parsed(root: Mapping[str, Any], *, source: str) -> PriceTable:
    """The table in plain values that the schema accepts; `source` is for prices that name none."""
    return {provider: _prices(entry, source) for provider, entry in root.items()}


def _prices(entry: Mapping[str, Any], source: str) -> Mapping[str, Price]:
    told = entry.get("dated"), entry.get("source", source)
    ranges = {
        model: price if isinstance(price, list | tuple) else (price, price)
        for model, price in entry["training"].items()
    }
    return {
        model: Price(float(min(ends)), float(max(ends)), *told) for model, ends in ranges.items()
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
    document = _read(spec, name)
    if isinstance(document, Finding):
        return {}, (document,)
    found = [*document.findings, *check_structure(document, kind="prices")]
    if not has_errors(found):
        found += [
            document.source.finding(why.code, (provider,), why.message, hint=why.hint, at="key")
            for provider, why in unknown(document.root, providers)
        ]
    findings = tuple(sorted(found, key=lambda finding: finding.location.line or 0))
    if has_errors(findings):
        return {}, findings
    return _before_shipped(parsed(document.root, source=name)), findings


def _before_shipped(own: PriceTable) -> PriceTable:
    shipped = shipped_prices()
    return {name: {**shipped.get(name, {}), **own.get(name, {})} for name in {**shipped, **own}}


def _read(spec: Spec, name: str) -> Document | Finding:
    path = spec.folder / name
    file = path.as_posix()
    text = read_text(path, file)
    if isinstance(text, Finding):
        return _unreadable(spec, text.message)
    source = Source(file, text)
    unfit = check_bounds(source)
    if unfit is None:
        return resolve_tree(read_tree(source), {}, {})
    return replace(unfit, code=_UNREADABLE, hint=_HINT) if unfit.code == _EMPTY else unfit


def _unreadable(spec: Spec, why: str) -> Finding:
    return point(spec, ("prices",), code=_UNREADABLE, message=why, hint=_HINT)
