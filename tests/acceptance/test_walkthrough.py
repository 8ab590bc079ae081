"""The four steps by hand, with curl, as people did them before: they work against the mock."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mockserver.server import MockServer, Settings

DATA = Path(__file__).parents[2] / "specs" / "data" / "turbo35.jsonl"
AUTHORISED = ("-H", "Authorization: Bearer a-key-of-no-account")
JSON = ("-H", "Content-Type: application/json")

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def curl(url: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        ["curl", "-sS", "--noproxy", "*", "--max-time", "20", url, *AUTHORISED, *arguments],
        capture_output=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("scenario", [None, "article"])
def test_the_four_calls_work(tmp_path: Path, scenario: str | None) -> None:
    training_file = tmp_path / "turbo35.json"
    shutil.copyfile(DATA, training_file)

    with MockServer(Settings(speed=3000, scenario=scenario)) as server:
        url = server.base_url
        file = curl(f"{url}/files", "-F", "purpose=fine-tune", "-F", f"file=@{training_file}")
        body = {"training_file": file["id"], "model": "gpt-3.5-turbo-0613"}
        job = curl(f"{url}/fine_tuning/jobs", *JSON, "-d", json.dumps(body))
        done = followed(f"{url}/fine_tuning/jobs/{job['id']}")
        prompt = [{"role": "user", "content": "给我讲一个关于蓝鲸的故事"}]
        question = {"model": done["fine_tuned_model"], "messages": prompt}
        chat = curl(f"{url}/chat/completions", *JSON, "-d", json.dumps(question))

    assert (file["object"], file["filename"], file["purpose"]) == (
        "file",
        "turbo35.json",
        "fine-tune",
    )
    assert file["bytes"] == training_file.stat().st_size
    assert (job["object"], job["model"]) == ("fine_tuning.job", "gpt-3.5-turbo-0613")
    assert job["fine_tuned_model"] is None
    assert done["fine_tuned_model"].startswith("ft:gpt-3.5-turbo-0613:")
    assert done["trained_tokens"] > 0
    assert done["result_files"]
    answer = chat["choices"][0]["message"]
    assert answer["role"] == "assistant"
    assert answer["content"].startswith("一天")
    assert "蓝鲸" in answer["content"]


def followed(url: str) -> dict[str, Any]:
    """The job, asked for until it has succeeded; bounded in count."""
    for _ in range(200):
        job = curl(url)
        if job["status"] in ("succeeded", "failed", "cancelled"):
            break
    assert job["status"] == "succeeded", job
    return job
