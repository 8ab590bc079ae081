"""Training prices: a dated table that ships as data and that a user's own file can replace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars a million trained tokens, from the lowest to the highest known, and since when."""

    low: float
    high: float
    dated: str
    source: str


PriceTable = Mapping[str, Mapping[str, Price]]


def parse_prices(text: str) -> PriceTable:
    """The table that a YAML text of the form of `prices.yaml` holds.

    Raises ValueError where the text has another form.
    """
    try:
        tree = yaml.load(text, Loader=yaml.CSafeLoader)
        return {name: dict(_prices(entry)) for name, entry in tree.items()}
    except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"this is no price table: {error}") from error


def _prices(entry: Mapping[str, Any]) -> Mapping[str, Price]:
    dated, source = str(entry["dated"]), str(entry["source"])
    return {
        model: Price(float(low), float(high), dated, source)
        for model, (low, high) in entry["training"].items()
    }


@cache
def shipped_prices() -> PriceTable:
    """The table that comes with ftrunner."""
    return parse_prices((files(__package__) / "prices.yaml").read_text(encoding="utf-8"))


def price_of(model: str, provider: str, table: PriceTable) -> Price | None:
    """What training `model` costs at `provider`; None where the table does not know."""
    known = table.get(provider, {})
    base = model.removeprefix("ft:")
    prefixes = [prefix for prefix in known if base.startswith(prefix)]
    return known[max(prefixes, key=len)] if prefixes else None
