from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockserver.data.records import Change, JobFate, Refusal
from mockserver.jobs.events import checkpoints_at, epochs_at, events_at
from mockserver.jobs.training import state_at
from tests.unit.mockserver.making import CREATED, job

OUTCOMES = st.sampled_from(
    [
        JobFate(),
        JobFate(stuck_in="queued"),
        JobFate(stuck_in="running"),
        JobFate(fails_in="running", error=Refusal(code="x", message="broken")),
        JobFate(fails_in="succeeded", error=Refusal(code="x", message="broken"), moderated=True),
        JobFate(cancelled_after=55),
    ]
)


def messages(seconds: float) -> list[str]:
    return [event.message for event in events_at(job(), CREATED + seconds)]


def test_a_life_is_reported_in_order() -> None:
    reported = messages(1_000)

    assert reported[:4] == [
        "Created fine-tuning job: ftjob-test",
        "Validating training file: file-train",
        "Files validated, moving job to queued state",
        "Fine-tuning job started",
    ]
    assert reported[4].startswith("Step 1/50: training loss=")
    names = [point.model for point in checkpoints_at(job(), CREATED + 1_000)]
    assert reported[-4:] == [
        f"Checkpoint created at step 30 with Snapshot ID: {names[0]}",
        f"Checkpoint created at step 40 with Snapshot ID: {names[1]}",
        "New fine-tuned model created: ft:gpt-4o-mini-2024-07-18:personal::abcd1234",
        "The job has successfully completed",
    ]


def test_one_event_names_both_files() -> None:
    """As in the recording of job ftjob-j6mDj7MYs1O9bp3D1oPw3rIk, 2024."""
    events = events_at(job(validation_file="file-valid"), CREATED + 1_000)

    assert events[1].message == (
        "Validating training file: file-train and validation file: file-valid"
    )
    assert [event.data for event in events[:4]] == [{}, {}, {}, None]


def test_nothing_is_reported_before_it_happens() -> None:
    assert len(messages(0)) == 2
    assert len(messages(10)) == 3
    assert messages(129.9)[-1].startswith("Step 49/50")


def test_metrics_come_with_their_numbers() -> None:
    step = next(event for event in events_at(job(), CREATED + 40) if event.type == "metrics")

    assert step.data is not None
    assert step.data["step"] == 1
    assert step.data["total_steps"] == 50
    assert step.data["train_loss"] > 0


def test_a_failure_is_reported_last_as_an_error() -> None:
    failed = job(outcome=JobFate(fails_in="running", error=Refusal(code="x", message="broken")))

    last = events_at(failed, CREATED + 1_000)[-1]

    assert (last.level, last.message, last.at) == ("error", "broken", CREATED + 80)


def test_the_checkpoints_of_the_last_three_epochs_are_there_at_the_end() -> None:
    """As in the recording of job ftjob-mJP5PgIEaFxN4jpMHIcCKMmQ, 2024."""
    before, points = (checkpoints_at(job(), CREATED + seconds) for seconds in (129, 130))

    assert before == []
    assert [(point.epoch, point.metrics.step) for point in points] == [(3, 30), (4, 40), (5, 50)]
    assert [point.at for point in points] == [CREATED + 90, CREATED + 110, CREATED + 130]
    assert points[-1].model == job().tuned_model
    family = "ft:gpt-4o-mini-2024-07-18:personal::"
    tags = [point.model.removeprefix(family).partition(":") for point in points]
    assert [tag[2] for tag in tags] == ["ckpt-step-30", "ckpt-step-40", ""]
    assert len({tag[0] for tag in tags}) == 3


def test_a_failed_training_leaves_no_checkpoint_to_use() -> None:
    failed = job(outcome=JobFate(fails_in="running", error=Refusal(code="x", message="broken")))

    assert checkpoints_at(failed, CREATED + 1_000) == []
    assert [point.epoch for point in epochs_at(failed, CREATED + 1_000)] == [1, 2]


@given(OUTCOMES, st.floats(0, 300), st.floats(0, 300), st.floats(0, 200))
def test_what_was_reported_stays_reported(
    outcome: JobFate, one: float, two: float, pause: float
) -> None:
    changes = (
        Change(kind="pause", at=CREATED + pause),
        Change(kind="resume", at=CREATED + pause + 20),
    )
    reported = job(outcome=outcome, changes=changes)
    earlier, later = sorted((CREATED + one, CREATED + two))

    before, after = events_at(reported, earlier), events_at(reported, later)

    assert after[: len(before)] == before
    assert [event.at for event in after] == sorted(event.at for event in after)
    assert len({event.id for event in after}) == len(after)
    assert all(event.at <= later for event in after)


@given(OUTCOMES, st.floats(0, 300))
def test_the_last_event_agrees_with_the_status(outcome: JobFate, seconds: float) -> None:
    reported = job(outcome=outcome)
    status = state_at(reported, CREATED + seconds).status
    last = events_at(reported, CREATED + seconds)[-1].message

    assert (last == "The job has successfully completed") == (status == "succeeded")
    assert (last == "broken") == (status == "failed")
