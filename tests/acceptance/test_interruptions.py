"""Stopped in the middle, it says how to come back, and comes back to the same job."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator

import pytest
import requests

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.kit.project import Outcome, Project, finish
from tests.kit.stories import stories
from tests.kit.verdict import insist_on_clean_verdict


@pytest.fixture
def slow_provider() -> Iterator[MockServer]:
    """Trains for some seconds: long enough to be interrupted."""
    with MockServer(Settings(speed=60)) as server:
        yield server


def interrupt_while_training(project: Project, how: signal.Signals, *options: str) -> Outcome:
    arguments = ("apply", "stories.yaml", *options)
    with project.start(*arguments) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "→ ftjob-" in line:
                process.send_signal(how)
                return finish(process, arguments)
    raise AssertionError("the job was never created")


@pytest.mark.parametrize(
    ("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "terminate"]
)
@pytest.mark.process("a signal stops it")
def test_the_job_goes_on_and_is_picked_up(
    project: Project, slow_provider: MockServer, how: signal.Signals, code: int
) -> None:
    project.write(stories(base_url=slow_provider.base_url))

    stopped = interrupt_while_training(project, how).expect(code)
    recorded = project.lock()["endpoints"][slow_provider.base_url]["job"]
    again = project.run("apply", "stories.yaml").expect(0)

    assert f"{recorded['id']} keeps running at the provider" in stopped.err
    assert "`ftrunner apply stories.yaml` continues watching" in stopped.err
    assert re.search(rf"3 train    resume: {recorded['id']} is \w+", again.out)
    assert project.lock()["endpoints"][slow_provider.base_url]["job"]["id"] == recorded["id"]
    insist_on_clean_verdict(slow_provider)


@pytest.mark.process("a signal stops it")
def test_cancel_ends_the_running_job(project: Project, slow_provider: MockServer) -> None:
    project.write(stories(base_url=slow_provider.base_url))
    interrupt_while_training(project, signal.SIGINT)

    cancelled = project.run("cancel", "stories.yaml").expect(0)
    after = project.run("apply", "stories.yaml").expect(1)

    assert "cancelled ftjob-" in cancelled.out
    assert "--retry" in after.err


@pytest.mark.process("a signal stops it")
def test_a_job_that_was_cancelled_at_the_provider_is_said_to_be_over(
    project: Project, slow_provider: MockServer
) -> None:
    project.write(stories(base_url=slow_provider.base_url))
    interrupt_while_training(project, signal.SIGINT)
    [job] = FtMock(slow_provider.origin).jobs
    requests.post(
        f"{slow_provider.base_url}/fine_tuning/jobs/{job['id']}/cancel",
        headers={"Authorization": "Bearer another-key"},
        timeout=10,
    ).raise_for_status()

    printed = project.run("cancel", "stories.yaml").expect(4)

    assert f"error[FT412]: {job['id']} is over: cancelled" in printed.err
    assert "`ftrunner apply stories.yaml --retry` trains again" in printed.err
    [record] = project.lock()["endpoints"].values()
    assert record["job"]["state"] == "cancelled"


@pytest.mark.parametrize(
    ("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "terminate"]
)
@pytest.mark.process("a signal stops it")
def test_an_interrupt_cancels_the_job_where_that_was_asked_for(
    project: Project, slow_provider: MockServer, how: signal.Signals, code: int
) -> None:
    project.write(stories(base_url=slow_provider.base_url))

    stopped = interrupt_while_training(project, how, "--cancel-on-interrupt").expect(code)

    job = project.lock()["endpoints"][slow_provider.base_url]["job"]
    assert f"cancelled {job['id']}" in stopped.err
    assert job["state"] == "cancelled"
    assert [job["status"] for job in FtMock(slow_provider.origin).jobs] == ["cancelled"]


@pytest.mark.process("a signal stops it")
def test_an_interrupt_stops_the_specs_that_follow(
    project: Project, slow_provider: MockServer
) -> None:
    project.write(stories(base_url=slow_provider.base_url))
    project.write({"after.yaml": {**stories()["stories.yaml"], "name": "after"}})

    stopped = interrupt_while_training(project, signal.SIGINT, "after.yaml").expect(130)

    assert "after" not in stopped.out + stopped.err


def test_giving_up_waiting_exits_7_and_leaves_the_job(
    project: Project, slow_provider: MockServer
) -> None:
    project.write(stories(base_url=slow_provider.base_url, wait={"timeout": "1s"}))

    gave_up = project.run("apply", "stories.yaml").expect(7)

    assert "keeps running" in gave_up.err
    assert "`ftrunner apply stories.yaml` continues waiting" in gave_up.err


@pytest.mark.process("two at once")
def test_a_job_that_is_followed_can_be_cancelled(
    project: Project, slow_provider: MockServer
) -> None:
    project.write(stories())
    at = ("--base-url", slow_provider.base_url)
    with project.start("apply", "stories.yaml", *at) as process:
        assert process.stdout is not None
        assert any("→ ftjob-" in line for line in process.stdout)
        cancelled = project.run("cancel", "stories.yaml", *at).expect(0)
        followed = finish(process, ["apply"]).expect(1)

    assert "the process that follows it records it" in cancelled.out
    assert "was cancelled" in followed.err
    [record] = project.lock()["endpoints"].values()
    assert record["job"]["state"] == "cancelled"
