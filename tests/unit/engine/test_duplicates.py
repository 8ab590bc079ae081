"""Of several jobs of the same inputs one survives, the same for everyone who looks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftrunner.api.errors import ApiError, AuthenticationFailed, PermissionDenied, ServerError
from ftrunner.api.wire import Job
from ftrunner.engine.jobs.duplicates import DuplicateWatch
from ftrunner.errors import StateError
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import JobIntent
from tests.kit.runs import FakeProvider, Staged, record_job, staged


def job(
    job_id: str, at: float, *, run: str | None, state: JobState = JobState.RUNNING, **fields: Any
) -> Job:
    metadata = {"ftrunner_fingerprint": "v1:x", "ftrunner_run": run} if run else {}
    return Job(job_id, str(state), state, created_at=at, metadata=metadata, **fields)


def at(folder: Path, *jobs: Job, by: str | None = "r1", **provider: Any) -> tuple[Staged, Any]:
    """A run whose recorded job is the first of `jobs`."""
    fake = FakeProvider(jobs={one.id: one for one in jobs}, **provider)
    stage = staged(folder, fake)
    record_job(stage, jobs[0], fingerprint="v1:x", by=by)
    return stage, fake


def look(stage: Staged, ours: Job) -> Job:
    return DuplicateWatch(stage.run, "v1:x", {}).look(ours)


def cancelled(fake: FakeProvider) -> list[str]:
    return [call.split()[1] for call in fake.asked if call.startswith("cancel_job")]


def test_alone_it_stays(tmp_path: Path) -> None:
    ours = job("ours", 2.0, run="r1")
    stage, fake = at(tmp_path, ours)

    assert look(stage, ours) is ours
    assert cancelled(fake) == []


def test_the_older_one_cancels_the_younger(tmp_path: Path) -> None:
    ours = job("ours", 1.0, run="r1")
    stage, fake = at(tmp_path, ours, job("theirs", 2.0, run="r2"))

    assert look(stage, ours) is ours
    assert cancelled(fake) == ["theirs"]


def test_the_younger_one_gives_way(tmp_path: Path) -> None:
    ours = job("ours", 2.0, run="r1")
    stage, fake = at(tmp_path, ours, job("theirs", 1.0, run="r2"))

    assert look(stage, ours).id == "theirs"
    assert cancelled(fake) == ["ours"]
    recorded = stage.run.journal.record.job
    assert recorded is not None
    assert (recorded.id, recorded.run) == ("theirs", "r2")


@pytest.mark.parametrize(("ours_at", "kept"), [(1.0, "ours"), (2.0, "theirs")])
def test_a_job_whose_metadata_is_not_echoed_yet_counts(
    tmp_path: Path, ours_at: float, kept: str
) -> None:
    """The response to its creation had no metadata, and the list lags behind."""
    ours, theirs = job("ours", ours_at, run=None), job("theirs", 1.5, run="r2")
    stage, fake = at(tmp_path, ours, theirs, listed=[theirs])

    assert look(stage, ours).id == kept
    assert cancelled(fake) == [({"ours", "theirs"} - {kept}).pop()]


def test_a_fresh_job_runs_beside_others_though_nothing_is_echoed(tmp_path: Path) -> None:
    ours, theirs = job("ours", 2.0, run=None), job("theirs", 1.0, run="r2")
    stage, fake = at(tmp_path, ours, theirs, by="fresh-1", listed=[theirs])

    assert look(stage, ours) is ours
    assert cancelled(fake) == []


def test_a_job_adopted_by_hand_stays_and_the_other_is_reported(tmp_path: Path) -> None:
    ours, theirs = job("ours", 2.0, run=None), job("theirs", 1.0, run="r2")
    stage, fake = at(tmp_path, ours, theirs, by=None)

    assert look(stage, ours) is ours
    assert cancelled(fake) == []
    assert "same inputs as ours, but not cancelled: theirs" in stage.notes


def test_one_of_which_the_model_is_gone_is_not_a_rival(tmp_path: Path) -> None:
    ours = job("ours", 2.0, run="r1")
    done = job("done", 1.0, run="r2", state=JobState.SUCCEEDED, fine_tuned_model="ft:gone")
    stage, fake = at(tmp_path, ours, done)

    assert look(stage, ours) is ours
    assert cancelled(fake) == []


def test_a_duplicate_that_cannot_be_cancelled_is_reported(tmp_path: Path) -> None:
    ours = job("ours", 1.0, run="r1")
    trouble = {"cancel_job": ServerError("the server failed", code="FT317", status=500)}
    stage, _ = at(tmp_path, ours, job("theirs", 2.0, run="r2"), trouble=trouble)

    assert look(stage, ours) is ours
    assert "theirs, a duplicate of the same inputs, could not be cancelled" in stage.notes


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.SUCCEEDED])
def test_an_unclear_job_that_trains_beside_ours_stops_the_run(
    tmp_path: Path, state: JobState
) -> None:
    """The server shows neither metadata nor the training file."""
    ours = job("ours", 1.0, run=None)
    stage, fake = at(tmp_path, ours, job("unclear", 2.0, run=None, state=state))
    inputs: dict[str, Any] = {"model": "m", "seed": None, "hyperparameters": {}}
    stage.run.journal.job_unconfirmed(
        JobIntent(run="r1", at=0, fingerprint="v1:x", inputs=inputs, training_file="f", until=9e9)
    )

    if state is JobState.SUCCEEDED:  # nothing is saved by stopping
        assert look(stage, ours) is ours
    else:
        with pytest.raises(StateError, match=r"unclear \(running\) runs in addition to ours"):
            look(stage, ours)
    assert cancelled(fake) == []


def test_trouble_with_looking_is_reported(tmp_path: Path) -> None:
    ours = job("ours", 1.0, run="r1")
    trouble = {"list_jobs": ServerError("the server failed", code="FT317", status=500)}
    stage, _ = at(tmp_path, ours, trouble=trouble)

    assert look(stage, ours) is ours
    assert "could not look for duplicates" in stage.notes


@pytest.mark.parametrize("error", [AuthenticationFailed, PermissionDenied])
def test_a_refused_key_ends_the_looking(tmp_path: Path, error: type[ApiError]) -> None:
    ours = job("ours", 1.0, run="r1")
    stage, _ = at(tmp_path, ours, trouble={"list_jobs": error("no", code="FT311", status=401)})

    with pytest.raises(error):
        look(stage, ours)


STATES = st.sampled_from([JobState.WAITING, JobState.RUNNING, JobState.SUCCEEDED])
TIMES = st.sampled_from([None, 1.0, 2.0])
# Which run looks, and which of the two jobs the list shows then.
LOOKS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.sets(st.sampled_from(["a", "b"]))), max_size=6
)


@settings(max_examples=40)
@given(STATES, STATES, TIMES, TIMES, LOOKS, st.booleans())
def test_two_machines_choose_the_same_job_and_never_cancel_both(
    state_a: JobState,
    state_b: JobState,
    at_a: float | None,
    at_b: float | None,
    looks: list[tuple[str, set[str]]],
    is_echoed: bool,
) -> None:
    """Whatever the list shows to whom, and in whatever order they look."""
    made = {
        key: replace(job(key, at or 0.0, run=f"r-{key}", state=state), created_at=at)
        for key, state, at in (("a", state_a, at_a), ("b", state_b, at_b))
    }
    made = {key: replace(one, fine_tuned_model=f"ft:{key}") for key, one in made.items()}
    fake = FakeProvider(jobs=dict(made), models={"ft:a", "ft:b"})
    with TemporaryDirectory() as folder:
        stages = {key: staged(Path(folder) / key, fake, run_id=f"r-{key}") for key in made}
        ours = dict(made)
        for key, stage in stages.items():
            (Path(folder) / key).mkdir()
            own = made[key] if is_echoed else replace(made[key], metadata={})
            record_job(stage, own, fingerprint="v1:x", by=f"r-{key}")
        for who, shown in [*looks, ("a", {"a", "b"}), ("b", {"a", "b"}), ("a", {"a", "b"})]:
            fake.listed = [fake.jobs[key] for key in sorted(shown)]
            ours[who] = look(stages[who], ours[who])

    ended = [one.state for one in fake.jobs.values() if one.state is JobState.CANCELLED]
    assert ours["a"].id == ours["b"].id
    assert fake.jobs[ours["a"].id].state is not JobState.CANCELLED
    assert len(ended) == (0 if state_a is state_b is JobState.SUCCEEDED else 1)
