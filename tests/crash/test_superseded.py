"""A job that still runs when its spec is changed is cancelled, and the user sees it."""

from __future__ import annotations

from pathlib import Path

from ftrunner.cli.applying import ApplyRequest
from ftrunner.engine.plan import Options
from ftrunner.events import StepStarted
from mockserver.client import FtMock
from tests.crash.conftest import MakeSpec
from tests.kit.driver import Applied, apply_here


def with_a_running_job(spec: Path, mock: FtMock) -> None:
    """Apply `spec` until it gives up waiting, then change it."""
    mock.scenario({"jobs": [{"stuck_in": "queued", "times": 1}]})
    apply_here(spec, mock).expect(7)
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace('"n_epochs": 10', '"n_epochs": 11'), encoding="utf-8")
    assert spec.read_text(encoding="utf-8") != text


def reason_to_train(done: Applied) -> str:
    steps = [event for event in done.events if isinstance(event, StepStarted)]
    return next(step.reason for step in steps if step.step == "train")


def test_the_plan_says_so_and_one_job_is_left(mock: FtMock, spec_in: MakeSpec) -> None:
    spec = spec_in(wait={"timeout": "1s"})
    with_a_running_job(spec, mock)
    [first] = mock.jobs
    spec.write_text(spec.read_text("utf-8").replace('"1s"', '"1h"'), encoding="utf-8")

    done = apply_here(spec, mock).expect(0)

    assert f"{first['id']}, which is queued, is cancelled" in reason_to_train(done)
    assert sorted(job["status"] for job in mock.jobs) == ["cancelled", "succeeded"]
    assert mock.verdict().clean


def test_what_was_cancelled_is_recorded_though_no_job_takes_its_place(
    mock: FtMock, spec_in: MakeSpec
) -> None:
    spec = spec_in(wait={"timeout": "1s"})
    with_a_running_job(spec, mock)
    mock.fault({"status": 403}, method="POST", path="/fine_tuning/jobs")

    refused = apply_here(spec, mock).expect(1)

    assert [job["status"] for job in mock.jobs] == ["cancelled"]
    assert '"status": "cancelled"' in spec.with_suffix(".lock.json").read_text(encoding="utf-8")
    assert "may go on" not in refused.said


def test_a_job_that_was_there_before_is_never_the_one_that_went_unanswered(
    mock: FtMock, spec_in: MakeSpec
) -> None:
    """At a server that loses metadata, where jobs of the same inputs look alike."""
    mock.scenario({"jobs": [{"hides": ["metadata"]}]})
    spec, fresh = spec_in(), ApplyRequest(options=Options(fresh=True))
    apply_here(spec, mock).expect(0)
    apply_here(spec, mock, wish=fresh).expect(0)
    before = {job["id"] for job in mock.jobs}
    mock.fault({"drop": "after"}, method="POST", path="/fine_tuning/jobs", times=1)

    done = apply_here(spec, mock, wish=fresh).expect(0)

    [third] = {job["id"] for job in mock.jobs} - before
    assert "checking whether the job exists" in done.said
    assert f'"id": "{third}"' in spec.with_suffix(".lock.json").read_text(encoding="utf-8")
