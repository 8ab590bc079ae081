"""What an unquoted YAML scalar means: null, a truth value, a number, or text.

YAML 1.1 as people expect it: `2_000_000` and `1e-5` are numbers; dates, `12:30` and `007` stay
text, and so does what JSON has no number for (`.inf`, `.nan`).
"""

from __future__ import annotations

import math
import re

import yaml

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_TRUTHS = {
    form: truth
    for truth, words in ((True, ("true", "yes", "on")), (False, ("false", "no", "off")))
    for word in words
    for form in (word, word.capitalize(), word.upper())
}
_BEGINS_A_NUMBER = "+-.0123456789"
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?")
# No one means a number with more digits, and Python refuses to read thousands of them.
_MAX_DIGITS = 100

Scalar = str | int | float | bool | None


def resolve(text: str) -> Scalar:
    """The value of the plain scalar `text`."""
    if text in _NULLS:
        return None
    if text in _TRUTHS:
        return _TRUTHS[text]
    if text[0] not in _BEGINS_A_NUMBER or len(text) > _MAX_DIGITS:
        return text
    if _INTEGER.fullmatch(text):
        return int(text.replace("_", ""))
    if _HEXADECIMAL.fullmatch(text):
        return int(text, 16)
    return _float(text) if _FLOAT.fullmatch(text) and not _is_padded(text) else text


def _float(text: str) -> float | str:
    number = float(text.replace("_", ""))
    return number if math.isfinite(number) else text


def _is_padded(text: str) -> bool:
    """`007` is an identifier; `0.7` and `0` are numbers."""
    digits = text.lstrip("+-")
    return digits[:1] == "0" and digits[1:2].isdigit()


class SpecDumper(yaml.SafeDumper):
    """Quotes every text that a spec would read as another: `1e3`, or a line end of YAML 1.1."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if text.isprintable() and isinstance(resolve(text), str) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


SpecDumper.add_representer(str, _text)
