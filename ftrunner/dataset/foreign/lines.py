"""Lines of other tools as lines of training data: each a pure function of one line.

A function raises `CannotConvert` where a line lacks what it needs.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

Line = Mapping[str, Any]
Made = dict[str, Any]

# How ShareGPT, as LLaMA-Factory reads it, calls a turn that calls tools.
_CALL = "function_call"
# What ShareGPT, Gemini, Cohere and others call the speakers.
_ROLES = {
    "human": "user",
    "gpt": "assistant",
    "bot": "assistant",
    "chatbot": "assistant",
    "chatgpt": "assistant",
    "model": "assistant",
    "ai": "assistant",
    "agent": "assistant",
    "customer": "user",
    "prompter": "user",
    "bing": "assistant",
    "bard": "assistant",
    "function_call": _CALL,
    "observation": "tool",
}
_KNOWN_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_REQUEST_KEYS = ("messages", "tools", "parallel_tool_calls", "functions")
# What lists of turns are called elsewhere, and system prompts beside them.
LISTS = ("conversations", "conversation", "dialogue", "dialog", "chat", "turns")
SYSTEMS = ("system", "system_prompt", "context", "preamble")
_SPEAKERS = ("role", "from", "speaker", "author")
_SCHEMAS = ("parameters", "input_schema", "inputSchema", "parametersJsonSchema")


class CannotConvert(Exception):
    """A line cannot become training data; the message says what it lacks."""


def role_of(name: object) -> str:
    """The role that a speaker's name stands for."""
    word = str(name).strip().lower()
    role = _ROLES.get(word, word)
    if role not in _KNOWN_ROLES and role != _CALL:
        raise CannotConvert(f"'{name}' is not a known speaker")
    return role


def is_foreign(role: str) -> bool:
    """Whether another tool calls a speaker so, and chat does not."""
    return role not in _KNOWN_ROLES and role.strip().lower() in (*_ROLES, *_KNOWN_ROLES)


def text_of(value: object, key: str) -> str:
    """The text under `key`; numbers and truth values, as tables hold them, are written out."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise CannotConvert(f"'{key}' holds no text")


def pair(question: str, answer: str, system: str | None = None) -> Made:
    """A conversation of one question and its answer."""
    first = [message("system", system)] if system and system.strip() else []
    if not answer.strip():
        raise CannotConvert("the answer is empty")
    return {"messages": [*first, message("user", question), message("assistant", answer)]}


def message(role: str, content: Any) -> Made:
    return {"role": role, "content": content}


def from_completion(line: Line) -> Made:
    """Prompt and completion; white space that only parted them is left out."""
    prompt, completion = (text_of(line.get(key), key) for key in ("prompt", "completion"))
    system = line.get("system") or line.get("system_prompt")
    made = pair(prompt.strip(), completion.strip())
    first = [message("system", text_of(system, "system"))] if system else []
    return {"messages": [*first, *made["messages"]]}


def from_alpaca(line: Line) -> Made:
    """Instruction and input become the question, each a paragraph; `history` what came before."""
    answer = next((line[key] for key in ("output", "response") if key in line), None)
    made = pair(instruction(line), text_of(answer, "output"))
    system = line.get("system") or line.get("system_prompt")
    before = [message("system", text_of(system, "system"))] if system else []
    for question, reply in line.get("history") or ():
        before += [message("user", question), message("assistant", reply)]
    return {"messages": [*before, *made["messages"]]}


def instruction(line: Line) -> str:
    context = next((line[key] for key in ("input", "context") if line.get(key)), "")
    asked = [text_of(line["instruction"], "instruction"), text_of(context, "input")]
    return "\n\n".join(part for part in asked if part.strip())


def from_list(line: Line, **kept: Any) -> Made:
    """A list of turns under any of its usual names, in ShareGPT's words or in chat's."""
    tools = line.get("tools")
    if isinstance(tools, str):
        tools = parsed(tools, "tools") if tools.strip() else None
    rest = {"tools": tools_of(tools)} if tools else {}
    return {"messages": [*_system_of(line), *conversation(turns_of(line))], **rest, **kept}


def turns_of(line: Line) -> Sequence[Any]:
    return next((line[key] for key in ("messages", *LISTS) if isinstance(line.get(key), list)), ())


def _system_of(line: Line) -> list[Made]:
    """The system prompt that is kept beside the turns."""
    system = next((line[key] for key in SYSTEMS if line.get(key)), None)
    return [message("system", text_of(system, "system"))] if system else []


def tools_of(tools: Iterable[Any]) -> list[Made]:
    """Tools as chat names them, from their declarations as any tool writes them."""
    return [made for tool in tools for made in _tools(tool)]


def _tools(tool: Any) -> Iterator[Made]:
    if not isinstance(tool, dict):
        raise CannotConvert("a tool is not an object")
    declared = tool.get("functionDeclarations") or tool.get("function_declarations")
    if declared:
        yield from (_function(each) for each in declared)
    elif "toolSpec" in tool:
        yield _function(tool["toolSpec"])
    else:
        yield tool if "function" in tool else _function(tool)


def _function(declared: Line) -> Made:
    """A tool whose name, description and parameters are not nested."""
    function = {key: declared[key] for key in ("name", "description", "strict") if key in declared}
    schema = next((declared[key] for key in _SCHEMAS if declared.get(key)), None)
    if schema is not None:
        function["parameters"] = _schema(schema.get("json", schema))
    return {"type": "function", "function": function}


def _schema(value: Any) -> Any:
    """A JSON Schema with its types in small letters: Gemini writes them in capitals."""
    if isinstance(value, list):
        return [_schema(each) for each in value]
    if not isinstance(value, dict):
        return value
    schema = {key: _schema(each) for key, each in value.items()}
    if isinstance(schema.get("type"), str):
        schema["type"] = schema["type"].lower()
    return schema


def conversation(turns: Iterable[Any]) -> list[Made]:
    """Messages of turns; what a tool answers belongs to the first call without an answer."""
    made: list[Made] = []
    waiting: list[str] = []
    count = 0
    for turn in map(_turn, turns):
        if turn["role"] == _CALL:
            calls = [_call(each, count + i) for i, each in enumerate(_called(turn["content"]))]
            turn = {"role": "assistant", "tool_calls": calls}
            waiting += [call["id"] for call in calls]
            count += len(calls)
        elif turn["role"] == "tool" and waiting:
            turn = {**turn, "tool_call_id": waiting.pop(0)}
        made.append(turn)
    return made


def _called(value: Any) -> list[Any]:
    """The calls of a turn: one object or a list, or the text of either."""
    try:
        value = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        value = None
    calls = value if isinstance(value, list) else [value]
    if not all(isinstance(each, dict) and "name" in each for each in calls):
        raise CannotConvert("a call does not name its tool")
    return calls


def _call(value: Line, number: int) -> Made:
    arguments = value.get("arguments", {})
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    function = {"name": value["name"], "arguments": text}
    return {"id": f"call_{number + 1}", "type": "function", "function": function}


def _turn(turn: Any) -> Made:
    """One message, whatever its keys are called; other keys of a chat message are kept."""
    if not isinstance(turn, dict):
        raise CannotConvert("a turn is not an object")
    named = next((key for key in _SPEAKERS if key in turn), None)
    if named is None:
        return _oddly_named(turn)
    said = next((key for key in ("content", "value", "text", "message") if key in turn), None)
    if said is None and "tool_calls" not in turn and "function_call" not in turn:
        raise CannotConvert("a turn says nothing")
    content = turn[said] if said else None
    made = {"role": role_of(turn[named]), "content": content}
    if named != "role":
        return made
    others = {key: value for key, value in turn.items() if key not in (named, said)}
    return {**made, **others}


def _oddly_named(turn: Line) -> Made:
    """A turn as `{"user": "…"}`, or as LangChain writes it. Raises CannotConvert."""
    inner = turn.get("data", turn)
    if "type" in turn and isinstance(inner, dict) and "content" in inner:
        return message(role_of(turn["type"]), inner["content"])
    if len(turn) == 1:
        [(name, content)] = turn.items()
        return message(role_of(name), content)
    raise CannotConvert("a turn names no speaker")


def from_text_messages(line: Line) -> Made:
    """Messages in one text, as JSON or as Python printed them."""
    return {**line, "messages": parsed(line["messages"], "messages")}


def parsed(text: str, key: str) -> Any:
    """The list in a text of JSON or of Python's `repr`."""
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(value, list):
            return value
    raise CannotConvert(f"'{key}' holds neither a list nor the text of one")


def from_request(line: Line) -> Made:
    """A whole request without its model and settings."""
    return {key: line[key] for key in _REQUEST_KEYS if key in line and line[key] is not None}
