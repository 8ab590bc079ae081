"""Expectations about what an answer does: tool calls, refusals, why it stopped, time, length."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ftrunner.evaluation.answer import Answer, Grade, expectation, failed, met

# Openings of refusals by language: a smoke check, never a judge.
_REFUSALS = (
    "i can't help", "i cannot help", "i can't assist", "i cannot assist", "i'm unable to",
    "i am unable to", "i can't provide", "i cannot provide", "i can't do that", "i won't",
    "i'm sorry, but i", "i am sorry, but i", "sorry, i can't", "sorry, but i can't",
    "as an ai", "i must decline", "i'm not able to",
    "ich kann dir dabei nicht", "ich kann ihnen dabei nicht", "dabei kann ich nicht helfen",
    "es tut mir leid, aber ich kann", "je ne peux pas", "je suis désolé, mais je ne",
    "désolé, mais je ne peux", "lo siento, pero no puedo", "no puedo ayudar",
    "mi dispiace, ma non posso", "desculpe, mas não posso",
    "我无法", "我不能", "抱歉，我", "对不起，我", "很抱歉",
    "申し訳ありませんが", "お手伝いできません",
)  # fmt: skip
_OPENING = 200


@expectation(
    """
    title: Tool calls
    type: object
    minProperties: 1
    maxProperties: 1
    additionalProperties: false
    properties:
      are: &calls
        title: Are
        description: "Tool calls: a name, and arguments that must be among those given."
        type: array
        items:
          type: object
          required: [name]
          additionalProperties: false
          properties:
            name:
              title: Name
              description: The tool that is called.
              type: string
              minLength: 1
              examples: [find_order]
            arguments:
              title: Arguments
              description: Arguments that must be there with these values; others may be there too.
              type: object
              default: {}
              examples: [{id: "42"}]
        examples: [[{name: find_order, arguments: {id: "42"}}]]
      include: {<<: *calls, title: Include}
      any_order: {<<: *calls, title: Any order}
    examples: [{are: [{name: find_order, arguments: {id: "42"}}]}]
    """
)
def tool_calls(expected: Mapping[str, Sequence[Mapping[str, Any]]], answer: Answer) -> Grade:
    """The answer calls these tools: all in this order (are), these among others (include), or all
    in any order.
    """
    ((how, wanted),) = expected.items()
    given = [_call(call) for call in answer.tool_calls]
    if how == "are":
        return met(_in_order(wanted, given))
    missing, left = [], list(given)
    for call in wanted:
        match = next((one for one in left if _fits(call, one)), None)
        if match is None:
            missing.append(_named(call))
        else:
            left.remove(match)
    if missing:
        return met(f"it does not call {', '.join(missing)}")
    return met(f"it also calls {left[0][0]}" if left and how == "any_order" else None)


@expectation("{title: Refuses, type: boolean, examples: [true]}")
def refuses(expected: bool, answer: Answer) -> Grade:  # noqa: FBT001 - the spec's value
    """The answer is a refusal, by its own field or by its words: a smoke check."""
    by = refused_by(answer)
    if expected:
        return met(None if by else "it does not refuse")
    return met(f"it refuses, by {by}" if by else None)


def refused_by(answer: Answer) -> str | None:
    """What shows that the answer is a refusal: its field or its words; None where nothing does."""
    if answer.refusal:
        return "its refusal field"
    opening = answer.text[:_OPENING].casefold().replace("’", "'")
    phrase = next((one for one in _REFUSALS if one in opening), None)
    return f"its words {phrase!r}" if phrase else None


@expectation(
    """
    title: Finish reason
    enum: [stop, length, tool_calls, content_filter]
    examples: [stop]
    """
)
def finish(expected: str, answer: Answer) -> Grade:
    """Why the model stopped."""
    if answer.finish_reason == expected:
        return met(None)
    return met(f"it stopped for {answer.finish_reason or 'an unknown reason'}")


@expectation("{title: At most this slow, type: number, exclusiveMinimum: 0, examples: [2.5]}")
def max_seconds(expected: float, answer: Answer) -> Grade:
    """The answer came within this many seconds."""
    if answer.seconds is None:
        return failed("how long it took is not known")
    return met(None if answer.seconds <= expected else f"it took {answer.seconds:.2f} s")


@expectation(
    """
    title: At most this many tokens
    type: integer
    minimum: 1
    examples: [200]
    """
)
def max_tokens(expected: int, answer: Answer) -> Grade:
    """The answer has at most this many tokens, by the provider's count."""
    if answer.tokens_out is None:
        return failed("the provider did not say how many tokens it has")
    return met(None if answer.tokens_out <= expected else f"it has {answer.tokens_out}")


def _in_order(
    wanted: Sequence[Mapping[str, Any]], given: list[tuple[str, Mapping[str, Any]]]
) -> str | None:
    if len(wanted) != len(given):
        return f"it makes {len(given)} calls, not {len(wanted)}"
    for call, one in zip(wanted, given, strict=True):
        if not _fits(call, one):
            return f"it calls {one[0]} with {json.dumps(one[1], ensure_ascii=False)}"
    return None


def _call(call: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """A call as name and arguments; arguments that are not a JSON object are none."""
    function = call.get("function")
    function = function if isinstance(function, Mapping) else {}
    try:
        arguments = json.loads(function.get("arguments") or "{}")
    except (TypeError, ValueError, RecursionError):
        arguments = {}
    return str(function.get("name", "")), arguments if isinstance(arguments, dict) else {}


def _fits(wanted: Mapping[str, Any], given: tuple[str, Mapping[str, Any]]) -> bool:
    name, arguments = given
    expected: Mapping[str, Any] = wanted.get("arguments", {})
    return name == wanted["name"] and all(
        key in arguments and _agrees(value, arguments[key]) for key, value in expected.items()
    )


def _agrees(wanted: Any, given: Any) -> bool:
    """Equal; a text that a template gave may stand for a number or a truth value."""
    if isinstance(wanted, str) and not isinstance(given, str):
        return wanted == json.dumps(given, ensure_ascii=False)
    return bool(wanted == given)


def _named(call: Mapping[str, Any]) -> str:
    arguments = call.get("arguments")
    shown = f" with {json.dumps(arguments, ensure_ascii=False)}" if arguments else ""
    return f"{call['name']}{shown}"
