"""The commands for what only a person can settle: adopt, forget, verify, refresh, destroy."""

from __future__ import annotations

import json
import re
import subprocess
from random import Random
from shutil import rmtree, which
from typing import Any

import pytest
import requests

from mockserver.client import FtMock
from mockserver.server import MockServer
from tests.kit.project import Project
from tests.kit.respelling import respelled
from tests.kit.stories import example, stories

CREATE: dict[str, Any] = {"method": "POST", "path": "/fine_tuning/jobs"}
LIST: dict[str, Any] = {"method": "GET", "path": "/fine_tuning/jobs"}


@pytest.fixture
def mock(open_provider: MockServer) -> FtMock:
    """Here a job is left or made twice on purpose, so the verdict is asked test by test."""
    return FtMock(open_provider.origin)


@pytest.fixture
def applied(project: Project, mock: FtMock) -> Project:
    """A project that has been applied."""
    project.write(stories(base_url=mock.base_url))
    project.run("apply", "stories.yaml").expect(0)
    return project


@pytest.fixture
def unconfirmed(project: Project, mock: FtMock) -> Project:
    """A project whose job was created, unanswered, at a provider that lists no jobs."""
    mock.fault({"drop": "after"}, **CREATE, times=1)
    mock.fault({"status": 404}, **LIST)
    project.write(stories(base_url=mock.base_url, missing=["job_listing"]))
    stopped = project.run("apply", "stories.yaml").expect(4)
    assert "error[FT408]" in stopped.err
    return project


def test_adopt_resolves_an_unconfirmed_job_and_apply_goes_on(
    unconfirmed: Project, mock: FtMock
) -> None:
    [job] = mock.jobs

    adopted = unconfirmed.run("adopt", "stories.yaml", job["id"]).expect(0)
    unconfirmed.run("apply", "stories.yaml").expect(0)

    assert f"following {job['id']}: you said" in adopted.out
    assert len(mock.jobs) == 1


def test_forget_resolves_an_unconfirmed_job_the_other_way(
    unconfirmed: Project, mock: FtMock
) -> None:
    printed = unconfirmed.run("forget", "stories.yaml", OPENAI_API_KEY="").expect(0)
    unconfirmed.run("apply", "stories.yaml").expect(0)

    assert printed.out == "forgot the unconfirmed job\n"
    assert len(mock.jobs) == 2  # it was there after all: the person decided


def test_an_unconfirmed_job_is_shown_and_fails_verify(unconfirmed: Project) -> None:
    shown = unconfirmed.run("status", "stories.yaml").expect(0)
    refused = unconfirmed.run("verify", "stories.yaml").expect(4)

    doubt = "unconfirmed the creation of a job: `ftrunner apply stories.yaml` resolves it"
    assert doubt in shown.out
    assert "the creation of a job is unconfirmed" in refused.err


def test_a_job_of_other_inputs_is_not_adopted(applied: Project, mock: FtMock) -> None:
    [job] = mock.jobs
    applied.edit("stories.yaml", '"n_epochs": 10', '"n_epochs": 3')

    refused = applied.run("adopt", "stories.yaml", job["id"]).expect(4)

    assert "error[FT413]" in refused.err
    assert "n_epochs" in refused.err


def test_a_wrong_id_in_a_rehearsal_is_not_the_fault_of_a_key(project: Project) -> None:
    project.write(stories())

    refused = project.run("adopt", "stories.yaml", "ftjob-gone", "--mock").expect(1)

    assert "error[FT313]" in refused.err
    assert "hint: check the job's id\n" in refused.err


def test_a_failed_job_is_not_adopted(project: Project, mock: FtMock) -> None:
    mock.scenario("fails-mid-training")
    project.write(stories(base_url=mock.base_url))
    project.run("apply", "stories.yaml").expect(1)

    refused = project.run("adopt", "stories.yaml", mock.jobs[0]["id"]).expect(4)

    assert "error[FT414]" in refused.err


def test_forget_drops_the_record_and_apply_finds_it_again(applied: Project, mock: FtMock) -> None:
    before = applied.lock()["endpoints"][mock.base_url]["job"]

    applied.run("forget", "stories.yaml").expect(0)
    assert applied.lock()["endpoints"] == {}
    applied.run("forget", "stories.yaml").expect(4)
    applied.run("apply", "stories.yaml").expect(0)

    assert applied.lock()["endpoints"][mock.base_url]["job"] == before


def test_verify_needs_no_key_and_no_network(applied: Project, mock: FtMock) -> None:
    asked = len(mock.requests)

    fine = applied.run("verify", "stories.yaml", OPENAI_API_KEY="").expect(0)

    assert "matches its lock file; ft:" in fine.out
    assert len(mock.requests) == asked


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        ("stories.yaml", '"n_epochs": 10', '"n_epochs": 9', "hyperparameters.n_epochs 10 → 9"),
        ("stories.yaml", "蓝鲸", "长颈鹿", "the tests changed"),
        ("data.jsonl", "小狗", "小象", "train data changed"),
    ],
)
def test_verify_reports_what_does_not_match(
    applied: Project, file: str, old: str, new: str, why: str
) -> None:
    applied.edit(file, old, new)

    refused = applied.run("verify", "stories.yaml").expect(4)

    assert f"stories.yaml does not match its lock file: {why}\n" in refused.err


def test_refresh_records_what_became_of_the_job_meanwhile(project: Project, mock: FtMock) -> None:
    project.write(stories(base_url=mock.base_url, wait={"timeout": "1s"}))
    mock.scenario({"jobs": [{"stuck_in": "queued"}]})
    project.run("apply", "stories.yaml").expect(7)
    cancel_at_the_provider(mock)

    shown = project.run("status", "stories.yaml", "--refresh").expect(0)

    assert "cancelled" in shown.out
    assert project.lock()["endpoints"][mock.base_url]["job"]["state"] == "cancelled"


def test_refresh_reports_what_is_gone(applied: Project, mock: FtMock) -> None:
    mock.reset()

    shown = applied.run("status", "stories.yaml", "--refresh").expect(0)

    assert shown.out.count("is not at the provider") == 3


def test_destroy_says_what_it_would_delete_and_deletes_nothing_unasked(
    applied: Project, mock: FtMock
) -> None:
    refused = applied.run("destroy", "stories.yaml").expect(2)

    assert "delete model ft:" in refused.out
    assert "delete file  file-" in refused.out
    assert "error[FT193]" in refused.err
    applied.run("verify", "stories.yaml").expect(0)


def test_destroy_deletes_what_was_created_and_nothing_else(applied: Project, mock: FtMock) -> None:
    results = [file["id"] for file in mock.files if file["purpose"] != "fine-tune"]

    applied.run("destroy", "stories.yaml", "--yes").expect(0)

    assert [file["id"] for file in mock.files] == results
    assert applied.lock()["endpoints"] == {}
    applied.run("destroy", "stories.yaml", "--yes").expect(4)
    applied.run("apply", "stories.yaml").expect(0)
    assert len(mock.jobs) == 2


def test_destroy_leaves_a_model_alone_that_ftrunner_did_not_create(
    applied: Project, mock: FtMock
) -> None:
    lock = applied.lock()
    record = lock["endpoints"][mock.base_url]
    record["job"]["run"] = record["current"]["run"] = None
    applied.write({"stories.lock.json": json.dumps(lock)})

    printed = applied.run("destroy", "stories.yaml", "--yes").expect(0)

    assert f"keep   model {record['job']['model']}" in printed.out
    assert mock.jobs[0]["fine_tuned_model"] == record["job"]["model"]


def test_destroy_keeps_a_file_that_another_spec_uploaded(applied: Project, mock: FtMock) -> None:
    """Specs of the same data share it at the provider."""
    applied.write({"other.yaml": applied.read("stories.yaml").replace('"stories"', '"other"')})
    applied.run("apply", "other.yaml", "--fresh").expect(0)
    [file] = [file["id"] for file in mock.files if file["purpose"] == "fine-tune"]

    printed = applied.run("destroy", "other.yaml", "--yes").expect(0)

    assert f"keep   file  {file}" in printed.out
    assert file in [one["id"] for one in mock.files]


def test_destroy_waits_for_a_running_job(project: Project, mock: FtMock) -> None:
    mock.scenario({"jobs": [{"stuck_in": "queued"}]})
    project.write(stories(base_url=mock.base_url, wait={"timeout": "1s"}))
    project.run("apply", "stories.yaml").expect(7)

    assert "error[FT416]" in project.run("destroy", "stories.yaml", "--yes").expect(4).err


def cancel_at_the_provider(mock: FtMock) -> None:
    for job in mock.jobs:
        requests.post(
            f"{mock.base_url}/fine_tuning/jobs/{job['id']}/cancel",
            headers={"Authorization": "Bearer sk-somebody-else"},
            timeout=10,
        )


def test_the_same_rows_written_differently_are_one_job(applied: Project, mock: FtMock) -> None:
    path = applied.folder / "data.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rng = Random(7)
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(respelled(row, rng) for row in rows))

    planned = applied.run("plan", "stories.yaml", "--exit-code").expect(0)
    applied.run("apply", "stories.yaml").expect(0)
    (applied.folder / "stories.lock.json").unlink()
    applied.run("apply", "stories.yaml").expect(0)

    [job] = mock.jobs
    assert f"the same rows as those of {job['id']}, written differently" in planned.out
    assert planned.out.endswith("Nothing to do.\n")


@pytest.mark.skipif(which("git") is None, reason="needs git")
def test_a_fresh_clone_compares_with_the_data_that_was_committed(applied: Project) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        subprocess.run(("git", "-C", applied.folder, *who, *arguments), check=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "Train")
    rmtree(applied.folder / ".ftrunner")
    applied.edit("data.jsonl", example("小狗"), example("小象"))

    planned = applied.run("plan", "stories.yaml", "--rows").expect(0).out

    assert "train data: +1 −1 ~0 rows since ftjob-" in planned
    assert "           + data.jsonl:1\n" in planned
    assert re.search(r"\n +− [0-9a-f]{8}:data.jsonl:1\n", planned)
