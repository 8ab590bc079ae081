"""What `plan` says beforehand is what `apply` would decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrunner.api.wire import Job
from ftrunner.dataset.cost.counting import Counting
from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.validate import check_dataset
from ftrunner.engine.jobs.adoption import FINGERPRINT_KEY
from ftrunner.engine.jobs.records import job_record
from ftrunner.engine.operations.plan_report import PlanReport, build_plan_report
from ftrunner.engine.plan import Action, Options
from ftrunner.errors import ExitCode
from ftrunner.providers.profile import JobState, Profile
from ftrunner.spec.model import Budget, Dataset, Spec
from tests.kit import stories
from tests.kit.runs import FakeProvider, staged

MODEL = "gpt-4o-mini-2024-07-18"
NO_LIMIT = Budget()


def foreseen(
    folder: Path, provider: FakeProvider, *, online: bool = True, budget: Budget = NO_LIMIT
) -> PlanReport:
    (folder / "data.jsonl").write_text(stories.dataset(), encoding="utf-8")
    dataset = Dataset(("data.jsonl",))
    spec = Spec(folder / "stories.yaml", "stories", MODEL, dataset, budget=budget)
    run = staged(folder, provider, spec=spec).run
    return build_plan_report(run, Options(), Counting.EXACT, online=online)


def test_nothing_is_asked_offline(tmp_path: Path) -> None:
    provider = FakeProvider()

    outlook = foreseen(tmp_path, provider, online=False)

    assert provider.asked == []
    assert outlook.preview is None
    assert outlook.plan.train.action is Action.RUN
    assert outlook.estimate is not None
    assert outlook.exit_code is ExitCode.DONE


def test_a_base_model_that_is_not_there_would_stop_a_new_job(tmp_path: Path) -> None:
    outlook = foreseen(tmp_path, FakeProvider())

    assert outlook.preview is not None
    assert "FT380" in {finding.code for finding in outlook.preview.findings}
    assert outlook.exit_code is ExitCode.INVALID


def test_it_does_not_stop_going_on_with_a_job_that_is_there(tmp_path: Path) -> None:
    fingerprint = foreseen(tmp_path, FakeProvider(), online=False).plan.wanted.fingerprint
    job = Job("ftjob-1", "running", JobState.RUNNING, metadata={FINGERPRINT_KEY: fingerprint})

    outlook = foreseen(tmp_path, FakeProvider(jobs={job.id: job}))

    assert outlook.plan.train.action is Action.ADOPT
    assert outlook.estimate is None
    assert outlook.exit_code is ExitCode.DONE


@pytest.mark.parametrize(
    ("budget", "code"), [(Budget(max_tokens=1), "FT191"), (Budget(max_cost=0.0), "FT192")]
)
def test_a_budget_that_the_job_exceeds_is_a_refusal(
    tmp_path: Path, budget: Budget, code: str
) -> None:
    outlook = foreseen(tmp_path, FakeProvider(models={MODEL}), budget=budget)

    assert outlook.refusal is not None
    assert outlook.refusal.code == code
    assert outlook.exit_code is ExitCode.OVER_BUDGET


@pytest.mark.parametrize("is_recorded", [False, True], ids=["first job", "recorded job"])
def test_the_data_is_read_once(
    tmp_path: Path, is_recorded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = foreseen(tmp_path, FakeProvider(), online=False).plan.wanted
    run = staged(tmp_path, FakeProvider()).run
    if is_recorded:
        job = Job("ftjob-1", "running", JobState.RUNNING)
        run.journal.job_created(
            job_record(job, run="r1", fingerprint=wanted.fingerprint, inputs=wanted.inputs)
        )
    read: list[Counting] = []

    def counted(spec: Spec, profile: Profile, counting: Counting) -> DatasetReport:
        read.append(counting)
        return check_dataset(spec, profile, counting)

    monkeypatch.setattr("ftrunner.engine.steps.prepare.check_dataset", counted)

    foreseen(tmp_path, FakeProvider(), online=False)

    assert read == [Counting.OFF if is_recorded else Counting.EXACT]
