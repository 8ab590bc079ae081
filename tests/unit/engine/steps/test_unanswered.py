"""A tuned model that does not answer: nothing that costs money is advised."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ftrunner.api.errors import ApiError, BadRequest, NotFound, ServerError
from ftrunner.api.redaction import Redactor
from ftrunner.engine.steps.ask import Reuse
from ftrunner.engine.steps.test import verdicts
from ftrunner.errors import RunFailed
from ftrunner.spec.model import Dataset, Spec
from ftrunner.spec.testing import Prompt, Tests
from tests.kit.runs import staged
from tests.unit.engine.steps.test_asking import JOB

NOT_READY = NotFound("coming up", code="FT313", provider_code="DeploymentNotReady", status=404)


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (NotFound("coming up", code="FT313", status=404), "drift"),
        (NOT_READY, "being made ready"),
        (BadRequest("the deployment is not ready", code="FT314", status=400), "being made ready"),
        (ServerError("the server failed", code="FT317", status=500), "asks again"),
        (
            BadRequest("Unrecognized request argument: temperatur", code="FT314", status=400),
            "correct `tests.request.temperatur`; then",
        ),
        (
            BadRequest("not here", code="FT314", status=400, param="temperatur"),
            "correct `tests.request.temperatur`; then",
        ),
    ],
)
def test_waiting_is_advised_and_never_training(
    tmp_path: Path, error: ApiError, advice: str
) -> None:
    class Silent:
        redactor = Redactor()

        def chat(self, *_arguments: Any) -> None:
            raise error

    prompt = Prompt("whale", ({"role": "user", "content": "Hi"},), ())
    tests = Tests((prompt,), request={"temperatur": 0})
    spec = Spec(tmp_path / "s.yaml", "s", "m", Dataset(train=("a",)), tests=tests)
    stage = staged(tmp_path, Silent(), spec=spec)
    stage.run.journal.job_created(replace(JOB, model="ft:m"))

    with pytest.raises(RunFailed) as caught:
        list(verdicts(stage.run, "ft:m", Reuse.STORED))

    hint = caught.value.hint or ""
    assert "asks again without training" in hint
    assert advice in hint
    assert "--fresh" not in hint
    assert "--retry" not in hint


@pytest.mark.parametrize(
    ("named", "said", "advice"),
    [
        ("ft:n", "OpenAI has no model 'ft:n'", "did you mean 'ft:m'?"),
        ("bse", "OpenAI has no model 'bse'", "did you mean 'base'?"),
        ("a-far-cry", "OpenAI has no model 'a-far-cry'", "your key may use this model"),
    ],
)
def test_a_name_that_the_provider_does_not_know_is_not_taken_for_a_slow_model(
    tmp_path: Path, named: str, said: str, advice: str
) -> None:
    class Server:
        redactor = Redactor()

        def chat(self, model: str, *_arguments: Any) -> None:
            message = f"The model `{model}` does not exist"
            raise NotFound(message, code="FT313", status=404, provider_code="model_not_found")

    prompt = Prompt("whale", ({"role": "user", "content": "Hi"},), ())
    spec = Spec(tmp_path / "s.yaml", "s", "m", Dataset(train=("a",)), tests=Tests((prompt,)))
    stage = staged(tmp_path, Server(), spec=spec)
    stage.run.journal.job_created(replace(JOB, model="ft:m"))

    began = stage.clock.monotonic()
    with pytest.raises(RunFailed) as caught:
        list(verdicts(stage.run, named, Reuse.STORED))

    assert caught.value.message == said
    assert (caught.value.hint or "").endswith(advice)
    assert "asks again" not in (caught.value.hint or "")
    assert stage.clock.monotonic() - began < 10  # nothing is worth waiting for
