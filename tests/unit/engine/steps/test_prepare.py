"""Everything that can be checked offline is reported before anything is sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ftrunner.engine.steps.prepare import prepare
from ftrunner.engine.target import Target
from ftrunner.providers import registry
from ftrunner.spec.model import Dataset, Spec
from ftrunner.spec.testing import Prompt, Tests
from tests.kit import stories

TARGET = Target(registry.get("openai"), "https://api.example.com/v1", "https://api.example.com/v1")
TRAINED_ON = json.loads(stories.example("小狗"))["messages"][0]["content"]


@pytest.mark.parametrize(("question", "reported"), [(TRAINED_ON, True), ("蓝鲸", False)])
def test_a_test_prompt_that_is_trained_on_is_reported(
    tmp_path: Path, question: str, reported: bool
) -> None:
    (tmp_path / "data.jsonl").write_text(stories.dataset(), encoding="utf-8")
    prompt = Prompt("one", ({"role": "user", "content": question},), expect=())
    dataset = Dataset(train=("data.jsonl",))
    spec = Spec(tmp_path / "s.yaml", "s", "gpt-4o", dataset, tests=Tests((prompt,)))

    report = prepare(spec, TARGET).report

    assert ("FT253" in {finding.code for finding in report.findings}) is reported
