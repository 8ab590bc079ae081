"""The wire contract's responses: which operation a request was, and whether its answer fits."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs

DOCUMENT: dict[str, Any] = json.loads(
    Path(__file__).with_name("contract.json").read_text(encoding="utf-8")
)
# Recordings of the real service have null here (ruby-openai, spec/fixtures/cassettes).
DOCUMENT["$defs"]["OpenAIFile"]["properties"]["status_details"] = {"type": ["string", "null"]}


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    path: re.Pattern[str]
    validator: jsonschema_rs.Validator


def _operation(name: str, described: dict[str, Any]) -> Operation:
    path = re.sub(r"\{\w+\}", "[^/]+", described["path"])
    return Operation(name, described["method"], re.compile(path), validator(described["schema"]))


def validator(schema: dict[str, Any]) -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft202012Validator({**schema, "$defs": DOCUMENT["$defs"]})


OPERATIONS = [_operation(name, found) for name, found in DOCUMENT["operations"].items()]
ERROR = validator({"$ref": "#/$defs/ErrorResponse"})
CHUNK = validator({"$ref": "#/$defs/CreateChatCompletionStreamResponse"})


def operation_of(method: str, path: str) -> Operation:
    """The operation of a request, with or without `/v1`."""
    bare = path.removeprefix("/v1")
    return next(each for each in OPERATIONS if each.method == method and each.path.fullmatch(bare))
