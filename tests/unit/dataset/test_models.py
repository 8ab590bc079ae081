"""What is known of a base model by its name."""

from __future__ import annotations

import pytest

from ftrunner.dataset.cost.models import ModelFacts, facts


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-4o-mini-2024-07-18", ModelFacts("o200k_base", 65_536)),
        ("ft:gpt-4.1-nano:acme::x", ModelFacts("o200k_base", 65_536)),
        ("gpt-4-0613", ModelFacts("cl100k_base", 8_192)),
        ("gpt-4.5-preview", ModelFacts("o200k_base")),
        ("o1-mini", ModelFacts("o200k_base")),
    ],
)
def test_a_model_is_known_by_the_beginning_of_its_name(model: str, expected: ModelFacts) -> None:
    assert facts(model) == expected


@pytest.mark.parametrize("model", ["o1ympic-7b", "gpt-4.9", "gpt-44", "davinci-002x", ""])
def test_a_name_that_only_begins_alike_is_unknown(model: str) -> None:
    assert facts(model) == ModelFacts()
