"""Runs graders on a sample."""

from __future__ import annotations

import re
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from mockserver.answers.formula import evaluate
from mockserver.answers.judge import JUDGE
from mockserver.answers.similarity import similarity
from mockserver.rules.graders import (
    Multi,
    ScoreModel,
    Simple,
    StringCheck,
    TextSimilarity,
    parts_of,
)

_TEMPLATE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

Ask = Callable[[str, list[dict[str, Any]]], Awaitable[tuple[str, int]]]
"""Calls a model with a name and messages; returns its text and the tokens used."""


class UnknownVariableError(LookupError):
    """A template uses a variable that neither the sample nor the item has."""


@dataclass(slots=True)
class GraderRun:
    """What the run of a grader gave: its reward, and the tokens it used."""

    reward: float
    parts: dict[str, float] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    """Tokens used, by model."""


async def grade(grader: Simple | Multi, variables: Mapping[str, Any], ask: Ask) -> GraderRun:
    """The grade of a sample.

    Raises:
        UnknownVariableError: a template has an unknown variable.
        FormulaError: a multi grader's formula cannot be evaluated.
    """
    if isinstance(grader, StringCheck):
        return GraderRun(_string_check(grader, variables))
    if isinstance(grader, TextSimilarity):
        text, reference = _fill(grader.input, variables), _fill(grader.reference, variables)
        return GraderRun(similarity(grader.evaluation_metric, text, reference))
    if isinstance(grader, ScoreModel):
        return await _score_model(grader, variables, ask)
    return await _multi(grader, variables, ask)


def variables_for(sample: str, item: Mapping[str, Any] | None) -> dict[str, Any]:
    """The variables of templates: `sample.output_text`, `sample.output_json`, `item.…`."""
    try:
        output = msgspec.json.decode(sample)
    except (msgspec.MsgspecError, RecursionError):
        output = None
    return {"sample": {"output_text": sample, "output_json": output}, "item": item or {}}


def _string_check(grader: StringCheck, variables: Mapping[str, Any]) -> float:
    text, reference = _fill(grader.input, variables), _fill(grader.reference, variables)
    verdicts = {
        "eq": text == reference,
        "ne": text != reference,
        "like": reference in text,
        "ilike": reference.lower() in text.lower(),
    }
    return float(verdicts[grader.operation])


async def _score_model(grader: ScoreModel, variables: Mapping[str, Any], ask: Ask) -> GraderRun:
    messages = [
        {
            "role": str(message.get("role", "user")),
            "content": _fill(_text(message.get("content")), variables),
        }
        for message in grader.input
    ]
    low, high = grader.range or (0.0, 1.0)
    if grader.model == JUDGE:
        scale = f"Score from {low:g} to {high:g}, as a number alone."
        messages.append({"role": "system", "content": scale})
    text, tokens = await ask(grader.model, messages)
    number = _NUMBER.search(text)
    # A model that does not answer with a number still gets a repeatable score.
    score = float(number.group()) if number else low + (high - low) * _share(text, messages)
    return GraderRun(min(max(score, low), high), tokens={grader.model: tokens})


async def _multi(grader: Multi, variables: Mapping[str, Any], ask: Ask) -> GraderRun:
    rewards: dict[str, float] = {}
    tokens: dict[str, int] = {}
    for name, part in parts_of(grader).items():
        found = await grade(part, variables, ask)
        rewards[name] = found.reward
        for model, count in found.tokens.items():
            tokens[model] = tokens.get(model, 0) + count
    return GraderRun(evaluate(grader.calculate_output, rewards), rewards, tokens)


def _fill(template: str, variables: Mapping[str, Any]) -> str:
    return _TEMPLATE.sub(lambda found: _shown(_look_up(found[1], variables)), template)


def _look_up(path: str, variables: Mapping[str, Any]) -> Any:
    found: Any = variables
    for step in path.split("."):
        if not isinstance(found, Mapping) or step not in found:
            raise UnknownVariableError(path)
        found = found[step]
    return found


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _text(content: Any) -> str:
    if isinstance(content, Mapping):
        return str(content.get("text", ""))
    return content if isinstance(content, str) else ""


def _share(text: str, messages: list[dict[str, Any]]) -> float:
    return zlib.crc32(msgspec.json.encode([text, messages])) / 2**32
