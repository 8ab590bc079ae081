"""One line of a test set's file as what is sent to a model, and the columns of the row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ftrunner.dataset.foreign.shapes import QUESTIONS
from ftrunner.document.source import KeyPath
from ftrunner.evaluation.answer import Answer
from ftrunner.spec.template import ITEM, Item, UnknownReference, fill, text_of
from ftrunner.spec.testing import JsonObject, TestSet
from ftrunner.text import did_you_mean

# What a line of chat data says of its request, beside the messages.
_REQUEST = ("tools", "parallel_tool_calls")
_ANSWER = "answer"


class BadRow(ValueError):
    """A line that is not a row of its set: a finding's code, message and hint.

    `column` is the one it lacks, where that is what is wrong; `key` is the setting of the set that
    the row does not fit.
    """

    def __init__(
        self,
        code: str,
        message: str,
        hint: str | None = None,
        *,
        column: str = "",
        key: KeyPath = (),
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint
        self.column, self.key = column, key


def lacking(column: str, item: Item, *key: str | int) -> BadRow:
    """That a row lacks a column which the set names at `key`."""
    near = did_you_mean(column, map(str, item))
    hint = f"it has {', '.join(map(str, item))}"
    return BadRow("FT512", f"the row has no '{column}'{near}", hint, column=column, key=key)


@dataclass(frozen=True, slots=True)
class RowRequest:
    """The messages of a row, its columns with the reference as `answer`, and its own request."""

    messages: tuple[JsonObject, ...]
    item: Item
    request: JsonObject


def asked_of(test_set: TestSet, value: Any) -> RowRequest:
    """What a line asks: a conversation whose last assistant turn is the reference, or columns.

    Raises BadRow.
    """
    if not isinstance(value, Mapping):
        raise BadRow("FT212", "a row is an object")
    is_flat = test_set.user is not None or "user" in test_set.columns
    row = _flat(test_set, value) if is_flat or "messages" not in value else _chat(test_set, value)
    if test_set.cluster is not None:
        _column(row.item, test_set.cluster, "cluster")
    for index, name in enumerate(test_set.slices):
        _column(row.item, name, "slices", index)
    return row


def _column(item: Item, name: str, *key: str | int) -> Any:
    """The value of a column that the set names at `key`. Raises BadRow."""
    if item.get(name) is None:
        raise lacking(name, item, *key)
    return item[name]


def _chat(test_set: TestSet, value: Mapping[str, Any]) -> RowRequest:
    turns = value["messages"]
    if not isinstance(turns, list) or not all(map(_is_message, turns)):
        hint = 'a message is like {"role": "user", "content": "…"}'
        raise BadRow("FT223", "messages is not a list of messages", hint)
    item = {key: inner for key, inner in value.items() if key != "messages"}
    if turns and turns[-1]["role"] == "assistant":
        *turns, last = turns
        item[_ANSWER] = _reference(last)
    if not any(turn["role"] == "user" for turn in turns):
        raise BadRow("FT225", "there is no message of the user to send")
    messages = [{k: v for k, v in turn.items() if k != "weight"} for turn in turns]
    request = {key: value[key] for key in _REQUEST if value.get(key) is not None}
    has_system = messages[0]["role"] in ("system", "developer")
    system = None if has_system else _system(test_set, item)
    return RowRequest((*_as_messages(system=system), *messages), item, request)


def _is_message(turn: object) -> bool:
    return isinstance(turn, dict) and isinstance(turn.get("role"), str)


def _reference(message: Mapping[str, Any]) -> str:
    """The text of an answer, as expectations read that of a model."""
    content, calls = message.get("content"), message.get("tool_calls") or ()
    if isinstance(content, list):
        content = "".join(part.get("text") or "" for part in content if isinstance(part, dict))
    return Answer(content=content, tool_calls=tuple(calls), refusal=message.get("refusal")).text


def _flat(test_set: TestSet, value: Mapping[str, Any]) -> RowRequest:
    item = dict(value)
    if _ANSWER in test_set.columns:
        item[_ANSWER] = _column(item, test_set.columns[_ANSWER], "columns", _ANSWER)
    user = _user(test_set, item)
    if not user.strip():
        raise BadRow("FT225", "the user's message is empty")
    return RowRequest(_as_messages(user=user, system=_system(test_set, item)), item, {})


def _user(test_set: TestSet, item: Item) -> str:
    if test_set.user is not None:
        return _filled(test_set.user, item, "user")
    name = test_set.columns.get("user")
    if name is None and "user" not in item:
        likely = next((one for one in map(str, item) if one.lower() in QUESTIONS), "COLUMN")
        hint = f"say which column it is: `columns: {{user: {likely}}}`"
        raise BadRow("FT512", "no column is the user's message", hint, column="user", key=("file",))
    return text_of(_column(item, name or "user", "columns", "user"))


def _system(test_set: TestSet, item: Item) -> str | None:
    if test_set.system is not None:
        return _filled(test_set.system, item, "system")
    name = test_set.columns.get("system")
    if name is None:
        return text_of(item["system"]) if item.get("system") else None
    return text_of(_column(item, name, "columns", "system"))


def _filled(template: str, item: Item, key: str) -> str:
    try:
        return str(fill(template, item))
    except UnknownReference as error:
        raise lacking(error.name.removeprefix(ITEM), item, key) from error


def _as_messages(*, system: str | None = None, user: str | None = None) -> tuple[JsonObject, ...]:
    said = (("system", system), ("user", user))
    return tuple({"role": role, "content": text} for role, text in said if text)
