"""A key that comes back in every form and in every place is in no file and in no output."""

from __future__ import annotations

import base64
import html
import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer
from tests.kit.project import Outcome, Project
from tests.kit.stories import stories

KEY = 'sk-a/key+that<nobody>may"see&again=4711'


def forms(key: str) -> dict[str, bytes]:
    """What is looked for. Base64 depends on where in three bytes the key begins."""
    found = {
        "plain": key,
        "json": json.dumps(key)[1:-1],
        "json in json": json.dumps(json.dumps(key))[3:-3],
        "url": quote(key, safe=""),
        "url twice": quote(quote(key, safe=""), safe=""),
        "html": html.escape(key),
    }
    for skipped in range(3):
        for name, encode in (
            ("base64", base64.b64encode),
            ("safe base64", base64.urlsafe_b64encode),
        ):
            core = key.encode()[skipped:]
            found[f"{name} {skipped}"] = encode(core[: len(core) // 3 * 3]).decode()
    return {name: form.encode() for name, form in found.items()}


def every_form(key: str) -> str:
    plain = [form.decode() for name, form in forms(key).items() if "base64" not in name]
    longer = [
        encode(f"{'x' * count}{key}yz".encode()).decode()
        for count in range(3)
        for encode in (base64.b64encode, base64.urlsafe_b64encode)
    ]
    return " ".join([*plain, *longer])


def leaks(folder: Path, *outcomes: Outcome) -> Iterator[str]:
    """Each place that shows the key in some form."""
    places = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for outcome in outcomes:
        places[str(outcome.command)] = (outcome.out + outcome.err).encode()
    for place, content in places.items():
        yield from (f"{name} in {place}" for name, form in forms(KEY).items() if form in content)


@pytest.fixture
def mock(open_provider: MockServer) -> FtMock:
    return FtMock(open_provider.origin)


@pytest.fixture
def keyed(project: Project, mock: FtMock) -> Project:
    project.write(stories(base_url=mock.base_url))
    return Project(project.folder, {**project.environment, "OPENAI_API_KEY": KEY})


def test_refusals_events_answers_and_failures(keyed: Project, mock: FtMock) -> None:
    echo = every_form(KEY)
    event = {"id": "e1", "type": "message", "message": echo, "data": {"k": [echo]}}
    refused = {"status": 400, "body": {"error": {"message": echo, "code": KEY, "param": echo}}}
    page = {"status": 403, "body": {"detail": [{"loc": [echo], "msg": echo}]}}
    choice = {"index": 0, "message": {"role": "assistant", "content": echo}}
    mock.scenario({"jobs": [{"fails_in": "running", "error": {"code": KEY, "message": echo}}]})
    mock.fault({"set": {"data": [event]}}, path="/fine_tuning/jobs/*/events", times=1)
    mock.fault(refused, method="POST", path="/fine_tuning/jobs", times=1)
    mock.fault(page, method="POST", path="/files", times=1)

    outcomes = [keyed.run("apply", "stories.yaml").expect(1) for _ in range(3)]
    mock.disarm()
    mock.fault({"set": {"choices": [choice]}}, method="POST", path="/chat/completions", times=1)
    outcomes += [
        keyed.run("apply", "stories.yaml", "--retry", "--json").expect(5),
        keyed.run("test", "stories.yaml", "--ask-again").expect(0),
        keyed.run("status", "stories.yaml", "--refresh", "--json").expect(0),
    ]

    assert "[redacted]" in outcomes[0].err
    assert list(leaks(keyed.folder, *outcomes)) == []


@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "base64"])
@pytest.mark.parametrize("is_csv", [False, True], ids=["text", "csv"])
def test_results_files(keyed: Project, mock: FtMock, *, encoded: bool, is_csv: bool) -> None:
    text = f"step,note\\n1,{every_form(KEY)}\\n" if is_csv else f"notes: {every_form(KEY)}"
    content = base64.encodebytes(text.encode()).decode() if encoded else text
    mock.fault({"status": 200, "body": content}, path="/files/*/content")

    done = keyed.run("apply", "stories.yaml").expect(0)

    [kept] = keyed.folder.rglob("results-1.csv")
    assert b"[redacted]" in kept.read_bytes()
    assert list(leaks(keyed.folder, done)) == []


@pytest.mark.parametrize("name", ["id", "model", "fine_tuned_model", "training_file", "status"])
def test_ids_and_names_that_equal_the_key(keyed: Project, mock: FtMock, name: str) -> None:
    """Whatever becomes of the run, the lock file is made to be committed."""
    mock.fault({"set": {name: KEY}}, path="/fine_tuning/jobs/*", times=2)
    mock.fault({"set": {name: KEY}}, method="POST", path="/fine_tuning/jobs", times=1)

    outcomes = [keyed.run("apply", "stories.yaml", *more) for more in ((), ("--json",))]
    outcomes.append(keyed.run("output", "stories.yaml"))

    assert 3 not in {outcome.code for outcome in outcomes}
    assert list(leaks(keyed.folder, *outcomes)) == []


def test_a_file_that_is_called_like_the_key(keyed: Project, mock: FtMock) -> None:
    mock.fault({"set": {"id": KEY}}, method="POST", path="/files", times=1)

    outcomes = [keyed.run("apply", "stories.yaml"), keyed.run("apply", "stories.yaml").expect(0)]

    assert list(leaks(keyed.folder, *outcomes)) == []


def test_a_bug_report(
    keyed: Project, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A trace shows values, also of variables that no run uses."""
    logs = tmp_path_factory.mktemp("logs")
    monkeypatch.setattr("tempfile.tempdir", str(logs))

    def bug(*_: object, **__: object) -> None:
        raise ZeroDivisionError(f"{every_form(KEY)} {os.environ['TEAM_TOKEN']}")

    monkeypatch.setattr("ftrunner.api.client.Client.list_files", bug)
    monkeypatch.setattr("ftrunner.api.client.Client.create_file", bug)

    ended = [
        keyed.run("apply", "stories.yaml", *more, TEAM_TOKEN="token-of-a-team").expect(3)
        for more in ((), ("--json",))
    ]

    assert len(list(logs.iterdir())) == 2
    assert [*leaks(keyed.folder, *ended), *leaks(logs)] == []
    assert not [each for each in ended if "token-of-a-team" in each.out + each.err]
