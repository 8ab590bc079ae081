"""What a spec takes from the environment is in nothing that a run leaves or says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.kit.homes import KEYS, at_home
from tests.kit.project import Outcome, Project
from tests.kit.stories import stories

# A quotation mark and a line break are written otherwise in JSON, as in a key that is a document.
SECRETS = {
    "WANDB_KEY": "wandb-value-4711",
    "GATEWAY_KEY": "gateway/value+4712=",
    "SERVICE_ACCOUNT": '{"private": "value-4713"}\n',
    "TEAM_TOKEN": "team-value-4714",
}
CORES = ("value-4711", "value+4712", "value-4713", "value-4714")
TAGS = [f"${{env:{name}}}" for name in SECRETS]
INTEGRATIONS = {"integrations": [{"type": "wandb", "wandb": {"project": "p", "tags": TAGS}}]}
HEADERS = {"X-Gateway": "Bearer ${env:GATEWAY_KEY}"}
ECHO = " ".join(SECRETS.values())


@pytest.fixture
def mock(open_provider: MockServer) -> FtMock:
    return FtMock(open_provider.origin)


def leaks(project: Project, *outcomes: Outcome) -> Iterator[str]:
    """Each place that shows a secret, and which."""
    texts: dict[str, str] = {
        str(outcome.command): outcome.out + outcome.err for outcome in outcomes
    }
    files = [path for path in project.folder.rglob("*") if path.is_file()]
    texts |= {_name(project, path): path.read_text("utf-8", "replace") for path in files}
    for place, text in texts.items():
        yield from (f"{core} in {place}" for core in CORES if core in text)


def _name(project: Project, path: Path) -> str:
    return str(path.relative_to(project.folder))


def run(project: Project, *arguments: str) -> Outcome:
    return project.run(*arguments, **SECRETS)


def test_runs_that_are_refused_that_fail_and_that_succeed_show_none(
    project: Project, mock: FtMock
) -> None:
    """The provider repeats what it was sent in refusals, events, and the failure of a job."""
    error = {"code": "invalid", "message": f"cannot report with {ECHO}"}
    refused = {"status": 400, "body": {"error": {"message": f"{json.dumps(ECHO)}, {ECHO}"}}}
    event = {"id": "e1", "type": "message", "message": ECHO, "data": {"headers": [ECHO]}}
    mock.scenario({"jobs": [{"fails_in": "running", "error": error}]})
    mock.fault({"set": {"data": [event]}}, path="/fine_tuning/jobs/*/events", times=1)
    mock.fault(refused, method="POST", path="/fine_tuning/jobs", times=1)
    project.write(stories(base_url=mock.base_url, extra_headers=HEADERS, **INTEGRATIONS))

    outcomes = [
        run(project, "apply", "stories.yaml").expect(1),
        run(project, "apply", "stories.yaml").expect(1),
        run(project, "status", "stories.yaml", "--refresh").expect(0),
    ]
    mock.disarm()
    outcomes += [
        run(project, "apply", "stories.yaml", "--retry", "--json").expect(0),
        run(project, "status", "stories.yaml", "--json").expect(0),
    ]

    assert "the provider does not accept the request" in outcomes[0].err
    assert "cannot report with [redacted]" in outcomes[1].err
    assert "cannot report with [redacted]" in outcomes[2].out
    assert list(leaks(project, *outcomes)) == []


def test_what_is_sent_beyond_the_api_shows_none(project: Project) -> None:
    """A setting for one provider: Together takes the key of a third party in the job's body."""
    body = json.dumps({name: SECRETS[name] for name in ("WANDB_KEY", "SERVICE_ACCOUNT")})
    refused = {"status": 400, "body": {"error": {"message": f"bad {body}"}}}
    files = at_home("")
    files["stories.yaml"]["providers"]["together"]["extra_body"] = {
        "wandb_api_key": "${env:WANDB_KEY}",
        "wandb": {"account": "${env:SERVICE_ACCOUNT}"},
    }
    project.write(files)

    with MockServer(Settings(speed=3000, dialect="together")) as server:
        together = FtMock(server.origin, "together")
        together.fault(refused, method="POST", path="/fine_tuning/jobs", times=1)
        where = ("stories.yaml", "--provider", "together", "--base-url", together.base_url)
        outcomes = [
            project.run("apply", *where, **KEYS, **SECRETS).expect(1),
            project.run("apply", *where, **KEYS, **SECRETS).expect(0),
            project.run("plan", *where, "--json", **KEYS, **SECRETS).expect(0),
        ]

    assert 'bad {"WANDB_KEY": "[redacted]"' in outcomes[0].err
    [*_, sent] = (project.folder / ".ftrunner").rglob("requests.jsonl")
    assert "wandb_api_key" in sent.read_text(encoding="utf-8")
    assert list(leaks(project, *outcomes)) == []


def test_a_short_value_is_hidden_as_a_whole_text_alone(project: Project, mock: FtMock) -> None:
    tags = {"project": "p", "tags": ["${env:TEAM}", "more-tales"]}
    project.write(stories(base_url=mock.base_url, integrations=[{"type": "wandb", "wandb": tags}]))

    project.run("apply", "stories.yaml", TEAM="tales").expect(0)

    [kept] = (project.folder / ".ftrunner").rglob("requests.jsonl")
    tags_kept = '\\"tags\\":[\\"[redacted]\\",\\"more-tales\\"]'
    assert tags_kept in kept.read_text(encoding="utf-8")


def test_names_stay_readable_where_a_secret_is_a_part_of_them(
    project: Project, mock: FtMock
) -> None:
    """Scripts read the model's name from the events; a team may be called like the suffix."""
    project.write(
        stories(base_url=mock.base_url, suffix="fairytales", metadata={"team": "${env:TEAM}"})
    )

    done = project.run("apply", "stories.yaml", "--json", TEAM="fairytales").expect(0)

    model = project.run("output", "stories.yaml", TEAM="fairytales").out.strip()
    assert "fairytales" in model
    assert done.documents()[-1]["model"] == model
