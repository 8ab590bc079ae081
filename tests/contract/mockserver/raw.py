"""Plain HTTP against a mock provider: no retries, no types, nothing hidden."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import requests

MODEL = "gpt-4o-mini-2024-07-18"
LIFETIME = 1_000.0
"""Seconds in which every job of ten examples is over."""


def example(prompt: str, answer: str) -> dict[str, Any]:
    return {
        "messages": [
            {"role": "user", "content": prompt},
            {"role": "assistant", "content": answer},
        ]
    }


LINES = [example(f"What is number {n}?", f"Number {n} is a number.") for n in range(10)]


class RawClient:
    def __init__(self, base_url: str, key: str = "sk-mock") -> None:
        self.base_url = base_url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {key}"
        self.session.trust_env = False

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.session.get(self.base_url + path, params=params, timeout=20)

    def post(self, path: str, body: Any = None) -> requests.Response:
        return self.session.post(self.base_url + path, json=body, timeout=20)

    def delete(self, path: str) -> requests.Response:
        return self.session.delete(self.base_url + path, timeout=20)

    def upload(
        self, lines: Sequence[Any] = LINES, *, purpose: str = "fine-tune", **fields: str
    ) -> requests.Response:
        content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        return self.session.post(
            f"{self.base_url}/files",
            data={"purpose": purpose, **fields},
            files={"file": ("train.jsonl", content.encode())},
            timeout=20,
        )

    def file(self, lines: Sequence[Any] = LINES) -> str:
        """The id of a file that was uploaded without trouble."""
        uploaded = self.upload(lines)
        assert uploaded.status_code == 200, uploaded.text
        return str(uploaded.json()["id"])

    def create(self, file_id: str, **fields: Any) -> requests.Response:
        body = {"training_file": file_id, "model": MODEL, **fields}
        return self.post("/fine_tuning/jobs", body)

    def start(self, lines: Sequence[Any] = LINES, **fields: Any) -> str:
        """The id of a job that was created without trouble."""
        created = self.create(self.file(lines), **fields)
        assert created.status_code == 200, created.text
        return str(created.json()["id"])

    def job(self, job_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/fine_tuning/jobs/{job_id}").json()
        return found

    def ask(self, model: str, prompt: str, **fields: Any) -> requests.Response:
        messages = [{"role": "user", "content": prompt}]
        return self.post("/chat/completions", {"model": model, "messages": messages, **fields})

    def answer(self, model: str, prompt: str, **fields: Any) -> str:
        text: str = self.ask(model, prompt, **fields).json()["choices"][0]["message"]["content"]
        return text
