"""Whatever is sent, the answer is a 4xx in the provider's shape: never a 500, never a traceback."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.contract.mockserver.contract import ERROR
from tests.contract.mockserver.raw import RawClient

PATHS = [
    "/files", "/files/{}", "/files/{}/content", "/uploads", "/uploads/{}/parts",
    "/uploads/{}/complete", "/uploads/{}/cancel", "/fine_tuning/jobs", "/fine_tuning/jobs/{}",
    "/fine_tuning/jobs/{}/events", "/fine_tuning/jobs/{}/checkpoints",
    "/fine_tuning/jobs/{}/cancel", "/fine_tuning/jobs/{}/pause", "/fine_tuning/jobs/{}/resume",
    "/fine_tuning/checkpoints/{}/permissions", "/fine_tuning/checkpoints/{}/permissions/{}",
    "/fine_tuning/alpha/graders/run", "/fine_tuning/alpha/graders/validate", "/models",
    "/models/{}", "/chat/completions", "/chat/completions/{}", "/chat/completions/{}/messages",
    "/{}", "/_mock/seed", "/_mock/faults", "/_mock/clock/advance",
]  # fmt: skip
KEYS = [
    "model", "messages", "training_file", "validation_file", "method", "hyperparameters", "suffix",
    "seed", "metadata", "integrations", "n", "stop", "max_tokens", "tools", "tool_choice", "stream",
    "response_format", "store", "filename", "purpose", "bytes", "mime_type", "part_ids", "grader",
    "model_sample", "item", "project_ids", "role", "content", "type", "n_epochs", "seconds",
    "supervised", "dpo", "function", "name", "input", "reference", "operation", "graders",
]  # fmt: skip
WORDS = ["gpt-4o-mini", "user", "string_check", "multi", "supervised", "required", "json_schema"]

texts = st.one_of(st.sampled_from(WORDS), st.text(max_size=20))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), inner, max_size=5)
    ),
    max_leaves=12,
)
chats = st.fixed_dictionaries(
    {
        "model": st.just("gpt-4o-mini"),
        "messages": st.lists(st.dictionaries(st.sampled_from(KEYS), values, max_size=4), max_size=3)
        | st.just([{"role": "user", "content": "Hello"}]),
    },
    optional=dict.fromkeys(KEYS[10:18], values),
)
bodies = st.one_of(
    st.binary(max_size=200),
    values.map(lambda value: json.dumps(value).encode()),
    chats.map(lambda value: json.dumps(value).encode()),
)
content_types = st.sampled_from(
    ["application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x", ""]
)
queries = st.dictionaries(
    st.sampled_from(["limit", "after", "order", "purpose", "metadata[a]", "metadata[", "model"]),
    st.text(max_size=12) | st.integers().map(str) | st.sampled_from(["asc", "desc"]),
    max_size=3,
)
ids = st.text(min_size=1, max_size=12).map(lambda text: quote(text, safe=""))

quick = settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def exchange(mock: FtMock, raw: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes on a new socket and read the answer to its end."""
    address = urlsplit(mock.origin)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall(raw)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(status_line.split()[1]), headers, body


def request_bytes(
    method: str, path: str, body: bytes, content_type: str, *, extra: str = ""
) -> bytes:
    head = (
        f"{method} {path} HTTP/1.1\r\nhost: mock\r\nauthorization: Bearer sk-mock\r\n"
        f"connection: close\r\ncontent-length: {len(body)}\r\ncontent-type: {content_type}\r\n"
        f"{extra}\r\n"
    )
    return head.encode("latin-1") + body


def assert_in_shape(status: int, headers: dict[str, str], body: bytes) -> None:
    assert status < 500, body
    if status >= 400:
        assert headers["content-type"] == "application/json"
        ERROR.validate(json.loads(body))


@quick
@given(
    method=st.sampled_from(["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS"]),
    path=st.sampled_from(PATHS),
    names=st.tuples(ids, ids),
    query=queries,
    body=bodies,
    content_type=content_types,
)
def test_any_request_gets_an_answer_in_shape(
    ft_mock: FtMock,
    method: str,
    path: str,
    names: tuple[str, str],
    query: dict[str, str],
    body: bytes,
    content_type: str,
) -> None:
    target = path.format(*names)
    if query:
        pairs = (f"{quote(key, safe='')}={quote(value)}" for key, value in query.items())
        target += "?" + "&".join(pairs)

    assert_in_shape(*exchange(ft_mock, request_bytes(method, target, body, content_type)))


@pytest.mark.parametrize("body", [b"true", b"[]", b"{", b'{"messages": "\xff"}', b'"\xff"', b""])
def test_a_chat_that_is_none_is_refused_also_where_a_fault_reads_its_text(
    ft_mock: FtMock, body: bytes
) -> None:
    ft_mock.scenario("some-prompts-fail")

    refused = exchange(
        ft_mock, request_bytes("POST", "/v1/chat/completions", body, "application/json")
    )
    ft_mock.disarm()  # it applies to none of these

    assert refused[0] == 400
    assert_in_shape(*refused)


@quick
@given(body=bodies)
def test_any_training_file_is_stored_and_judged(ft_mock: FtMock, body: bytes) -> None:
    ft_mock.reset()
    form = multipart({"purpose": b"fine-tune"}, body)
    status, _, answer = exchange(
        ft_mock, request_bytes("POST", "/v1/files", form, "multipart/form-data; boundary=frontier")
    )
    assert status == 200
    asked = json.dumps({"model": "gpt-4o-mini", "training_file": json.loads(answer)["id"]})

    created = exchange(
        ft_mock, request_bytes("POST", "/v1/fine_tuning/jobs", asked.encode(), "application/json")
    )
    assert created[0] == 200
    ft_mock.advance(10)

    assert [job["status"] for job in ft_mock.jobs] == ["failed"]


def multipart(fields: dict[str, bytes], content: bytes, boundary: str = "frontier") -> bytes:
    parts = [
        f'--{boundary}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n'.encode() + value
        for name, value in fields.items()
    ]
    disposition = 'content-disposition: form-data; name="file"; filename="f"'
    parts.append(f"--{boundary}\r\n{disposition}\r\n\r\n".encode() + content)
    return b"\r\n".join(parts) + f"\r\n--{boundary}--\r\n".encode()


DEEP = b'{"model":"gpt-4o-mini","messages":[{"role":"user","content":"x"}],"metadata":' + (
    b'{"a":' * 5000 + b"1" + b"}" * 5001
)


SAID = [{"role": "assistant", "content": "Yes."}]
ASKED = [{"role": "user", "content": "No?"}]
PREFERENCE = {
    "input": {"messages": ASKED},
    "preferred_output": SAID,
    "non_preferred_output": SAID,
}
GRADED = {"grader": {"type": "string_check"}}


@pytest.mark.parametrize(
    ("line", "method"),
    [
        (
            {"messages": ASKED, "input": "text"},
            {"type": "reinforcement", "reinforcement": GRADED},
        ),
        ({**PREFERENCE, "messages": 3}, {"type": "dpo"}),
        ({**PREFERENCE, "messages": ["a", None]}, {"type": "dpo"}),
    ],
)
def test_keys_that_a_method_takes_no_notice_of_may_hold_anything(
    client: RawClient, line: Any, method: Any
) -> None:
    created = client.create(client.file([line] * 10), method=method)

    assert created.status_code == 200, created.text


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "status"),
    [
        ("POST", "/v1/chat/completions", b"{", "application/json", 400),
        ("POST", "/v1/chat/completions", b"[]", "application/json", 400),
        ("POST", "/v1/chat/completions", b"[" * 100_000, "application/json", 400),
        ("POST", "/v1/chat/completions", DEEP, "application/json", 400),
        ("POST", "/v1/chat/completions", b'{"model":"\\ud800"}', "application/json", 400),
        ("POST", "/v1/files", b"purpose=fine-tune", "application/x-www-form-urlencoded", 400),
        ("POST", "/v1/files", b"{}", "application/json", 400),
        ("POST", "/v1/files", b"", "multipart/form-data", 400),
        ("POST", "/v1/files", b"--x\r\n", "multipart/form-data; boundary=x", 400),
        ("POST", "/v1/files", b"nonsense", "multipart/form-data; boundary=x", 400),
        ("GET", "/v1/files?limit=-1", b"", "", 400),
        ("GET", "/v1/files?limit=" + "9" * 5000, b"", "", 400),
        ("GET", "/v1/files/a/b/c", b"", "", 404),
        ("GET", "/v1/files/%00%01%1f", b"", "", 404),
        ("GET", "/v1/files/%ff%fe", b"", "", 404),
        ("GET", "/v1/fine_tuning/job/ftjob-x", b"", "", 404),
        ("PUT", "/v1/files/file-x", b"", "", 405),
    ],
)
def test_known_mischief(
    ft_mock: FtMock, method: str, path: str, body: bytes, content_type: str, status: int
) -> None:
    answer = exchange(ft_mock, request_bytes(method, path, body, content_type))

    assert answer[0] == status
    assert_in_shape(*answer)


def test_what_is_not_http_gets_an_error_in_shape(ft_mock: FtMock) -> None:
    answer = exchange(ft_mock, b"GET / NONSENSE\r\n\r\n")

    assert answer[0] == 400
    assert_in_shape(*answer)


def test_huge_headers_are_refused(ft_mock: FtMock) -> None:
    extra = f"x-huge: {'a' * 200_000}\r\n"

    answer = exchange(ft_mock, request_bytes("GET", "/v1/models", b"", "", extra=extra))

    assert answer[0] == 431
    assert_in_shape(*answer)


# starlette before 1.6 leaves the half-sent part to the garbage collector, which says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_half_sent_upload_leaves_no_file_and_no_traceback(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    form = multipart({"purpose": b"fine-tune"}, b"x" * 10_000)
    whole = request_bytes("POST", "/v1/files", form, "multipart/form-data; boundary=frontier")
    with MockServer(Settings(db=tmp_path / "mock.db")) as server:
        mock = FtMock(server.origin)
        address = urlsplit(server.origin)
        with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
            connection.sendall(whole[:5000])
            while not mock.requests:
                pass  # until the server has begun to read

    assert list((tmp_path / "mock.db.files").iterdir()) == []
    assert caplog.records == []


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/files", "GET, HEAD, POST"),
        ("/files/file-x", "DELETE, GET, HEAD"),
        ("/models/a/b", "DELETE, GET, HEAD"),
        ("/chat/completions/c", "DELETE, GET, HEAD, POST"),
        ("/fine_tuning/jobs/ftjob-x/cancel", "POST"),
        ("/_mock/faults", "DELETE, GET, HEAD, POST"),
    ],
)
def test_the_allow_header_names_what_the_body_names(
    client: RawClient, path: str, allowed: str
) -> None:
    refused = client.session.request("PATCH", client.base_url + path, timeout=10)

    assert (refused.status_code, refused.headers["allow"]) == (405, allowed)
    assert f"allowed: {allowed}." in refused.json()["error"]["message"]


def test_unknown_routes_name_the_nearest_ones(ft_mock: FtMock) -> None:
    raw = request_bytes("GET", "/v1/fine-tuning/jobs", b"", "")
    _, _, body = exchange(ft_mock, raw)
    message: Any = json.loads(body)["error"]["message"]

    assert "GET /v1/fine_tuning/jobs" in message


@pytest.mark.parametrize("calls", [[5], 5, [{"function": 5}], "x"])
def test_a_file_with_odd_tool_calls_breaks_no_model(
    ft_mock: FtMock, client: RawClient, calls: Any
) -> None:
    messages = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi", "tool_calls": calls},
    ]
    ft_mock.seed(
        {
            "files": [{"id": "file-a", "lines": [{"messages": messages}] * 10}],
            "jobs": [{"id": "ftjob-a", "training_file": "file-a"}],
        }
    )

    assert client.ask(client.job("ftjob-a")["fine_tuned_model"], "Hello").status_code == 200


def test_a_tool_choice_of_any_form_is_not_an_error_of_the_server(client: RawClient) -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]

    answer = client.ask("gpt-4o-mini", "Hello", tools=tools, tool_choice={"function": 5})

    assert answer.status_code < 500
