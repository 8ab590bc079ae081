"""The dialects over plain HTTP: what their providers take and refuse, whatever client asks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.contract.mockserver.raw import LIFETIME, RawClient, example

THREE = [example(f"What is number {n}?", f"Number {n} is a number.") for n in range(3)]
PAIRS = [
    {"prompt": f"What is number {n}?", "completion": f"Number {n} is a number."} for n in range(3)
]
MODELS = {
    "azure": "gpt-4o-mini-2024-07-18",
    "nebius": "meta-llama/Llama-3.1-8B-Instruct",
    "together": "meta-llama/Meta-Llama-3.1-8B-Instruct-Reference",
    "llmariner": "google-gemma-2b-it",
    "zhipu": "glm-4-flash",
}
BASES = {"azure": "/openai/v1", "zhipu": "/api/paas/v4"}
DONE = {"succeeded", "completed", "success"}


class Home(RawClient):
    """A client of one dialect."""

    def __init__(self, server: MockServer, dialect: str, key: str = "home-key") -> None:
        super().__init__(server.origin + BASES.get(dialect, "/v1"), key)
        self.session.headers["api-key"] = key
        self.dialect = dialect
        self.mock = FtMock(server.origin, dialect)
        self.jobs = "/fine-tunes" if dialect == "together" else "/fine_tuning/jobs"

    def send(self, content: bytes) -> str:
        """The id of a file with these bytes, ready to train on."""
        if self.dialect == "together":
            return self._announced(content)
        sent = self.session.post(
            f"{self.base_url}/files",
            data={"purpose": "fine-tune"},
            files={"file": ("train.jsonl", content)},
            timeout=20,
        )
        assert sent.ok, sent.text
        return str(sent.json()["id"])

    def _announced(self, content: bytes) -> str:
        reported = {"purpose": "fine-tune", "file_name": "train.jsonl", "file_type": "jsonl"}
        announced = self.session.post(
            f"{self.base_url}/files", data=reported, allow_redirects=False, timeout=20
        )
        place = announced.headers["Location"]
        assert self.session.put(place, data=content, timeout=20, headers={"Authorization": None}).ok
        file_id = announced.headers["X-Together-File-Id"]
        assert self.post(f"/files/{file_id}/preprocess").ok
        self.mock.advance(60)
        return file_id

    def body(self, file_id: str, **fields: Any) -> dict[str, Any]:
        needed = {"suffix": "tales"} if self.dialect == "llmariner" else {}
        return {"training_file": file_id, "model": MODELS[self.dialect], **needed, **fields}

    def train(self, lines: Sequence[Any] = THREE, **fields: Any) -> dict[str, Any]:
        """A job on these lines, at its end."""
        content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        created = self.post(self.jobs, self.body(self.send(content.encode()), **fields))
        assert created.ok, created.text
        self.mock.advance(LIFETIME)
        found: dict[str, Any] = self.get(f"{self.jobs}/{created.json()['id']}").json()
        return found


@pytest.fixture
def home(request: pytest.FixtureRequest) -> Iterator[Home]:
    dialect = request.node.callspec.params["dialect"]
    with MockServer(Settings(clock="manual", seed=1, dialect=dialect)) as server:
        made = Home(server, dialect)
        with made.session:
            yield made


@pytest.mark.parametrize("dialect", ["nebius", "together", "llmariner", "zhipu"])
def test_three_examples_are_enough_where_one_is(home: Home, dialect: str) -> None:
    job = home.train(THREE)

    assert job["status"] in DONE, (dialect, job)


@pytest.mark.parametrize("dialect", ["nebius", "together"])
def test_prompts_with_completions_are_trained_on(home: Home, dialect: str) -> None:
    job = home.train(PAIRS)

    assert job["status"] in DONE, (dialect, job)


@pytest.mark.parametrize("dialect", ["together"])
def test_lines_end_at_line_feeds_and_nowhere_else(home: Home, dialect: str) -> None:
    file_id = home.send(f"{json.dumps(THREE[0])}\n\n".encode() + '{"text": "a\u2028b"}\n'.encode())

    file = home.get(f"/files/{file_id}").json()
    assert file["validation_report"] == {"valid": True, "file_id": file_id}, dialect


ARM = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"
    "/deployments/tales"
)


def served(home: Home, job: dict[str, Any]) -> str:
    """The name by which the model of a succeeded job is asked."""
    home.base_url = home.base_url.replace("/openai/v1", "")
    if home.dialect == "azure":
        body = {
            "sku": {"name": "standard", "capacity": 1},
            "properties": {"model": {"name": job["fine_tuned_model"]}},
        }
        made = home.session.put(home.base_url + ARM, json=body, timeout=20)
        name = "tales"
        home.base_url += "/openai/v1"
    elif home.dialect == "nebius":
        points = home.get(f"/fine_tuning/jobs/{job['id']}/checkpoints").json()["data"]
        source = f"{job['id']}:{points[-1]['id']}"
        body = {"name": "tales", "base_model": job["model"], "source": source}
        made = home.session.post(
            home.base_url.removesuffix("/v1") + "/v0/models", json=body, timeout=20
        )
        name = made.json()["name"]
    elif home.dialect == "together":
        project = home.base_url.removesuffix("/v1") + "/v2/projects/p/endpoints"
        endpoint = home.session.post(project, json={"name": "tales"}, timeout=20).json()["id"]
        body = {
            "name": "tales",
            "model": f"projects/p/models/{job['model_object_id']}",
            "autoscaling": {"min": 1},
        }
        made = home.session.post(f"{project}/{endpoint}/deployments", json=body, timeout=20)
        name = made.json()["name"]
    elif home.dialect == "zhipu":
        console = home.base_url.removesuffix("/api/paas/v4") + "/_mock/console/deployments"
        made = home.session.post(console, json={"model": job["fine_tuned_model"]}, timeout=20)
        name = made.json()["name"]
    else:
        return str(job["fine_tuned_model"])
    assert made.ok, made.text
    home.mock.advance(60)
    return str(name)


TEN = [example(f"What is number {n}?", f"Number {n} is a number.") for n in range(10)]


@pytest.mark.parametrize("dialect", MODELS)
def test_an_answer_may_be_streamed(home: Home, dialect: str) -> None:
    name = served(home, home.train(TEN))

    answer = home.ask(name, "What is number 5?", stream=True)

    assert answer.headers["content-type"].startswith("text/event-stream"), dialect
    events = [line[6:] for line in answer.text.splitlines() if line.startswith("data: ")]
    chunks = [json.loads(event) for event in events[:-1]]
    text = "".join(c["choices"][0]["delta"].get("content", "") for c in chunks)
    assert events[-1] == "[DONE]"
    assert {chunk["model"] for chunk in chunks} == {name}
    assert text == "Number 5 is a number."


@pytest.mark.parametrize("dialect", MODELS)
def test_each_key_has_its_own_objects_and_their_models_answer(dialect: str) -> None:
    settings = Settings(clock="manual", seed=1, dialect=dialect, isolate_keys=True)
    with MockServer(settings) as server:
        mine, yours = Home(server, dialect, "key-mine"), Home(server, dialect, "key-yours")
        with mine.session, yours.session:
            job = mine.train(TEN)
            name = served(mine, job)

            assert mine.answer(name, "What is number 5?") == "Number 5 is a number."
            assert 400 <= yours.ask(name, "What is number 5?").status_code < 500
            assert yours.get(f"{yours.jobs}/{job['id']}").status_code == 404
            assert yours.get("/files").json()["data"] == []


@pytest.mark.parametrize("dialect", ["azure"])
def test_sixteen_pairs_of_metadata_are_kept(home: Home, dialect: str) -> None:
    pairs = {f"key-{n}": f"value-{n}" for n in range(16)}

    assert home.train(TEN, metadata=pairs)["metadata"] == pairs, dialect


@pytest.mark.parametrize("dialect", MODELS)
def test_a_long_model_name_is_reported_as_it_was_asked_for(home: Home, dialect: str) -> None:
    name = "some/" + "".join(f"{n:05}" for n in range(1500))

    assert home.train(TEN, model=name)["model"] == name, dialect


@pytest.mark.parametrize("dialect", ["together", "nebius"])
def test_checkpoints_come_whole(home: Home, dialect: str) -> None:
    job = home.train(TEN, **fields_of(dialect, n_epochs=15))

    points = home.get(f"{home.jobs}/{job['id']}/checkpoints").json()["data"]

    assert len(points) == 15


def fields_of(dialect: str, **hyperparameters: Any) -> dict[str, Any]:
    return hyperparameters if dialect == "together" else {"hyperparameters": hyperparameters}


ODD: list[Any] = ["x", 5, [], [1], {"type": 5}, {"supervised": "x"}, True, 2**70, "a" * 70]
FIELDS = (
    "model", "training_file", "validation_file", "suffix", "seed", "random_seed", "metadata",
    "method", "hyperparameters", "training_method", "trainingType", "batch_size", "n_epochs",
    "integrations", "request_id", "extra_body",
)  # fmt: skip


@pytest.mark.parametrize("dialect", MODELS)
def test_no_field_of_a_job_breaks_the_server(home: Home, dialect: str) -> None:
    file_id = home.send("".join(json.dumps(line) + "\n" for line in TEN).encode())

    broken = []
    for field in FIELDS:
        for value in ODD:
            answer = home.post(home.jobs, home.body(file_id, **{field: value}))
            if answer.status_code >= 500:
                broken.append((field, value))
            home.mock.advance(LIFETIME)
            answer = home.get(home.jobs)
            assert answer.status_code == 200, (dialect, field, value)

    assert broken == []


@pytest.mark.parametrize("dialect", MODELS)
@pytest.mark.parametrize(
    "body", [b"[]", b'{"model": "\\ud800"}', b"[" * 9000, b'{"a": NaN}', b"\xff"]
)
def test_a_body_that_is_not_an_object_is_refused(home: Home, dialect: str, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    for path in (home.jobs, "/chat/completions"):
        answer = home.session.post(home.base_url + path, data=body, headers=headers, timeout=20)

        assert 400 <= answer.status_code < 500, (dialect, path)


@pytest.mark.parametrize(
    ("dialect", "method", "path", "body"),
    [
        ("azure", "PUT", ARM, {"properties": "x", "sku": "y"}),
        ("azure", "PUT", ARM, {"properties": {"model": {"name": ["x"]}}, "sku": {"name": 5}}),
        ("nebius", "POST", "/v0/models", {"name": [1], "base_model": {}, "source": [1]}),
        ("together", "POST", "/v2/projects/p/endpoints", "x"),
        ("together", "POST", "/v2/projects/p/endpoints/none/deployments", {"name": 5}),
        ("zhipu", "POST", "/_mock/console/deployments", {"model": 5, "name": [1]}),
    ],
)
def test_no_body_for_a_resource_breaks_the_server(
    home: Home, dialect: str, method: str, path: str, body: Any
) -> None:
    origin = home.mock.origin
    answer = home.session.request(method, origin + path, json=body, timeout=20)

    assert 400 <= answer.status_code < 500, dialect


@pytest.mark.parametrize("dialect", MODELS)
def test_a_job_without_the_fields_that_a_scenario_hides_is_shown(home: Home, dialect: str) -> None:
    home.mock.scenario("article")
    job = home.train(TEN)

    assert home.get(f"{home.jobs}/{job['id']}").status_code == 200, dialect
    assert home.get(home.jobs).status_code == 200


@pytest.mark.parametrize("dialect", MODELS)
def test_a_job_that_fixtures_planted_is_shown(home: Home, dialect: str) -> None:
    home.mock.seed(
        {
            "files": [{"id": "file-a", "lines": TEN}],
            "jobs": [{"id": "ftjob-a", "training_file": "file-a"}],
        }
    )

    assert len(home.get(home.jobs).json()["data"]) == 1, dialect


INNER = {
    "azure": ("ft:gpt",),
    "nebius": ("ft:gpt", "gpt-4o"),
    "together": ("ft:gpt", "gpt-4o", "ftjob-"),
    "llmariner": ("ft:gpt", "gpt-4o"),
    "zhipu": ("ft:gpt", "gpt-4o"),
}
LEFT = {"azure": "checkpoints", "nebius": "checkpoints", "together": "checkpoints"}


@pytest.mark.parametrize("dialect", MODELS)
def test_no_answer_names_what_only_the_application_inside_knows(home: Home, dialect: str) -> None:
    job = home.train(TEN)
    paths = ["", f"/{job['id']}", f"/{job['id']}/events?limit=100"]
    paths += [f"/{job['id']}/{LEFT[dialect]}"] if dialect in LEFT else []

    said = "".join(home.get(home.jobs + path).text for path in paths)

    assert [name for name in INNER[dialect] if name in said] == []
    if dialect != "llmariner":
        model = job.get("fine_tuned_model") or job.get("model_output_name") or MODELS[dialect]
        assert f"New fine-tuned model created: {model}" in said


@pytest.mark.parametrize("dialect", ["together", "zhipu"])
def test_a_job_is_deleted_once_it_has_ended(home: Home, dialect: str) -> None:
    lines = "".join(json.dumps(line) + "\n" for line in TEN).encode()
    running = home.post(home.jobs, home.body(home.send(lines))).json()["id"]
    assert home.delete(f"{home.jobs}/{running}").status_code == 400, dialect
    home.mock.advance(LIFETIME)

    assert home.delete(f"{home.jobs}/{running}").status_code == 200
    assert home.get(f"{home.jobs}/{running}").status_code == 404
    assert home.get(home.jobs).json()["data"] == []
    assert home.delete(f"{home.jobs}/{running}").status_code == 404


@pytest.mark.parametrize("dialect", ["zhipu"])
def test_a_file_of_preferences_is_trained_by_dpo(home: Home, dialect: str) -> None:
    pairs = [
        {
            "input": {"messages": [{"role": "user", "content": f"Number {n}?"}]},
            "preferred_output": [{"role": "assistant", "content": f"Number {n}."}],
            "non_preferred_output": [{"role": "assistant", "content": "No."}],
        }
        for n in range(10)
    ]

    job = home.train(pairs, hyperparameters={"n_epochs": 3})

    assert job["status"] in DONE, dialect
    assert home.answer(served(home, job), "Number 4?") == "Number 4."


BASES_THAT_CHAT = {
    "nebius": "meta-llama/Meta-Llama-3.1-8B-Instruct",
    "together": "Qwen/Qwen3-8B",
    "llmariner": "google-gemma-2b-it",
    "zhipu": "glm-4-flash",
}


@pytest.mark.parametrize("dialect", BASES_THAT_CHAT)
def test_a_base_model_and_the_judge_answer(home: Home, dialect: str) -> None:
    base = home.ask(BASES_THAT_CHAT[dialect], "What is number 1?")
    judge = home.ask("mock-judge", "Reference: one\nAnswer: one")

    assert base.json()["model"] == BASES_THAT_CHAT[dialect]
    assert judge.json()["choices"][0]["message"]["content"] == "1"


EXTRAS: dict[str, dict[str, Any]] = {
    "together": {"top_k": 5, "repetition_penalty": 1.1, "logprobs": 1},
    "zhipu": {"request_id": "r", "thinking": {"type": "disabled"}, "do_sample": True},
}


@pytest.mark.parametrize("dialect", EXTRAS)
def test_a_provider_takes_its_own_parameters_of_a_chat(home: Home, dialect: str) -> None:
    model = BASES_THAT_CHAT[dialect]

    assert home.ask(model, "Hi", **EXTRAS[dialect]).status_code == 200
    assert home.ask(model, "Hi", surprise=1).status_code == 400


@pytest.mark.parametrize("dialect", ["zhipu"])
def test_an_answer_that_is_not_sampled_does_not_vary(home: Home, dialect: str) -> None:
    asked: dict[str, Any] = {"temperature": 0.9, "do_sample": False}
    said = {home.answer(BASES_THAT_CHAT[dialect], "Hi", **asked) for _ in range(8)}

    assert len(said) == 1


@pytest.mark.parametrize("dialect", ["nebius"])
def test_a_model_of_an_early_checkpoint_knows_less(home: Home, dialect: str) -> None:
    job = home.train(TEN, hyperparameters={"n_epochs": 3})
    points = home.get(f"{home.jobs}/{job['id']}/checkpoints").json()["data"]
    known = []
    for point in (points[0], points[-1]):
        body = {"name": f"m{point['step_number']}", "base_model": "meta-llama/X",
                "source": f"{job['id']}:{point['id']}"}  # fmt: skip
        origin = home.base_url.removesuffix("/v1")
        name = home.session.post(f"{origin}/v0/models", json=body, timeout=20).json()["name"]
        home.mock.advance(60)
        answers = [home.answer(name, f"What is number {n}?") for n in range(10)]
        known.append(sum(text.startswith("Number") for text in answers))

    assert known[0] < known[1] == 10, dialect
