from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockserver.data.records import Change, Fate, Refusal
from mockserver.jobs.events import checkpoints_at, events_at
from mockserver.jobs.training import state_at
from tests.unit.mockserver.making import CREATED, job

FATES = st.sampled_from(
    [
        Fate(),
        Fate(stuck_in="queued"),
        Fate(stuck_in="running"),
        Fate(fails_in="running", error=Refusal(code="x", message="broken")),
        Fate(fails_in="succeeded", error=Refusal(code="x", message="broken"), moderated=True),
        Fate(cancelled_after=55),
    ]
)


def messages(seconds: float) -> list[str]:
    return [event.message for event in events_at(job(), CREATED + seconds)]


def test_a_life_is_told_in_order() -> None:
    told = messages(1_000)

    assert told[:4] == [
        "Created fine-tuning job: ftjob-test",
        "Validating training file: file-train",
        "Files validated, moving job to queued state",
        "Fine-tuning job started",
    ]
    assert told[4].startswith("Step 1/50: training loss=")
    assert told[-3:] == [
        "Checkpoint created at step 50",
        "New fine-tuned model created: ft:gpt-4o-mini-2024-07-18:personal::abcd1234",
        "The job has successfully completed",
    ]


def test_nothing_is_told_before_it_happens() -> None:
    assert len(messages(0)) == 2
    assert len(messages(10)) == 3
    assert messages(129.9)[-1].startswith("Step 49/50")


def test_metrics_come_with_their_numbers() -> None:
    step = next(event for event in events_at(job(), CREATED + 40) if event.type == "metrics")

    assert step.data is not None
    assert step.data["step"] == 1
    assert step.data["total_steps"] == 50
    assert step.data["train_loss"] > 0


def test_a_failure_is_told_last_as_an_error() -> None:
    failed = job(fate=Fate(fails_in="running", error=Refusal(code="x", message="broken")))

    last = events_at(failed, CREATED + 1_000)[-1]

    assert (last.level, last.message, last.at) == ("error", "broken", CREATED + 80)


def test_checkpoints_appear_as_their_epochs_end() -> None:
    shown = [len(checkpoints_at(job(), CREATED + seconds)) for seconds in (40, 50, 90, 130)]

    assert shown == [0, 1, 3, 5]
    assert checkpoints_at(job(), CREATED + 50)[0].model.endswith(":ckpt-step-10")


def test_a_failed_training_keeps_the_checkpoints_it_had() -> None:
    failed = job(fate=Fate(fails_in="running", error=Refusal(code="x", message="broken")))

    assert [point.epoch for point in checkpoints_at(failed, CREATED + 1_000)] == [1, 2]


@given(FATES, st.floats(0, 300), st.floats(0, 300), st.floats(0, 200))
def test_what_was_told_stays_told(fate: Fate, one: float, two: float, pause: float) -> None:
    changes = (
        Change(kind="pause", at=CREATED + pause),
        Change(kind="resume", at=CREATED + pause + 20),
    )
    told = job(fate=fate, changes=changes)
    earlier, later = sorted((CREATED + one, CREATED + two))

    before, after = events_at(told, earlier), events_at(told, later)

    assert after[: len(before)] == before
    assert [event.at for event in after] == sorted(event.at for event in after)
    assert len({event.id for event in after}) == len(after)
    assert all(event.at <= later for event in after)


@given(FATES, st.floats(0, 300))
def test_the_last_event_agrees_with_the_status(fate: Fate, seconds: float) -> None:
    told = job(fate=fate)
    status = state_at(told, CREATED + seconds).status
    last = events_at(told, CREATED + seconds)[-1].message

    assert (last == "The job has successfully completed") == (status == "succeeded")
    assert (last == "broken") == (status == "failed")
