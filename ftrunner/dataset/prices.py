"""Training prices: a dated table that ships as data, and what a spec puts in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from ftrunner.diagnostics import Finding, has_errors
from ftrunner.spec.bounds import check_bounds
from ftrunner.spec.document import Document, resolve_tree
from ftrunner.spec.model import Spec
from ftrunner.spec.pointing import point
from ftrunner.spec.reading import decode
from ftrunner.spec.source import Source
from ftrunner.spec.structure import check_structure
from ftrunner.spec.tree import read_tree


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars a million trained tokens, from the lowest to the highest known.

    `dated` says since when, where that is known; `source` where it is known from.
    """

    low: float
    high: float
    dated: str | None
    source: str


# What follows a model's name where a snapshot, a variant or a tuned model's own name begins.
_WORD_ENDS = "-:/@"

PriceTable = Mapping[str, Mapping[str, Price]]


def price_of(model: str, provider: str, table: PriceTable) -> Price | None:
    """What training `model` costs at `provider`; None where the table does not know.

    A beginning of the name stands for it where a whole word ends: `gpt-4` not for `gpt-4o`.
    """
    known = table.get(provider, {})
    base = model.removeprefix("ft:")
    names = [name for name in known if base.startswith(name) and _ends_a_word(base, name)]
    return known[max(names, key=len)] if names else None


def _ends_a_word(base: str, name: str) -> bool:
    return base[len(name) : len(name) + 1] in ("", *_WORD_ENDS)


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


def prices_for(spec: Spec) -> tuple[PriceTable, tuple[Finding, ...]]:
    """The shipped table with the spec's prices before it, and what is wrong with a file of them."""
    if spec.prices is None:
        return shipped_prices(), ()
    if not isinstance(spec.prices, str):
        return _before_shipped(parsed(spec.prices, source=spec.path.name)), ()
    document = _read(spec, spec.prices)
    if isinstance(document, Finding):
        return {}, (document,)
    found = (*document.findings, *check_structure(document, kind="prices"))
    findings = tuple(sorted(found, key=lambda finding: finding.location.line or 0))
    if has_errors(findings):
        return {}, findings
    return _before_shipped(parsed(document.root, source=spec.prices)), findings


def _before_shipped(own: PriceTable) -> PriceTable:
    shipped = shipped_prices()
    return {name: {**shipped.get(name, {}), **own.get(name, {})} for name in {**shipped, **own}}


def _read(spec: Spec, name: str) -> Document | Finding:
    path = spec.folder / name
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"'{path.as_posix()}' cannot be read: {(error.strerror or str(error)).lower()}"
        hint = "the path is relative to the folder of the spec"
        return point(spec, ("prices",), code="FT150", message=message, hint=hint)
    text = decode(data, path.as_posix())
    if isinstance(text, Finding):
        return text
    source = Source(path.as_posix(), text)
    unfit = check_bounds(source)
    return unfit if unfit is not None else resolve_tree(read_tree(source), {}, {})
