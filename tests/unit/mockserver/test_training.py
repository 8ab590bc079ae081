from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.data.records import Change, JobFate, Refusal, TrainingData
from mockserver.jobs.training import (
    auto_batch_size,
    auto_epochs,
    estimated_finish,
    pace_for,
    state_at,
    steps_for,
    total_steps,
    trained_tokens,
)
from tests.unit.mockserver.making import CREATED, job

REFUSAL = Refusal(code="invalid_training_file", message="Example 3", param="training_file")


@pytest.mark.parametrize(
    ("seconds", "status", "step"),
    [
        (0, "validating_files", 0),
        (9.9, "validating_files", 0),
        (10, "queued", 0),
        (29.9, "queued", 0),
        (30, "running", 0),
        (32, "running", 1),
        (80, "running", 25),
        (129.9, "running", 49),
        (130, "succeeded", 50),
        (10_000, "succeeded", 50),
    ],
)
def test_a_job_passes_through_its_phases(seconds: float, status: str, step: int) -> None:
    state = state_at(job(), CREATED + seconds)

    assert (state.status, state.step) == (status, step)


def test_an_ended_job_knows_when() -> None:
    assert state_at(job(), CREATED + 5_000).finished_at == CREATED + 130


def test_a_refused_file_fails_when_validation_ends() -> None:
    refused = job(refusal=REFUSAL)

    assert state_at(refused, CREATED + 9).status == "validating_files"
    failed = state_at(refused, CREATED + 10)
    assert (failed.status, failed.error, failed.finished_at) == ("failed", REFUSAL, CREATED + 10)


def test_a_cancelled_job_stays_as_it_was() -> None:
    cancelled = job(changes=(Change(kind="cancel", at=CREATED + 50),))

    state = state_at(cancelled, CREATED + 5_000)

    assert (state.status, state.step, state.finished_at) == ("cancelled", 10, CREATED + 50)


def test_a_cancel_that_comes_after_the_end_changes_nothing() -> None:
    late = job(changes=(Change(kind="cancel", at=CREATED + 200),))

    assert state_at(late, CREATED + 300).status == "succeeded"


def test_a_pause_moves_everything_that_follows() -> None:
    paused = job(
        changes=(Change(kind="pause", at=CREATED + 80), Change(kind="resume", at=CREATED + 1_080))
    )

    assert state_at(paused, CREATED + 500).status == "paused"
    assert state_at(paused, CREATED + 500).step == 25
    assert state_at(paused, CREATED + 1_100).status == "running"
    assert state_at(paused, CREATED + 1_130).finished_at == CREATED + 1_130


@pytest.mark.parametrize("phase", ["validating_files", "queued", "running"])
def test_a_stuck_job_never_leaves_its_phase(phase: str) -> None:
    stuck = job(outcome=JobFate(stuck_in=phase))  # type: ignore[arg-type] # the parameters are phases

    assert state_at(stuck, CREATED + 1e9).status == phase


@pytest.mark.parametrize(
    ("phase", "seconds"),
    [("validating_files", 10), ("queued", 30), ("running", 80), ("succeeded", 130)],
)
def test_a_job_that_is_to_fail_does_so_in_its_phase(phase: str, seconds: int) -> None:
    outcome = JobFate(fails_in=phase, error=REFUSAL)  # type: ignore[arg-type] # the parameters are phases
    doomed = job(outcome=outcome)

    assert state_at(doomed, CREATED + seconds - 0.1).status != "failed"
    assert state_at(doomed, CREATED + seconds).error == REFUSAL


def test_someone_else_can_cancel() -> None:
    state = state_at(job(outcome=JobFate(cancelled_after=60)), CREATED + 1_000)

    assert (state.status, state.finished_at) == ("cancelled", CREATED + 60)


def test_only_a_running_job_has_an_estimated_finish() -> None:
    estimates = [estimated_finish(job(), CREATED + seconds) for seconds in (5, 50, 500)]

    assert estimates == [None, CREATED + 130, None]


@pytest.mark.parametrize(
    ("examples", "epochs"),
    [(1, 25), (5, 20), (10, 10), (33, 3), (34, 3), (8_333, 3), (8_334, 2), (50_000, 1)],
)
def test_auto_epochs_follow_the_published_rule(examples: int, epochs: int) -> None:
    assert auto_epochs(examples) == epochs


def test_auto_batch_size_grows_with_the_examples() -> None:
    assert [auto_batch_size(n) for n in (10, 1_000, 10**6)] == [1, 2, 256]


def test_tokens_are_counted_once_an_epoch() -> None:
    assert trained_tokens(job()) == 2_000


def test_ten_examples_take_about_five_minutes_and_speed_divides_that() -> None:
    slow = pace_for(steps_for(TrainingData(examples=10), epochs=10, batch_size=1), 1)
    fast = pace_for(100, 100)

    assert 240 < slow.validating + slow.queued + slow.running < 600
    assert fast.running == pytest.approx(slow.running / 100)


MOMENTS = st.lists(st.floats(0, 400), min_size=2, max_size=8).map(sorted)
CHANGES = st.lists(
    st.tuples(st.sampled_from(["pause", "resume", "cancel"]), st.floats(0, 300)), max_size=4
).map(
    lambda found: tuple(
        Change(kind=kind, at=CREATED + at)  # type: ignore[arg-type] # kinds of the list above
        for kind, at in sorted(found, key=lambda pair: pair[1])
    )
)


@given(MOMENTS, CHANGES)
def test_time_never_takes_steps_back_and_an_end_is_for_ever(
    moments: list[float], changes: tuple[Change, ...]
) -> None:
    first_cancel = next((n for n, c in enumerate(changes) if c.kind == "cancel"), len(changes))
    one = job(changes=changes[: first_cancel + 1])

    states = [state_at(one, CREATED + moment) for moment in moments]

    for earlier, later in pairwise(states):
        assert earlier.step <= later.step <= total_steps(one)
        if earlier.ended:
            assert later == earlier
