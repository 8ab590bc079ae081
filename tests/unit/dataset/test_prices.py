"""Prices: the shipped table, and what a spec puts before it."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from ftrunner.dataset.cost.prices import Price, price_of, prices_for, shipped_prices
from ftrunner.document import schema
from ftrunner.providers import registry
from ftrunner.spec.model import Dataset, Spec

KNOWN = registry.names()
OWN = {"openai": {"source": "a contract", "training": {"gpt-4o-mini": 2.4, "gpt-4o": [25, 20]}}}


def spec(folder: Path, prices: Any) -> Spec:
    return Spec(folder / "s.yaml", "s", "gpt-4o", Dataset(("a.jsonl",)), prices=prices)


def test_the_shipped_table_is_what_its_schema_says() -> None:
    text = (files("ftrunner.dataset.cost") / "prices.yaml").read_text(encoding="utf-8")

    assert list(Draft202012Validator(schema.load("prices")).iter_errors(yaml.safe_load(text))) == []


def test_a_table_has_one_form_in_a_spec_and_in_a_file() -> None:
    of_spec, of_file = schema.load("spec")["$defs"], schema.load("prices")["$defs"]

    assert {name: of_spec[name] for name in of_file} == of_file


def test_every_shipped_price_is_dated_and_has_a_source() -> None:
    prices = [price for models in shipped_prices().values() for price in models.values()]

    assert prices
    assert all(price.dated and price.source and 0 < price.low <= price.high for price in prices)


def test_the_longest_name_has_the_price() -> None:
    table = shipped_prices()
    mini = price_of("gpt-4o-mini-2024-07-18", "openai", table)
    tuned = price_of("ft:gpt-4o-mini-2024-07-18:acme::x", "openai", table)

    assert mini is not None
    assert mini.high < 25
    assert tuned == mini
    assert price_of("gpt-4o-mini", "nobody", table) is None


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4.1", "gpt-45", "gpt"])
def test_a_name_does_not_cover_another_that_begins_alike(model: str) -> None:
    table = {"openai": {"gpt-4": Price(1, 1, None, "a test")}}

    assert price_of(model, "openai", table) is None
    assert price_of("gpt-4-0613", "openai", table) is not None


@pytest.mark.parametrize(
    "model", ["gpt-4.1", "gpt-4.1-2025-04-14", "gpt-4.1-2025-04-14.ft-0f3a", "ft:gpt-4.1:acme::x"]
)
def test_a_price_holds_for_dated_versions_and_what_was_tuned_from_them(model: str) -> None:
    table = {"azure": {"gpt-4.1": Price(1, 1, None, "a test")}}

    assert price_of(model, "azure", table) is not None


@pytest.mark.parametrize("model", ["gpt-4.1-mini", "gpt-4.1-nano-2025-04-14", "gpt-4.1-32k"])
def test_a_variant_has_not_the_price_of_the_model_it_is_named_after(model: str) -> None:
    assert price_of(model, "azure", shipped_prices()) is None


def test_azures_range_holds_the_developer_tier_and_regional_training() -> None:
    price = shipped_prices()["azure"]["gpt-4.1"]

    assert price.low == 2 * 0.5
    assert price.high == pytest.approx(2 / 0.7, abs=0.005)


def test_without_its_own_prices_a_spec_has_the_shipped_ones(tmp_path: Path) -> None:
    assert prices_for(spec(tmp_path, None), KNOWN) == (shipped_prices(), ())


@pytest.mark.parametrize("where", ["in the spec", "in a file"])
def test_prices_of_the_spec_go_first_and_the_others_stay(tmp_path: Path, where: str) -> None:
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(OWN), encoding="utf-8")
    own = spec(tmp_path, OWN if where == "in the spec" else "own.yaml")

    table, findings = prices_for(own, KNOWN)

    assert findings == ()
    assert table["openai"]["gpt-4o-mini"] == Price(2.4, 2.4, None, "a contract")
    assert table["openai"]["gpt-4o"] == Price(20, 25, None, "a contract")
    assert table["openai"]["gpt-4.1"] == shipped_prices()["openai"]["gpt-4.1"]
    assert table["azure"] == shipped_prices()["azure"]


@pytest.mark.parametrize("what", ["a pipe", "a device"])
@pytest.mark.posix
def test_what_is_not_a_file_is_not_opened(tmp_path: Path, what: str) -> None:
    """The name comes from the spec: no process writes to the pipe."""
    os.mkfifo(tmp_path / "pipe.yaml")
    own = spec(tmp_path, "pipe.yaml" if what == "a pipe" else "/dev/zero")

    _, (finding,) = prices_for(own, KNOWN)

    assert finding.code == "FT150"
    assert finding.message.endswith(f"it is {what}, not a regular file")


@pytest.mark.parametrize("name", ["none.yaml", ".", "a\0b.yaml", f"{'x' * 300}.yaml"])
def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path, name: str) -> None:
    _, (finding,) = prices_for(spec(tmp_path, name), KNOWN)

    assert finding.code == "FT150"


def test_a_price_without_a_source_names_the_file(tmp_path: Path) -> None:
    table, _ = prices_for(spec(tmp_path, {"mine": {"training": {"m": 0}}}), ("mine",))

    assert table["mine"]["m"] == Price(0, 0, None, "s.yaml")
