"""What the client asks for, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from ftrunner.api import errors
from ftrunner.api.client import Client, JobRequest, Upload
from ftrunner.api.http.exchange import Form, Request, Response
from ftrunner.api.operations import CALLS
from ftrunner.events import Retrying
from ftrunner.providers import registry
from ftrunner.providers.profile import Auth
from tests.unit.api.fakes import BASE_URL, KEY, FakeClock, ScriptedTransport, answer, client, page

JOB = JobRequest("gpt-4o-mini", "file-1")
UPLOAD = Upload("t.jsonl", 2, lambda: iter([b"{}"]))
OUT_OF_ORDER = answer({"error": {"message": "boom"}}, 500)
LATER = answer({"error": {"message": "slow down"}}, 429, {"retry-after": "3"})

Use = Callable[[Client], Any]
EACH: dict[str, tuple[Use, str, str]] = {
    "create_file": (lambda c: c.create_file(UPLOAD), "POST", "/files"),
    "retrieve_file": (lambda c: c.retrieve_file("f"), "GET", "/files/f"),
    "list_files": (lambda c: list(c.list_files()), "GET", "/files"),
    "delete_file": (lambda c: c.delete_file("f"), "DELETE", "/files/f"),
    "file_content": (lambda c: c.file_content("f"), "GET", "/files/f/content"),
    "create_job": (lambda c: c.create_job(JOB), "POST", "/fine_tuning/jobs"),
    "retrieve_job": (lambda c: c.retrieve_job("j"), "GET", "/fine_tuning/jobs/j"),
    "list_jobs": (lambda c: list(c.list_jobs()), "GET", "/fine_tuning/jobs"),
    "cancel_job": (lambda c: c.cancel_job("j"), "POST", "/fine_tuning/jobs/j/cancel"),
    "list_events": (lambda c: list(c.job_events("j")), "GET", "/fine_tuning/jobs/j/events"),
    "list_checkpoints": (
        lambda c: list(c.checkpoints("j")),
        "GET",
        "/fine_tuning/jobs/j/checkpoints",
    ),
    "retrieve_model": (lambda c: c.retrieve_model("ft:m"), "GET", "/models/ft:m"),
    "list_models": (lambda c: list(c.list_models()), "GET", "/models"),
    "delete_model": (lambda c: c.delete_model("ft:m"), "DELETE", "/models/ft:m"),
    "chat": (lambda c: c.chat("m", [{"role": "user"}]), "POST", "/chat/completions"),
}
CREATING = ("create_file", "create_job")


def _good(_: Request) -> Response:
    return answer({"id": "x", "data": [], "choices": [{"message": {"content": "hi"}}]})


@pytest.mark.parametrize("operation", EACH)
def test_an_operation_is_its_route(operation: str) -> None:
    use, method, path = EACH[operation]
    transport = ScriptedTransport(_good)
    use(client(transport))
    (request,) = transport.requests
    assert (request.method, request.url) == (method, BASE_URL + path)
    assert request.credential is not None
    assert request.credential.value == f"Bearer {KEY}"
    assert KEY not in repr(request)


def test_the_table_above_has_every_operation() -> None:
    of_parts = {"create_upload", "add_upload_part", "complete_upload", "cancel_upload"}
    of_serving = {name for name in CALLS if "resource" in name}
    of_few = {"finish_file", "retrieve_base_model", "estimate_price"}
    assert set(EACH) == set(CALLS) - of_parts - of_serving - of_few


@pytest.mark.parametrize("operation", [name for name in EACH if name not in CREATING])
@pytest.mark.parametrize("trouble", [OUT_OF_ORDER, LATER, errors.TimedOut("x", code="FT304")])
def test_what_creates_nothing_is_tried_again(operation: str, trouble: Response | Exception) -> None:
    transport = ScriptedTransport(trouble, trouble, _good)
    reported: list[Retrying] = []
    EACH[operation][0](client(transport, retries=reported))
    assert len(transport.requests) == 3
    assert [retry.attempt for retry in reported] == [1, 2]


@pytest.mark.parametrize("operation", CREATING)
@pytest.mark.parametrize("trouble", [LATER, errors.ConnectionFailed("x", code="FT301")])
def test_what_creates_is_tried_again_where_nothing_was_created(
    operation: str, trouble: Response | Exception
) -> None:
    transport = ScriptedTransport(trouble, _good)
    EACH[operation][0](client(transport))
    assert len(transport.requests) == 2


@pytest.mark.parametrize("operation", CREATING)
@pytest.mark.parametrize(
    "trouble",
    [
        OUT_OF_ORDER,
        answer({}, 503, {"retry-after": "1"}),
        answer({}, 408),
        Response(200, {}, b'{"id": "x'),
        errors.ConnectionLost("x", code="FT303"),
        errors.TimedOut("x", code="FT304"),
    ],
)
def test_what_creates_is_sent_once_where_it_may_have_been_created(
    operation: str, trouble: Response | Exception
) -> None:
    transport = ScriptedTransport(trouble)
    with pytest.raises(errors.ApiError) as caught:
        EACH[operation][0](client(transport))
    assert len(transport.requests) == 1
    assert not caught.value.nothing_was_done


def test_the_provider_s_wait_is_kept_between_tries() -> None:
    clock = FakeClock()
    client(ScriptedTransport(LATER, _good), clock=clock).retrieve_job("j")
    assert clock.slept == [3.25]


@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_any_success_status_creates(status: int) -> None:
    assert client(ScriptedTransport(answer({"id": "j"}, status))).create_job(JOB).id == "j"


@pytest.mark.parametrize("operation", [name for name, use in EACH.items() if "GET" in use])
@pytest.mark.parametrize("body", [b"", b"<data/>", b"data: {}\n\n", b"\xff", b"7"])
def test_an_answer_that_is_not_what_the_api_promises_names_the_profile(
    operation: str, body: bytes
) -> None:
    if operation == "file_content":  # whose answer may be anything
        assert client(ScriptedTransport(Response(200, {}, body))).file_content("f") == body
        return
    with pytest.raises(errors.BadResponse) as caught:
        EACH[operation][0](client(ScriptedTransport(Response(200, {}, body))))
    assert caught.value.message.startswith(CALLS[operation].doing)
    assert "'openai'" in str(caught.value.hint)


def test_a_job_without_an_id_is_a_bad_response() -> None:
    with pytest.raises(errors.BadResponse, match="has no id"):
        client(ScriptedTransport(answer({"status": "queued"}))).create_job(JOB)


def test_a_file_is_sent_as_a_form_with_its_purpose() -> None:
    transport = ScriptedTransport(answer({"id": "file-1"}))
    client(transport).create_file(UPLOAD)
    body = transport.requests[0].body
    assert isinstance(body, Form)
    assert (body.fields, body.file) == ((("purpose", "fine-tune"),), UPLOAD)


def test_a_body_is_json_in_utf_8() -> None:
    transport = ScriptedTransport(_good)
    client(transport).chat("m", [{"role": "user", "content": "蓝鲸"}], {"temperature": 0})
    request = transport.requests[0]
    assert request.headers["Content-Type"] == "application/json"
    assert "蓝鲸".encode() in (request.body if isinstance(request.body, bytes) else b"")
    assert transport.document["temperature"] == 0


def test_jobs_are_asked_for_by_metadata() -> None:
    transport = ScriptedTransport(page())
    list(client(transport).list_jobs({"ftrunner_run": "r"}))
    assert ("metadata[ftrunner_run]", "r") in transport.requests[0].params


@pytest.mark.parametrize("name", ["delete_file", "delete_model"])
def test_what_is_gone_already_counts_as_deleted(name: str) -> None:
    transport = ScriptedTransport(answer({}, 404), answer({"deleted": True}), answer({}, 405))
    delete = getattr(client(transport), name)
    assert delete("x") is False
    assert delete("x") is True
    with pytest.raises(errors.NotFound):
        delete("x")


@pytest.mark.parametrize(
    ("id", "path"),
    [
        ("a/b", "/files/a%2Fb"),
        ("../jobs", "/files/..%2Fjobs"),
        ("a?b#c", "/files/a%3Fb%23c"),
        ("a b\n", "/files/a%20b%0A"),
        ("蓝", "/files/%E8%93%9D"),
    ],
)
def test_an_id_cannot_lead_to_another_route(id: str, path: str) -> None:
    transport = ScriptedTransport(_good)
    client(transport).retrieve_file(id)
    assert transport.requests[0].url == BASE_URL + path


@pytest.mark.parametrize("id", ["", ".", ".."])
def test_what_is_not_an_id_is_not_asked_for(id: str) -> None:
    with pytest.raises(errors.NotFound) as caught:
        client(ScriptedTransport()).retrieve_file(id)
    assert caught.value.nothing_was_done


def test_an_operation_that_the_profile_lacks_is_not_found() -> None:
    profile = replace(registry.get("openai"), operations={})
    with pytest.raises(errors.NotFound, match="is not possible at OpenAI") as caught:
        list(client(ScriptedTransport(), profile=profile).list_jobs())
    assert caught.value.code == "FT325"


def test_the_key_goes_where_the_profile_says() -> None:
    profile = replace(registry.get("openai"), auth=Auth("api-key", "{key}"))
    transport = ScriptedTransport(_good)
    client(transport, profile=profile).retrieve_job("j")
    credential = transport.requests[0].credential
    assert credential is not None
    assert (credential.header, credential.value) == ("api-key", KEY)


def test_no_key_means_no_credential() -> None:
    transport = ScriptedTransport(_good)
    client(transport, key=None).retrieve_job("j")
    assert transport.requests[0].credential is None


def test_headers_for_a_gateway_are_sent() -> None:
    transport = ScriptedTransport(_good)
    client(transport, extra_headers={"x-portkey-provider": "openai"}).retrieve_job("j")
    assert transport.requests[0].headers["x-portkey-provider"] == "openai"


def test_a_gateway_s_key_is_not_in_an_error_that_repeats_it() -> None:
    secret = "portkey-0123456789"
    refused = answer({"error": {"message": f"bad {secret}"}}, 400)
    with pytest.raises(errors.BadRequest) as caught:
        client(ScriptedTransport(refused), extra_headers={"x-key": secret}).retrieve_job("j")
    assert secret not in caught.value.message + caught.value.raw


def test_an_upload_s_blocks_are_asked_for_again_at_each_try() -> None:
    started: list[Iterator[bytes]] = []

    def blocks() -> Iterator[bytes]:
        started.append(iter([b"{}"]))
        return started[-1]

    def busy(request: Request) -> Response:
        assert isinstance(request.body, Form)
        assert request.body.file is not None
        assert b"".join(request.body.file.blocks()) == b"{}"
        return LATER if len(started) == 1 else answer({"id": "f"})

    client(ScriptedTransport(busy, busy)).create_file(Upload("t.jsonl", 2, blocks))
    assert len(started) == 2


def test_a_download_starts_over_at_each_try() -> None:
    tries: list[bytes] = []
    torn = errors.ConnectionLost("it broke", code="FT303")

    def half(request: Request) -> Response:
        assert request.sink is not None
        request.sink(iter([b"ha"]))
        raise torn

    transport = ScriptedTransport(half, Response(200, {}, b"half"))
    client(transport).download("f", lambda blocks: tries.append(b"".join(blocks)), max_bytes=9)
    assert tries == [b"ha", b"half"]
    assert transport.requests[0].max_bytes == 9
