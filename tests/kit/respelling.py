"""JSON values written in other ways than most: for tests that ways of writing do not matter."""

from __future__ import annotations

import json
from random import Random
from typing import Any

_SHORT = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_SPACES = ("", "", " ", "  ", "\t")


def respelled(value: Any, rng: Random) -> bytes:
    """`value` as JSON on one line, with random order, spaces, escapes and numbers."""
    return _written(value, rng).encode()


def _written(value: Any, rng: Random) -> str:
    def space() -> str:
        return rng.choice(_SPACES)

    if isinstance(value, dict):
        pairs = [
            f"{space()}{_text(key, rng)}{space()}:{space()}{_written(inner, rng)}{space()}"
            for key, inner in rng.sample(list(value.items()), len(value))
        ]
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(f"{space()}{_written(each, rng)}{space()}" for each in value) + "]"
    if isinstance(value, str):
        return _text(value, rng)
    if type(value) is int and abs(value) <= 2**53:
        return rng.choice([f"{value}", f"{value}.0", f"{value}e0", f"{value}.00E+0"])
    return json.dumps(value)


def _text(text: str, rng: Random) -> str:
    return '"' + "".join(_character(each, rng) for each in text) + '"'


def _character(character: str, rng: Random) -> str:
    must_escape = character in '"\\' or character < " "
    ways = [json.dumps(character, ensure_ascii=True)[1:-1], _as_code_units(character, rng)]
    if character in _SHORT:
        ways.append(_SHORT[character])
    if not must_escape:
        ways += [character] * 5
    return rng.choice(ways)


def _as_code_units(character: str, rng: Random) -> str:
    data = character.encode("utf-16-be")
    digits = [data[place : place + 2].hex() for place in range(0, len(data), 2)]
    return "".join("\\u" + (each.upper() if rng.random() < 0.5 else each) for each in digits)
