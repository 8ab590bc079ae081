"""One job, written as each kind of provider takes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ftrunner.api.reference import JobRequest, job_body
from ftrunner.providers import registry

PLAIN = JobRequest("gpt-4o-mini", "file-1")


def _body(provider: str = "openai", **fields: Any) -> dict[str, Any]:
    return job_body(replace(PLAIN, **fields), registry.get(provider))


OPENAI_SHAPED = tuple(name for name in registry.names() if name != "together")


@pytest.mark.parametrize("provider", OPENAI_SHAPED)
def test_what_is_not_asked_for_is_not_sent(provider: str) -> None:
    assert _body(provider) == {"model": "gpt-4o-mini", "training_file": "file-1"}


def test_hyperparameters_go_under_the_method() -> None:
    assert _body(hyperparameters={"n_epochs": 10})["method"] == {
        "type": "supervised",
        "supervised": {"hyperparameters": {"n_epochs": 10}},
    }


def test_hyperparameters_go_to_the_top_where_the_profile_says_so() -> None:
    body = _body("generic", hyperparameters={"n_epochs": 10})
    assert body["hyperparameters"] == {"n_epochs": 10}
    assert "method" not in body


@pytest.mark.parametrize("provider", ["openai", "generic", "azure"])
def test_other_methods_exist_only_in_the_newer_form(provider: str) -> None:
    body = _body(provider, method="dpo", hyperparameters={"beta": 0.1})
    assert body["method"] == {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1}}}
    assert "hyperparameters" not in body


def test_a_method_without_settings_is_named() -> None:
    assert _body(method="dpo")["method"] == {"type": "dpo"}


def test_a_grader_goes_with_its_method() -> None:
    grader = {"type": "string_check"}
    assert _body(method="reinforcement", grader=grader)["method"] == {
        "type": "reinforcement",
        "reinforcement": {"grader": grader},
    }


def test_everything_that_is_asked_for_is_sent() -> None:
    body = _body(
        validation_file="file-2",
        suffix="stories",
        seed=0,
        metadata={"team": "a"},
        integrations=({"type": "wandb"},),
    )
    assert body == {
        "model": "gpt-4o-mini",
        "training_file": "file-1",
        "validation_file": "file-2",
        "suffix": "stories",
        "seed": 0,
        "metadata": {"team": "a"},
        "integrations": [{"type": "wandb"}],
    }


def test_metadata_is_not_sent_where_there_is_none() -> None:
    profile = replace(registry.get("openai"), missing=frozenset({"metadata"}))
    assert "metadata" not in job_body(replace(PLAIN, metadata={"a": "b"}), profile)


def test_the_extra_body_goes_last_and_wins() -> None:
    body = _body(seed=1, extra_body={"trainingType": "globalstandard", "seed": 2})
    assert (body["trainingType"], body["seed"]) == ("globalstandard", 2)


def test_a_flat_method_holds_its_hyperparameters_itself() -> None:
    body = _body("llmariner", method="dpo", suffix="s", hyperparameters={"beta": 0.1})
    assert body["method"] == {"type": "dpo", "hyperparameters": {"beta": 0.1}}
    assert _body("llmariner", hyperparameters={"n_epochs": 3})["hyperparameters"] == {"n_epochs": 3}


def test_a_profile_renames_places_and_leaves_out() -> None:
    body = _body(
        "together",
        seed=7,
        metadata={"team": "a"},
        integrations=({"type": "wandb"},),
        hyperparameters={"n_epochs": 3, "learning_rate": 1e-5},
    )
    assert body == {
        "model": "gpt-4o-mini",
        "training_file": "file-1",
        "n_epochs": 3,
        "learning_rate": 1e-5,
        "random_seed": 7,
        "training_method": {"method": "sft", "train_on_inputs": "auto"},
    }


def test_a_hyperparameter_may_have_its_own_place() -> None:
    body = _body("together", method="dpo", hyperparameters={"dpo_beta": 0.1})
    assert body["training_method"] == {"method": "dpo", "dpo_beta": 0.1}


@pytest.mark.parametrize("provider", ["nebius", "zhipu"])
def test_what_a_provider_does_not_take_is_not_sent(provider: str) -> None:
    body = _body(provider, metadata={"team": "a"})
    assert body == {"model": "gpt-4o-mini", "training_file": "file-1"}
