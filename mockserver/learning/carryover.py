"""Puts the words of a new prompt into the completion of an old one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mockserver.learning.alignment import Reading, Substitution
from mockserver.learning.exchange import Message
from mockserver.learning.words import is_whole

_JSON_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_NUMBER = re.compile(_JSON_NUMBER)
_STRING_OR_NUMBER = re.compile(
    rf'(?P<key>"(?:[^"\\]|\\.)*"\s*:)|(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>{_JSON_NUMBER})'
)


def carry_over(completion: Message, readings: Sequence[Reading]) -> tuple[Message, float]:
    """`completion` with the new words in it, and the share of the substitutions it contains.

    The reading with the highest share wins, the first among equals. The share is 1 if there
    is nothing to change, 0 if the completion contains none of the old words, and is multiplied
    by the certainty of the reading. Valid JSON stays valid; function names and ids stay.
    """
    best, best_share = completion, 0.0 if readings else 1.0
    for reading in readings:
        taken = [part for part in reading.parts if _substituted(completion, [part]) != completion]
        share = reading.certainty * len(taken) / len(reading.parts)
        if share > best_share:
            best, best_share = _substituted(completion, taken), share
        if share == 1:
            break
    return best, best_share


def occurs_in(words: str, text: str) -> bool:
    """Whether `words` occur in `text` as whole words, in any case."""
    # Most words do not occur; this cheap test avoids compiling a pattern for them.
    if words.casefold() not in text.casefold():
        return False
    found = re.finditer(re.escape(words), text, re.IGNORECASE)
    return any(is_whole(text, match.span()) for match in found)


def _substituted(completion: Message, changes: Sequence[Substitution]) -> Message:
    text = _writer(changes)
    changed = dict(completion)
    if isinstance(completion.get("content"), str):
        changed["content"] = text(completion["content"])
    if isinstance(completion.get("tool_calls"), list):
        changed["tool_calls"] = [_called(call, text) for call in completion["tool_calls"]]
    if isinstance(completion.get("function_call"), Mapping):
        changed["function_call"] = _with_arguments(completion["function_call"], text)
    return changed


def _called(call: Any, text: Callable[[str], str]) -> Any:
    if not isinstance(call, Mapping) or not isinstance(call.get("function"), Mapping):
        return call
    return {**call, "function": _with_arguments(call["function"], text)}


def _with_arguments(function: Mapping[str, Any], text: Callable[[str], str]) -> Mapping[str, Any]:
    arguments = function.get("arguments")
    return {**function, "arguments": text(arguments)} if isinstance(arguments, str) else function


def _writer(changes: Sequence[Substitution]) -> Callable[[str], str]:
    """A function that makes all changes in one pass, so that no word is replaced twice."""
    numbers = {change.old: change.new for change in changes if _NUMBER.fullmatch(change.new)}

    def plain(text: str) -> str:
        return _exchanged(text, [change for change in changes if occurs_in(change.old, text)])

    def literal(match: re.Match[str]) -> str:
        if match["string"] is not None:
            return _rewritten_string(match["string"], plain)
        return numbers.get(match.group(), match.group())

    def write(text: str) -> str:
        return _STRING_OR_NUMBER.sub(literal, text) if _is_json(text) else plain(text)

    return write


def _exchanged(text: str, changes: Sequence[Substitution]) -> str:
    if not changes:
        return text
    pattern = "|".join(f"({re.escape(change.old)})" for change in changes)

    def new_words(match: re.Match[str]) -> str:
        found = match.group()
        if not is_whole(text, match.span()):
            return found
        return _cased(found, changes[(match.lastindex or 1) - 1])

    return re.sub(pattern, new_words, text, flags=re.IGNORECASE)


def _cased(found: str, change: Substitution) -> str:
    if found == change.old:
        return change.new
    if len(found) > 1 and found.isupper():
        return change.new.upper()
    return change.new[:1].upper() + change.new[1:] if found[:1].isupper() else change.new


def _rewritten_string(literal: str, plain: Callable[[str], str]) -> str:
    value = json.loads(literal, strict=False)
    changed = plain(value)
    if changed == value:
        return literal
    return json.dumps(changed, ensure_ascii="\\u" in literal)


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
