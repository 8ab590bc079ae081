"""What a provider says about a refusal, read from any of the shapes that providers use.

{"error": {"message", "type", "param", "code"}}     OpenAI; Azure adds innererror
{"error": "text"}                                   many small servers
{"detail": [{"loc", "msg", "type"}]}                FastAPI: Nebius, Mistral
{"detail": "text"}                                  FastAPI
{"code", "message", "details"}                      gRPC-gateway: LLMariner; DashScope
{"errors": [...]}, [...]                            the first of several
<html>…                                             proxies and gateways
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any

from ftrunner.api.fields import MalformedJson, decode
from ftrunner.text import cleaned, cleaned_line

_REQUEST_ID_HEADERS = ("x-request-id", "apim-request-id", "x-ms-request-id", "request-id")
_TITLE = re.compile(r"<(title|h1)[^>]*>(.*?)</\1", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_MESSAGE_KEYS = ("message", "msg", "detail", "error_message", "error_description", "title")
_NESTED_KEYS = ("error", "detail", "errors", "innererror")
_DEPTH = 4  # levels of nesting that any known shape needs
_RAW_BYTES = 4_000


@dataclass(frozen=True, slots=True)
class ErrorDetails:
    """A refusal in the provider's own words, bounded and printable; None where it says nothing."""

    message: str | None = None
    code: str | None = None
    type: str | None = None
    param: str | None = None
    request_id: str | None = None
    raw: str = ""


def read_error(status: int, headers: Mapping[str, str], body: bytes) -> ErrorDetails:
    """The details of a refusal. Never raises, whatever the bytes are. Header names in lower case.

    A code that only repeats the HTTP status, and litellm's "None", say nothing and become None.
    """
    raw = cleaned(body[:_RAW_BYTES].decode("utf-8", "replace"), _RAW_BYTES)
    try:
        document = decode(body)
    except MalformedJson:
        return ErrorDetails(_text_of(raw), request_id=_request_id(headers, {}), raw=raw)
    fields = _fields(document)
    return ErrorDetails(
        message=fields.get("message"),
        code=None if fields.get("code") == str(status) else fields.get("code"),
        type=fields.get("type"),
        param=fields.get("param"),
        request_id=_request_id(headers, document),
        raw=raw,
    )


def _fields(value: Any, depth: int = _DEPTH) -> dict[str, str]:
    """The message, code, type and param of `value`; an outer one goes before an inner one."""
    if not depth:
        return {}
    match value:
        case str():
            return _given(message=value)
        case [first, *others]:
            return _counted(_fields(first, depth - 1), len(others))
        case dict():
            fields = _own_fields(value)
            for key in _NESTED_KEYS:
                fields = _fields(value.get(key), depth - 1) | fields
            return fields
    return {}


def _own_fields(value: dict[str, Any]) -> dict[str, str]:
    messages = (value[key] for key in _MESSAGE_KEYS if isinstance(value.get(key), str))
    return _given(
        message=next(messages, None),
        code=value.get("code"),
        type=value.get("type"),
        param=value.get("param") or _location(value.get("loc")),
    )


def _counted(fields: dict[str, str], others: int) -> dict[str, str]:
    if not others or "message" not in fields:
        return fields
    return fields | {"message": f"{fields['message']} (and {others} more)"}


def _given(**fields: object) -> dict[str, str]:
    texts = {name: cleaned_line(str(value)) for name, value in fields.items() if _says(value)}
    return {name: text for name, text in texts.items() if text}


def _says(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and value not in ("None", 0)


def _location(loc: object) -> str | None:
    """FastAPI's `["body", "method", "type"]` as `method.type`."""
    if not isinstance(loc, list):
        return None
    return ".".join(str(part) for part in loc if part != "body" and isinstance(part, str | int))


def _text_of(raw: str) -> str | None:
    """The title of an HTML page, or the text itself."""
    if "<" not in raw:
        return cleaned_line(raw) or None
    title = _TITLE.search(raw)
    text = title.group(2) if title else _TAG.sub(" ", raw)
    return cleaned_line(unescape(text)) or None


def _request_id(headers: Mapping[str, str], document: Any) -> str | None:
    found = next((headers[name] for name in _REQUEST_ID_HEADERS if headers.get(name)), None)
    if found is None and isinstance(document, dict):
        found = document.get("request_id")
    return cleaned_line(found, 200) or None if isinstance(found, str) else None
