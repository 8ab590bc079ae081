"""Hyperparameters in one provider's words, said in another's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.providers import registry
from ftrunner.providers.hyperparameter_translation import Change, Outcome, translate

C, T, L = Outcome.CARRIED, Outcome.TRANSLATED, Outcome.LOST


def _translated(
    asked: Mapping[str, Any],
    target: str,
    source: str = "openai",
    method: str = "supervised",
    own: Mapping[str, Any] | None = None,
) -> tuple[Change, ...]:
    return translate(
        asked, own or {}, method=method, source=registry.get(source), target=registry.get(target)
    )


@pytest.mark.parametrize(
    ("target", "name", "value", "outcome", "after"),
    [
        ("openai", "n_epochs", 3, C, ("n_epochs", 3)),
        ("generic", "anything", 3, C, ("anything", 3)),
        ("azure", "batch_size", "auto", C, ("batch_size", "auto")),
        ("nebius", "n_epochs", 3, C, ("n_epochs", 3)),
        ("nebius", "n_epochs", "auto", T, None),
        ("nebius", "learning_rate_multiplier", 1.8, T, ("learning_rate", 1.8e-05)),
        ("nebius", "learning_rate_multiplier", "auto", T, None),
        ("together", "batch_size", "auto", T, ("batch_size", "max")),
        ("together", "batch_size", 8, C, ("batch_size", 8)),
        ("llmariner", "learning_rate_multiplier", "auto", T, None),
        ("nebius", "no_such_name", 1, C, ("no_such_name", 1)),
    ],
)
def test_a_hyperparameter_is_carried_or_translated(
    target: str, name: str, value: Any, outcome: Outcome, after: Any
) -> None:
    (change,) = _translated({name: value}, target)
    assert (change.outcome, change.after) == (outcome, after)
    assert change.before == value
    assert (change.rule is None) == (outcome is C)


def test_what_is_left_out_says_what_the_provider_does_instead() -> None:
    (change,) = _translated({"n_epochs": "auto"}, "together")
    assert change.rule == 'left out: Together AI takes no "auto"; its default is 1'


def test_beta_goes_by_another_name_where_there_is_dpo_and_is_lost_where_not() -> None:
    (kept,) = _translated({"beta": 0.1}, "together", method="dpo")
    (lost,) = _translated({"compute_multiplier": 2}, "together", method="dpo")
    assert (kept.outcome, kept.after) == (T, ("dpo_beta", 0.1))
    assert (lost.outcome, lost.rule) == (L, "Together AI has nothing like it")


def test_what_the_spec_says_for_the_provider_goes_before_what_it_says_for_all() -> None:
    first, second = _translated(
        {"learning_rate_multiplier": 2}, "nebius", own={"learning_rate": 5e-06}
    )
    assert (first.outcome, first.after) == (T, None)
    assert first.rule == "providers.nebius.hyperparameters.learning_rate goes before it"
    assert second.after == ("learning_rate", 5e-06)


def test_a_provider_s_own_words_are_understood_by_the_next() -> None:
    changes = _translated({"learning_rate": 2e-05, "batch_size": "max"}, "openai", "together")
    assert [change.after for change in changes] == [
        ("learning_rate_multiplier", 2.0),
        ("batch_size", "max"),
    ]


@given(st.floats(min_value=1e-2, max_value=1e3))
def test_there_and_back_is_where_it_started(multiplier: float) -> None:
    multiplier = float(f"{multiplier:.6g}")
    (there,) = _translated({"learning_rate_multiplier": multiplier}, "nebius")
    name, value = there.after
    (back,) = _translated({name: value}, "openai", "nebius")
    assert back.after == ("learning_rate_multiplier", multiplier)


@pytest.mark.parametrize(
    ("value", "source", "target", "arithmetic"),
    [
        (2e-05, "openai", "nebius", "2e-05 × 1e-05 makes learning_rate 2e-10 at Nebius"),
        (0.0002, "openai", "together", "0.0002 × 1e-05 makes learning_rate 2e-09 at Together"),
        (0.0002, "together", "together", "0.0002 × 1e-05 makes learning_rate 2e-09 at Together"),
        (5000, "openai", "nebius", "5000 × 1e-05 makes learning_rate 0.05 at Nebius"),
        (-1, "openai", "nebius", "-1 × 1e-05 makes learning_rate -1e-05 at Nebius"),
        (0, "openai", "nebius", "0 makes learning_rate 0 at Nebius"),
    ],
)
def test_a_translation_to_what_is_not_plausible_is_refused(
    value: float, source: str, target: str, arithmetic: str
) -> None:
    (change,) = _translated({"learning_rate_multiplier": value}, target, source)

    assert change.outcome is Outcome.REFUSED
    assert change.after is None
    assert change.rule
    assert change.rule.startswith(f"learning_rate_multiplier {arithmetic}")
    assert change.rule.endswith("where 1e-07 to 0.01 is plausible")


def test_a_rate_of_another_provider_is_refused_as_a_multiplier() -> None:
    (change,) = _translated({"learning_rate": 0.5}, "openai", "nebius")

    assert change.rule == (
        "learning_rate 0.5 × 100000 makes learning_rate_multiplier 50000 at OpenAI, "
        "where 0.01 to 1000 is plausible"
    )


def test_the_provider_s_own_name_takes_any_number() -> None:
    (change,) = _translated({"learning_rate": 2e-10}, "nebius", "nebius")

    assert change.after == ("learning_rate", 2e-10)
