"""What validation says about the lines of a training file, in the service's words.

Each rule is a line of a table that names its source and the methods it holds for. Validation
names the example and stops at the first fault, as the real service does: a file with three
faults takes three attempts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mockserver.tokens import messages_of

Method = Literal["supervised", "dpo", "reinforcement"]

MIN_EXAMPLES = 10
ROLES = ("system", "developer", "user", "assistant", "tool", "function")
EXAMPLE_KEYS = ("messages", "tools", "parallel_tool_calls", "functions")
MESSAGE_KEYS = (
    "role", "content", "name", "weight", "tool_calls", "tool_call_id", "function_call", "refusal",
    "audio",
)  # fmt: skip
SPECIAL_TOKEN = re.compile(
    r"<\|(?:endoftext|endofprompt|fim_prefix|fim_middle|fim_suffix|im_start|im_end|im_sep)\|>"
)

CHAT_INPUT = "OpenAI contract, FineTuneChatRequestInput"
PREFERENCE_INPUT = "OpenAI contract, FineTunePreferenceRequestInput"
GUIDE = "OpenAI guide on supervised fine-tuning"
SEEN = "error texts of the live service, quoted in public issues"


class InvalidFileError(Exception):
    """The first fault of a file; `code` is the job's `error.code`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class ExampleRule:
    """`fault` returns what is wrong with an example, to be put after "Example 7", or None."""

    name: str
    methods: frozenset[Method]
    source: str
    fault: Callable[[Any], str | None]


def check_number(examples: int) -> None:
    """Refuse a training file with too few examples (OpenAI's guide: at least ten)."""
    if examples < MIN_EXAMPLES:
        raise InvalidFileError(
            "invalid_n_examples",
            f"Training file has {examples} example(s), but must have at least "
            f"{MIN_EXAMPLES} examples",
        )


def check_example(example: Any, number: int, method: Method, param: str) -> None:
    """Refuse the example by the first rule of the method that finds a fault."""
    for rule in RULES:
        if method in rule.methods:
            fault = rule.fault(example)
            if fault is not None:
                kind = param.partition("_")[0]
                raise InvalidFileError(
                    f"invalid_{param}",
                    f"The job failed due to an invalid {kind} file. Invalid file format. "
                    f"Example {number}{fault}",
                )


def _not_an_object(example: Any) -> str | None:
    return None if isinstance(example, dict) else " is not a JSON object."


def _missing_messages(example: Any) -> str | None:
    return None if "messages" in example else ' is missing key "messages".'


def _missing_preference_keys(example: Any) -> str | None:
    for key in ("input", "preferred_output", "non_preferred_output"):
        if key not in example:
            return f' is missing key "{key}".'
    return None


def _extra_keys(example: Any) -> str | None:
    extra = next((key for key in example if key not in EXAMPLE_KEYS), None)
    return None if extra is None else f' contains an extra key "{extra}".'


def _no_messages(example: Any) -> str | None:
    messages = example["messages"]
    if not isinstance(messages, list) or not messages:
        return ', key "messages" must be a non-empty list.'
    return None


def _bad_message(example: Any) -> str | None:
    for number, message in enumerate(example["messages"]):
        fault = _message_fault(message)
        if fault is not None:
            return f", message {number} {fault}"
    return None


def _message_fault(message: Any) -> str | None:
    if not isinstance(message, dict):
        return "is not a JSON object."
    if "role" not in message:
        return "Discriminator 'role' is missing."
    role = message["role"]
    if role not in ROLES:
        names = ", ".join(f"'{name}'" for name in ROLES)
        return f"Input tag {str(role)!r} found using 'role' does not match any of: {names}."
    extra = next((key for key in message if key not in MESSAGE_KEYS), None)
    if extra is not None:
        return f'contains an extra key "{extra}".'
    return _content_fault(message) or _weight_fault(message)


def _content_fault(message: Mapping[str, Any]) -> str | None:
    content = message.get("content")
    if content is None:
        speaks = message["role"] == "assistant" and (
            message.get("tool_calls") or message.get("function_call")
        )
        return None if speaks else 'is missing key "content".'
    if isinstance(content, str):
        return None
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        return None
    return "content must be a string or a list of content parts."


def _weight_fault(message: Mapping[str, Any]) -> str | None:
    if "weight" not in message:
        return None
    if message["role"] != "assistant":
        return "has a weight, which only assistant messages can have."
    weight = message["weight"]
    return None if weight in (0, 1) else "weight must be 0 or 1."


def _no_assistant(example: Any) -> str | None:
    if any(message["role"] == "assistant" for message in example["messages"]):
        return None
    return " must have at least one message from the assistant."


def _assistant_not_last(example: Any) -> str | None:
    last = example["messages"][-1]
    return None if last["role"] == "assistant" else ", last message must be from the assistant."


def _special_token(example: Any) -> str | None:
    for message in messages_of(example):
        content = message.get("content")
        found = SPECIAL_TOKEN.search(content) if isinstance(content, str) else None
        if found:
            return f" message contains an invalid token: {found.group()}"
    return None


def _bad_preference_input(example: Any) -> str | None:
    asked = example["input"]
    if not isinstance(asked, dict) or not isinstance(asked.get("messages"), list):
        return ', key "input" is missing key "messages".'
    return _no_messages(asked) or _bad_message(asked)


def _bad_preference_outputs(example: Any) -> str | None:
    for key in ("preferred_output", "non_preferred_output"):
        output = example[key]
        if not isinstance(output, list) or len(output) != 1:
            return f', key "{key}" must hold exactly one message.'
        fault = _message_fault(output[0])
        if fault is None and output[0]["role"] != "assistant":
            fault = "must be from the assistant."
        if fault is not None:
            return f', key "{key}" message 0 {fault}'
    return None


_ALL: frozenset[Method] = frozenset({"supervised", "dpo", "reinforcement"})
_CHAT: frozenset[Method] = frozenset({"supervised", "reinforcement"})
_SUPERVISED: frozenset[Method] = frozenset({"supervised"})
_DPO: frozenset[Method] = frozenset({"dpo"})

RULES: tuple[ExampleRule, ...] = (
    ExampleRule("object", _ALL, CHAT_INPUT, _not_an_object),
    ExampleRule("messages-key", _CHAT, SEEN, _missing_messages),
    ExampleRule("preference-keys", _DPO, SEEN, _missing_preference_keys),
    ExampleRule("extra-keys", _SUPERVISED, SEEN, _extra_keys),
    ExampleRule("messages", _CHAT, CHAT_INPUT, _no_messages),
    ExampleRule("message", _CHAT, SEEN, _bad_message),
    ExampleRule("assistant", _SUPERVISED, GUIDE, _no_assistant),
    ExampleRule("assistant-last", _SUPERVISED, GUIDE, _assistant_not_last),
    ExampleRule("preference-input", _DPO, PREFERENCE_INPUT, _bad_preference_input),
    ExampleRule("preference-outputs", _DPO, PREFERENCE_INPUT, _bad_preference_outputs),
    ExampleRule("special-token", _ALL, SEEN, _special_token),
)
