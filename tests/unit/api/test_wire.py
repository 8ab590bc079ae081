"""Objects are read whatever is missing, null or of another type; the id alone must be there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.api.fields import MissingField
from ftrunner.api.wire import ChatCompletion, Checkpoint, File, Job, JobError, JobEvent, Model
from ftrunner.providers import registry
from ftrunner.providers.profile import JobState

OPENAI = registry.get("openai")
# A job as the relays of 2023 answered: an unknown status, hyperparameters at the top level.
OLD_JOB = {
    "object": "fine_tuning.job",
    "id": "ftjob-1",
    "model": "gpt-3.5-turbo-0613",
    "created_at": 1694750150,
    "finished_at": None,
    "fine_tuned_model": None,
    "organization_id": "org-1",
    "result_files": [],
    "status": "created",
    "validation_file": None,
    "training_file": "file-1",
    "hyperparameters": {"n_epochs": 10},
    "trained_tokens": None,
    "error": None,
}


def _job(**fields: Any) -> Job:
    return Job.read({"id": "ftjob-1", **fields}, OPENAI)


def test_a_job_of_the_old_form_is_read() -> None:
    job = Job.read(OLD_JOB, OPENAI)
    assert (job.id, job.status, job.state) == ("ftjob-1", "created", JobState.UNKNOWN)
    assert job.hyperparameters == {"n_epochs": 10}
    assert (job.created_at, job.finished_at, job.error) == (1694750150.0, None, None)
    assert job.raw["organization_id"] == "org-1"


def test_a_job_of_the_new_form_is_read() -> None:
    job = _job(
        status="succeeded",
        method={"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.1, "n_epochs": 3}}},
        hyperparameters={"n_epochs": "auto", "batch_size": None},
        metadata={"team": "a", "odd": 1},
        seed=42,
        trained_tokens=4730,
        result_files=["file-2", None],
        fine_tuned_model="ft:m",
    )
    assert job.state is JobState.SUCCEEDED
    assert (job.method, job.hyperparameters) == ("dpo", {"beta": 0.1, "n_epochs": 3})
    assert (job.metadata, job.seed) == ({"team": "a"}, 42)
    assert (job.trained_tokens, job.result_files) == (4730, ("file-2",))


def test_a_job_with_an_id_alone_is_a_job() -> None:
    job = _job()
    assert (job.status, job.state, job.metadata, job.hyperparameters) == (
        "",
        JobState.UNKNOWN,
        {},
        {},
    )


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, None),
        ({}, None),
        ({"code": None, "message": None, "param": None}, None),
        ({"code": "0", "message": ""}, None),
        ("None", None),
        ([], None),
        ([{"message": "bad"}, {"message": "worse"}], JobError(message="bad")),
        ({"message": "bad"}, JobError(message="bad")),
        ("bad", JobError(message="bad")),
        (
            {"code": "invalid_n_examples", "message": "too few", "param": "training_file"},
            JobError("invalid_n_examples", "too few", "training_file"),
        ),
    ],
)
def test_every_form_of_no_error_is_none(error: object, expected: JobError | None) -> None:
    assert _job(error=error).error == expected


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1694750150, 1694750150.0),
        (1694750150.5, 1694750150.5),
        ("2023-09-15T03:55:50Z", 1694750150.0),
        ("2023-09-15T05:55:50+02:00", 1694750150.0),
        ("2023-09-15T03:55:50", 1694750150.0),
        ("yesterday", None),
        (True, None),
        (10**30, None),
    ],
)
def test_a_time_is_read_from_a_number_or_a_text(value: object, seconds: float | None) -> None:
    assert _job(created_at=value).created_at == seconds


@pytest.mark.parametrize("id", [None, "", 7, "a\nb", " a", "a\x1b[2J", "x" * 513, ["a"]])
@pytest.mark.parametrize(
    "read",
    [lambda r: File.read(r, OPENAI), Checkpoint.read, Model.read, lambda r: Job.read(r, OPENAI)],
)
def test_nothing_is_read_without_a_usable_id(read: Callable[[Any], object], id: object) -> None:
    with pytest.raises(MissingField, match="id"):
        read({"id": id})


def test_a_file_is_read() -> None:
    raw = {"id": "file-1", "bytes": 1826, "filename": "t\x1b.jsonl", "status": None}
    file = File.read(raw, OPENAI)
    assert (file.bytes, file.filename, file.status) == (1826, "t.jsonl", None)


def test_events_without_ids_are_told_apart_by_time_and_text() -> None:
    first, again, other = (
        JobEvent.read({"created_at": 1, "message": text}) for text in ("a", "a", "b")
    )
    assert first.id == again.id != other.id


def test_a_checkpoint_keeps_its_numbers() -> None:
    checkpoint = Checkpoint.read(
        {"id": "c", "step_number": 88, "metrics": {"train_loss": 0.4, "valid_loss": None}}
    )
    assert (checkpoint.step_number, checkpoint.metrics) == (88, {"train_loss": 0.4})


def test_a_model_may_have_an_end() -> None:
    assert Model.read({"id": "m", "shutdown_date": "2027-01-14"}).shutdown_date == "2027-01-14"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("\x1b[1m一天,\n", "\x1b[1m一天,\n"),
        ("", ""),
        (None, None),
        ([{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}], "ab"),
        (["a"], None),
    ],
)
def test_an_answer_is_kept_to_the_letter(content: object, text: str | None) -> None:
    completion = ChatCompletion.read({"choices": [{"message": {"content": content}}]})
    assert completion.content == text


def test_an_answer_may_be_a_call_of_a_tool() -> None:
    calls = [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]
    completion = ChatCompletion.read(
        {
            "choices": [{"message": {"content": None, "tool_calls": calls}}],
            "usage": {"total_tokens": 3, "details": {}},
        }
    )
    assert completion.tool_calls == tuple(calls)
    assert completion.usage == {"total_tokens": 3}


@pytest.mark.parametrize("choices", [None, [], [None], [{}], [{"message": None}], {}])
def test_a_completion_without_a_message_is_none(choices: object) -> None:
    with pytest.raises(MissingField, match="choices"):
        ChatCompletion.read({"choices": choices})


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
)
_KEYS = sorted(
    {
        *OLD_JOB,
        "method",
        "type",
        "supervised",
        "metadata",
        "seed",
        "message",
        "data",
        "choices",
        "content",
        "usage",
        "metrics",
        "bytes",
        "created",
    }
)


@given(st.dictionaries(st.sampled_from(_KEYS), _values))
def test_any_object_is_read_or_lacks_a_field(raw: dict[str, Any]) -> None:
    for read in (
        lambda raw: File.read(raw, OPENAI),
        Checkpoint.read,
        Model.read,
        JobEvent.read,
        ChatCompletion.read,
        lambda raw: Job.read(raw, OPENAI),
    ):
        with suppress(MissingField):
            assert read(raw).raw is raw


def test_what_names_something_is_on_one_line() -> None:
    two = "succeeded\napi_key_env: HOME"
    one = "succeeded api_key_env: HOME"
    names = ("model", "suffix", "training_file", "validation_file", "fine_tuned_model")
    job = _job(status=two, result_files=[two], method={"type": two}, **dict.fromkeys(names, two))

    assert {job.status, job.method, *job.result_files} == {one}
    assert {getattr(job, name) for name in names} == {one}


def test_what_is_reported_may_take_several_lines() -> None:
    assert _job(error={"message": "bad data:\n- line 7"}).error == JobError(
        message="bad data:\n- line 7"
    )


@pytest.mark.parametrize("value", [0, -1, "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
def test_a_time_that_was_never_set_is_none(value: object) -> None:
    assert _job(finished_at=value).finished_at is None
