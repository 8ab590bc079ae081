"""Reads request bodies; invalid ones get the provider's error messages."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request

from mockserver.http.errors import WireError, bad_request
from mockserver.verdict.exchange import note_body

MAX_JSON = 32 * 1024 * 1024

T = TypeVar("T")

_NOT_JSON = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't "
    "using your HTTP library correctly. The API expects a JSON payload, but what was sent was "
    "not valid JSON.)"
)
_PLACE = re.compile(r"^(?P<fault>.*?)(?: - at `\$\.?(?P<place>.*)`)?$", re.DOTALL)
_UNKNOWN = re.compile(r"contains unknown field `(?P<name>.*)`")
_MISSING = re.compile(r"missing required field `(?P<name>.*)`")


async def read_as(request: Request, kind: type[T]) -> T:
    """The body as a typed request; a 400 with the parameter's name if it is invalid."""
    content = await read_bytes(request)
    try:
        return msgspec.json.decode(content or b"{}", type=kind)
    except msgspec.ValidationError as error:
        raise unfit(str(error)) from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise bad_request(_NOT_JSON) from None


async def read_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object."""
    return await read_as(request, dict[str, Any])


def convert(document: dict[str, Any], kind: Any) -> Any:
    """A part of a body as a typed value; a 400 with the parameter's name if it is invalid."""
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise unfit(str(error)) from None


def unfit(text: str) -> WireError:
    """A msgspec error in the provider's words."""
    found = _PLACE.match(text)
    fault, place = (found["fault"], found["place"] or "") if found else (text, "")
    unknown, missing = _UNKNOWN.search(fault), _MISSING.search(fault)
    if unknown:
        param = _joined(place, unknown["name"])
        return bad_request(f"Unknown parameter: '{param}'.", param=param, code="unknown_parameter")
    if missing:
        param = _joined(place, missing["name"])
        return bad_request(
            f"Missing required parameter: '{param}'.",
            param=param,
            code="missing_required_parameter",
        )
    if not place:
        return bad_request(f"Invalid body: {fault.replace('`', '')}.", code="invalid_value")
    words = fault[:1].lower() + fault[1:].replace("`", "")
    return bad_request(f"Invalid value for '{place}': {words}.", param=place, code="invalid_value")


async def read_bytes(request: Request) -> bytes:
    """The whole body; a 413 if it is larger than the limit."""
    # Most bodies are one message; Starlette's stream(), a generator, is slow for chats.
    body, more = bytearray(), True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_JSON:
            raise WireError(413, f"Request body is larger than {MAX_JSON} bytes.")
    content = bytes(body)
    note_body(request.scope, content)
    return content


def _joined(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
