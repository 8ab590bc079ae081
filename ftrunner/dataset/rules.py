"""What no schema can say about one line: a table of rules, each a pure function.

A rule sees a line that its schema accepts. Its code, severity and hint are data, so that a
provider's profile can weigh it otherwise and `ftrunner explain` can print it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ftrunner.dataset import conversation
from ftrunner.dataset.conversation import Line, Path
from ftrunner.dataset.faults import Fault
from ftrunner.dataset.formats import Format
from ftrunner.diagnostics import Severity, json_path

Problem = tuple[Path, str]
Check = Callable[[Line, Format], Iterator[Problem]]

_ALL = frozenset(Format)
_CHAT = frozenset({Format.CHAT})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it is about (`title`), how much it matters, what to do, who says so."""

    code: str
    title: str
    check: Check
    hint: str
    source: str
    severity: Severity = Severity.ERROR
    formats: frozenset[Format] = _ALL


def apply(
    rules: Sequence[Rule], line: Line, format_: Format, severities: Mapping[str, Severity]
) -> Iterator[Fault]:
    """What `rules` find in a line; `severities` (by code) override their own."""
    for rule in rules:
        if format_ in rule.formats:
            severity = severities.get(rule.code, rule.severity)
            for path, message in rule.check(line, format_):
                yield Fault(rule.code, message, json_path(path), hint=rule.hint, severity=severity)


def _last_is_answer(line: Line, format_: Format) -> Iterator[Problem]:
    last = conversation.context(line, format_)[-1]
    if not last.is_answer:
        yield last.path, f"the last message is from '{last.role}', so nothing answers it"


def _something_to_learn(line: Line, format_: Format) -> Iterator[Problem]:
    messages = conversation.context(line, format_)
    answers = [message for message in messages if message.is_answer]
    if answers and not any(message.learned for message in answers):
        yield ("messages",), "every answer has weight 0: there is nothing to learn"


def _answers_not_blank(line: Line, format_: Format) -> Iterator[Problem]:
    for message in conversation.every_message(line, format_):
        if message.learned and not conversation.says_something(message):
            yield (*message.path, "content"), "the answer is empty"
    if format_ is Format.COMPLETION and not line["completion"].strip():
        yield ("completion",), "the completion is empty"


_SPECIAL_TOKEN = re.compile(r"<\|[a-z_]{1,40}\|>")


def _no_special_tokens(line: Line, format_: Format) -> Iterator[Problem]:
    for path, text in conversation.line_texts(line, format_):
        for token in dict.fromkeys(_SPECIAL_TOKEN.findall(text)):
            yield path, f"the text holds the special token {token}"


RULES: tuple[Rule, ...] = (
    Rule(
        "FT232",
        "The conversation does not end with an answer",
        _last_is_answer,
        "end each conversation with the assistant's answer: it is what the model learns",
        "OpenAI supervised fine-tuning guide; azure-skills dataset-formats.md",
        formats=_CHAT,
    ),
    Rule(
        "FT233",
        "Nothing to learn",
        _something_to_learn,
        "give at least one answer weight 1, or remove the line",
        "OpenAI API reference, FineTuneChatRequestInput",
        formats=_CHAT,
    ),
    Rule(
        "FT241",
        "Empty answer",
        _answers_not_blank,
        "write the answer, or give it weight 0",
        "an empty answer teaches the model to say nothing",
    ),
    Rule(
        "FT240",
        "Special token in a text",
        _no_special_tokens,
        "providers refuse control tokens in training text; rewrite or remove it",
        "johny-b/llmcomp#59",
    ),
)
