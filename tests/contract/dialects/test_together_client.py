"""The official `together` package, unmodified, against the together dialect."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import together

from mockserver.server import MockServer, Settings

MODEL = "meta-llama/Meta-Llama-3.1-8B-Instruct-Reference"
ANIMALS = ("dog", "cat", "pig", "hen", "duck", "bird", "worm", "fox", "goat", "frog")


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(Settings(speed=2000, seed=1, dialect="together")) as running:
        yield running


@pytest.fixture
def client(server: MockServer) -> Iterator[together.Together]:
    with together.Together(
        api_key="together-key", base_url=server.origin, max_retries=0, project_id="proj_1"
    ) as opened:
        yield opened


@pytest.fixture
def data(tmp_path: Path) -> Path:
    lines = [
        {
            "messages": [
                {"role": "user", "content": f"Tell me a tale about a {animal}"},
                {"role": "assistant", "content": f"One day a {animal} went to sea"},
            ]
        }
        for animal in ANIMALS
    ]
    path = tmp_path / "tales.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return path


def _until(look: Any, done: Any) -> Any:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = look()
        if done(found):
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come to an end in time")


def _finished(client: together.Together, data: Path) -> Any:
    sent = client.files.upload(data, purpose="fine-tune", check=True)
    file = _until(
        lambda: client.files.retrieve(sent.id), lambda f: f.processing_status == "COMPLETED"
    )
    assert file.validation_report.valid
    created = client.fine_tuning.create(
        training_file=sent.id, model=MODEL, suffix="tales", n_epochs=3
    )
    return _until(
        lambda: client.fine_tuning.retrieve(created.id),
        lambda job: job.status in ("completed", "error", "cancelled"),
    )


def test_upload_job_poll_and_events(client: together.Together, data: Path) -> None:
    job = _finished(client, data)
    assert job.status == "completed"
    assert job.x_model_output_name.endswith(tuple("0123456789abcdef"))
    assert "tales" in job.x_model_output_name
    assert job.n_epochs == 3
    events = client.fine_tuning.list_events(job.id).data
    assert events[-1].type == "job_complete"
    assert len(client.fine_tuning.list_checkpoints(job.id).data) == 3
    assert job.id in [listed.id for listed in client.fine_tuning.list().data]


def test_a_tuned_model_answers_at_a_deployment_and_not_before(
    client: together.Together, data: Path
) -> None:
    job = _finished(client, data)
    with pytest.raises(together.BadRequestError, match="non-serverless"):
        _asked(client, job.x_model_output_name)
    endpoint = client.endpoints.create(name="tales")
    made = client.endpoints.deployments.create(
        endpoint_id=endpoint.id,
        name="one",
        model=f"projects/proj_1/models/{job.api_model_object_id}",
        config="projects/proj_1/configs/c1",
        autoscaling={"min_replicas": 1, "max_replicas": 1},
    )
    ready = _until(
        lambda: client.endpoints.deployments.retrieve(made.id, endpoint_id=endpoint.id),
        lambda d: d.status.state == "DEPLOYMENT_STATE_READY",
    )
    assert ready.name == f"{endpoint.name}/one"
    assert str(_asked(client, ready.name)).startswith("One day a whale")


def _asked(client: together.Together, model: str) -> Any:
    answer: Any = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": "Tell me a tale about a whale"}]
    )
    return answer.choices[0].message.content


def test_a_file_of_no_known_format_says_so(client: together.Together, tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_text('{"what": "is this"}\n', encoding="utf-8")
    sent = client.files.upload(path, purpose="fine-tune", check=False)
    file = _until(
        lambda: client.files.retrieve(sent.id), lambda f: f.processing_status != "PENDING"
    )
    assert file.processing_status == "INVALID_FORMAT"
    assert file.validation_report.error == "Example 1 has no known format."


def test_metrics_of_training_and_evaluation(client: together.Together, data: Path) -> None:
    job = _finished(client, data)

    lines = client.fine_tuning.list_metrics(job.id).metrics or []
    some = client.fine_tuning.list_metrics(job.id, global_step_from=4, resolution=5).metrics or []

    assert [line["train/global_step"] for line in lines] == list(range(1, 31))
    assert lines[0]["train/loss"] > lines[-1]["train/loss"]
    assert len(some) == 5
    assert min(line["train/global_step"] for line in some) == 4


def test_checkpoints_can_be_told_apart_downloaded_and_asked(
    client: together.Together, data: Path
) -> None:
    job = _finished(client, data)

    points = client.fine_tuning.list_checkpoints(job.id).data
    assert [point.checkpoint_type for point in points] == [
        "Intermediate (step 10)",
        "Intermediate (step 20)",
        "Final",
    ]
    assert points[-1].object_id == job.api_model_object_id
    content = client.fine_tuning.content(ft_id=job.id, checkpoint_step=10).read()
    assert b"step-10" in content
    with pytest.raises(together.NotFoundError):
        client.fine_tuning.content(ft_id=job.id, checkpoint_step=11)


def test_a_deleted_job_is_gone(client: together.Together, data: Path) -> None:
    job = _finished(client, data)

    assert "deleted" in str(client.fine_tuning.delete(job.id).message)
    assert job.id not in [listed.id for listed in client.fine_tuning.list().data]
    with pytest.raises(together.NotFoundError):
        client.fine_tuning.retrieve(job.id)


def test_supported_models_and_base_models_that_answer(client: together.Together) -> None:
    found: Any = client.get("/v1/fine-tunes/models/supported", cast_to=object)

    assert MODEL in found["models"]
    assert _asked(client, "meta-llama/Llama-3.3-70B-Instruct-Turbo")
    with pytest.raises(together.BadRequestError, match="non-serverless"):
        _asked(client, MODEL)
