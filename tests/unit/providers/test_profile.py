"""What a profile answers."""

from __future__ import annotations

import pytest

from ftrunner.providers import registry
from ftrunner.providers.profile import JobState


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("queued", JobState.WAITING),
        ("SUCCEEDED", JobState.SUCCEEDED),
        ("no-such-word", JobState.UNKNOWN),
        ("", JobState.UNKNOWN),
        (None, JobState.UNKNOWN),
    ],
)
def test_a_status_word_means_what_the_profile_says(word: str | None, state: JobState) -> None:
    assert registry.get("openai").state_of(word) is state


def test_only_three_states_end_a_job() -> None:
    final = {state for state in JobState if state.is_final}
    assert final == {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}


def test_the_article_s_word_created_is_a_wait_and_not_an_end() -> None:
    assert registry.get("generic").state_of("created") is JobState.WAITING


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-4o-mini-2024-07-18", {"chat", "preference", "reinforcement"}),
        ("davinci-002", {"completion"}),
        ("ft:davinci-002:acme::x", {"completion"}),
        ("", {"chat", "preference", "reinforcement", "completion"}),
    ],
)
def test_what_is_trained_on_depends_on_the_model(model: str, expected: set[str]) -> None:
    assert set(registry.get("openai").formats_of(model)) == expected
