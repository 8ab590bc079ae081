"""A spec at another provider: nothing is dropped in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftrunner.providers import registry
from ftrunner.providers.hyperparameter_translation import Fate
from ftrunner.providers.port_spec import Move, move
from ftrunner.spec.model import Dataset, Method, Spec

HOME = "openai"


def _spec(**fields: Any) -> Spec:
    values = {"name": "stories", "model": "gpt-4o-mini-2024-07-18", "provider": HOME, **fields}
    return Spec(path=Path("stories.yaml"), dataset=Dataset(("data.jsonl",)), **values)


def _moved(target: str, **fields: Any) -> Move:
    return move(_spec(**fields), registry.get(HOME), registry.get(target))


def _fates(moved: Move) -> dict[str, Fate]:
    return {change.field: change.fate for change in moved.changes}


@pytest.mark.parametrize("name", [*registry.names()])
def test_at_home_nothing_changes(name: str) -> None:
    profile = registry.get(name)
    spec = _spec(model=profile.models.example or "m", suffix="s", base_url="https://x.example/v1")
    moved = move(spec, profile, profile)
    assert moved.spec == spec
    assert moved.spec.findings == ()
    assert set(_fates(moved).values()) == {Fate.CARRIED}


def test_every_setting_has_a_fate() -> None:
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
    assert _fates(moved) == {
        "base_url": Fate.TRANSLATED,
        "api_key_env": Fate.TRANSLATED,
        "method": Fate.CARRIED,
        "model": Fate.REFUSED,
        "suffix": Fate.CARRIED,
        "seed": Fate.LOST,
        "metadata": Fate.LOST,
        "integrations": Fate.LOST,
        "extra_headers": Fate.LOST,
        "extra_body": Fate.LOST,
        "hyperparameters.n_epochs": Fate.CARRIED,
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
    assert "seed" in _fates(moved)


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
    assert _fates(moved)["method"] is Fate.REFUSED
    assert moved.spec.method is Method.DPO


@pytest.mark.parametrize(
    ("target", "suffix", "fate"),
    [
        ("llmariner", "much-longer-than-eighteen", Fate.REFUSED),
        ("azure", "with space", Fate.REFUSED),
        ("azure", "stories", Fate.CARRIED),
    ],
)
def test_a_suffix_is_held_against_the_rule(target: str, suffix: str, fate: Fate) -> None:
    assert _fates(_moved(target, suffix=suffix))["suffix"] is fate
