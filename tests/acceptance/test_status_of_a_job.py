"""`status` says how far a job is, and follows it without being the writer."""

from __future__ import annotations

from mockserver.client import FtMock
from mockserver.server import MockServer
from tests.kit.project import Project
from tests.kit.stories import stories


def test_status_shows_training_age_and_cost(project: Project, provider: MockServer) -> None:
    project.write(stories(base_url=provider.base_url))
    project.run("apply", "stories.yaml").expect(0)

    shown = project.run("status", "stories.yaml").expect(0).out
    [document] = project.run("status", "stories.yaml", "--json").expect(0).documents()

    labels = [line.split()[0] for line in shown.splitlines()[1:]]
    assert labels[labels.index("job") : labels.index("job") + 4] == [
        "job",
        "training",
        "age",
        "cost",
    ]
    assert "tokens trained, about $" in shown
    assert document["progress"]["step"] == document["progress"]["total_steps"] == 100


def test_a_running_job_is_watched_and_nothing_is_recorded(
    project: Project, provider: MockServer
) -> None:
    project.write(stories(base_url=provider.base_url))
    mock = FtMock(provider.origin)
    project.run("apply", "stories.yaml").expect(0)
    lock = project.lock()
    record = lock["endpoints"][provider.base_url]
    record["job"] |= {"status": "running", "state": "running", "model": None}
    project.write({"stories.lock.json": lock})
    before = project.read("stories.lock.json")
    sent = len(mock.requests)

    shown = project.run("status", "stories.yaml", "--watch").expect(0)
    events = project.run("status", "stories.yaml", "--watch", "--json").expect(0).documents()

    assert "succeeded" in shown.out
    assert "step 100/100" in shown.out
    assert [one["event"] for one in events if "event" in one].count("metrics") == 100
    assert project.read("stories.lock.json") == before
    assert {request["method"] for request in mock.requests[sent:]} == {"GET"}


def test_a_rehearsal_that_no_process_goes_on_with_is_not_waited_for(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)
    lock = ".ftrunner/rehearsal/stories/openai/stories.lock.json"
    project.edit(lock, '"state": "succeeded"', '"state": "running"')

    shown = project.run("status", "stories.yaml", "--mock", "--watch").expect(0)

    assert "step 100/100" in shown.out
    assert "no process rehearses it now; `ftrunner apply stories.yaml --mock` goes on" in shown.err


def test_without_a_job_there_is_nothing_to_watch(project: Project) -> None:
    project.write(stories())

    refused = project.run("status", "stories.yaml", "--watch").expect(4)

    assert "has no job" in refused.err
    assert refused.out == ""
