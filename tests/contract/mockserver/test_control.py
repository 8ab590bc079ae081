"""`/_mock/` and the promises around it: repeatable, resettable, kept, apart."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from mockserver.__main__ import main
from mockserver.client import FtMock
from mockserver.faults.scenario import scenario_names
from mockserver.server import MockServer, Settings
from tests.contract.mockserver.raw import LIFETIME, LINES, RawClient


def whole_run(origin: str) -> list[bytes]:
    """Every body that a run from upload to chat receives, under a manual clock."""
    mock = FtMock(origin)
    client = RawClient(mock.base_url)
    with client.session:
        uploaded = client.upload()
        created = client.create(uploaded.json()["id"])
        job_path = f"/fine_tuning/jobs/{created.json()['id']}"
        mock.advance(100)
        running = [client.get(job_path), client.get(f"{job_path}/events")]
        mock.advance(LIFETIME)
        ended = client.get(job_path)
        model = ended.json()["fine_tuned_model"]
        rest = [
            client.get(f"{job_path}/checkpoints"),
            client.get("/files"),
            client.get(f"/files/{ended.json()['result_files'][0]}/content"),
            client.ask(model, "What is number 40?"),
            client.ask("gpt-4o-mini", "What is number 40?"),
        ]
        answers = [uploaded, created, *running, ended, *rest]
        return [answer.headers["x-request-id"].encode() + answer.content for answer in answers]


def test_a_run_under_a_manual_clock_is_repeatable_byte_for_byte() -> None:
    runs = []
    for _ in range(2):
        with MockServer(Settings(clock="manual", seed=7)) as server:
            runs.append(whole_run(server.origin))

    assert runs[0] == runs[1]


def test_a_reset_starts_the_same_run_again(ft_mock: FtMock) -> None:
    first = whole_run(ft_mock.origin)
    ft_mock.reset()

    assert whole_run(ft_mock.origin) == first


def test_another_seed_is_another_run() -> None:
    with MockServer(Settings(clock="manual", seed=8)) as other:
        assert whole_run(other.origin)[0] != b""
        with MockServer(Settings(clock="manual", seed=9)) as server:
            assert whole_run(server.origin) != whole_run(other.origin)


def test_everything_goes_on_after_a_restart(tmp_path: Path) -> None:
    kept = Settings(clock="manual", db=tmp_path / "mock.db", seed=3)
    with MockServer(kept) as server:
        client = RawClient(server.base_url)
        job_id = client.start()
        FtMock(server.origin).advance(100)
        before = client.job(job_id)
        client.session.close()
    with MockServer(kept) as server:
        client, mock = RawClient(server.base_url), FtMock(server.origin)
        after = client.job(job_id)
        mock.advance(LIFETIME)
        model = client.job(job_id)["fine_tuned_model"]
        answer = client.answer(model, "What is number 5?")
        other = client.file()
        client.session.close()
    with MockServer(kept) as server:
        FtMock(server.origin).advance(LIFETIME)
    with MockServer(kept) as server:
        blamed = {found["rule"] for found in FtMock(server.origin).verdict().findings}

    assert after == before
    assert answer == "Number 5 is a number."
    assert other not in str(before)
    assert blamed == {"unused-file"}  # the job was followed before the restart


@pytest.fixture
def isolated() -> Iterator[MockServer]:
    with MockServer(Settings(clock="manual", isolate_keys=True)) as server:
        yield server


def test_keys_do_not_see_one_another_s_objects(isolated: MockServer) -> None:
    mine = RawClient(isolated.base_url, "sk-mine")
    yours = RawClient(isolated.base_url, "sk-yours")
    with mine.session, yours.session:
        job_id = mine.start()
        FtMock(isolated.origin).advance(LIFETIME)
        job = mine.job(job_id)
        model = job["fine_tuned_model"]
        assert mine.ask(model, "Hello").status_code == 200

        assert yours.get(f"/fine_tuning/jobs/{job_id}").status_code == 404
        assert yours.get(f"/files/{job['training_file']}").status_code == 404
        assert yours.get("/files").json()["data"] == []
        assert yours.get("/fine_tuning/jobs").json()["data"] == []
        assert yours.create(job["training_file"]).status_code == 404
        assert yours.ask(model, "Hello").status_code == 404
        assert model not in yours.get("/models").text


@pytest.mark.parametrize("header", [None, "", "Basic abc", "Bearer", "Bearer  "])
def test_a_request_without_a_key_is_refused(client: RawClient, header: str | None) -> None:
    client.session.headers["Authorization"] = header  # type: ignore[assignment] # None: not sent

    refused = client.get("/models")

    assert refused.status_code == 401
    assert refused.json()["error"]["message"].startswith("You didn't provide an API key.")


def test_bare_paths_work_as_well(ft_mock: FtMock) -> None:
    bare = RawClient(ft_mock.origin)
    with bare.session:
        assert bare.get("/models").status_code == 200


STATUSES = ["validating_files", "queued", "running", "succeeded", "failed", "cancelled"]


@pytest.mark.parametrize("status", STATUSES)
def test_fixtures_are_where_they_are_put(ft_mock: FtMock, client: RawClient, status: str) -> None:
    ft_mock.seed(
        {
            "files": [{"id": "file-a", "lines": LINES, "filename": "a.jsonl"}],
            "jobs": [{"id": "ftjob-a", "training_file": "file-a", "status": status}],
        }
    )

    assert client.job("ftjob-a")["status"] == status
    assert client.get("/files/file-a").json()["filename"] == "a.jsonl"


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("data", [{"lines": []}, {"lines": [[1], 5]}, {"content": "no JSON"}])
def test_fixtures_are_there_whatever_their_file_holds(
    ft_mock: FtMock, client: RawClient, status: str, data: dict[str, Any]
) -> None:
    ft_mock.seed(
        {
            "files": [{"id": "file-a", **data}],
            "jobs": [{"id": "ftjob-a", "training_file": "file-a", "status": status}],
        }
    )

    job = client.job("ftjob-a")
    assert job["status"] == status
    assert client.get("/files").status_code == 200
    if status == "succeeded":
        assert client.ask(job["fine_tuned_model"], "Hello").status_code == 200


def test_fixtures_are_planted_whole_or_not_at_all(ft_mock: FtMock) -> None:
    seeds = {"files": [{"id": "file-a", "lines": []}], "jobs": [{"id": "j", "training_file": "b"}]}

    with pytest.raises(ValueError, match="No such File object: b"):
        ft_mock.seed(seeds)

    assert ft_mock.files == []
    ft_mock.seed({**seeds, "jobs": []})


@pytest.mark.parametrize(
    ("fixtures", "message"),
    [
        ({"files": [{"id": "a"}, {"id": "a"}]}, "there already is a file a"),
        (
            {
                "files": [{"id": "a"}],
                "jobs": [{"id": "j", "training_file": "a", "result_file": "a"}],
            },
            "there already is a file a",
        ),
        ({"jobs": [{"id": "j", "training_file": "none"}]}, "j: No such File object: none"),
        ({"files": [{"id": "a", "path": "x"}]}, "a: a path needs a fixtures file"),
        ({"file": []}, "unknown field `file`"),
        ({"files": [{"id": ""}]}, "length >= 1"),
        ({"models": [{"id": "gpt-4o"}]}, "there already is a model gpt-4o"),
        ({"uploads": [{"id": "u", "parts": [{"id": "p"}, {"id": "p"}]}]}, "already is a part p"),
        ({"permissions": [{"id": "c", "checkpoint": "ft:x", "project_id": "p"}]}, "c: The model"),
        ({"completions": [{"id": "c", "messages": []}]}, "length >= 1"),
        (
            {
                "files": [{"id": "a"}],
                "jobs": [{"id": "j", "training_file": "a", "fine_tuned_model": "gpt-4o"}],
            },
            "j: there already is a model gpt-4o",
        ),
    ],
)
def test_fixtures_that_cannot_be_planted(
    ft_mock: FtMock, fixtures: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        ft_mock.seed(fixtures)


@pytest.mark.parametrize(
    "content",
    [
        "[" * 5_000,
        "files: [{id: a, lines: &itself [*itself]}]",
        'files: [{id: a, content: "\\ud800"}]',
        'files: [{id: "\\ud800"}]',
        "files: [{id: a, lines: [123456789012345678901234567890]}]",
        "files: [{id: a, lines: [{[a]: 3}]}]",
        'completions: [{id: a, messages: [{role: user, content: "\\udfff"}]}]',
        "files: [{id: sch\u00f6n}]".encode("latin-1"),
    ],
)
def test_fixtures_that_cannot_be_read(client: RawClient, content: str | bytes) -> None:
    origin = client.base_url.removesuffix("/v1")
    refused = client.session.post(f"{origin}/_mock/seed", data=content, timeout=9)

    assert refused.status_code == 400, refused.text


@pytest.mark.parametrize("name", ["mine", "ft-mine", "ft:mine", "org/mine", "a:b:c:d:e:f"])
def test_a_planted_model_may_have_any_name(ft_mock: FtMock, client: RawClient, name: str) -> None:
    ft_mock.seed(
        {
            "files": [{"id": "file-a", "lines": LINES}],
            "jobs": [{"id": "ftjob-a", "training_file": "file-a", "fine_tuned_model": name}],
            "models": [{"id": f"{name}-base", "shutdown_date": "2030-01-01"}],
        }
    )
    listed = {model["id"]: model for model in client.get("/models").json()["data"]}

    assert client.get(f"/models/{name}").json() == listed[name]
    assert client.get(f"/models/{name}-base").json() == listed[f"{name}-base"]
    assert client.ask(name, "Hello").status_code == 200
    assert client.ask(f"{name}-base", "Hello").status_code == 200
    assert client.create(client.file(), model=f"{name}-base").status_code == 200
    assert client.delete(f"/models/{name}-base").status_code == 403
    assert client.delete(f"/models/{name}").status_code == 200
    assert name not in {model["id"] for model in client.get("/models").json()["data"]}


def test_a_planted_upload_is_completed_with_its_parts(ft_mock: FtMock, client: RawClient) -> None:
    parts = [{"id": "part-a", "content": "one "}, {"id": "part-b", "content": "two"}]
    ft_mock.seed({"uploads": [{"id": "upload-a", "filename": "a.txt", "parts": parts}]})

    done = client.post("/uploads/upload-a/complete", {"part_ids": ["part-a", "part-b"]}).json()

    assert done["file"]["filename"] == "a.txt"
    assert client.get(f"/files/{done['file']['id']}/content").text == "one two"


@pytest.mark.parametrize("content", [b"[" * 5_000, b"name: \xff"])
def test_a_scenario_file_that_cannot_be_read(
    ft_mock: FtMock, tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)

    with pytest.raises(ValueError, match=r"mine\.yaml: "):
        ft_mock.scenario(path)
    for option in ("--scenario", "--fixtures"):
        assert main([option, str(path), "--port", "0"]) == 2
        assert "mine.yaml: " in capsys.readouterr().err


def test_fixtures_and_scenario_from_the_settings_survive_a_reset(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text("{}\n", encoding="utf-8")
    fixtures = tmp_path / "fixtures.yaml"
    fixtures.write_text("files: [{id: file-a, path: train.jsonl}]", encoding="utf-8")
    with MockServer(Settings(fixtures=fixtures, scenario="500-storm")) as server:
        mock, client = FtMock(server.origin), RawClient(server.base_url)
        mock.reset()
        statuses = [client.get("/files/file-a").status_code for _ in range(4)]
        client.session.close()

    assert statuses == [500, 500, 500, 200]


def test_faults_are_listed_and_cleared(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.fault({"status": 503}, path="/models")
    refused = client.get("/models")

    assert refused.status_code == 503
    assert ft_mock.unfired == []
    assert client.session.delete(f"{ft_mock.origin}/_mock/faults", timeout=9).json() == {
        "faults": [],
        "jobs": [],
        "limits": [],
        "unfired": [],
    }
    assert client.get("/models").status_code == 200


@pytest.mark.parametrize(
    ("do", "seen"),
    [
        ({"status": 418, "body": "short and stout"}, (418, "short and stout")),
        ({"status": 200, "body": {"a": 1}}, (200, '{"a":1}')),
        ({"set": {"owned_by": "x"}, "remove": ["created", "shutdown_date"]}, (200, "owned_by")),
    ],
)
def test_answers_can_be_invented_or_edited(
    ft_mock: FtMock, client: RawClient, do: dict[str, Any], seen: tuple[int, str]
) -> None:
    ft_mock.fault(do)
    answer = client.get("/models/gpt-4o-mini")

    assert answer.status_code == seen[0]
    assert seen[1] in answer.text
    assert "created" not in answer.text


@pytest.mark.parametrize("do", [{"set": {"a": 1}}, {"remove": ["messages"]}, {"drop_items": [0]}])
def test_an_answer_that_is_not_json_is_left_as_it_is(
    ft_mock: FtMock, client: RawClient, do: dict[str, Any]
) -> None:
    file_id = client.file()
    path = f"/files/{file_id}/content"
    content = client.get(path).content

    ft_mock.fault(do, path="/files/*/content")

    assert client.get(path).content == content


def test_a_proxy_s_page_is_html(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.fault({"html": True, "status": 413})
    answer = client.get("/models")

    assert (answer.status_code, answer.headers["content-type"]) == (413, "text/html")
    assert "<h1>413" in answer.text


@pytest.mark.parametrize("do", [{"truncate": 10}, {"drop": "before"}, {"drop": "after"}])
def test_connections_break_off(ft_mock: FtMock, client: RawClient, do: dict[str, Any]) -> None:
    ft_mock.fault(do)

    with pytest.raises(OSError, match=r"(?i)broken|aborted|reset|incomplete|closed"):
        client.get("/models")


def test_nothing_is_done_when_the_connection_drops_before(
    ft_mock: FtMock, client: RawClient
) -> None:
    ft_mock.fault({"drop": "before"}, method="POST")

    with pytest.raises(OSError, match=r"(?i)aborted|reset"):
        client.upload()

    assert ft_mock.files == []


def test_a_malformed_body_is_not_json(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.fault({"malformed": True})

    with pytest.raises(requests.JSONDecodeError):
        client.get("/models").json()


def test_the_log_shows_what_was_asked_but_no_key(ft_mock: FtMock) -> None:
    client = RawClient(ft_mock.base_url, "sk-abcdefghijklmnopqrst")
    with client.session:
        client.get("/models", api_key="sk-abcdefghijklmnopqrst")

    shown = ft_mock.requests
    assert [(each["method"], each["path"], each["status"]) for each in shown] == [
        ("GET", "/models", 200)
    ]
    assert "abcdefghij" not in str(shown)


def test_the_verdict_on_a_client_that_did_well(ft_mock: FtMock, client: RawClient) -> None:
    job_id = client.start()
    ft_mock.advance(LIFETIME)
    model = client.job(job_id)["fine_tuned_model"]
    client.ask(model, "What is number 1?")

    verdict = ft_mock.verdict()

    assert verdict.clean, str(verdict)
    assert str(verdict) == "clean"


def test_the_verdict_on_a_client_that_paid_twice(ft_mock: FtMock, client: RawClient) -> None:
    jobs = [client.start(), client.start()]
    ft_mock.advance(LIFETIME)
    for job_id in jobs:
        client.job(job_id)

    assert "created-twice" in str(ft_mock.verdict())


def test_the_verdict_on_a_client_that_asked_the_model_null(
    ft_mock: FtMock, client: RawClient
) -> None:
    body = {"model": None, "messages": [{"role": "user", "content": "Hello"}]}

    assert client.post("/chat/completions", body).status_code == 400
    assert "finished-too-early" in str(ft_mock.verdict())


def test_only_a_manual_clock_can_be_advanced() -> None:
    with (
        MockServer(Settings()) as server,
        pytest.raises(ValueError, match="only be advanced with --clock manual"),
    ):
        FtMock(server.origin).advance(1)


def test_an_unknown_scenario_lists_the_known_ones(ft_mock: FtMock) -> None:
    with pytest.raises(ValueError, match=scenario_names()[0]):
        ft_mock.scenario("nothing-of-the-kind")


def test_eight_jobs_asked_for_at_once_are_not_repeats(ft_mock: FtMock, client: RawClient) -> None:
    file_id = client.file()
    ft_mock.fault({"status": 429, "retry_after": 60, "delay": 0.3}, path="/fine_tuning/jobs")
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: client.create(file_id).status_code, range(8)))

    assert statuses == [429] * 8
    assert [found["rule"] for found in ft_mock.verdict().findings] == ["unused-file"]
    client.create(file_id)
    assert "retry-after-ignored" in str(ft_mock.verdict())


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_dropped_connection_is_the_end_of_an_exchange(
    ft_mock: FtMock, client: RawClient, moment: str
) -> None:
    ft_mock.fault({"drop": moment}, path="/models")
    with pytest.raises(requests.ConnectionError):
        client.get("/models")

    assert [asked["status"] for asked in ft_mock.requests] == [None]
    assert ft_mock.requests[0]["answered"] >= ft_mock.requests[0]["real"]
