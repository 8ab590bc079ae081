"""A spec at another provider: nothing is dropped in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftrunner.providers import registry
from ftrunner.providers.hyperparameter_translation import Outcome
from ftrunner.providers.port_spec import Move, move
from ftrunner.spec.model import Dataset, Method, Spec

HOME = "openai"


def _spec(**fields: Any) -> Spec:
    values = {"name": "stories", "model": "gpt-4o-mini-2024-07-18", "provider": HOME, **fields}
    return Spec(path=Path("stories.yaml"), dataset=Dataset(("data.jsonl",)), **values)


def _moved(target: str, **fields: Any) -> Move:
    return move(_spec(**fields), registry.get(HOME), registry.get(target))


def _outcomes(moved: Move) -> dict[str, Outcome]:
    return {change.field: change.outcome for change in moved.changes}


@pytest.mark.parametrize("name", [*registry.names()])
def test_at_home_nothing_changes(name: str) -> None:
    profile = registry.get(name)
    spec = _spec(model=profile.models.example or "m", suffix="s", base_url="https://x.example/v1")
    moved = move(spec, profile, profile)
    assert moved.spec == spec
    assert moved.spec.findings == ()
    assert set(_outcomes(moved).values()) == {Outcome.CARRIED}


def test_every_setting_has_an_outcome() -> None:
    moved = _moved(
        "zhipu",
        suffix="stories",
        seed=42,
        metadata={"team": "a"},
        integrations=({"type": "wandb"},),
        hyperparameters={"n_epochs": 3},
        extra_headers={"x": "y"},
        extra_body={"k": 1},
        api_key_env="OPENAI_API_KEY",
        base_url="https://api.openai.com/v1",
    )
    assert _outcomes(moved) == {
        "base_url": Outcome.TRANSLATED,
        "api_key_env": Outcome.TRANSLATED,
        "method": Outcome.CARRIED,
        "model": Outcome.REFUSED,
        "suffix": Outcome.CARRIED,
        "seed": Outcome.LOST,
        "metadata": Outcome.LOST,
        "integrations": Outcome.LOST,
        "extra_headers": Outcome.LOST,
        "extra_body": Outcome.LOST,
        "hyperparameters.n_epochs": Outcome.CARRIED,
    }
    assert [finding.code for finding in moved.spec.findings] == ["FT372", *["FT371"] * 5]
    assert all(finding.hint for finding in moved.spec.findings)


def test_one_provider_s_key_and_headers_never_go_to_another() -> None:
    moved = _moved("nebius", api_key_env="OPENAI_API_KEY", extra_headers={"x-gateway-key": "k"})
    assert moved.spec.api_key_env == "NEBIUS_API_KEY"
    assert moved.spec.extra_headers == {}


def test_a_loss_that_the_spec_allows_is_not_a_finding() -> None:
    moved = _moved(
        "zhipu", model="glm-4-flash", seed=42, metadata={"team": "a"}, allow_loss=("seed",)
    )
    assert [finding.message for finding in moved.spec.findings] == [
        "metadata would be lost: Zhipu BigModel takes no metadata: the job does not carry it"
    ]
    assert moved.spec.seed is None
    assert "seed" in _outcomes(moved)


def test_overrides_replace_and_merge() -> None:
    moved = _moved(
        "nebius",
        hyperparameters={"n_epochs": 3},
        providers={
            "nebius": {
                "model": "meta-llama/Llama-3.1-8B-Instruct",
                "suffix": "other",
                "hyperparameters": {"lora": True},
            },
            "azure": {"suffix": "third"},
        },
    )
    spec = moved.spec
    assert (spec.model, spec.suffix) == ("meta-llama/Llama-3.1-8B-Instruct", "other")
    assert spec.hyperparameters == {"n_epochs": 3, "lora": True}
    assert spec.findings == ()


def test_a_method_that_is_not_offered_is_refused_and_stays_for_its_finding() -> None:
    moved = _moved("nebius", method=Method.DPO)
    assert _outcomes(moved)["method"] is Outcome.REFUSED
    assert moved.spec.method is Method.DPO


@pytest.mark.parametrize(
    ("target", "suffix", "outcome"),
    [
        ("llmariner", "much-longer-than-eighteen", Outcome.REFUSED),
        ("azure", "with space", Outcome.REFUSED),
        ("azure", "stories", Outcome.CARRIED),
    ],
)
def test_a_suffix_is_held_against_the_rule(target: str, suffix: str, outcome: Outcome) -> None:
    assert _outcomes(_moved(target, suffix=suffix))["suffix"] is outcome
