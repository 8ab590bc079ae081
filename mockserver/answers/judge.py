"""A judge for tests: a model that scores an answer by its similarity to the reference.

It finds the texts by the labels in front of them, at the start of a line, as a heading or as a
tag: `Answer:` (or response, output, completion, candidate, submission) with `Reference:` (or
expected, correct, ideal, gold, target, ground truth), or else `Question:`. Two answers, `Answer A:`
and `Answer B:` (or 1 and 2), are compared. Without labels it takes the last two quoted texts, or
the last two paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from mockserver.answers.instance import instance_of
from mockserver.answers.similarity import similarity
from mockserver.faults.scenario import Habit
from mockserver.learning.exchange import content_text

JUDGE = "mock-judge"
UNPARSEABLE = "That depends on what one values most; there is something to be said for each side."
TIE = "tie"
GOOD_ENOUGH = 0.5
"""The similarity from which an answer is good, if the verdict is a word or a boolean."""

_LABEL = re.compile(
    r"^[ \t]*[#*<\[_`(\"]*[ \t]*(?:(?:the|model|ai|generated|student|candidate|assistant)[ _'s]+)*"
    r"(?:(?P<reference>(?:reference|expected|correct|ideal|gold(?:en)?|target|ground[ _]truth)"
    r"(?:[ _](?:answer|response|output|completion))?)"
    r"|(?P<answer>answer|response|output|completion|candidate|submission|assistant)"
    r"(?:[ _#]*(?P<which>[AB12]|one|two|first|second))?"
    r"|(?P<question>question|prompt|input|task|query)"
    r"|(?P<other>rubric|criteri(?:on|a)|instructions?|verdict|score|context))"
    r"[*_`)\"]*[ \t]*(?:[:>\]]+[*_`]*|$)[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSING = re.compile(r"</[\w ]+>")
_END = re.compile(
    r"</[\w ]+>|\n\s*(?=(?:now|please|reply|respond|return|give|rate|score|which|say|only|"
    r"answer with|output only|your (?:verdict|score))\b[^\n]*\s*$)",
    re.IGNORECASE,
)
"""The end of the last text: its closing tag, or a last line with an instruction."""
_QUOTED = re.compile(r"```\w*\n(.*?)```|\"([^\"\n]+)\"|“([^”]+)”|`([^`\n]+)`", re.DOTALL)
_RANGE = re.compile(
    r"(?P<scale>(?:scale|scor|rat|rang|number|grad)\w*[^.\n\d]{0,30}?)?"
    r"(?P<low>-?\d+(?:\.\d+)?)\s*(?:-|–|to|and|through|\.\.+|…)\s*(?P<high>\d+(?:\.\d+)?)",
    re.IGNORECASE,
)
_WORDS = {"one": "1", "two": "2", "first": "1", "second": "2"}
_BAD = re.compile(
    r"\b(in(correct|valid)|not|no|wrong|bad|fail\w*|false|worse|un\w+|poor|reject\w*)\b"
)
_EVEN = re.compile(r"tie|equal|both|neither|draw|same", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Case:
    """The input of a judge: answers by name, and the reference they are compared with."""

    answers: tuple[tuple[str, str], ...]
    reference: str
    instructions: str

    @property
    def is_pair(self) -> bool:
        return len(self.answers) > 1

    @property
    def scores(self) -> list[float]:
        """The similarity of each answer to the reference, from 0 to 1."""
        return [_likeness(text, self.reference) for _, text in self.answers]

    @property
    def winner(self) -> str:
        first, second = self.scores[:2]
        if first == second:
            return TIE
        return self.answers[0 if first > second else 1][0]


def read_case(messages: Sequence[Mapping[str, Any]]) -> Case:
    """The case in the messages of a judge's prompt."""
    text = "\n\n".join(content_text(message.get("content")) for message in messages)
    found = _from_json(text) or _from_labels(text)
    if found is not None:
        return found
    candidates = [next(filter(None, quoted.groups())) for quoted in _QUOTED.finditer(text)]
    if len(candidates) < 2:
        candidates = [part for part in re.split(r"\n\s*\n", text) if part.strip()]
    *_, reference, answer = ["", "", *candidates]
    return Case((("", answer.strip()),), reference.strip(), text)


def verdict(
    case: Case, response_format: Mapping[str, Any] | None, habit: Habit | None = None
) -> str:
    """The judge's answer: JSON in the requested form, or only a number or a name."""
    if habit == "unparseable":
        return UNPARSEABLE
    winner = ""
    if case.is_pair:
        winner = case.answers[0][0] if habit == "prefers-first" else case.winner
    wanted = response_format or {}
    if wanted.get("type") == "json_schema":
        described = wanted.get("json_schema")
        schema = described.get("schema") if isinstance(described, Mapping) else None
        return _json(_filled(schema, case, winner))
    low, high = _range(case.instructions)
    score = round(low + (high - low) * case.scores[0], 4)
    if wanted.get("type") == "json_object" or "json" in case.instructions.lower():
        return _json({"winner": winner} if winner else {"score": score})
    return winner or f"{score:g}"


def _likeness(text: str, reference: str) -> float:
    return similarity("fuzzy_match", text.strip().lower(), reference.strip().lower())


def _from_json(text: str) -> Case | None:
    """The case in a prompt that ends with an object with an answer and a reference."""
    try:
        found = msgspec.json.decode(text[text.index("{") :])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    lines = "\n".join(f"{name}: {value}" for name, value in found.items())
    case = _from_labels(lines)
    return case and Case(case.answers, case.reference, text[: text.index("{")])


def _from_labels(text: str) -> Case | None:
    labels = list(_LABEL.finditer(text))
    answers: dict[str, str] = {}
    references: dict[str, str] = {}
    instructions = [text[: labels[0].start()] if labels else text]
    for label, after in zip(labels, [*labels[1:], None], strict=False):
        section = text[label.end() : after.start() if after else len(text)]
        inside, *outside = (_CLOSING if after else _END).split(section, maxsplit=1)
        instructions += outside
        if label["answer"]:
            which = label["which"] or ""
            name = _WORDS.get(which.lower(), which.upper())
            answers.setdefault(name, inside.strip())
        elif label["reference"] or label["question"]:
            kind = "reference" if label["reference"] else "question"
            references.setdefault(kind, inside.strip())
        else:
            instructions.append(section)
    if not answers:
        return None
    named = {name: answer for name, answer in answers.items() if name}
    chosen = named if len(named) > 1 else {"": next(iter(answers.values()))}
    reference = references.get("reference", references.get("question", ""))
    return Case(tuple(chosen.items()), reference, "\n".join(instructions))


def _range(text: str) -> tuple[float, float]:
    """The scale in the instructions, such as "from 1 to 5"; 0 to 1 by default."""
    for found in _RANGE.finditer(text):
        low, high = float(found["low"]), float(found["high"])
        if low < high <= 100 and (found["scale"] or low in (0, 1)):
            return low, high
    return 0.0, 1.0


def _filled(schema: Any, case: Case, winner: str) -> Any:
    """A value of the schema with the verdict wherever one fits."""
    if not isinstance(schema, Mapping):
        return None
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        return {name: _filled(each, case, winner) for name, each in properties.items()}
    options, kind, score = schema.get("enum"), schema.get("type"), case.scores[0]
    if isinstance(options, list) and options:
        return _chosen(options, score, winner)
    if kind in ("number", "integer"):
        asked = _range(case.instructions)
        low, high = schema.get("minimum", asked[0]), schema.get("maximum", asked[1])
        scaled = low + (high - low) * score
        return round(scaled) if kind == "integer" else round(scaled, 4)
    if kind == "boolean":
        return score >= GOOD_ENOUGH
    return instance_of(schema, winner or f"The answer is like the reference by {score:.2f}.")


def _chosen(options: list[Any], score: float, winner: str) -> Any:
    """The option for the verdict: a winner's name, a number, or a good or bad word."""
    if winner:
        pattern = _EVEN if winner == TIE else re.compile(rf"(^|[\W_]){winner}$", re.IGNORECASE)
        return next((each for each in options if pattern.search(str(each))), options[0])
    numbers = [each for each in options if str(each).lstrip("-").isdigit()]
    if len(numbers) == len(options):
        return options[min(int(score * len(options)), len(options) - 1)]
    bad = [each for each in options if _BAD.search(str(each).lower().replace("_", " "))]
    good = [each for each in options if each not in bad]
    return ((good or options) if score >= GOOD_ENOUGH else (bad or options[-1:]))[0]


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
