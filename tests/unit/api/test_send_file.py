"""A file goes up in the style that the profile names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ftrunner.api import errors
from ftrunner.api.client import Upload
from ftrunner.api.http.exchange import Form, Request, Response, Stream
from ftrunner.api.http.recording import record
from ftrunner.api.redaction import Redactor
from ftrunner.providers import registry
from ftrunner.providers.wire_mapping import Readiness, UploadForm
from tests.unit.api.fakes import KEY, ScriptedTransport, answer, client

UPLOAD = Upload("train.jsonl", 4, lambda: iter([b"data"]))
TOGETHER = registry.get("together")
PLACE = "https://files.example.com/put?X-Signature=abc"


def _announcement(location: str = PLACE, **more: str) -> Response:
    headers = {"location": location, "x-together-file-id": "file-7", **more}
    return answer({}, status=302, headers=headers)


def _sent(*answers: Response) -> ScriptedTransport:
    transport = ScriptedTransport(*answers)
    client(transport, profile=TOGETHER).create_file(UPLOAD)
    return transport


def test_a_redirected_upload_announces_puts_and_finishes() -> None:
    done = {"id": "file-7", "processing_status": "PENDING"}
    announce, put, finish = _sent(_announcement(), answer({}), answer(done)).requests

    assert (announce.method, announce.url.rpartition("/")[2]) == ("POST", "files")
    assert announce.body == Form(
        (("purpose", "fine-tune"), ("file_name", "train.jsonl"), ("file_type", "jsonl"))
    )
    assert (put.method, put.url, put.body) == ("PUT", PLACE, Stream(UPLOAD))
    assert (finish.method, finish.url.rpartition("/v1")[2]) == ("POST", "/files/file-7/preprocess")


def test_the_key_goes_to_the_provider_and_not_to_where_the_bytes_go() -> None:
    announce, put, _ = _sent(_announcement(), answer({}), answer({"id": "file-7"})).requests
    assert announce.credential is not None
    assert KEY in announce.credential.value
    assert put.credential is None
    assert put.headers == {}


def test_the_signature_of_an_address_is_not_kept() -> None:
    kept = str(record(Request("PUT", PLACE, body=Stream(UPLOAD)), _announcement(), Redactor()))
    assert "files.example.com/put" in kept
    assert "abc" not in kept


@pytest.mark.parametrize(
    "announcement",
    [
        answer({}, status=302, headers={"location": PLACE}),
        answer({"id": "file-7"}),
        _announcement("http://files.example.com/put"),
        _announcement("file:///etc/passwd"),
    ],
    ids=["no id", "no redirect", "no encryption", "no address"],
)
def test_an_announcement_without_id_or_a_safe_address_is_not_followed(
    announcement: Response,
) -> None:
    transport = ScriptedTransport(announcement)
    with pytest.raises(errors.BadResponse, match="Uploading the file failed"):
        client(transport, profile=TOGETHER).create_file(UPLOAD)
    assert len(transport.requests) == 1


def test_a_redirect_is_a_refusal_in_the_ordinary_style() -> None:
    profile = replace(TOGETHER, upload=UploadForm())
    with pytest.raises(errors.BadResponse):
        client(ScriptedTransport(_announcement()), profile=profile).create_file(UPLOAD)


@pytest.mark.parametrize(
    ("status", "readiness"),
    [
        ("COMPLETED", Readiness.READY),
        ("RUNNING", Readiness.WAITING),
        ("INVALID_FORMAT", Readiness.FAILED),
        (None, Readiness.READY),
    ],
)
def test_a_file_says_whether_it_can_be_trained_on(status: str | None, readiness: Readiness) -> None:
    report = {"valid": False, "error": "line 3 has no messages"}
    raw = {"id": "file-7", "processing_status": status, "validation_report": report}
    file = client(ScriptedTransport(answer(raw)), profile=TOGETHER).retrieve_file("file-7")
    assert (file.readiness, file.reason) == (readiness, "line 3 has no messages")


def test_a_refusal_that_points_elsewhere_is_a_refusal() -> None:
    headers = {"location": PLACE, "x-together-file-id": "file-7"}
    with pytest.raises(errors.AuthenticationFailed):
        _sent(answer({"error": {"message": "no"}}, status=401, headers=headers))
