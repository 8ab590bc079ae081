"""What became of an unanswered request is asked, not guessed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ftrunner.api.errors import NotFound, ServerError
from ftrunner.api.wire import File, Job
from ftrunner.engine.operations.forget import forget
from ftrunner.engine.steps.recovery import recover
from ftrunner.engine.waiting import Schedules
from ftrunner.errors import StateError
from ftrunner.events import JobAdopted, Recovering
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import FileIntent, JobIntent
from tests.kit.runs import FakeProvider, Staged, staged

INPUTS: dict[str, Any] = {"model": "base", "hyperparameters": {}, "seed": None}
ECHO = {"ftrunner_fingerprint": "v1:x", "ftrunner_run": "r1"}
OURS = Job("ours", "running", JobState.RUNNING, model="base", training_file="file-1", metadata=ECHO)
UPLOAD = FileIntent(run="r1", at=0.0, split="train", filename="a.jsonl", sha256="aa", bytes=1)


def unconfirmed(folder: Path, provider: FakeProvider) -> Staged:
    """A run after which it is unknown whether its job exists."""
    stage = staged(folder, provider)
    now = stage.clock.now()
    stage.run.journal.intend_job(
        JobIntent(run="r1", at=now, fingerprint="v1:x", inputs=INPUTS, training_file="file-1")
    )
    return stage


def test_a_job_that_exists_is_recorded_as_ours(tmp_path: Path) -> None:
    stage = unconfirmed(tmp_path, FakeProvider(jobs={"ours": OURS}))

    assert recover(stage.run) == OURS
    job = stage.run.journal.record.job
    assert job is not None
    assert (job.id, job.run) == ("ours", "r1")
    assert not stage.run.journal.record.has_unconfirmed
    assert [type(event) for event in stage.reported] == [Recovering, JobAdopted]


def test_only_after_the_list_had_its_time_there_is_no_job(tmp_path: Path) -> None:
    stage = unconfirmed(tmp_path, FakeProvider())

    assert recover(stage.run) is None
    assert stage.clock.slept == [0.0, 1.0, 2.0, 4.0]
    assert not stage.run.journal.record.has_unconfirmed
    assert "looking for it at the provider, for up to 7 s" in stage.notes
    assert "is not at the provider yet; ftrunner keeps looking" in stage.notes
    [intent] = stage.run.journal.record.open_intents
    assert intent.until == intent.at + Schedules().late_creation


def test_several_that_it_may_be_are_for_a_person(tmp_path: Path) -> None:
    mute = {key: replace(OURS, id=key, metadata={}) for key in ("a", "b")}
    stage = unconfirmed(tmp_path, FakeProvider(jobs=mute))

    with pytest.raises(
        StateError, match=r"it may be any of a \(running\), b \(running\)"
    ) as caught:
        recover(stage.run)

    assert caught.value.code == "FT408"
    assert "forget" in (caught.value.hint or "")
    assert stage.run.journal.record.has_unconfirmed


def test_a_provider_without_a_list_leaves_it_to_a_person(tmp_path: Path) -> None:
    trouble = {"list_jobs": NotFound("no route", code="FT319", status=404)}
    stage = unconfirmed(tmp_path, FakeProvider(trouble=trouble))

    with pytest.raises(StateError, match="no route") as caught:
        recover(stage.run)

    assert caught.value.code == "FT408"

    assert stage.run.journal.record.has_unconfirmed


def test_trouble_with_the_looking_resolves_nothing(tmp_path: Path) -> None:
    trouble = {"list_jobs": ServerError("the server failed", code="FT317", status=500)}
    stage = unconfirmed(tmp_path, FakeProvider(trouble=trouble))

    with pytest.raises(ServerError):
        recover(stage.run)

    assert stage.run.journal.record.has_unconfirmed


SILENT = replace(OURS, metadata={}, training_file=None)


@pytest.mark.parametrize(
    "job",
    [
        SILENT,
        replace(SILENT, model="openai/Base-2024-08-06"),
        replace(SILENT, created_at=-7200.0),  # the server's clock is two hours behind
    ],
)
def test_a_new_job_that_nothing_excludes_and_nothing_confirms_is_for_a_person(
    tmp_path: Path, job: Job
) -> None:
    stage = unconfirmed(tmp_path, FakeProvider(jobs={"ours": job}))

    with pytest.raises(StateError, match=r"it may be ours \(running\)") as caught:
        recover(stage.run)

    assert caught.value.code == "FT408"
    assert stage.run.journal.record.has_unconfirmed


def test_a_job_that_comes_into_being_later_is_found_by_the_next_command(tmp_path: Path) -> None:
    provider = FakeProvider()
    stage = unconfirmed(tmp_path, provider)
    assert recover(stage.run) is None
    provider.jobs["ours"] = OURS

    assert recover(stage.run) == OURS

    job = stage.run.journal.record.job
    assert job is not None
    assert (job.id, job.run) == ("ours", "r1")


def test_forget_ends_the_looking(tmp_path: Path) -> None:
    stage = unconfirmed(tmp_path, FakeProvider())
    recover(stage.run)

    assert forget(stage.run) == "the unconfirmed job"

    assert stage.run.journal.record.open_intents == ()


def test_what_is_open_is_no_longer_unconfirmed(tmp_path: Path) -> None:
    stage = unconfirmed(tmp_path, FakeProvider())
    recover(stage.run)

    record = stage.run.journal.record
    assert not record.has_unconfirmed
    assert len(record.unconfirmed_jobs) == 1


def test_after_a_day_an_open_creation_is_closed_by_one_last_look(tmp_path: Path) -> None:
    stage = unconfirmed(tmp_path, FakeProvider())
    recover(stage.run)
    recover(stage.run)
    assert stage.run.journal.record.open_intents
    stage.clock.sleep(Schedules().late_creation)

    recover(stage.run)

    assert stage.run.journal.record.open_intents == ()


@pytest.mark.parametrize("is_there", [True, False])
def test_an_unanswered_upload_is_looked_for(tmp_path: Path, is_there: bool) -> None:
    file = File("file-1", filename="a.jsonl", bytes=1)
    stage = staged(tmp_path, FakeProvider(files={"file-1": file} if is_there else {}))
    stage.run.journal.intend_file(UPLOAD)

    assert recover(stage.run) is None

    assert ("train" in stage.run.journal.record.files) is is_there
    assert not stage.run.journal.record.has_unconfirmed
