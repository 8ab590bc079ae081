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
