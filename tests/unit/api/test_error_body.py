"""Every known shape of a refusal is read; nothing at all breaks the reader."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.api.http.error_body import ErrorDetails, read_error
from ftrunner.text import OF_OTHERS

SHAPES: dict[str, tuple[Any, dict[str, str | None]]] = {
    "openai": (
        {
            "error": {
                "message": "Invalid file format.",
                "type": "invalid_request_error",
                "param": "training_file",
                "code": "invalid_file",
            }
        },
        {
            "message": "Invalid file format.",
            "type": "invalid_request_error",
            "param": "training_file",
            "code": "invalid_file",
        },
    ),
    "openai without code": (
        {"error": {"message": "No.", "type": "server_error", "param": None, "code": None}},
        {"message": "No.", "type": "server_error", "param": None, "code": None},
    ),
    "azure": (
        {
            "error": {
                "code": "invalidPayload",
                "message": "Bad.",
                "innererror": {"code": "Deep", "message": "Deeper."},
            }
        },
        {"message": "Bad.", "code": "invalidPayload"},
    ),
    "azure with an inner error only": (
        {"error": {"innererror": {"code": "Deep", "message": "Deeper."}}},
        {"message": "Deeper.", "code": "Deep"},
    ),
    "a bare text": ({"error": "not allowed"}, {"message": "not allowed"}),
    "oauth": (
        {"error": "invalid_token", "error_description": "It expired."},
        {"message": "It expired."},
    ),
    "fastapi": (
        {
            "detail": [
                {"loc": ["body", "method", "type"], "msg": "field required", "type": "missing"},
                {"loc": ["body", "model"], "msg": "field required", "type": "missing"},
            ]
        },
        {"message": "field required (and 1 more)", "param": "method.type", "type": "missing"},
    ),
    "fastapi, a text": ({"detail": "Not Found"}, {"message": "Not Found"}),
    "grpc-gateway": (
        {"code": 3, "message": "suffix is required", "details": []},
        {"message": "suffix is required", "code": "3"},
    ),
    "siliconflow": (
        {"code": 20012, "message": "Model does not exist.", "data": None},
        {"message": "Model does not exist.", "code": "20012"},
    ),
    "dashscope": (
        {"request_id": "r-1", "code": "InvalidParameter", "message": "Bad."},
        {"message": "Bad.", "code": "InvalidParameter", "request_id": "r-1"},
    ),
    "litellm": (
        {"error": {"message": "Bad.", "type": "None", "param": "None", "code": "400"}},
        {"message": "Bad.", "type": None, "param": None, "code": None},
    ),
    "a list": ([{"error": {"message": "First."}}], {"message": "First."}),
    "several errors": (
        {"errors": [{"message": "A"}, {"message": "B"}]},
        {"message": "A (and 1 more)"},
    ),
    "an empty object": ({}, {"message": None, "code": None}),
    "null": (None, {"message": None}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_known_shape_is_read(shape: str) -> None:
    body, expected = SHAPES[shape]
    details = read_error(400, {}, json.dumps(body).encode())
    assert {name: getattr(details, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            b"<html><head><title>413 Request Entity Too Large</title></head>nginx</html>",
            "413 Request Entity Too Large",
        ),
        (b"<html><body><h1>Bad &amp; Gateway</h1></body></html>", "Bad & Gateway"),
        (b"<p>only   text</p>", "only text"),
        (b"upstream connect error", "upstream connect error"),
        (b"", None),
        (b"\xff\xfe", "\ufffd\ufffd"),
    ],
)
def test_what_is_not_json_is_read_as_text(body: bytes, message: str | None) -> None:
    assert read_error(502, {}, body).message == message


@pytest.mark.parametrize("header", ["x-request-id", "apim-request-id", "x-ms-request-id"])
def test_the_request_id_comes_from_a_header(header: str) -> None:
    assert read_error(500, {header: "req_1"}, b"{}").request_id == "req_1"


def test_a_terminal_is_not_spoken_to_by_the_provider() -> None:
    body = json.dumps({"error": {"message": "\x1b[2Jred\x07 \u202eevil\nnext"}}).encode()
    assert read_error(400, {}, body).message == "[2Jred evil next"


def test_a_long_message_is_cut() -> None:
    body = json.dumps({"error": {"message": "x" * 100_000}}).encode()
    details = read_error(400, {}, body)
    assert details.message == "x" * OF_OTHERS + "…"
    assert len(details.raw) <= 4_001


@pytest.mark.parametrize(("depth", "message"), [(3, "why"), (5, None)])
def test_deep_nesting_is_not_followed(depth: int, message: str | None) -> None:
    body = b'{"error":' * depth + b'"why"' + b"}" * depth
    assert read_error(400, {}, body).message == message


def test_bottomless_nesting_is_text() -> None:
    body = b'{"error":' * 50_000
    assert str(read_error(400, {}, body).message).startswith('{"error":')


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: (
        st.lists(children)
        | st.dictionaries(
            st.sampled_from(["error", "message", "detail", "code", "loc", "msg", "errors", "param"])
            | st.text(),
            children,
        )
    ),
)


@given(st.integers(300, 599), st.binary() | _json.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_give_printable_bounded_details(status: int, body: bytes) -> None:
    details = read_error(status, {"x-request-id": "\x1b" + body.decode("latin-1")}, body)
    assert isinstance(details, ErrorDetails)
    for text in (details.message, details.code, details.type, details.param, details.request_id):
        assert text is None or (0 < len(text) <= OF_OTHERS + 20 and "\x1b" not in text)
