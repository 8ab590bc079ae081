"""Rules about tools: what is called, with what, and what came back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NoReturn

import jsonschema_rs

from ftrunner.dataset import conversation
from ftrunner.dataset.conversation import Line, Message, Path, Problem
from ftrunner.dataset.formats import Format


def calls_have_results(line: Line, format_: Format) -> Iterator[Problem]:
    """Every call is answered before anybody else speaks; the last message's calls need not be."""
    messages = conversation.context(line, format_)
    for index, message in enumerate(messages[:-1]):
        answered = _answered_after(messages, index)
        for number, call in enumerate(message.value.get("tool_calls", ())):
            if call["id"] not in answered:
                path = (*message.path, "tool_calls", number, "id")
                yield path, f"no tool message follows with the result of call '{call['id']}'"


def _answered_after(messages: Sequence[Message], index: int) -> set[str]:
    ids = set()
    for message in messages[index + 1 :]:
        if message.role != "tool":
            break
        ids.add(message.value["tool_call_id"])
    return ids


def results_have_calls(line: Line, format_: Format) -> Iterator[Problem]:
    called: set[str] = set()
    for message in conversation.every_message(line, format_):
        if message.role == "tool" and message.value["tool_call_id"] not in called:
            path = (*message.path, "tool_call_id")
            yield path, f"no message before calls '{message.value['tool_call_id']}'"
        called.update(call["id"] for call in message.value.get("tool_calls", ()))


def call_ids_differ(line: Line, format_: Format) -> Iterator[Problem]:
    for message in conversation.every_message(line, format_):
        ids = [call["id"] for call in message.value.get("tool_calls", ())]
        for id_, times in Counter(ids).items():
            if times > 1:
                yield (*message.path, "tool_calls"), f"{times} calls have the id '{id_}'"


def arguments_are_objects(line: Line, format_: Format) -> Iterator[Problem]:
    for path, call in _calls(line, format_):
        if _arguments(call) is None:
            yield (*path, "arguments"), f"the arguments of '{call['name']}' are not a JSON object"


def called_tools_are_defined(line: Line, format_: Format) -> Iterator[Problem]:
    defined = _definitions(line, format_)
    for path, call in _calls(line, format_):
        if defined and call["name"] not in defined:
            names = ", ".join(dict.fromkeys(defined))
            yield (*path, "name"), f"'{call['name']}' is not among the tools: {names}"


def tools_are_defined(line: Line, format_: Format) -> Iterator[Problem]:
    if not _definitions(line, format_):
        for path, call in _calls(line, format_):
            yield (*path, "name"), f"'{call['name']}' is called, and the line defines no tools"


def arguments_fit(line: Line, format_: Format) -> Iterator[Problem]:
    defined = _definitions(line, format_)
    for path, call in _calls(line, format_):
        schema = defined.get(call["name"])
        arguments = _arguments(call)
        validator = _compiled(json.dumps(schema)) if schema is not None else None
        if validator is None or arguments is None:
            continue
        error = next(iter(validator.iter_errors(arguments)), None)
        if error is not None:
            yield (*path, "arguments"), f"'{call['name']}' does not take this: {error.message}"


def tool_names_differ(line: Line, format_: Format) -> Iterator[Problem]:
    names = [(path, name) for path, name, _ in _defined(line, format_)]
    seen: set[str] = set()
    for path, name in names:
        if name in seen:
            yield (*path, "name"), f"the tool '{name}' is defined twice"
        seen.add(name)


def parameters_are_schemas(line: Line, format_: Format) -> Iterator[Problem]:
    for path, name, schema in _defined(line, format_):
        if schema is not None and not _is_schema(schema):
            yield (*path, "parameters"), f"the parameters of '{name}' are not a JSON Schema"


def _calls(line: Line, format_: Format) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for message in conversation.every_message(line, format_):
        yield from conversation.calls(message)


def _arguments(call: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        value = json.loads(call["arguments"])
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _definitions(line: Line, format_: Format) -> dict[str, Mapping[str, Any] | None]:
    return {name: schema for _, name, schema in _defined(line, format_)}


def _defined(line: Line, format_: Format) -> Iterator[tuple[Path, str, Mapping[str, Any] | None]]:
    """Each tool's path, name and schema of its arguments."""
    start: Path = ("input",) if format_ is Format.PREFERENCE else ()
    owner = line["input"] if format_ is Format.PREFERENCE else line
    for index, tool in enumerate(owner.get("tools", ())):
        function = tool["function"]
        yield (*start, "tools", index, "function"), function["name"], function.get("parameters")
    for index, function in enumerate(owner.get("functions", ())):
        yield (*start, "functions", index), function["name"], function.get("parameters")


def _is_schema(schema: Mapping[str, Any]) -> bool:
    return _compiled(json.dumps(schema)) is not None


@lru_cache(maxsize=256)
def _compiled(schema: str) -> jsonschema_rs.Validator | None:
    """The validator of a schema that stands in the data; None where it is no schema.

    Data is not trusted: references out of the schema are refused, never fetched, and patterns
    run in linear time. One tool's schema stands on many lines, so compiled ones are kept.
    """
    try:
        return jsonschema_rs.validator_for(
            json.loads(schema), retriever=_refuse, pattern_options=jsonschema_rs.RegexOptions()
        )
    except (ValueError, RecursionError):
        return None


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri} leads out of the line")
