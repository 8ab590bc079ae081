"""Rules about who speaks when, and about what is learned."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ftrunner.dataset import conversation
from ftrunner.dataset.conversation import Line, Problem
from ftrunner.dataset.formats import Format


def last_is_answer(line: Line, format_: Format) -> Iterator[Problem]:
    last = conversation.context(line, format_)[-1]
    if not last.is_answer:
        yield last.path, f"the last message is from '{last.role}', so nothing answers it"


def something_to_learn(line: Line, format_: Format) -> Iterator[Problem]:
    answers = [m for m in conversation.context(line, format_) if m.is_answer]
    if answers and not any(message.learned for message in answers):
        yield ("messages",), "every answer has weight 0: there is nothing to learn"


def answers_not_blank(line: Line, format_: Format) -> Iterator[Problem]:
    for message in conversation.every_message(line, format_):
        if message.learned and not conversation.says_something(message):
            yield (*message.path, "content"), "the answer is empty"
    if format_ is Format.COMPLETION and not line["completion"].strip():
        yield ("completion",), "the completion is empty"


def one_answer_at_a_time(line: Line, format_: Format) -> Iterator[Problem]:
    for before, after in pairwise(conversation.context(line, format_)):
        if before.is_answer and after.is_answer:
            yield after.path, "two assistant messages stand in a row"


def system_comes_first(line: Line, format_: Format) -> Iterator[Problem]:
    messages = conversation.context(line, format_)
    for message in messages[1:]:
        if message.role == "system":
            yield message.path, "a system message stands inside the conversation"


def outputs_are_one_answer(line: Line, format_: Format) -> Iterator[Problem]:
    for output in conversation.outputs(line, format_):
        if len(output) != 1 or not output[0].is_answer:
            yield output[0].path[:1], "an output is exactly one assistant message"


def outputs_differ(line: Line, _: Format) -> Iterator[Problem]:
    if line["preferred_output"] == line["non_preferred_output"]:
        yield ("non_preferred_output",), "both outputs are the same: nothing is preferred"


def input_waits_for_answer(line: Line, format_: Format) -> Iterator[Problem]:
    last = conversation.context(line, format_)[-1]
    if last.is_answer:
        yield last.path, "the conversation ends with an answer, where the model is to give one"
