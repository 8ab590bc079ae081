"""Keys stay where they belong, and what servers and models say is never taken at its word."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer
from tests.kit.project import Project
from tests.kit.stories import stories

KEY = "sk-a-key-that-nobody-must-ever-see-again-4711"
EVIL = "\x1b[2J\x1b]0;owned\x07 gone\u202e"


@pytest.fixture
def mock(provider: MockServer) -> FtMock:
    return FtMock(provider.origin)


def find_orphan(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_key_is_in_nothing_that_a_full_run_leaves_or_says(
    project: Project, mock: FtMock
) -> None:
    """Retries, a lost answer, an error that repeats the key, a failed job: all of it."""
    echo = {"status": 500, "body": {"error": {"message": f"bad key {KEY}", "code": KEY}}}
    mock.fault(echo, method="GET", path="/files", times=1)
    mock.fault({"drop": "after"}, method="POST", path="/fine_tuning/jobs", times=1)
    mock.fault(
        {"status": 401, "body": {"error": {"message": f"Incorrect API key: {KEY}"}}},
        method="POST",
        path="/chat/completions",
        times=1,
    )
    project.write(stories(base_url=mock.base_url, extra_headers={"X-Team": "${env:TEAM_KEY}"}))
    environment = {"OPENAI_API_KEY": KEY, "TEAM_KEY": f"{KEY}-of-a-gateway"}

    outcomes = [
        project.run("apply", "stories.yaml", "--json", **environment).expect(1),
        project.run("apply", "stories.yaml", **environment).expect(0),
        project.run("status", "stories.yaml", "--refresh", "--json", **environment).expect(0),
        project.run("destroy", "stories.yaml", "--yes", **environment).expect(0),
    ]

    kept = find_orphan(project.folder)
    assert {"requests.jsonl", "events.jsonl"} <= {path.name for path in kept}
    assert [path for path in kept if KEY.encode() in path.read_bytes()] == []
    assert [outcome for outcome in outcomes if KEY in outcome.out + outcome.err] == []


def test_evidence_is_private(project: Project, mock: FtMock) -> None:
    project.write(stories(base_url=mock.base_url))
    project.run("apply", "stories.yaml").expect(0)

    root = project.folder / ".ftrunner"
    [run] = (root / "runs" / "stories").iterdir()
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert stat.S_IMODE(run.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in run.iterdir()} == {0o600}


def test_the_results_file_is_kept_as_csv(project: Project, mock: FtMock) -> None:
    project.write(stories(base_url=mock.base_url))
    project.run("apply", "stories.yaml").expect(0)

    [results] = (project.folder / ".ftrunner").rglob("results-1.csv")
    assert results.read_text().startswith("step,train_loss")


def test_a_servers_file_names_never_become_paths(project: Project, mock: FtMock) -> None:
    mock.fault({"set": {"filename": "../../evil.jsonl"}}, method="POST", path="/files")
    mock.fault({"set": {"result_files": ["../../../etc/passwd"]}}, path="/fine_tuning/jobs/*")
    project.write(stories(base_url=mock.base_url))

    done = project.run("apply", "stories.yaml").expect(0)

    assert "the results file ../../../etc/passwd could not be fetched" in done.out
    assert not [path for path in find_orphan(project.folder.parent) if path.name == "evil.jsonl"]


def test_nothing_a_server_says_steers_the_terminal(project: Project, mock: FtMock) -> None:
    mock.scenario(
        {
            "jobs": [{"fails_in": "running", "error": {"code": EVIL, "message": f"why? {EVIL}"}}],
            "faults": [{"match": {"path": "/fine_tuning/jobs/*"}, "do": {"set": {"model": EVIL}}}],
        }
    )
    project.write(stories(base_url=mock.base_url))

    failed = project.run("apply", "stories.yaml").expect(1)

    assert "why?" in failed.err
    assert not {"\x1b", "\x07", "\u202e"} & set(failed.out + failed.err)


def test_nothing_a_model_says_steers_the_terminal(project: Project, mock: FtMock) -> None:
    answer = {"index": 0, "message": {"role": "assistant", "content": EVIL}}
    mock.fault({"set": {"choices": [answer]}}, method="POST", path="/chat/completions")
    project.write(stories(base_url=mock.base_url))

    failed = project.run("apply", "stories.yaml").expect(5)

    assert "gone" in failed.out
    assert not {"\x1b", "\x07", "\u202e"} & set(failed.out + failed.err)


def test_a_netrc_does_not_replace_the_key(
    project: Project, mock: FtMock, private_home: Path
) -> None:
    netrc = private_home / ".netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    project.write(stories(base_url=mock.base_url))

    project.run("apply", "stories.yaml").expect(0)

    [run] = (project.folder / ".ftrunner" / "runs" / "stories").iterdir()
    assert '"status": 401' not in (run / "requests.jsonl").read_text()


@pytest.mark.parametrize("insecure", [False, True], ids=["refused", "overridden"])
def test_plain_http_to_another_machine(project: Project, insecure: bool) -> None:
    """203.0.113.0/24 is kept for documents; with the override the tool tries to go there."""
    project.write(stories())
    options = ["--insecure-http"] if insecure else []

    arguments = ["plan", "stories.yaml", "--base-url", "http://203.0.113.1/v1", *options]
    outcome = project.run(*arguments).expect(0 if insecure else 2)

    assert ("FT323" in outcome.err) is not insecure


@pytest.mark.parametrize("command", ["validate", "plan"])
def test_plain_http_in_the_spec_is_pointed_at_and_can_be_overridden(
    project: Project, command: str
) -> None:
    project.write(stories(base_url="http://203.0.113.1/v1"))

    refused = project.run(command, "stories.yaml").expect(2)
    project.run(command, "stories.yaml", "--insecure-http").expect(0)

    assert re.search(r"stories.yaml:\d+:\d+: error FT323", refused.err)


def test_redirects_are_not_followed_with_the_key(project: Project, mock: FtMock) -> None:
    mock.fault(
        {"status": 307, "headers": {"Location": "http://203.0.113.1/v1/files"}},
        method="GET",
        path="/fine_tuning/jobs",
    )
    project.write(stories(base_url=mock.base_url))

    refused = project.run("apply", "stories.yaml").expect(1)

    assert "error[FT305]" in refused.err
    assert "203.0.113.1" in refused.err
