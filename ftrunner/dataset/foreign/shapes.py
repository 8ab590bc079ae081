"""What a line is that is not of the format wanted: a table of the shapes that other tools write.

The first shape that fits is the line's. Its label is what people call such data.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import islice
from typing import Any

from ftrunner.dataset.files.values import examples_in
from ftrunner.dataset.foreign import apart, blocks, lines
from ftrunner.dataset.foreign.lines import Line, Made
from ftrunner.dataset.formats import Format

# Names that columns with questions and with answers go by, the likeliest first.
QUESTIONS = (
    "question", "prompt", "input", "query", "instruction", "problem", "user", "human", "request",
    "source", "text", "input_text", "text_input", "q",
)  # fmt: skip
ANSWERS = (
    "answer", "response", "output", "completion", "assistant", "reply", "target", "solution",
    "bot", "answers", "label", "output_text", "a",
)  # fmt: skip
# Shapes that have messages; a line that has them is of no other.
_WITH_MESSAGES = ("batch", "messages-text", "sharegpt", "turns", "request", "system-beside")
_PREFERENCE_KEYS = {"preferred_output", "non_preferred_output"}
_MOST_KEYS = 100
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

    def made_of(self, line: Line) -> Made:
        """Training data of a line of this shape. Raises CannotConvert."""
        if self.convert is None:
            raise lines.CannotConvert("its examples are not lines")
        try:
            return self.convert(line)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise lines.CannotConvert("the line is not as such data is") from error


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
    shape = recognised(line) or _unknown(wanted, line)
    if shape is None or (wanted.is_plain and shape.name == wanted):
        return None
    if wanted is Format.REINFORCEMENT and shape.name in ("request", "system-beside"):
        return None  # such keys are free there
    return shape


# The keys by which a line of each format is known, and what `--map` takes for it.
_WANTED = {
    Format.CHAT: (("messages",), ("user", "assistant")),
    Format.PREFERENCE: (
        ("input", "preferred_output", "non_preferred_output"),
        ("prompt", "chosen", "rejected"),
    ),
}
_KEYS_NAMED = 5


def _unknown(wanted: Format, line: Line) -> Shape | None:
    """The shape of a line with none of the keys that `wanted` has, not even misspelt ones."""
    keys, roles = _WANTED.get(wanted, ((), ()))
    near = (get_close_matches(str(key), keys, 1, 0.75) for key in islice(line, _MOST_KEYS))
    if not line or not keys or any(near):
        return None
    return Shape(
        "unknown", f"data with {_named(line)}", lambda _: True, advice=_advice(line, roles)
    )


def _advice(line: Line, roles: Sequence[str]) -> str:
    """The command that says which key is what; it names keys where there are no others."""
    if not roles or sum(isinstance(value, str) for value in line.values()) < len(roles):
        return 'write {"messages": [{"role": "user", "content": "…"}, …]}'
    keys = [shlex.quote(str(key)) for key in line] if len(line) == len(roles) else ["KEY"] * 3
    options = " ".join(f"--map {role}={key}" for role, key in zip(roles, keys, strict=False))
    return f"say which key is what: `ftrunner data convert SOURCE TARGET {options}`"


def _named(line: Line) -> str:
    names = [f"'{key}'" for key in islice(line, _KEYS_NAMED)]
    if len(line) > len(names):
        names.append(f"{len(line) - len(names):,} more")
    listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"the key{'s' if len(line) > 1 else ''} {listed}"


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
    has_choices = any(isinstance(line.get(key), list) for key in ("choices", "options"))
    return keys is not None and not has_choices and all(_is_plain(line[key]) for key in keys)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def from_pair(line: Line) -> Made:
    """A question and its answer, by whichever names they go."""
    keys = _columns(line)
    if keys is None:
        raise lines.CannotConvert("there is no question with an answer")
    by_name = {str(key).strip().lower(): key for key in line}
    system = next((line[by_name[name]] for name in lines.SYSTEMS if name in by_name), None)
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


def _is_system_beside(line: Line) -> bool:
    """Messages with the system prompt beside them, or with blocks for tools and images."""
    has_system = "messages" in line and ("system" in line or "schemaVersion" in line)
    return has_system or blocks.has_blocks(line)


def _is_batch(line: Line) -> bool:
    return "custom_id" in line and ("body" in line or "response" in line)


def _is_kto(line: Line) -> bool:
    has_answer = "completion" in line or any(isinstance(line.get(key), list) for key in lines.LISTS)
    return has_answer and any(isinstance(line.get(key), bool) for key in ("label", "kto_tag"))


def _is_responses(line: Line) -> bool:
    both = [line.get("input"), line.get("output")]
    return all(both) and any(isinstance(value, list) for value in both)


def _is_turns(line: Line) -> bool:
    """Turns whose keys are not those of chat, or which are under another key than messages."""
    if _list_under(*lines.LISTS, item="role")(line):
        return True
    turns = next((line[key] for key in ("messages", *lines.LISTS) if line.get(key)), None)
    first = turns[0] if isinstance(turns, list) else None
    if not isinstance(first, dict) or "role" in first:
        return False
    is_bare = len(first) == 1 and first.keys() <= {"user", "assistant", "system", "human"}
    is_langchain = first.get("type") in ("human", "ai", "system")
    return is_bare or is_langchain or bool({"author", "speaker"} & first.keys())


def _is_by_columns(line: Line) -> bool:
    """A table as one object: a list, or an object by row numbers, under each column's name."""
    values = list(line.values())
    return len(values) > 1 and all(
        (isinstance(value, list) and len(value) > 1 and not isinstance(value[0], dict))
        or (isinstance(value, dict) and "0" in value)
        for value in values
    )


def _is_messages_text(line: Line) -> bool:
    value = line.get("messages")
    return isinstance(value, str) and value.lstrip().startswith(("[", "array("))


_SHAPES = (
    Shape("batch", "Batch requests or results", _is_batch, advice="a batch has requests apart from"
          " results: write each request's messages and the answer of its result as one"
          " conversation"),
    Shape("answers", "a chat API's answer", lambda line: _holds(line.get("choices"), "message"),
          advice="an answer does not hold its question: write the messages that were sent, and the"
          " answer, as one conversation"),
    Shape("error", "the error of a server", lambda line: bool(line.get("error")) and len(line) < 3,
          advice="what fetched the data was refused: read the message, and fetch it again"),
    Shape("openai-item", "evals items", lambda line: isinstance(line.get("item"), dict),
          Format.REINFORCEMENT, apart.from_item),
    Shape("messages-text", "chat data whose messages are JSON in a text (as pandas and CSV write"
          " it)", _is_messages_text, Format.CHAT, lines.from_text_messages),
    Shape("trl", "TRL preference data (chosen and rejected)", _has("chosen", "rejected"),
          Format.PREFERENCE, apart.from_preference),
    Shape("kto", "KTO data (prompt, completion and label)", _is_kto,
          advice="train on the good ones: leave out the lines whose label is false, and the label"),
    Shape("sharegpt", "ShareGPT data", _list_under("messages", *lines.LISTS, item="from"),
          Format.CHAT, lines.from_list),
    Shape("turns", "chat data with other names for its keys", _is_turns, Format.CHAT,
          lines.from_list),
    Shape("request", "whole chat requests", _is_request, Format.CHAT, lines.from_request),
    Shape("system-beside", "chat data as Anthropic and Bedrock take it", _is_system_beside,
          Format.CHAT, blocks.from_system_beside),
    Shape("gemini", "Gemini data (contents of parts)", _has("contents"), Format.CHAT,
          blocks.from_gemini),
    Shape("responses", "Responses API data (input and output)", _is_responses, Format.CHAT,
          blocks.from_responses),
    Shape("evals", "evals samples (input and ideal)", lambda line: isinstance(line.get("input"),
          list) and isinstance(line.get("ideal"), str | list), Format.CHAT, blocks.from_responses),
    Shape("tokens", "pre-tokenized data", lambda line: "input_ids" in line or "token_ids" in line,
          advice="write the texts that it was made of"),
    Shape("openassistant", "OpenAssistant data (a tree of messages)", lambda line:
          "message_tree_id" in line or "parent_id" in line,
          advice="write each way from the first message to a last one as one conversation"),
    Shape("trl-messages", "TRL data (prompt and completion as lists of messages)",
          lambda line: _holds(line.get("prompt"), "role") and "completion" in line, Format.CHAT,
          apart.from_messages),
    Shape("completion", "prompt/completion data", _has("prompt", "completion"), Format.CHAT,
          lines.from_completion),
    Shape("alpaca", "Alpaca data (instruction, input and output)", lambda line: "instruction" in
          line and ("output" in line or "response" in line), Format.CHAT, lines.from_alpaca),
    Shape("pair", "question/answer data", _is_pair, Format.CHAT, from_pair),
    Shape("text", "plain text data", lambda line: isinstance(line.get("text"), str) and
          "messages" not in line, advice="chat models learn from conversations: write what is asked"
          " and what is answered; Together and Nebius take text as it is"),
    Shape("wrapped", "one object around a list of examples", lambda line: examples_in(line)
          is not None, advice="`ftrunner data convert SOURCE TARGET` writes one object a line"),
    Shape("columns", "a table by columns (as pandas writes it)", _is_by_columns,
          advice="write it by rows: to_json(path, orient='records', lines=True)"),
)  # fmt: skip

SHAPES: Mapping[str, Shape] = {shape.name: shape for shape in _SHAPES}
