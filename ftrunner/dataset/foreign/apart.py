"""Prompts and answers under separate keys, as TRL and evals keep them: pure functions of one line.

A function raises `CannotConvert` where a line lacks what it needs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ftrunner.dataset.foreign.lines import (
    CannotConvert,
    Line,
    Made,
    conversation,
    instruction,
    message,
    role_of,
    turns_of,
)

# How the first chat models wrote a conversation as one text.
_HUMAN = re.compile(r"\s*\n\n(Human|Assistant): ?")


def from_item(line: Line) -> Made:
    """What an eval keeps under `item` is the line of reinforcement data."""
    item = dict(line["item"])
    if "messages" in item:
        return item
    asked = next((key for key in ("question", "prompt", "input", "query") if key in item), None)
    if asked is None:
        raise CannotConvert("an item has neither messages nor a question")
    return {"messages": _said(item.pop(asked), "user"), **item}


def from_preference(line: Line) -> Made:
    """TRL's preference pairs, of texts or of messages, with the prompt apart or inside."""
    chosen, rejected = (_said(line[key], "assistant") for key in ("chosen", "rejected"))
    asked = _asked(line)
    if asked:
        chosen, rejected = _after(asked, chosen), _after(asked, rejected)
    if not asked or min(len(chosen), len(rejected)) > 1:
        same = _common(chosen, rejected)
        asked, chosen, rejected = chosen[:same], chosen[same:], rejected[same:]
    system = line.get("system")
    first = [message("system", system)] if system else []
    if not asked:
        raise CannotConvert("there is no prompt before the answers")
    return {
        "input": {"messages": [*first, *asked]},
        "preferred_output": chosen,
        "non_preferred_output": rejected,
    }


def _asked(line: Line) -> list[Made]:
    """The prompt of a preference pair, where it has its own key."""
    if isinstance(line.get("instruction"), str):
        return [message("user", instruction(line))]
    prompts = (line.get(key) for key in ("prompt", "question", "input"))
    asked = next(filter(None, prompts), None) or list(turns_of(line))
    return _said(asked, "user")


def from_messages(line: Line) -> Made:
    """TRL's prompt and completion, each a list of messages."""
    said = [*_said(line["prompt"], "user"), *_said(line["completion"], "assistant")]
    rest = {"tools": line["tools"]} if line.get("tools") else {}
    return {"messages": said, **rest}


def _said(value: Any, role: str) -> list[Made]:
    if isinstance(value, str):
        return _dialogue(value) or [message(role, value)]
    if isinstance(value, dict):
        return conversation([value])
    if isinstance(value, list):
        return conversation(value)
    raise CannotConvert("an answer is neither a text nor a list of messages")


def _dialogue(text: str) -> list[Made]:
    """The messages of a text in which humans and assistants take turns; none of another."""
    if not _HUMAN.match(text):
        return []
    pieces = _HUMAN.split(text)[1:]
    turns = zip(pieces[::2], pieces[1::2], strict=True)
    return [message(role_of(name), said.strip()) for name, said in turns if said.strip()]


def _common(these: Sequence[Made], those: Sequence[Made]) -> int:
    """How many messages both begin with, but for the last ones."""
    count = 0
    while count < min(len(these), len(those)) - 1 and these[count] == those[count]:
        count += 1
    return count


def _after(asked: Sequence[Made], answer: list[Made]) -> list[Made]:
    """The answer without the prompt, where it repeats it."""
    return answer[len(asked) :] if answer[: len(asked)] == list(asked) else answer
