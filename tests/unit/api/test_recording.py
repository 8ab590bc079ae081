"""Records say what was sent and received, and no key."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest

from ftrunner.api import errors
from ftrunner.api.client import JobRequest, Upload
from ftrunner.api.http.exchange import Form, Request, Response
from ftrunner.api.http.recording import RecordingTransport
from ftrunner.api.redaction import Redactor
from tests.unit.api.fakes import KEY, Answer, FakeClock, ScriptedTransport, answer, client


def _recorded(*answers: Answer) -> tuple[RecordingTransport, list[dict[str, Any]]]:
    records: list[dict[str, Any]] = []
    clock = FakeClock()
    inner = ScriptedTransport(*answers)
    return RecordingTransport(inner, lambda r: records.append(dict(r)), clock), records


def test_a_record_has_request_and_response() -> None:
    transport, records = _recorded(answer({"id": "j"}, 201, {"x-request-id": "req_1"}))
    client(transport).create_job(JobRequest("m", "file-1"))
    (record,) = records
    assert (record["method"], record["url"]) == (
        "POST",
        "https://api.example.com/v1/fine_tuning/jobs",
    )
    assert json.loads(record["request"]["body"]) == {"model": "m", "training_file": "file-1"}
    assert record["response"]["status"] == 201
    assert record["response"]["headers"] == {"x-request-id": "req_1"}
    assert record["error"] is None
    assert record["seconds"] == 0
    json.dumps(record)


def test_of_an_upload_only_name_and_size_are_kept() -> None:
    transport, records = _recorded(answer({"id": "f"}))
    client(transport).create_file(Upload("t.jsonl", 3, lambda: iter([b"{ }"])))
    assert records[0]["request"]["form"] == {
        "purpose": "fine-tune",
        "file": {"filename": "t.jsonl", "bytes": 3},
    }


def test_the_query_is_part_of_the_url() -> None:
    transport, records = _recorded(answer({"data": []}))
    list(client(transport).list_jobs({"a": "b"}))
    assert records[0]["url"].endswith("?metadata%5Ba%5D=b&limit=100")


@pytest.mark.parametrize(
    "failure", [errors.TimedOut(f"no answer {KEY}", code="FT304"), OSError("x")]
)
def test_a_failure_is_recorded_and_passed_on(failure: Exception) -> None:
    transport, records = _recorded(*[failure] * 5)
    with pytest.raises(type(failure)):
        client(transport).retrieve_job("j")
    assert records[0]["response"] is None
    assert records[0]["error"] == str(failure).replace(KEY, "[redacted]")


def test_an_interrupt_is_recorded_as_no_answer() -> None:
    def interrupt(_: Request) -> Response:
        raise KeyboardInterrupt

    transport, records = _recorded(interrupt)
    with pytest.raises(KeyboardInterrupt):
        client(transport).retrieve_job("j")
    assert (records[0]["response"], records[0]["error"]) == (None, None)


def test_no_secret_is_in_a_record() -> None:
    other = "portkey-0123456789"
    echo = answer({"id": "j", "you": f"{KEY} {other}"}, 200, {"x-echo": KEY, "set-cookie": "s=1"})
    transport, records = _recorded(echo)
    client(transport, extra_headers={"x-portkey-api-key": other}).retrieve_job("j")
    text = json.dumps(records)
    assert KEY not in text
    assert other not in text
    assert "s=1" not in text
    assert records[0]["request"]["headers"]["x-portkey-api-key"] == "[redacted]"


def test_what_else_is_secret_is_nowhere_in_a_record() -> None:
    secret = 'a "quoted"/value'
    answers = (
        answer({"error": {"message": secret}}, 400, {"x-echo": secret}),
        errors.TimedOut(f"no answer {secret}", code="FT304"),
    )
    records: list[dict[str, Any]] = []
    transport = RecordingTransport(
        ScriptedTransport(*answers),
        lambda r: records.append(dict(r)),
        redactor=Redactor([secret]),
    )

    for sent in (b'{"key": "a \\"quoted\\"/value"}', Form((("key", secret),))):
        with contextlib.suppress(errors.ApiError):
            transport.send(Request("POST", "https://host/v1", (("key", secret),), body=sent))

    text = json.dumps(records)
    assert len(records) == 2
    assert text.count("[redacted]") == 7
    assert "quoted" not in text


def test_a_long_body_is_cut_and_counted() -> None:
    transport, records = _recorded(Response(200, {}, b"x" * 100_000))
    assert len(client(transport).file_content("f")) == 100_000
    assert records[0]["response"]["bytes"] == 100_000
    assert len(records[0]["response"]["body"]) == 16 * 1024


def test_a_key_at_the_cut_is_taken_out_whole() -> None:
    transport, records = _recorded(answer({"id": "j"}))
    before = len('{"model":"')
    model = "m" * (16 * 1024 - before - 8) + KEY
    client(transport).create_job(JobRequest(model, "file-1"))
    assert KEY[:8] not in records[0]["request"]["body"]


def test_a_file_that_is_downloaded_is_in_no_record() -> None:
    transport, records = _recorded(Response(200, {"content-length": "5"}, b"%PDF-"))
    client(transport).download("f", list[bytes]().extend, max_bytes=9)
    assert records[0]["response"] == {"status": 200, "headers": {"content-length": "5"}}


def test_a_refusal_to_download_is_recorded_whole() -> None:
    transport, records = _recorded(answer({"error": {"message": "gone"}}, 404))
    with pytest.raises(errors.NotFound):
        client(transport).download("f", list[bytes]().extend, max_bytes=9)
    assert "gone" in records[0]["response"]["body"]
