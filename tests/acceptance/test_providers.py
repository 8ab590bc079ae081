"""What users see of providers, and their own profiles."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.kit.homes import KEYS, at_home
from tests.kit.project import Project
from tests.kit.stories import stories

# An answer that the profile does not expect: what is asked, what is wrong, what is said of it.
SHAPES: dict[str, tuple[str, str, dict[str, Any], str | None]] = {
    "azure": ("GET", "/models/*", {"set": {"id": 7}}, None),
    "nebius": ("POST", "/chat/completions", {"remove": ["choices"]}, "no choices[0].message"),
    "together": ("POST", "/chat/completions", {"set": {"choices": [{}]}}, "no choices[0].message"),
    "llmariner": ("GET", "/files", {"status": 200, "body": [1, 2]}, "not a list of objects"),
    "zhipu": ("GET", "/files", {"malformed": True}, "is not JSON"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_an_answer_of_another_shape_names_profile_and_field_and_is_kept(
    project: Project, name: str
) -> None:
    method, path, do, said = SHAPES[name]
    with MockServer(Settings(speed=300, dialect=name)) as server:
        FtMock(server.origin, name).fault(do, method=method, path=path)
        project.write(at_home(server.origin))
        where = ("--provider", name, "--base-url", server.base_url)

        printed = project.run("apply", "stories.yaml", *where, **KEYS)

    evidence = "".join(
        kept.read_text(encoding="utf-8")
        for kept in (project.folder / ".ftrunner").rglob("requests.jsonl")
    )
    assert not any(key in evidence for key in KEYS.values())
    if said is None:
        printed.expect(0)
        return
    printed.expect(1)
    assert said in printed.err
    assert f"against the profile '{name}'" in printed.err
    assert "Traceback" not in printed.out + printed.err
    record = json.loads(evidence.splitlines()[-1])
    assert record["response"]["body"]


@pytest.mark.parametrize("name", SHAPES)
def test_an_unknown_status_is_shown_and_waited_on(project: Project, name: str) -> None:
    with MockServer(Settings(speed=1000, dialect=name)) as server:
        words = dict.fromkeys(("validating_files", "queued", "running"), "warming_up")
        FtMock(server.origin, name).scenario({"jobs": [{"status_words": words}]})
        project.write(at_home(server.origin))
        where = ("--provider", name, "--base-url", server.base_url)

        printed = project.run("apply", "stories.yaml", *where, **KEYS)

    assert printed.code == (1 if name == "zhipu" else 0), printed
    assert "warming_up (not a status this provider's profile knows; waiting)" in printed.out


def test_the_profiles_are_listed_with_what_they_can_do(project: Project) -> None:
    printed = project.run("providers").expect(0).out
    (document,) = project.run("providers", "--json").expect(0).documents()

    assert [profile["name"] for profile in document["profiles"]] == [
        "azure", "generic", "llmariner", "nebius", "openai", "together", "zhipu",
    ]  # fmt: skip
    assert "after a deployment, billed by the hour until it is deleted" in printed


def test_a_profile_is_shown_with_its_sources(project: Project) -> None:
    printed = project.run("providers", "show", "nebius").expect(0).out
    unknown = project.run("providers", "show", "nebuis").expect(2).err

    assert "learning_rate_multiplier` → `learning_rate` × 1e-05" in printed
    assert "docs.tokenfactory.nebius.com" in printed
    assert "did you mean 'nebius'?" in unknown


def test_an_eighth_provider_takes_one_file_and_no_code(
    project: Project, provider: MockServer
) -> None:
    address = provider.base_url
    project.write(
        {
            ".ftrunner/providers/eighth.yaml": f"extends: openai\ntitle: Eighth\n"
            f"base_url: {address}\nhosts: []\napi_key_env: EIGHTH_KEY\n",
            **stories(provider="eighth"),
        }
    )

    done = project.run("apply", "stories.yaml", "--yes", EIGHTH_KEY="sk-eighth-0123456789").expect(
        0
    )

    assert "1 of 1 passed" in done.out
    assert project.lock()["endpoints"][address]["provider"] == "eighth"
    assert "eighth" in project.run("providers").expect(0).out


def test_a_wrong_profile_of_the_user_is_a_finding_with_its_place(project: Project) -> None:
    project.write({"mine/eighth.yaml": "extends: openai\nstatuses: {done: finished}\n"})
    project.write(stories(provider="eighth"))

    refused = project.run("plan", "stories.yaml", "--profiles", "mine").expect(2)

    assert "mine/eighth.yaml:2:18" in refused.err
    assert "statuses.done must be" in refused.err


def test_a_validation_report_is_reported_with_its_line_and_no_job_is_created(
    project: Project,
) -> None:
    report = {"valid": False, "error_type": "INVALID_FORMAT", "error": "Invalid format on line 3."}
    printed = {"processing_status": "INVALID_FORMAT", "validation_report": report}
    with MockServer(Settings(speed=300, dialect="together")) as server:
        mock = FtMock(server.origin, "together")
        mock.fault({"set": printed}, method="GET", path="/files/*")
        project.write(at_home(server.origin))
        where = ("--provider", "together", "--base-url", server.base_url)

        refused = project.run("apply", "stories.yaml", *where, **KEYS).expect(1)

        assert mock.jobs == []
    assert "error[FT376]" in refused.err
    assert "Invalid format on line 3." in refused.err
    assert "data.jsonl:3: note FT355" in refused.out


def _azure(server: MockServer) -> tuple[str, ...]:
    return ("--provider", "azure", "--base-url", server.base_url)


def test_a_failed_deployment_is_made_again_without_training(project: Project) -> None:
    with MockServer(Settings(speed=300, dialect="azure")) as server:
        mock = FtMock(server.origin, "azure")
        failed = {
            "set": {"properties": {"provisioningState": "Failed", "statusMessage": "no quota"}}
        }
        mock.fault(failed, method="GET", path="/subscriptions/**/deployments/*")
        project.write(at_home(server.origin))

        stopped = project.run("apply", "stories.yaml", *_azure(server), **KEYS).expect(1)
        mock.disarm()
        project.run("apply", "stories.yaml", *_azure(server), **KEYS).expect(0)

        assert len(mock.jobs) == 1
    assert "FT374" in stopped.err
    assert "is Failed: no quota" in stopped.err
    assert "creates another one, without training" in stopped.err


def test_plan_warns_of_a_budget_that_cannot_be_checked(project: Project) -> None:
    project.write(at_home("http://127.0.0.1:9", budget={"max_cost": 5}))
    there = ("stories.yaml", "--provider", "llmariner")

    printed = project.run("plan", *there, "--base-url", "http://127.0.0.1:9/v1").expect(0)
    stopped = project.run("apply", *there, "--mock", "--yes").expect(6)

    assert "[FT194]: budget.max_cost cannot be checked" in printed.out
    assert "unchecked: allow" in printed.out
    assert "error[FT194]" in stopped.err


@pytest.mark.parametrize(("said", "sent"), [({}, 60), ({"inactive_timeout": "never"}, 0)])
def test_an_endpoint_that_is_forgotten_stops(
    project: Project, said: dict[str, Any], sent: int
) -> None:
    with MockServer(Settings(speed=300, dialect="together")) as server:
        files = at_home(server.origin)
        files["stories.yaml"]["providers"]["together"]["deployment"] |= said
        project.write(files)
        where = ("--provider", "together", "--base-url", server.base_url)
        project.run("apply", "stories.yaml", *where, **KEYS).expect(0)

    requests = [
        json.loads(line)
        for kept in (project.folder / ".ftrunner").rglob("requests.jsonl")
        for line in kept.read_text(encoding="utf-8").splitlines()
    ]
    bodies = [str(one) for one in requests if "inactiveTimeout" in str(one)]
    assert bodies
    assert f"'inactiveTimeout': {sent}" in bodies[0] or f'"inactiveTimeout":{sent}' in bodies[0]
