"""Every operation of the contract, by the official client in strict response validation.

The same walk is taken by the sync and the async client, on fixtures with chosen ids. Beside the
client's own types, each answer is held against the contract itself.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest

from mockserver.client import FtMock
from tests.contract.mockserver.contract import OPERATIONS, operation_of

MODEL = "gpt-4o-mini-2024-07-18"
TUNED = "ft:gpt-4o-mini-2024-07-18:personal:seas:abcd1234"
LINES = [
    {
        "messages": [
            {"role": "user", "content": f"Which sea is number {number}?"},
            {"role": "assistant", "content": f"Sea number {number} is deep."},
        ]
    }
    for number in range(10)
]
FIXTURES: dict[str, Any] = {
    "files": [{"id": "file-seas", "filename": "seas.jsonl", "lines": LINES}],
    "jobs": [
        {
            "id": "ftjob-done",
            "training_file": "file-seas",
            "status": "succeeded",
            "fine_tuned_model": TUNED,
            "result_file": "file-results",
        },
        {"id": "ftjob-runs", "training_file": "file-seas", "status": "running"},
    ],
}
STRING_CHECK: Any = {
    "type": "string_check",
    "name": "same",
    "input": "{{sample.output_text}}",
    "reference": "deep",
    "operation": "ilike",
}

Step = Callable[[Any], Any]
Call = Callable[[Step], Any]


class Witness:
    """Notes which operations were answered, and holds each answer against the contract."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def look(self, response: Any) -> None:
        operation = operation_of(response.request.method, response.request.url.path)
        self.seen.add(operation.name)
        if response.headers["content-type"] == "application/json":
            operation.validator.validate(response.json())


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
def mock(ft_mock: FtMock) -> FtMock:
    ft_mock.seed(FIXTURES)
    return ft_mock


@pytest.fixture
def call_sync(mock: FtMock, witness: Witness) -> Iterator[Call]:
    def look(response: Any) -> None:
        response.read()
        witness.look(response)

    with openai.OpenAI(
        base_url=mock.base_url,
        api_key=mock.api_key,
        max_retries=0,
        http_client=openai.DefaultHttpxClient(event_hooks={"response": [look]}),
        _strict_response_validation=True,
    ) as client:
        yield lambda step: step(client)


@pytest.fixture
def call_async(mock: FtMock, witness: Witness) -> Iterator[Call]:
    async def look(response: Any) -> None:
        await response.aread()
        witness.look(response)

    client = openai.AsyncOpenAI(
        base_url=mock.base_url,
        api_key=mock.api_key,
        max_retries=0,
        http_client=openai.DefaultAsyncHttpxClient(event_hooks={"response": [look]}),
        _strict_response_validation=True,
    )

    async def resolve(value: Any) -> Any:
        return await value if inspect.isawaitable(value) else value

    with asyncio.Runner() as runner:
        yield lambda step: runner.run(resolve(step(client)))
        runner.run(client.close())


@pytest.mark.ft_mock(null_error=True)
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_every_operation_answers_as_the_contract_says(
    kind: str, request: pytest.FixtureRequest, witness: Witness
) -> None:
    call: Call = request.getfixturevalue(f"call_{kind}")

    walk_files(call)
    walk_uploads(call)
    walk_jobs(call)
    walk_checkpoints(call)
    walk_graders(call)
    walk_models(call)
    walk_completions(call)

    assert {operation.name for operation in OPERATIONS} - witness.seen == set()


def walk_files(call: Call) -> None:
    file = call(lambda c: c.files.create(file=("a.jsonl", b"{}\n"), purpose="fine-tune"))
    assert call(lambda c: c.files.retrieve(file.id)).bytes == 3
    assert call(lambda c: c.files.content(file.id)).content == b"{}\n"
    assert call(lambda c: c.files.list(limit=1)).data == [file]
    assert call(lambda c: c.files.delete(file.id)).deleted


def adding(upload_id: str, data: bytes) -> Step:
    return lambda c: c.uploads.parts.create(upload_id, data=data)


def walk_uploads(call: Call) -> None:
    def start() -> Any:
        return call(
            lambda c: c.uploads.create(
                filename="b.jsonl", purpose="fine-tune", bytes=4, mime_type="text/jsonl"
            )
        )

    upload = start()
    parts = [call(adding(upload.id, data)) for data in (b"ab", b"cd")]
    done = call(lambda c: c.uploads.complete(upload.id, part_ids=[part.id for part in parts]))
    assert call(lambda c: c.files.content(done.file.id)).content == b"abcd"
    other = start()
    assert call(lambda c: c.uploads.cancel(other.id)).status == "cancelled"


def walk_jobs(call: Call) -> None:
    created = call(
        lambda c: c.fine_tuning.jobs.create(
            model=MODEL, training_file="file-seas", metadata={"run": "7"}, seed=3, suffix="x"
        )
    )
    assert call(lambda c: c.fine_tuning.jobs.list(metadata={"run": "7"})).data == [created]
    assert call(lambda c: c.fine_tuning.jobs.retrieve(created.id)).seed == 3
    call(lambda c: c.fine_tuning.jobs.pause("ftjob-runs"))
    assert call(lambda c: c.fine_tuning.jobs.resume("ftjob-runs")).status == "running"
    assert call(lambda c: c.fine_tuning.jobs.cancel(created.id)).status == "cancelled"
    events = call(lambda c: c.fine_tuning.jobs.list_events("ftjob-done", limit=1))
    assert events.data[0].message == "The job has successfully completed"


def walk_checkpoints(call: Call) -> None:
    points = call(lambda c: c.fine_tuning.jobs.checkpoints.list("ftjob-done", limit=1))
    name = points.data[0].fine_tuned_model_checkpoint
    made = call(
        lambda c: c.fine_tuning.checkpoints.permissions.create(name, project_ids=["proj_1"])
    )
    held = call(lambda c: c.fine_tuning.checkpoints.permissions.list(name))
    assert [permission.id for permission in held.data] == [made.data[0].id]
    gone = call(
        lambda c: c.fine_tuning.checkpoints.permissions.delete(
            made.data[0].id, fine_tuned_model_checkpoint=name
        )
    )
    assert gone.deleted


def walk_graders(call: Call) -> None:
    graders: Step = lambda c: c.fine_tuning.alpha.graders  # noqa: E731 - a long path, named
    assert call(lambda c: graders(c).validate(grader=STRING_CHECK)).grader.name == "same"
    run = call(lambda c: graders(c).run(grader=STRING_CHECK, model_sample="So Deep"))
    assert run.reward == 1


def walk_models(call: Call) -> None:
    assert TUNED in [model.id for model in call(lambda c: c.models.list()).data]
    assert call(lambda c: c.models.retrieve(TUNED)).shutdown_date == "2027-01-14"


def walk_completions(call: Call) -> None:
    question: Any = [{"role": "user", "content": "Which sea is number 4?"}]
    made = call(
        lambda c: c.chat.completions.create(
            model=TUNED, messages=question, store=True, metadata={"kept": "yes"}
        )
    )
    assert made.choices[0].message.content == "Sea number 4 is deep."
    kept = call(lambda c: c.chat.completions.list(metadata={"kept": "yes"}))
    assert [each.id for each in kept.data] == [made.id]
    assert call(lambda c: c.chat.completions.retrieve(made.id)).metadata == {"kept": "yes"}
    changed = call(lambda c: c.chat.completions.update(made.id, metadata={"kept": "no"}))
    assert changed.metadata == {"kept": "no"}
    messages = call(lambda c: c.chat.completions.messages.list(made.id))
    assert [message.content for message in messages.data] == ["Which sea is number 4?"]
    assert call(lambda c: c.chat.completions.delete(made.id)).deleted
    assert call(lambda c: c.models.delete(TUNED)).deleted


def test_a_file_and_its_answer_are_as_recorded(call_sync: Call) -> None:
    answer = call_sync(
        lambda c: c.files.with_raw_response.create(file=("a", b"{}\n"), purpose="fine-tune")
    )

    assert answer.headers["openai-version"] == "2020-10-01"
    assert answer.http_response.json()["status_details"] is None
