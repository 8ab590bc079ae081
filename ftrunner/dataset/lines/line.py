"""One line of a data file: bytes to a JSON object, or what is wrong with them."""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ftrunner.dataset.files.reader import MAX_LINE
from ftrunner.dataset.lines import faulty
from ftrunner.dataset.lines.faults import MOST_OF_A_LINE, Fault
from ftrunner.findings import Severity, json_path

MAX_DEPTH = 64
MAX_INTEGER = 2**64

TOO_LONG = Fault(
    "FT213",
    f"the line is longer than {MAX_LINE >> 20} MiB",
    hint="write one example a line, and images as web addresses",
)

# Possessive, so that nothing is remembered of a string but its end.
_STRING_OR_BRACKET = rb'(?s)"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]'
_STRING_OR_NUMBER = (
    r'"(?:[^"\\]++|\\.)*+"|NaN|-?(?:Infinity|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)'
)
_SURROGATE_ESCAPE = rb"\\u[dD][89a-fA-F]"
_LONE_SURROGATE = "[\ud800-\udfff]"
_WHITESPACE = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A line's object, None where there is none to look at; and the faults in its bytes."""

    value: dict[str, Any] | None
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class _NumberError(Exception):
    text: str


@dataclass(slots=True)
class _Duplicates:
    """Collects objects with a repeated key while json builds them, to be placed afterwards."""

    found: list[tuple[dict[str, Any], str]] = field(default_factory=list)

    def build(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) != len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    self.found.append((built, key))
                seen.add(key)
        return built


def parse(line: bytes) -> Parsed:
    """The JSON object on `line`. Never raises, whatever the bytes are."""
    if len(line) > MAX_LINE:
        return _refused(TOO_LONG)
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        return _refused(_not_utf8(line, error))
    if nested_deeper(line, MAX_DEPTH):
        return _refused(Fault("FT216", f"values are nested deeper than {MAX_DEPTH} levels"))
    return _parse_text(text, line)


def _refused(fault: Fault) -> Parsed:
    return Parsed(None, (fault,))


def _not_utf8(line: bytes, error: UnicodeDecodeError) -> Fault:
    column = len(line[: error.start].decode()) + 1
    if _ends_within_a_character(line):
        hint = "the file may be cut off: fetch it again, or remove the line"
        return Fault("FT210", "the line ends within a character", column=column, hint=hint)
    byte = line[error.start : error.start + 1]
    message = f"the byte 0x{byte[0]:02x} is not UTF-8"
    meant = byte.decode("cp1252", errors="ignore")
    if meant:
        message = f"{message}; in Windows-1252 it is '{meant}'"
    hint = "save the file as UTF-8, or `ftrunner data fix SOURCE TARGET --repair FT210`"
    return Fault("FT210", message, column=column, hint=hint)


def _ends_within_a_character(line: bytes) -> bool:
    """Whether more bytes would make `line` UTF-8."""
    try:
        getincrementaldecoder("utf-8")().decode(line)
    except UnicodeDecodeError:
        return False
    return True


def nested_deeper(line: bytes, limit: int) -> bool:
    """Whether brackets outside strings nest deeper than `limit`, found without recursion."""
    if line.count(b"[") + line.count(b"{") <= limit:
        return False
    depth = 0
    for match in re.finditer(_STRING_OR_BRACKET, line):
        token = match.group()
        if token in b"[{":
            depth += 1
            if depth > limit:
                return True
        elif token in b"]}":
            depth -= 1
    return False


def _parse_text(text: str, line: bytes) -> Parsed:
    duplicates = _Duplicates()
    try:
        value = json.loads(
            text,
            object_pairs_hook=duplicates.build,
            parse_constant=_refuse_number,
            parse_int=_integer,
            parse_float=_float,
        )
    except _NumberError as error:
        return _refused(_bad_number(text, error.text))
    except json.JSONDecodeError as error:
        return _refused(_not_json(text, error))
    if not isinstance(value, dict):
        return _refused(_not_an_object(value))
    found = (_placed(duplicates, value), _lone_surrogates(line, value))
    faults = [fault for kind in found for fault in islice(kind, MOST_OF_A_LINE)]
    unusable = any(fault.code == "FT218" for fault in faults)
    return Parsed(None if unusable else value, tuple(faults))


def _refuse_number(text: str) -> float:
    raise _NumberError(text)


def _integer(text: str) -> int:
    if len(text) > 20 or abs(number := int(text)) >= MAX_INTEGER:
        raise _NumberError(text)
    return number


def _float(text: str) -> float:
    if (number := float(text)) in (float("inf"), float("-inf")):
        raise _NumberError(text)
    return number


def _bad_number(text: str, number: str) -> Fault:
    shown = number if len(number) <= 30 else f"{number[:27]}..."
    hint = "JSON has no NaN or Infinity, and providers read numbers of at most 64 bits"
    tokens = re.finditer(_STRING_OR_NUMBER, text)
    column = next(match.start() for match in tokens if match.group() == number) + 1
    return Fault("FT215", f"{shown} is not a number JSON can carry", column=column, hint=hint)


def _not_json(text: str, error: json.JSONDecodeError) -> Fault:
    cause = faulty.cause(text, error)
    return Fault("FT211", cause.message, column=cause.column, hint=cause.hint)


def _not_an_object(value: object) -> Fault:
    converts = "`ftrunner data convert SOURCE TARGET` converts it to chat data"
    if isinstance(value, list) and value and all(_is_message(item) for item in value):
        message = "the line is a bare list of messages, and an object that holds it is wanted"
        return Fault("FT220", message, hint=converts)
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        message = "the line is an object that was written as JSON twice"
        return Fault("FT212", message, hint=converts)
    kinds = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    kind = kinds.get(type(value), "a number")
    return Fault("FT212", f"the line is {kind}, not an object", hint='write {"messages": [...]}')


def _is_message(value: object) -> bool:
    return isinstance(value, dict) and ("role" in value or "from" in value)


def _placed(duplicates: _Duplicates, value: dict[str, Any]) -> Iterator[Fault]:
    if not duplicates.found:
        return
    paths = {id(node): path for path, node in walk(value) if isinstance(node, dict)}
    for owner, key in duplicates.found:
        if id(owner) in paths:
            path = json_path((*paths[id(owner)], key))
            hint = "readers keep only the last one; remove the others"
            yield Fault(
                "FT214",
                f"the key '{key}' appears twice in one object",
                path,
                hint=hint,
                severity=Severity.WARNING,
            )


def _lone_surrogates(line: bytes, value: dict[str, Any]) -> Iterator[Fault]:
    if not re.search(_SURROGATE_ESCAPE, line):
        return
    for path, node in walk(value):
        texts = [node] if isinstance(node, str) else list(node) if isinstance(node, dict) else []
        if any(re.search(_LONE_SURROGATE, text) for text in texts):
            message = "half of a surrogate pair: the text is not Unicode"
            hint = "the text was cut inside an emoji; write the character itself"
            yield Fault("FT218", message, json_path(path), hint=hint)


def walk(
    value: object, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Every value inside `value`, itself first, with its path. Depth is bounded by `parse`."""
    yield path, value
    if isinstance(value, dict):
        for key, child in value.items():
            yield from walk(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from walk(child, (*path, index))


def is_blank(line: bytes) -> bool:
    """Whether `line` is nothing but white space."""
    return not line.strip(_WHITESPACE)
