"""What a model's answer is, and which refusals are waited out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ftrunner.api.errors import ApiError, BadRequest
from ftrunner.api.wire import ChatCompletion
from ftrunner.engine.steps.ask import Reuse
from ftrunner.engine.steps.readiness import is_not_ready
from ftrunner.engine.steps.test import test as ask
from ftrunner.events import AnswerGiven
from ftrunner.providers.profile import JobState
from ftrunner.spec.model import Dataset, Spec
from ftrunner.spec.testing import Prompt, Tests
from ftrunner.state.lock import JobRecord
from tests.kit.runs import FakeProvider, staged

CALLS = ({"type": "function", "function": {"name": "look", "arguments": "{}"}},)
JOB = JobRecord(
    id="ftjob-1",
    run="r1",
    fingerprint="v1:x",
    inputs={},
    status="succeeded",
    state=JobState.SUCCEEDED,
    model="ft:x",
)


@dataclass
class Speaker(FakeProvider):
    """Always answers the same."""

    completion: ChatCompletion = field(default_factory=ChatCompletion)

    def chat(self, _model: str, _messages: Any, _request: Any) -> ChatCompletion:
        return self.completion


@pytest.mark.parametrize(
    ("completion", "answer"),
    [
        (ChatCompletion(content="yes", tool_calls=CALLS), "yes"),
        (ChatCompletion(content=None, tool_calls=CALLS), '"look"'),
        (ChatCompletion(content="", tool_calls=CALLS), '"look"'),
        (ChatCompletion(content="", refusal="no"), "no"),
    ],
)
def test_what_is_judged(tmp_path: Path, completion: ChatCompletion, answer: str) -> None:
    prompt = Prompt("one", ({"role": "user", "content": "?"},), expect=())
    spec = Spec(tmp_path / "s.yaml", "s", "m", Dataset(train=("a",)), tests=Tests((prompt,)))
    stage = staged(tmp_path, Speaker(completion=completion), spec=spec)

    ask(stage.run, replace(JOB), Reuse.STORED)

    [given] = [event for event in stage.reported if isinstance(event, AnswerGiven)]
    assert answer in given.answer


@pytest.mark.parametrize(
    ("message", "waits"),
    [
        ("The file is not ready", True),
        ("file-1 is not yet ready to be used", True),
        ("It is still being processed.", True),
        ("DeploymentNotReady", True),
        ("already there", False),
    ],
)
def test_which_refusals_are_waited_out(message: str, waits: bool) -> None:
    error: ApiError = BadRequest(message, code="FT314", status=400)

    assert is_not_ready(error) is waits
