"""What is gone or stops soon is reported, every night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import openai
import pytest
import requests

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.kit.homes import KEYS, at_home
from tests.kit.project import Project
from tests.kit.stories import stories


def _in(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def test_drift_reports_what_is_gone_and_exits_4(project: Project, provider: MockServer) -> None:
    project.write(stories(base_url=provider.base_url))
    FtMock(provider.origin).fault({"remove": ["shutdown_date"]}, method="GET", path="/models/*")
    project.run("apply", "stories.yaml").expect(0)
    clean = project.run("drift", "stories.yaml").expect(0)
    record = project.lock()["endpoints"][provider.base_url]
    client = openai.OpenAI(base_url=provider.base_url, api_key="sk-by-hand")
    client.files.delete(record["files"]["train"]["id"])
    client.models.delete(record["job"]["model"])

    gone = project.run("drift", "stories.yaml").expect(4)
    (document,) = project.run("drift", "stories.yaml", "--json").expect(4).documents()

    assert "all is there" in clean.out
    assert f"{record['job']['model']} is not at the provider" in gone.out
    assert f"the train file {record['files']['train']['id']} is gone" in gone.out
    assert len(document["drift"]) == 2


def test_an_announced_end_is_a_note_and_counts_within_the_days_asked_for(
    project: Project, provider: MockServer
) -> None:
    project.write(stories(base_url=provider.base_url))
    project.run("apply", "stories.yaml").expect(0)
    soon = {"set": {"shutdown_date": _in(40)}}
    FtMock(provider.origin).fault(soon, method="GET", path="/models/*")

    noted = project.run("drift", "stories.yaml").expect(0)
    (document,) = project.run("drift", "stories.yaml", "--json").expect(0).documents()
    near = project.run("drift", "stories.yaml", "--within", "39")
    counted = project.run("drift", "stories.yaml", "--within", "40").expect(4)

    assert "note: gpt-4o-mini-2024-07-18 shuts down" in noted.out
    assert "models tuned from it" in noted.out
    assert document["drift"] == []
    ends = [note for note in document["notes"] if "shuts down" in note]
    assert len(ends) == 2  # of the base model and of the tuned one
    assert "shuts down" not in near.out
    assert "note" not in counted.out


def test_an_end_that_has_come_is_drift(project: Project, provider: MockServer) -> None:
    project.write(stories(base_url=provider.base_url))
    project.run("apply", "stories.yaml").expect(0)
    ended = {"set": {"shutdown_date": _in(-1)}}
    FtMock(provider.origin).fault(ended, method="GET", path="/models/*")

    assert "was shut down on" in project.run("drift", "stories.yaml").expect(4).out


def test_what_is_acknowledged_counts_no_more_until_it_changes(
    project: Project, provider: MockServer
) -> None:
    project.write(stories(base_url=provider.base_url))
    project.run("apply", "stories.yaml").expect(0)
    soon = ("drift", "stories.yaml", "--within", "90")
    project.run(*soon).expect(4)

    accepted = project.run(*soon, "--acknowledge").expect(0)
    quiet = project.run(*soon).expect(0)
    (document,) = project.run("drift", "stories.yaml", "--json").expect(0).documents()
    recorded = project.lock()["endpoints"][provider.base_url]["acknowledged"]
    FtMock(provider.origin).fault(
        {"set": {"shutdown_date": "2026-12-31"}}, method="GET", path="/models/*"
    )
    changed = project.run(*soon).expect(4)

    assert "(acknowledged)" in accepted.out
    assert "(acknowledged)" in quiet.out
    assert document["drift"] == []
    assert len(document["acknowledged"]) == len(recorded) >= 1
    assert not any("days)" in sentence for sentence in recorded)  # which are others tomorrow
    assert "2026-12-31" in changed.out


def test_within_says_how_far_to_look(project: Project, provider: MockServer) -> None:
    project.write(stories(base_url=provider.base_url))
    project.run("apply", "stories.yaml").expect(0)
    set_date = {"set": {"shutdown_date": _in(120)}}
    FtMock(provider.origin).fault(set_date, method="GET", path="/models/*")

    assert "shuts down on" not in project.run("drift", "stories.yaml").expect(0).out
    project.run("drift", "stories.yaml", "--within", "119").expect(4)
    far = project.run("drift", "stories.yaml", "--within", "3650").expect(4)
    near = project.run("drift", "stories.yaml", "--within", "1")

    assert "shuts down on" in far.out
    assert "OpenAI takes no new jobs" in far.out
    assert "shuts down on" not in near.out


@pytest.mark.slow
def test_a_deployment_that_somebody_deleted_is_drift(project: Project) -> None:
    with MockServer(Settings(speed=3000, dialect="azure")) as server:
        project.write(at_home(server.origin))
        where = ("--provider", "azure", "--base-url", server.base_url)
        project.run("apply", "stories.yaml", *where, **KEYS).expect(0)
        (made,) = project.lock()["endpoints"][server.base_url]["resources"]
        path = (
            "/subscriptions/s-1/resourceGroups/g-1/providers/Microsoft.CognitiveServices/accounts"
            f"/tales/deployments/{made['id']}"
        )
        token = {"Authorization": f"Bearer {KEYS['AZURE_MANAGEMENT_TOKEN']}"}
        requests.delete(f"{server.origin}{path}", headers=token, timeout=10)

        found = project.run("drift", "stories.yaml", *where, **KEYS).expect(4)

    assert f"the deployment {made['id']} is gone" in found.out


def test_an_account_that_may_not_train_gets_ways_out(project: Project) -> None:
    project.write(stories())

    refused = project.run("apply", "stories.yaml", "--scenario", "training-not-offered").expect(1)

    assert "error[FT310]" in refused.err
    assert "winding down" in refused.err
    assert "plan SPEC --provider" in refused.err
