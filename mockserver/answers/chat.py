"""Builds a chat completion from a model's answer, whole or as a stream."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from mockserver.answers.instance import instance_of
from mockserver.data.tokens import Tokenizer
from mockserver.ids import Ids, derived
from mockserver.rules.chat import ChatRequest

_PIECES = re.compile(r"\S{1,8}\s*|\s+")
PLAUSIBLE_LOGPROB = -0.05
AS_IT_IS = "as_it_is"
"""Marks an answer that already has the requested format."""


def completion(
    asked: ChatRequest,
    answers: list[Mapping[str, Any]],
    *,
    ids: Ids,
    tokens: Tokenizer,
    created: int,
) -> dict[str, Any]:
    """The response document for a model's messages, one per choice."""
    choices, written = [], 0
    for index, answer in enumerate(answers):
        choice, count = _choice(asked, index, answer, tokens)
        choices.append(choice)
        written += count
    prompt = tokens.messages(asked.messages, asked.model)
    return {
        "id": ids.new("completion"),
        "object": "chat.completion",
        "created": created,
        "model": asked.model,
        "choices": choices,
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": written,
            "total_tokens": prompt + written,
        },
    }


def chunks(asked: ChatRequest, whole: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The same completion as a stream of chunks, with the usage at the end if requested."""
    usage_wanted = asked.stream_options is not None and asked.stream_options.include_usage
    frame = {
        "id": whole["id"],
        "object": "chat.completion.chunk",
        "created": whole["created"],
        "model": whole["model"],
        **({"usage": None} if usage_wanted else {}),
    }
    for choice in whole["choices"]:
        index = choice["index"]
        for delta in _deltas(choice["message"]):
            piece = {"index": index, "delta": delta, "logprobs": None, "finish_reason": None}
            yield {**frame, "choices": [piece]}
        end = {"index": index, "delta": {}, "logprobs": None}
        yield {**frame, "choices": [{**end, "finish_reason": choice["finish_reason"]}]}
    if usage_wanted:
        yield {**frame, "choices": [], "usage": whole["usage"]}


def _choice(
    asked: ChatRequest, index: int, answer: Mapping[str, Any], tokens: Tokenizer
) -> tuple[dict[str, Any], int]:
    message = _message(asked, answer, index)
    if message.get("tool_calls"):
        calls = msgspec.json.encode(message["tool_calls"]).decode()
        return _finished(index, message, "tool_calls"), tokens.text(calls, asked.model)
    text, reason = _before_stop(message["content"] or "", asked.stop), "stop"
    limit = asked.max_completion_tokens
    limit = asked.max_tokens if limit is None else limit
    if limit is None:
        count = tokens.text(text, asked.model)
    else:
        text, count, was_cut = tokens.cut(text, asked.model, limit)
        reason = "length" if was_cut else reason
    choice = _finished(index, {**message, "content": text}, reason)
    if asked.logprobs:
        choice["logprobs"] = {"content": _logprobs(text), "refusal": None}
    return choice, count


def _finished(index: int, message: dict[str, Any], reason: str) -> dict[str, Any]:
    return {"index": index, "message": message, "logprobs": None, "finish_reason": reason}


def _message(asked: ChatRequest, answer: Mapping[str, Any], index: int) -> dict[str, Any]:
    """The assistant message, in the form required by tools and response format."""
    calls = answer.get("tool_calls") or _forced_calls(asked, answer)
    content = answer.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content)
    if calls:
        made = [_call(call, asked, index, number) for number, call in enumerate(calls)]
        return {"role": "assistant", "content": content, "refusal": None, "tool_calls": made}
    text = str(content or "")
    if not answer.get(AS_IT_IS):
        text = _formatted(asked, text)
    return {"role": "assistant", "content": text, "refusal": None}


def _call(call: Mapping[str, Any], asked: ChatRequest, index: int, number: int) -> dict[str, Any]:
    function = _object(call.get("function"))
    return {
        "id": call.get("id") or derived("call_", asked.model, index, number),
        "type": "function",
        "function": {
            "name": str(function.get("name", "")),
            "arguments": str(function.get("arguments", "{}")),
        },
    }


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _forced_calls(asked: ChatRequest, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A call of the tool that `tool_choice` requires; none if the choice is free."""
    wanted = asked.tool_choice
    if wanted is None or wanted in ("auto", "none") or not asked.tools:
        return []
    functions = [tool.get("function") for tool in asked.tools]
    name = _object(wanted.get("function")).get("name") if isinstance(wanted, dict) else None
    for function in functions:
        if isinstance(function, dict) and name in (None, function.get("name")):
            arguments = instance_of(function.get("parameters"), str(answer.get("content") or ""))
            text = msgspec.json.encode(arguments or {}).decode()
            return [{"function": {"name": function.get("name", ""), "arguments": text}}]
    return []


def _formatted(asked: ChatRequest, text: str) -> str:
    kind = (asked.response_format or {}).get("type")
    if kind not in ("json_object", "json_schema") or _is_json(text):
        return text
    if kind == "json_object":
        return msgspec.json.encode({"answer": text}).decode()
    described = (asked.response_format or {}).get("json_schema")
    schema = described.get("schema") if isinstance(described, dict) else None
    return msgspec.json.encode(instance_of(schema, text)).decode()


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True


def _before_stop(text: str, stop: str | list[str] | None) -> str:
    """The text before the first stop sequence."""
    for sequence in [stop] if isinstance(stop, str) else stop or []:
        if sequence:
            text = text.partition(sequence)[0]
    return text


def _logprobs(text: str) -> list[dict[str, Any]]:
    return [
        {
            "token": piece,
            "logprob": PLAUSIBLE_LOGPROB,
            "bytes": list(piece.encode()),
            "top_logprobs": [],
        }
        for piece in _PIECES.findall(text)
    ]


def _deltas(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": "", "refusal": None}
    for piece in _PIECES.findall(message["content"] or ""):
        yield {"content": piece}
    for number, call in enumerate(message.get("tool_calls", [])):
        named = {"name": call["function"]["name"], "arguments": ""}
        start = {"index": number, "id": call["id"], "type": "function", "function": named}
        yield {"tool_calls": [start]}
        arguments = {"arguments": call["function"]["arguments"]}
        yield {"tool_calls": [{"index": number, "function": arguments}]}
