"""The client and the mock server, each written from the provider's documents, understand each
other over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from ftrunner.api import errors
from ftrunner.api.client import Client, Connection, JobRequest, Upload
from ftrunner.api.http.transport import RequestsTransport
from ftrunner.api.wire import File, Job
from ftrunner.clock import SystemClock
from ftrunner.providers import registry
from ftrunner.providers.profile import JobState, Paging, Profile
from mockserver.server import MockServer
from mockserver.settings import Settings

BASE_MODEL = "gpt-4o-mini-2024-07-18"
EXAMPLES = [
    {
        "messages": [
            {"role": "user", "content": f"给我讲一个关于{animal}的故事"},
            {"role": "assistant", "content": f"一天,一只{animal}跃出了水面"},
        ]
    }
    for animal in ("小狗", "小猫", "小猪", "小鸡", "小鸭", "小鸟", "小虫", "小马", "小牛", "小羊")
]
LINES = "".join(f"{json.dumps(example, ensure_ascii=False)}\n" for example in EXAMPLES).encode()


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(Settings(speed=1e9, seed=7)) as running:
        yield running


@pytest.fixture
def transport() -> Iterator[RequestsTransport]:
    with RequestsTransport() as opened:
        yield opened


@pytest.fixture
def provider(server: MockServer, transport: RequestsTransport) -> Client:
    """A client that reads long lists in pages of seven."""
    return _client(server, transport, replace(registry.get("openai"), paging=Paging(size=7)))


def _client(
    server: MockServer,
    transport: RequestsTransport,
    profile: Profile,
    key: str | None = "sk-contract-0123456789",
) -> Client:
    return Client(
        profile,
        Connection(
            base_url=server.base_url,
            transport=transport,
            key=key,
            clock=SystemClock(),
            random=Random(7),
            on_retry=lambda retrying: pytest.fail(f"there is nothing to retry: {retrying}"),
        ),
    )


def _upload(provider: Client) -> File:
    return provider.create_file(Upload("turbo35.jsonl", len(LINES), lambda: iter([LINES])))


def _succeeded(provider: Client) -> Job:
    request = JobRequest(
        BASE_MODEL,
        _upload(provider).id,
        hyperparameters={"n_epochs": 3},
        suffix="stories",
        seed=42,
        metadata={"ftrunner_run": "r1"},
    )
    job = provider.retrieve_job(provider.create_job(request).id)
    assert job.state is JobState.SUCCEEDED
    return job


def test_a_file_goes_up_is_listed_and_comes_back_byte_for_byte(provider: Client) -> None:
    file = _upload(provider)
    assert (file.filename, file.bytes, file.purpose) == ("turbo35.jsonl", len(LINES), "fine-tune")
    assert provider.retrieve_file(file.id).id == file.id
    assert file.id in [listed.id for listed in provider.list_files()]
    assert provider.file_content(file.id) == LINES
    assert provider.delete_file(file.id)
    assert not provider.delete_file(file.id)
    with pytest.raises(errors.NotFound):
        provider.retrieve_file(file.id)


def test_a_job_echoes_what_was_asked_for(provider: Client) -> None:
    job = _succeeded(provider)
    assert (job.model, job.method, job.seed) == (BASE_MODEL, "supervised", 42)
    assert job.hyperparameters["n_epochs"] == 3
    assert job.metadata == {"ftrunner_run": "r1"}
    assert job.fine_tuned_model is not None
    assert "stories" in job.fine_tuned_model
    assert job.trained_tokens is not None
    assert job.trained_tokens > 0
    assert job.created_at is not None
    assert job.finished_at is not None
    assert job.error is None


def test_jobs_are_found_by_metadata(provider: Client) -> None:
    job = _succeeded(provider)
    assert job.id in [found.id for found in provider.list_jobs({"ftrunner_run": "r1"})]
    assert list(provider.list_jobs({"ftrunner_run": "no such run"})) == []


def test_events_come_newest_first_over_all_pages(provider: Client) -> None:
    events = list(provider.job_events(_succeeded(provider).id))
    assert len(events) > 14  # three pages at least
    assert len({event.id for event in events}) == len(events)
    times = [event.created_at or 0 for event in events]
    assert times == sorted(times, reverse=True)
    losses = [event.data["train_loss"] for event in events if event.type == "metrics"]
    assert losses[0] < losses[-1]


def test_a_job_leaves_checkpoints_and_a_results_file(provider: Client) -> None:
    job = _succeeded(provider)
    steps = [checkpoint.step_number for checkpoint in provider.checkpoints(job.id)]
    assert len(steps) == 3
    assert provider.file_content(job.result_files[0])


def test_the_tuned_model_is_listed_asked_and_deleted(provider: Client) -> None:
    model = _succeeded(provider).fine_tuned_model
    assert model is not None
    assert provider.retrieve_model(model).id == model
    assert model in [listed.id for listed in provider.list_models()]
    answer = provider.chat(
        model, [{"role": "user", "content": "给我讲一个关于蓝鲸的故事"}], {"temperature": 0}
    )
    assert str(answer.content).startswith("一天")
    assert answer.usage["total_tokens"] > 0
    assert provider.delete_model(model)
    with pytest.raises(errors.NotFound):
        provider.chat(model, [{"role": "user", "content": "?"}])


def test_a_refusal_carries_the_provider_s_words(provider: Client) -> None:
    with pytest.raises(errors.Refused) as caught:
        provider.create_job(JobRequest(BASE_MODEL, "file-none"))
    assert caught.value.nothing_was_done
    assert caught.value.request_id is not None
    assert "file-none" in caught.value.message


def test_a_job_that_is_over_cannot_be_cancelled(provider: Client) -> None:
    job = _succeeded(provider)
    with pytest.raises(errors.BadRequest):
        provider.cancel_job(job.id)


def test_the_older_form_of_a_job_is_taken_too(
    server: MockServer, transport: RequestsTransport
) -> None:
    job = _succeeded(_client(server, transport, registry.get("generic")))
    assert job.hyperparameters["n_epochs"] == 3


def test_a_request_without_a_key_is_refused(
    server: MockServer, transport: RequestsTransport
) -> None:
    nobody = _client(server, transport, registry.get("openai"), key=None)
    with pytest.raises(errors.AuthenticationFailed):
        next(nobody.list_models())
