from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ftrunner.dataset.cost.cost import Estimate, Span, automatic_epochs, estimate
from ftrunner.dataset.cost.counting import Counting
from ftrunner.dataset.cost.prices import Price
from ftrunner.dataset.report import Sample
from ftrunner.dataset.validate import check_dataset
from ftrunner.providers import registry
from ftrunner.spec.model import Dataset, Hyperparameters, Method, Spec
from ftrunner.text import dollars
from tests.unit.dataset.samples import example

OPENAI = registry.get("openai")
PRICES = {"openai": {"gpt-4o": Price(2.0, 4.0, "2026-01", "a test")}}


@pytest.mark.parametrize(
    ("examples", "epochs"),
    [
        (1, 25),
        (4, 25),
        (5, 20),
        (10, 10),
        (33, 3),
        (34, 3),
        (100, 3),
        (8_333, 3),
        (8_334, 2),
        (12_501, 1),
        (100_000, 1),
        (0, 3),
    ],
)
def test_automatic_epochs_follow_the_published_rule(examples: int, epochs: int) -> None:
    assert automatic_epochs(examples) == epochs


def write_rows(folder: Path, method: Method = Method.SUPERVISED) -> None:
    rows = [example(number) for number in range(10)]
    if method is Method.REINFORCEMENT:
        rows = [json.dumps({"messages": [{"role": "user", "content": "a"}]}).encode()] * 10
    (folder / "a.jsonl").write_bytes(b"\n".join(rows))


def spec_of(folder: Path, model: str = "gpt-4o", **more: Any) -> Spec:
    return Spec(folder / "s.yaml", "s", model, Dataset(("a.jsonl",)), **more)


def estimated(
    folder: Path,
    *,
    model: str = "gpt-4o-2024-08-06",
    hyperparameters: Hyperparameters | None = None,
    method: Method = Method.SUPERVISED,
    counting: Counting = Counting.EXACT,
) -> Estimate:
    write_rows(folder, method)
    spec = spec_of(folder, model, hyperparameters=hyperparameters or {}, method=method)
    return estimate(check_dataset(spec, OPENAI, counting), spec, OPENAI, PRICES)


def test_cost_is_epochs_times_tokens_times_price(tmp_path: Path) -> None:
    result = estimated(tmp_path, hyperparameters={"n_epochs": 3})

    assert result.tokens_per_epoch is not None
    tokens = 3 * result.tokens_per_epoch
    assert result.tokens == Span(tokens, tokens)
    assert result.cost is not None
    assert result.cost.low == pytest.approx(tokens * 2 / 1_000_000)
    assert result.cost.high == pytest.approx(tokens * 4 / 1_000_000)
    assert result.unknown is None


@pytest.mark.parametrize("hyperparameters", [{}, {"n_epochs": "auto"}])
def test_automatic_epochs_are_a_range(tmp_path: Path, hyperparameters: Hyperparameters) -> None:
    assert estimated(tmp_path, hyperparameters=hyperparameters).epochs == Span(2, 10)


def test_a_model_without_a_price_says_so(tmp_path: Path) -> None:
    result = estimated(tmp_path, model="gpt-4.1-2025-04-14")

    assert result.cost is None
    assert result.tokens is not None
    assert result.unknown is not None
    assert result.unknown.startswith("no price known for gpt-4.1-2025-04-14 at OpenAI; ")


def test_a_model_without_a_vocabulary_says_so(tmp_path: Path) -> None:
    result = estimated(tmp_path, model="meta-llama/Llama-3.1-8B")

    assert result.tokens is None
    assert result.unknown is not None
    assert "meta-llama/Llama-3.1-8B" in result.unknown


def test_tokens_that_were_not_counted_are_not_guessed(tmp_path: Path) -> None:
    assert estimated(tmp_path, counting=Counting.OFF).unknown == "tokens were not counted"


def test_the_error_of_a_sample_widens_tokens_and_cost(tmp_path: Path) -> None:
    write_rows(tmp_path)
    spec = spec_of(tmp_path, hyperparameters={"n_epochs": 1})
    report = check_dataset(spec, OPENAI, Counting.EXACT)
    assert report.train is not None
    sampled = replace(report.train, sample=Sample(examples=5, of=10, error=0.1))
    result = estimate(replace(report, train=sampled), spec, OPENAI, PRICES)

    assert result.tokens_per_epoch is not None
    assert result.cost is not None
    assert result.tokens == Span(0.9 * result.tokens_per_epoch, 1.1 * result.tokens_per_epoch)
    assert result.cost.high == pytest.approx(1.1 * result.tokens_per_epoch * 4 / 1_000_000)


@pytest.mark.parametrize(("detail", "coarse"), [("low", 0), ("high", 10), ("auto", 10), (None, 10)])
def test_images_are_counted_at_least(tmp_path: Path, detail: str | None, coarse: int) -> None:
    image = {"url": "https://example.com/1.png"} | ({"detail": detail} if detail else {})
    asked = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": image}]
    rows = [
        json.dumps(
            {
                "messages": [
                    {"role": "user", "content": asked},
                    {"role": "assistant", "content": f"Whale {number}."},
                ]
            }
        )
        for number in range(10)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(rows))
    spec = spec_of(tmp_path)
    result = estimate(check_dataset(spec, OPENAI, Counting.EXACT), spec, OPENAI, PRICES)

    assert result.coarse == coarse
    assert result.tokens_per_epoch is not None
    assert result.tokens_per_epoch > 85 * 10


def test_reinforcement_is_billed_by_the_hour(tmp_path: Path) -> None:
    result = estimated(tmp_path, method=Method.REINFORCEMENT)

    assert result.cost is None
    assert result.unknown == "reinforcement training is billed by the hour"


def test_without_data_there_is_nothing_to_estimate(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)

    assert estimate(check_dataset(spec, OPENAI), spec, OPENAI, PRICES).unknown


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "$0.00"), (0.0034, "$0.0034"), (0.01, "$0.01"), (1234.5, "$1,234.50")]
)
def test_small_amounts_are_never_shown_as_nothing(amount: float, text: str) -> None:
    assert dollars(amount) == text
