"""Lines of other tools as lines of training data: each a pure function of one line.

A function raises `CannotConvert` where a line lacks what it needs.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Line = Mapping[str, Any]
Made = dict[str, Any]

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
    "bing": "assistant",
    "bard": "assistant",
}
_KNOWN_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_REQUEST_KEYS = ("messages", "tools", "parallel_tool_calls", "functions")
_LISTS = ("messages", "conversations", "conversation", "dialogue", "dialog", "chat", "turns")


class CannotConvert(Exception):
    """A line cannot become training data; the message says what it lacks."""


def role_of(name: object) -> str:
    """The role that a speaker's name stands for."""
    word = str(name).strip().lower()
    role = _ROLES.get(word, word)
    if role not in _KNOWN_ROLES:
        raise CannotConvert(f"'{name}' is not a known speaker")
    return role


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
    return pair(prompt.strip(), completion.strip())


def from_alpaca(line: Line) -> Made:
    """Instruction and input become the question, each a paragraph; `history` what came before."""
    answer = next((line[key] for key in ("output", "response") if key in line), None)
    context = next((line[key] for key in ("input", "context") if line.get(key)), "")
    asked = [text_of(line["instruction"], "instruction"), text_of(context, "input")]
    made = pair("\n\n".join(part for part in asked if part.strip()), text_of(answer, "output"))
    system = line.get("system") or line.get("system_prompt")
    before = [message("system", text_of(system, "system"))] if system else []
    for question, reply in line.get("history") or ():
        before += [message("user", question), message("assistant", reply)]
    return {"messages": [*before, *made["messages"]]}


def from_list(line: Line, **kept: Any) -> Made:
    """A list of turns under any of its usual names, in ShareGPT's words or in chat's."""
    turns = next((line[key] for key in _LISTS if isinstance(line.get(key), list)), ())
    system = line.get("system") or line.get("system_prompt")
    first = [message("system", text_of(system, "system"))] if system else []
    tools = line.get("tools")
    if isinstance(tools, str):
        tools = parsed(tools, "tools")
    rest = {"tools": tools} if tools else {}
    return {"messages": [*first, *map(_turn, turns)], **rest, **kept}


def _turn(turn: Any) -> Made:
    """One message, whatever its keys are called; other keys of a chat message are kept."""
    if not isinstance(turn, dict):
        raise CannotConvert("a turn is not an object")
    named = next((key for key in ("role", "from", "speaker", "author") if key in turn), None)
    said = next((key for key in ("content", "value", "text", "message") if key in turn), None)
    if named is None:
        raise CannotConvert("a turn names no speaker")
    if said is None and "tool_calls" not in turn and "function_call" not in turn:
        raise CannotConvert("a turn says nothing")
    content = turn[said] if said else None
    made = {"role": role_of(turn[named]), "content": content}
    if named != "role":
        return made
    others = {key: value for key, value in turn.items() if key not in (named, said)}
    return {**made, **others}


def from_text_messages(line: Line) -> Made:
    """Messages that stand as JSON, or as Python wrote them, in one text."""
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


def from_system_beside(line: Line) -> Made:
    """Messages with the system prompt beside them."""
    system = line["system"]
    if isinstance(system, list):
        system = joined_parts(system)
    made = from_list({"messages": line["messages"]})
    for each in made["messages"]:
        if isinstance(each["content"], list) and all(map(_is_bare_text, each["content"])):
            each["content"] = joined_parts(each["content"])
    return {"messages": [message("system", text_of(system, "system")), *made["messages"]]}


def _is_bare_text(part: object) -> bool:
    return isinstance(part, dict) and isinstance(part.get("text"), str)


def joined_parts(parts: Iterable[Any]) -> str:
    """The texts of parts, one after the other; nothing else may be among them."""
    texts = [part.get("text") if isinstance(part, dict) else part for part in parts]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise CannotConvert("a part is not text")
    return "".join(text for text in texts if text)


def from_gemini(line: Line) -> Made:
    """Gemini's contents of parts."""
    asked = line.get("systemInstruction") or line.get("system_instruction")
    first = [message("system", _gemini_text(asked))] if asked else []
    turns = [message(role_of(turn.get("role", "user")), _gemini_text(turn))
             for turn in line["contents"] if isinstance(turn, dict)]  # fmt: skip
    return {"messages": [*first, *turns]}


def _gemini_text(turn: Any) -> str:
    if isinstance(turn, str):
        return turn
    return joined_parts(turn.get("parts") or ())


def from_responses(line: Line) -> Made:
    """Input and output of the Responses API."""
    first = [message("system", line["instructions"])] if line.get("instructions") else []
    both = [*_items(line["input"], "user"), *_items(line["output"], "assistant")]
    return {"messages": [*first, *both]}


def _items(value: Any, role: str) -> list[Made]:
    if isinstance(value, str):
        return [message(role, value)]
    items = [item for item in value if item.get("type", "message") == "message"]
    if len(items) != len(value):
        raise CannotConvert("an item is not a message")
    return [message(role_of(item.get("role", role)), _item_text(item["content"])) for item in items]


def _item_text(content: Any) -> str:
    return content if isinstance(content, str) else joined_parts(content)


def from_item(line: Line) -> Made:
    """What an eval keeps under `item` is the line of reinforcement data."""
    return dict(line["item"])


def from_preference(line: Line) -> Made:
    """TRL's preference pairs, of texts or of messages, with the prompt apart or inside."""
    chosen, rejected = (_said(line[key], "assistant") for key in ("chosen", "rejected"))
    asked = next((line[key] for key in ("prompt", "question", "input") if line.get(key)), None)
    if asked is None:
        same = _common(chosen, rejected)
        asked, chosen, rejected = chosen[:same], chosen[same:], rejected[same:]
    else:
        asked = _said(asked, "user")
        chosen, rejected = _after(asked, chosen), _after(asked, rejected)
    system = line.get("system")
    first = [message("system", system)] if system else []
    if not asked:
        raise CannotConvert("there is no prompt before the answers")
    return {
        "input": {"messages": [*first, *asked]},
        "preferred_output": chosen,
        "non_preferred_output": rejected,
    }


def _said(value: Any, role: str) -> list[Made]:
    if isinstance(value, str):
        return [message(role, value)]
    if isinstance(value, dict):
        return [_turn(value)]
    if isinstance(value, list):
        return [_turn(each) for each in value]
    raise CannotConvert("an answer is neither a text nor a list of messages")


def _common(these: Sequence[Made], those: Sequence[Made]) -> int:
    """How many messages both begin with, but for the last ones."""
    count = 0
    while count < min(len(these), len(those)) - 1 and these[count] == those[count]:
        count += 1
    return count


def _after(asked: Sequence[Made], answer: list[Made]) -> list[Made]:
    """The answer without the prompt, where it repeats it."""
    return answer[len(asked) :] if answer[: len(asked)] == list(asked) else answer
