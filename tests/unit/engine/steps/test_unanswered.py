"""A tuned model that does not answer: nothing that costs money is advised."""

from __future__ import annotations

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

NOT_READY = NotFound("coming up", code="FT313", provider_code="DeploymentNotReady", status=404)


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (NotFound("coming up", code="FT313", status=404), "drift"),
        (NOT_READY, "being made ready"),
        (BadRequest("the deployment is not ready", code="FT314", status=400), "being made ready"),
        (ServerError("the server failed", code="FT317", status=500), "asks again"),
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
    spec = Spec(tmp_path / "s.yaml", "s", "m", Dataset(train=("a",)), tests=Tests((prompt,)))
    stage = staged(tmp_path, Silent(), spec=spec)

    with pytest.raises(RunFailed) as caught:
        list(verdicts(stage.run, "ft:m", Reuse.STORED))

    hint = caught.value.hint or ""
    assert "asks again without training" in hint
    assert advice in hint
    assert "--fresh" not in hint
    assert "--retry" not in hint
