"""Rules about who speaks when, and about what is learned."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines.conversation import (
    Example,
    Message,
    Problem,
    calls,
    says_something,
    texts,
)

# How programs write nothing where they write a text.
NOTHING = ("null", "None", "nan", "NaN", "undefined")


def last_is_answer(example: Example) -> Iterator[Problem]:
    last = example.context[-1]
    if not last.is_answer:
        yield last.path, f"the last message is from '{last.role}', so nothing answers it"


def something_to_learn(example: Example) -> Iterator[Problem]:
    answers = [message for message in example.context if message.is_answer]
    if answers and not any(message.learned for message in answers):
        yield ("messages",), "every answer has weight 0: there is nothing to learn"


def answers_alone_have_weights(example: Example) -> Iterator[Problem]:
    for message in example.messages:
        if "weight" in message.value and not message.is_answer:
            yield (*message.path, "weight"), f"weight is on a message from '{message.role}'"


def last_is_no_call(example: Example) -> Iterator[Problem]:
    last = example.context[-1]
    if any(True for _ in calls(last)):
        yield last.path, "the last message calls a tool, and nothing is said after it"


def answers_have_content(example: Example) -> Iterator[Problem]:
    for message in example.messages:
        if message.is_answer and _is_nothing(message):
            yield (*message.path, "content"), "the answer has no content, and calls nothing"


def _is_nothing(message: Message) -> bool:
    """Whether a message's content is null, and nothing else is in its place."""
    said = message.value.get("content") is not None or any(True for _ in texts(message))
    return not said and not any(True for _ in calls(message))


def null_is_no_text(example: Example) -> Iterator[Problem]:
    """An answer that calls tools, and that says the word by which Python or JSON mean nothing."""
    for message in example.messages:
        if any(True for _ in calls(message)) and message.value.get("content") in NOTHING:
            path = (*message.path, "content")
            yield path, f"the content beside the calls is the text '{message.value['content']}'"


def answers_not_blank(example: Example) -> Iterator[Problem]:
    for message in example.messages:
        if message.learned and not says_something(message) and not _is_nothing(message):
            yield (*message.path, "content"), "the answer is empty"
    if example.format is Format.COMPLETION and not example.line["completion"].strip():
        yield ("completion",), "the completion is empty"


def one_answer_at_a_time(example: Example) -> Iterator[Problem]:
    for before, after in pairwise(example.context):
        if before.is_answer and after.is_answer:
            yield after.path, "two assistant messages in a row"


def one_question_at_a_time(example: Example) -> Iterator[Problem]:
    for before, after in pairwise(example.context):
        if before.role == after.role == "user":
            yield after.path, "two user messages in a row"


def system_comes_first(example: Example) -> Iterator[Problem]:
    for message in example.context[1:]:
        if message.role == "system":
            yield message.path, "a system message is inside the conversation"


def outputs_are_one_answer(example: Example) -> Iterator[Problem]:
    for output in example.outputs:
        if len(output) != 1 or not output[0].is_answer:
            yield output[0].path[:1], "an output is exactly one assistant message"


def outputs_hold_an_answer(example: Example) -> Iterator[Problem]:
    for output in example.outputs:
        roles = {message.role for message in output}
        if "assistant" not in roles or not roles <= {"assistant", "tool"}:
            yield output[0].path[:1], "an output holds an answer, besides it calls and results only"


def outputs_differ(example: Example) -> Iterator[Problem]:
    if example.line["preferred_output"] == example.line["non_preferred_output"]:
        yield ("non_preferred_output",), "both outputs are the same: nothing is preferred"


def input_waits_for_answer(example: Example) -> Iterator[Problem]:
    last = example.context[-1]
    if last.is_answer:
        yield last.path, "the conversation ends with an answer, where the model is to give one"
