"""Data of other tools as training data: chat data, preference data, reinforcement data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ftrunner.dataset.files.values import Numbered
from ftrunner.dataset.foreign.lines import CannotConvert, Made, is_foreign, message
from ftrunner.dataset.foreign.shapes import ANSWERS, QUESTIONS, SHAPES, Shape, recognised
from ftrunner.dataset.formats import Format, looks_like
from ftrunner.dataset.lines import explain
from ftrunner.dataset.lines.faults import Fault
from ftrunner.dataset.lines.forms import Form

# What a column can be mapped to.
ROLES = ("system", "user", "assistant", "prompt", "chosen", "rejected")


@dataclass(frozen=True, slots=True)
class Conversion:
    """How data is converted: as the shape that `source` names, or as each line looks.

    `columns` name the key of a line by what it is (`ROLES`); conversations without a system prompt
    get `system`.
    """

    source: str | None = None
    system: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


def converted(values: Iterable[Numbered], conversion: Conversion) -> Iterator[bytes | Fault]:
    """Each value as a line of training data, or why it cannot be.

    All lines become the format that the first one becomes.
    """
    wanted: Format | None = None
    for number, value in values:
        made, format_ = _made(value, conversion)
        made = made if isinstance(made, Fault) else _known(made, Form(format_))
        fault = made if isinstance(made, Fault) else _fault(made, format_, wanted)
        if fault is not None:
            yield fault.at_line(number)
        else:
            wanted = wanted or format_
            yield json.dumps(made, ensure_ascii=False, allow_nan=False).encode()


def why_not(line: Mapping[str, Any], shape: Shape) -> str | None:
    """Why a line of a shape that can be converted cannot be; None where it can."""
    assert shape.makes is not None
    form = Form(shape.makes)
    try:
        fault = next(explain.faults(_known(shape.made_of(line), form), form), None)
    except CannotConvert as error:
        return str(error)
    return None if fault is None else fault.message


def _made(value: Any, conversion: Conversion) -> tuple[Made | Fault, Format]:
    """A line of the format that goes with it, whatever the schema says of it."""
    if isinstance(value, list):
        value = {"messages": value}
    if not isinstance(value, dict):
        return Fault("FT212", "an example is neither an object nor a list of messages"), Format.CHAT
    line = _mapped(value, conversion.columns)
    shape = SHAPES[conversion.source] if conversion.source else _shape(line)
    if shape is None:
        return _as_it_is(line, conversion.system)
    if shape.convert is None or shape.makes is None:
        return _not_convertible(shape), Format.CHAT
    try:
        made = shape.made_of(line)
    except CannotConvert as error:
        return _bad(shape, str(error)), shape.makes
    return _with_system(made, conversion.system), shape.makes


def _shape(line: Mapping[str, Any]) -> Shape | None:
    """What a line is to be converted from; None where it is training data as it is."""
    shape = recognised(line)
    is_ready = shape is not None and shape.name == "pair" and "messages" in line
    if shape is None and _has_other_roles(line.get("messages")):
        return SHAPES["turns"]
    return None if is_ready else shape


def _has_other_roles(messages: object) -> bool:
    """Whether speakers of chat messages are called as another tool calls them."""
    turns = messages if isinstance(messages, list) else []
    roles = (turn.get("role") for turn in turns if isinstance(turn, dict))
    return any(isinstance(role, str) and is_foreign(role) for role in roles)


def _as_it_is(line: Made, system: str | None) -> tuple[Made | Fault, Format]:
    format_ = looks_like(line)
    if format_ is None:
        keys = ", ".join(f"'{key}'" for key in list(line)[:8])
        hint = "name them: --map user=COLUMN --map assistant=COLUMN"
        return Fault("FT220", f"no question with an answer among {keys}", hint=hint), Format.CHAT
    return _with_system(line, system), format_


def _mapped(line: Mapping[str, Any], columns: Mapping[str, str]) -> Made:
    """The line with its keys as `columns` name them, and no others that could mean the same."""
    named = {role: line[key] for role, key in columns.items() if key in line}
    meant = {"user": QUESTIONS, "prompt": QUESTIONS, "assistant": ANSWERS}
    taken = {name for role in named for name in meant.get(role, (role,))}
    return {**{key: value for key, value in line.items() if key.lower() not in taken}, **named}


def _known(made: Made, form: Form) -> Made:
    """The line without keys that its format does not have, and without those that are null."""
    for find in (explain.null_keys, explain.unknown_keys):
        made = explain.without(made, find(made, form))
    return made


def _with_system(made: Made, system: str | None) -> Made:
    messages = made.get("messages")
    if system is None or not isinstance(messages, list):
        return made
    has_one = bool(messages) and messages[0].get("role") in ("system", "developer")
    return made if has_one else {**made, "messages": [message("system", system), *messages]}


def _not_convertible(shape: Shape) -> Fault:
    return Fault("FT220", f"{shape.label} cannot be converted", hint=shape.advice)


def _bad(shape: Shape, why: str) -> Fault:
    return Fault("FT220", f"this {shape.label} cannot be converted: {why}")


def _fault(made: Made, format_: Format, wanted: Format | None) -> Fault | None:
    if wanted is not None and format_ is not wanted:
        message_ = f"this becomes {format_.label}, and the lines before {wanted.label}"
        return Fault("FT220", message_, hint="convert each kind by itself")
    fault = next(explain.faults(made, Form(format_)), None)
    return fault and replace(fault, message=f"once converted: {fault.message}")
