"""Rules about tools: what is called, with what, and what came back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import NoReturn

import jsonschema_rs

from ftrunner.dataset.lines import line
from ftrunner.dataset.lines.conversation import Call, Example, Message, Problem

# The most that is quoted of what a schema says about arguments.
_SAID = 200
_ONCE = "`ftrunner data fix SOURCE TARGET --repair FT237` writes them once"


def calls_have_results(example: Example) -> Iterator[Problem]:
    """Every call is answered before anybody else speaks; the last message's calls need not be."""
    for index, message in enumerate(example.context[:-1]):
        answered = _answered_after(example.context, index)
        for number, call in enumerate(message.value.get("tool_calls", ())):
            if call["id"] not in answered:
                path = (*message.path, "tool_calls", number, "id")
                yield path, f"no tool message follows with the result of call '{call['id']}'"


def _answered_after(messages: Sequence[Message], index: int) -> set[str]:
    after = (messages[place] for place in range(index + 1, len(messages)))
    results = takewhile(lambda message: message.role == "tool", after)
    return {message.value["tool_call_id"] for message in results}


def results_have_calls(example: Example) -> Iterator[Problem]:
    called: set[str] = set()
    for message in example.messages:
        if message.role == "tool" and message.value["tool_call_id"] not in called:
            path = (*message.path, "tool_call_id")
            yield path, f"no message before calls '{message.value['tool_call_id']}'"
        called.update(call["id"] for call in message.value.get("tool_calls", ()))


def call_ids_differ(example: Example) -> Iterator[Problem]:
    for message in example.messages:
        ids = [call["id"] for call in message.value.get("tool_calls", ())]
        for id_, times in Counter(ids).items():
            if times > 1:
                yield (*message.path, "tool_calls"), f"{times} calls have the id '{id_}'"


def arguments_are_objects(example: Example) -> Iterator[Problem]:
    for call in example.calls:
        parsed = _arguments(call)
        if parsed.value is None:
            fault = parsed.faults[0]
            why = fault.message.replace("the line is", "this is")
            why = why if call.arguments.strip() else "there are none"
            path = (*call.path, "arguments")
            message = f"the arguments of '{call.name}' are not a JSON object: {why}"
            yield (path, message, _ONCE) if "twice" in why else (path, message)


def called_tools_are_defined(example: Example) -> Iterator[Problem]:
    names = list(dict.fromkeys(tool.name for tool in example.tools))
    for call in example.calls:
        if names and call.name not in names:
            message = f"'{call.name}' is not among the tools: {', '.join(names[:10])}"
            yield (*call.path, "name"), message


def tools_are_defined(example: Example) -> Iterator[Problem]:
    for call in example.calls:
        if not example.tools:
            path = (*call.path, "name")
            yield path, f"'{call.name}' is called, and the line defines no tools"


def arguments_fit(example: Example) -> Iterator[Problem]:
    schemas = {tool.name: tool.schema for tool in example.tools}
    for call in example.calls:
        schema = schemas.get(call.name)
        arguments = _arguments(call).value
        validator = _compiled(json.dumps(schema)) if schema is not None else None
        if validator is None or arguments is None:
            continue
        error = next(iter(validator.iter_errors(arguments)), None)
        if error is not None:
            message = f"'{call.name}' does not take this: {error.message[:_SAID]}"
            yield (*call.path, "arguments"), message


def tool_names_differ(example: Example) -> Iterator[Problem]:
    seen: set[str] = set()
    for tool in example.tools:
        if tool.name in seen:
            yield (*tool.path, "name"), f"the tool '{tool.name}' is defined twice"
        seen.add(tool.name)


def parameters_are_schemas(example: Example) -> Iterator[Problem]:
    for tool in example.tools:
        if tool.schema is not None and not _is_schema(json.dumps(tool.schema)):
            path = (*tool.path, "parameters")
            yield path, f"the parameters of '{tool.name}' are not a JSON Schema"


def _arguments(call: Call) -> line.Parsed:
    """What a call's arguments hold, read as strictly as a line."""
    return line.parse(call.arguments.encode())


@lru_cache(maxsize=256)
def _compiled(schema: str) -> jsonschema_rs.Validator | None:
    """The validator of a schema in the data; None where there can be none.

    Data is not trusted: references out of the schema are refused, never fetched, and patterns
    run in linear time, so that there is none for a pattern that looks ahead. One tool's schema
    is on many lines, so compiled ones are kept.
    """
    return _built(schema, jsonschema_rs.RegexOptions())


@lru_cache(maxsize=256)
def _is_schema(schema: str) -> bool:
    """Whether it is a schema, also with patterns that look ahead: these are compiled, never run."""
    engine = jsonschema_rs.FancyRegexOptions()
    return _compiled(schema) is not None or _built(schema, engine) is not None


def _built(
    schema: str, engine: jsonschema_rs.RegexOptions | jsonschema_rs.FancyRegexOptions
) -> jsonschema_rs.Validator | None:
    try:
        return jsonschema_rs.validator_for(
            json.loads(schema), retriever=_refuse, pattern_options=engine
        )
    except (ValueError, RecursionError):
        return None


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri} leads out of the line")
