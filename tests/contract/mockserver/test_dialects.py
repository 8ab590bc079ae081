"""The dialects over plain HTTP: what their providers take and refuse, whatever client asks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from mockserver.ft_mock import FtMock
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
        told = {"purpose": "fine-tune", "file_name": "train.jsonl", "file_type": "jsonl"}
        announced = self.session.post(
            f"{self.base_url}/files", data=told, allow_redirects=False, timeout=20
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
