"""What a line is that is not of the format wanted: a table of the shapes that other tools write.

The first shape that fits is the line's. Its label is what people call such data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ftrunner.dataset.foreign import lines
from ftrunner.dataset.foreign.lines import Line, Made
from ftrunner.dataset.formats import Format

# Names that columns with questions and with answers go by, the likeliest first.
QUESTIONS = (
    "question", "prompt", "input", "query", "instruction", "problem", "user", "human", "request",
    "source", "q",
)  # fmt: skip
ANSWERS = (
    "answer", "response", "output", "completion", "assistant", "reply", "target", "solution",
    "bot", "answers", "a",
)  # fmt: skip
# Shapes that have messages; a line that has them is of no other.
_WITH_MESSAGES = ("batch", "messages-text", "sharegpt", "request", "system-beside")
_PREFERENCE_KEYS = {"preferred_output", "non_preferred_output"}
_SYSTEMS = ("system", "system_prompt", "context")
_SETTINGS = ("model", "temperature", "max_tokens", "top_p", "stream")


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape of lines: `name` is what `--from` takes, `makes` the format that it can become.

    `advice` says what to do where it cannot become any.
    """

    name: str
    label: str
    fits: Callable[[Line], bool]
    makes: Format | None = None
    convert: Callable[[Line], Made] | None = None
    advice: str | None = None

    def named_for(self, line: Line) -> Shape:
        """The shape with the label that a line of it has: pairs are called by their keys."""
        keys = _columns(line) if self.name == "pair" else None
        return replace(self, label=f"{keys[0]}/{keys[1]} data") if keys else self


def recognised(line: Line) -> Shape | None:
    """The shape of a line; None for one of no known shape, as training data is."""
    if _PREFERENCE_KEYS & line.keys():
        return None
    for shape in _SHAPES:
        if shape.fits(line) and ("messages" not in line or shape.name in _WITH_MESSAGES):
            return shape.named_for(line)
    return None


def instead_of(wanted: Format, line: Line) -> Shape | None:
    """The shape of a line that the schema of `wanted` refuses, where that says more."""
    shape = recognised(line)
    if shape is None or (wanted is Format.COMPLETION and shape.name == "completion"):
        return None
    if wanted is Format.REINFORCEMENT and shape.name in ("request", "system-beside"):
        return None  # such keys are free there
    return shape


def _has(*keys: str) -> Callable[[Line], bool]:
    return lambda line: line.keys() >= set(keys)


def _columns(line: Line) -> tuple[str, str] | None:
    """The keys of a line's question and answer."""
    by_name = {str(key).strip().lower(): key for key in line}
    asked = next((by_name[name] for name in QUESTIONS if name in by_name), None)
    said = next((by_name[name] for name in ANSWERS if name in by_name), None)
    return (asked, said) if asked is not None and said is not None else None


def _is_pair(line: Line) -> bool:
    keys = _columns(line)
    return keys is not None and all(_is_plain(line[key]) for key in keys)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def from_pair(line: Line) -> Made:
    """A question and its answer, by whichever names they go."""
    keys = _columns(line)
    if keys is None:
        raise lines.CannotConvert("there is no question with an answer")
    by_name = {str(key).strip().lower(): key for key in line}
    system = next((line[by_name[name]] for name in _SYSTEMS if name in by_name), None)
    question, answer = (lines.text_of(line[key], key) for key in keys)
    return lines.pair(question, answer, system if isinstance(system, str) else None)


def _list_under(*keys: str, item: str) -> Callable[[Line], bool]:
    def fits(line: Line) -> bool:
        return any(_holds(line.get(key), item) for key in keys)

    return fits


def _holds(value: Any, key: str) -> bool:
    return (
        isinstance(value, list) and bool(value) and isinstance(value[0], dict) and key in value[0]
    )


def _is_request(line: Line) -> bool:
    return "messages" in line and any(key in line for key in _SETTINGS)


def _is_batch(line: Line) -> bool:
    return "custom_id" in line and ("body" in line or "response" in line)


def _is_messages_text(line: Line) -> bool:
    value = line.get("messages")
    return isinstance(value, str) and value.lstrip().startswith(("[", "array("))


_SHAPES = (
    Shape("batch", "Batch requests or results", _is_batch, advice="a batch has requests apart from"
          " results: write each request's messages and the answer of its result as one"
          " conversation"),
    Shape("openai-item", "evals items", _has("item"), Format.REINFORCEMENT, lines.from_item),
    Shape("messages-text", "chat data whose messages are JSON in a text (as pandas and CSV write"
          " it)", _is_messages_text, Format.CHAT, lines.from_text_messages),
    Shape("sharegpt", "ShareGPT data", _list_under("conversations", "conversation", "messages",
          item="from"), Format.CHAT, lines.from_list),
    Shape("request", "whole chat requests", _is_request, Format.CHAT, lines.from_request),
    Shape("system-beside", "chat data with the system prompt beside the messages (as Anthropic and"
          " Bedrock take it)", _has("system", "messages"), Format.CHAT, lines.from_system_beside),
    Shape("turns", "chat data under another key than messages", _list_under("conversations",
          "conversation", "dialogue", "dialog", "chat", "turns", item="role"), Format.CHAT,
          lines.from_list),
    Shape("trl", "TRL preference data (chosen and rejected)", _has("chosen", "rejected"),
          Format.PREFERENCE, lines.from_preference),
    Shape("kto", "KTO data (prompt, completion and label)", _has("prompt", "completion", "label"),
          advice="train on the good ones: leave out the lines whose label is false, and the label"),
    Shape("gemini", "Gemini data (contents of parts)", _has("contents"), Format.CHAT,
          lines.from_gemini),
    Shape("responses", "Responses API data (input and output)", lambda line: isinstance(
          line.get("input"), list) and isinstance(line.get("output"), list), Format.CHAT,
          lines.from_responses),
    Shape("tokens", "pre-tokenized data", lambda line: "input_ids" in line or "token_ids" in line,
          advice="write the texts that it was made of"),
    Shape("completion", "prompt/completion data", _has("prompt", "completion"), Format.CHAT,
          lines.from_completion),
    Shape("alpaca", "Alpaca data (instruction, input and output)", lambda line: "instruction" in
          line and ("output" in line or "response" in line), Format.CHAT, lines.from_alpaca),
    Shape("pair", "question/answer data", _is_pair, Format.CHAT, from_pair),
    Shape("text", "plain text data", lambda line: isinstance(line.get("text"), str) and
          "messages" not in line, advice="chat models learn from conversations: write what is asked"
          " and what is answered; Together and Nebius take text as it is"),
)  # fmt: skip

SHAPES: Mapping[str, Shape] = {shape.name: shape for shape in _SHAPES}
