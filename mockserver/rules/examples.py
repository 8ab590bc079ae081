"""The rules for lines of a training file, with the service's messages.

Each rule is a line of a table with its source and the methods it applies to. Validation reports
the first fault with its example and stops, as the real service does: a file with three faults
needs three attempts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from mockserver.data.tokens import messages_of
from mockserver.rules import contract
from mockserver.rules.training_data import DataRules

Method = Literal["supervised", "dpo", "reinforcement"]
Kind = Method | Literal["plain"]
"""The kind of an example: its method, or text without messages."""

ROLES: Mapping[str, tuple[str, ...]] = {
    "supervised": ("system", "user", "assistant", "tool", "function"),
    "dpo": ("system", "user", "assistant", "tool", "function"),
    "reinforcement": ("developer", "user", "assistant", "tool"),
}
PREFERENCE_KEYS = ("input", "preferred_output", "non_preferred_output")
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
    """A rule; `fault` returns the fault, as text to follow "Example 7", or None."""

    name: str
    kinds: frozenset[Kind]
    source: str
    fault: Callable[[Any, DataRules], str | None]


def check_number(examples: int, data: DataRules) -> None:
    """Raise InvalidFileError for a training file with too few examples."""
    if examples < data.min_examples:
        raise InvalidFileError(
            "invalid_n_examples",
            f"Training file has {examples} example(s), but must have at least "
            f"{data.min_examples} examples",
        )


def check_examples(examples: Iterable[Any], method: Method, param: str, data: DataRules) -> int:
    """The number of examples; raises InvalidFileError for the first fault."""
    keys: tuple[str, ...] = ()
    number = 0
    for number, example in enumerate(examples, start=1):
        check_example(example, number, method, param, data)
        keys = keys or _keys_of(example, data)
        if keys != _keys_of(example, data):
            formats = " and ".join(keys)
            raise InvalidFileError(
                f"invalid_{param}",
                f"All examples must have the format of the first, with {formats}: example {number}"
                " has another.",
            )
    return number


def check_example(example: Any, number: int, method: Method, param: str, data: DataRules) -> None:
    """Raise InvalidFileError for the first rule of its kind that the example breaks."""
    kind = _kind_of(example, method, data)
    for rule in RULES:
        if kind in rule.kinds:
            fault = rule.fault(example, data)
            if fault is not None:
                file = param.partition("_")[0]
                raise InvalidFileError(
                    f"invalid_{param}",
                    f"The job failed due to an invalid {file} file. Invalid file format. "
                    f"Example {number}{fault}",
                )


def _kind_of(example: Any, method: Method, data: DataRules) -> Kind:
    is_plain = data.plain and method == "supervised" and isinstance(example, dict)
    return "plain" if is_plain and "messages" not in example else method


def _keys_of(example: Any, data: DataRules) -> tuple[str, ...]:
    """The keys by which the format of a correct example is known, where there are several."""
    return next((keys for keys in data.plain if example.keys() >= set(keys)), ("messages",))


def _not_an_object(example: Any, _: DataRules) -> str | None:
    return None if isinstance(example, dict) else " is not a JSON object."


def _missing_messages(example: Any, _: DataRules) -> str | None:
    return None if "messages" in example else ' is missing key "messages".'


def _missing_preference_keys(example: Any, _: DataRules) -> str | None:
    for key in PREFERENCE_KEYS:
        if key not in example:
            return f' is missing key "{key}".'
    extra = next((key for key in example if key not in PREFERENCE_KEYS), None)
    return None if extra is None else f' contains an extra key "{extra}".'


def _bad_text(example: Any, data: DataRules) -> str | None:
    for keys in data.plain:
        if example.keys() >= set(keys):
            bad = next((key for key in keys if not isinstance(example[key], str)), None)
            if bad is not None:
                return f', key "{bad}" must be a string.'
            extra = next((key for key in example if key not in keys), None)
            return None if extra is None else f' contains an extra key "{extra}".'
    formats = ", ".join(" and ".join(keys) for keys in (("messages",), *data.plain))
    return f" has the keys of no known format: {formats}."


def _extra_keys(example: Any, _: DataRules) -> str | None:
    extra = next((key for key in example if key not in EXAMPLE_KEYS), None)
    return None if extra is None else f' contains an extra key "{extra}".'


def _no_messages(example: Any, _: DataRules) -> str | None:
    messages = example["messages"]
    if not isinstance(messages, list) or not messages:
        return ', key "messages" must be a non-empty list.'
    return None


def _bad_message(example: Any, data: DataRules, method: Method = "supervised") -> str | None:
    for number, message in enumerate(example["messages"]):
        fault = _message_fault(message, data, method)
        if fault is not None:
            return f", message {number} {fault}"
    return None


def _message_fault(message: Any, data: DataRules, method: Method) -> str | None:
    if not isinstance(message, dict):
        return "is not a JSON object."
    if "role" not in message:
        return "Discriminator 'role' is missing."
    role = message["role"]
    roles = data.roles.get(method, ROLES[method])
    if role not in roles:
        names = ", ".join(f"'{name}'" for name in roles)
        return f"Input tag {str(role)!r} found using 'role' does not match any of: {names}."
    taken = (*MESSAGE_KEYS, *(data.message_keys if role == "assistant" else ()))
    extra = next((key for key in message if key not in taken), None)
    if extra is not None:
        return f'contains an extra key "{extra}".'
    return (
        _content_fault(message)
        or contract.parts_fault(message, web=data.web_images)
        or contract.keys_fault(message)
        or _calls_fault(message)
        or contract.calls_fault(message)
        or _weight_fault(message, data)
    )


def _content_fault(message: Mapping[str, Any]) -> str | None:
    content = message.get("content")
    if content is None:
        speaks = message["role"] == "assistant" and (
            message.get("tool_calls") or message.get("function_call") or message.get("refusal")
        )
        speaks = speaks or (message["role"] == "function" and "content" in message)
        return None if speaks else 'is missing key "content".'
    if isinstance(content, str):
        return None
    if isinstance(content, list) and all(isinstance(part, dict) for part in content):
        return None
    return "content must be a string or a list of content parts."


def _calls_fault(message: Mapping[str, Any]) -> str | None:
    calls = message.get("tool_calls")
    if calls is None:
        return None
    if not isinstance(calls, list) or not all(isinstance(call, dict) for call in calls):
        return "tool_calls must be a list of tool calls."
    if all(isinstance(call.get("function", {}), dict) for call in calls):
        return None
    return "tool_calls must hold functions with a name and arguments."


def _weight_fault(message: Mapping[str, Any], data: DataRules) -> str | None:
    if "weight" not in message:
        return None
    if message["role"] not in data.weight_roles:
        return f"has a weight, which only {', '.join(data.weight_roles)} messages can have."
    weight = message["weight"]
    is_weight = weight in (0, 1) and not isinstance(weight, bool)
    return None if is_weight else "weight must be 0 or 1."


def _bad_sample(example: Any, data: DataRules) -> str | None:
    """The fault of a line of reinforcement data: other roles, and no answer at the end."""
    fault = _bad_message(example, data, "reinforcement")
    if fault is None and example["messages"][-1]["role"] == "assistant":
        return ", last message must not be from the assistant."
    return fault


def _nothing_learned(example: Any, _: DataRules) -> str | None:
    answers = [each for each in example["messages"] if each["role"] == "assistant"]
    if answers and all(answer.get("weight", 1) == 0 for answer in answers):
        return " has no message with a weight of 1."
    return None


def _bad_turns(example: Any, data: DataRules) -> str | None:
    """The fault in the order of roles, and in images, tools and calls."""
    messages = example["messages"]
    roles = [message["role"] for message in messages]
    for before, after in pairwise(roles):
        if before == after and after in data.alternating:
            return f", two {after} messages in a row: invalid schema."
    if data.system_first and "system" in roles[1:]:
        return ", the system message must come first."
    if data.images is not None and contract.images_in(messages) > data.images:
        return f" has more than {data.images} images."
    return contract.tools_fault(example) or contract.links_fault(messages, example)


def _no_assistant(example: Any, data: DataRules) -> str | None:
    if not data.ends_with_answer or any(
        message["role"] == "assistant" for message in example["messages"]
    ):
        return None
    return " must have at least one message from the assistant."


def _assistant_not_last(example: Any, data: DataRules) -> str | None:
    last = example["messages"][-1]
    if not data.ends_with_call and (last.get("tool_calls") or last.get("function_call")):
        return ", last message must not call a tool."
    if not data.ends_with_answer:
        return None
    return None if last["role"] == "assistant" else ", last message must be from the assistant."


def _special_token(example: Any, data: DataRules) -> str | None:
    if data.special_tokens:
        return None
    for message in messages_of(example):
        found = SPECIAL_TOKEN.search(json.dumps(message, ensure_ascii=False))
        if found:
            return f" message contains an invalid token: {found.group()}"
    return None


def _bad_preference_input(example: Any, data: DataRules) -> str | None:
    asked = example["input"]
    if not isinstance(asked, dict) or not isinstance(asked.get("messages"), list):
        return ', key "input" is missing key "messages".'
    fault = _no_messages(asked, data) or _bad_message(asked, data, "dpo")
    fault = fault or _bad_turns(asked, data)
    if fault is None and asked["messages"][-1]["role"] == "assistant":
        return ", the input must not end with a message from the assistant."
    has_images = fault is None and contract.images_in(asked["messages"])
    return ", the input must hold text only." if has_images else fault


def _bad_preference_outputs(example: Any, data: DataRules) -> str | None:
    for key in ("preferred_output", "non_preferred_output"):
        fault = _output_fault(example[key], data)
        if fault is not None:
            return f', key "{key}" {fault}'
    return None


def _output_fault(output: Any, data: DataRules) -> str | None:
    if not isinstance(output, list) or (len(output) != 1 and not data.long_outputs):
        return "must hold exactly one message."
    roles = ("assistant", "tool") if data.long_outputs else ("assistant",)
    for number, message in enumerate(output):
        fault = _message_fault(message, data, "dpo")
        if fault is None and message["role"] not in roles:
            fault = "must be from the assistant."
        if fault is not None:
            return f"message {number} {fault}"
    spoke = any(message["role"] == "assistant" for message in output)
    return None if spoke else "must hold a message from the assistant."


_CHAT: frozenset[Kind] = frozenset({"supervised", "reinforcement"})
_SUPERVISED: frozenset[Kind] = frozenset({"supervised"})
_REINFORCEMENT: frozenset[Kind] = frozenset({"reinforcement"})
_DPO: frozenset[Kind] = frozenset({"dpo"})
_PLAIN: frozenset[Kind] = frozenset({"plain"})
_ALL = _CHAT | _DPO | _PLAIN

RULES: tuple[ExampleRule, ...] = (
    ExampleRule("object", _ALL, CHAT_INPUT, _not_an_object),
    ExampleRule("messages-key", _CHAT, SEEN, _missing_messages),
    ExampleRule("plain-text", _PLAIN, "the dialect's data rules cite it", _bad_text),
    ExampleRule("preference-keys", _DPO, SEEN, _missing_preference_keys),
    ExampleRule("extra-keys", _SUPERVISED, SEEN, _extra_keys),
    ExampleRule("messages", _CHAT, CHAT_INPUT, _no_messages),
    ExampleRule("message", _SUPERVISED, SEEN, _bad_message),
    ExampleRule("sample", _REINFORCEMENT, "FineTuneReinforcementRequestInput", _bad_sample),
    ExampleRule("turns", _CHAT, CHAT_INPUT, _bad_turns),
    ExampleRule("weights", _SUPERVISED, CHAT_INPUT, _nothing_learned),
    ExampleRule("assistant", _SUPERVISED, GUIDE, _no_assistant),
    ExampleRule("assistant-last", _SUPERVISED, GUIDE, _assistant_not_last),
    ExampleRule("preference-input", _DPO, PREFERENCE_INPUT, _bad_preference_input),
    ExampleRule("preference-outputs", _DPO, PREFERENCE_INPUT, _bad_preference_outputs),
    ExampleRule("special-token", _ALL, SEEN, _special_token),
)
