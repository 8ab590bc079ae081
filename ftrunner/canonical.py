"""One byte form for one value, so that equal inputs have equal hashes.

The form is JSON as Python's json module writes it, in UTF-8:

- a space after each comma and colon, and no other;
- keys in descending order of their code points, so that `role` comes before `content`;
- no escape in a text but for quotes, backslashes and control characters;
- a whole number as an integer, however it is spelled (`1.0`, `1e0`, `-0`), any other one as the
  shortest decimal that reads as the same double;
- of a repeated key the last value, as JSON libraries read it.

So the usual spelling of a line of chat data is its own canonical form. The form is a contract:
changing it changes every fingerprint, and with it what people pay for. Golden values are tested.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

_TEXT = rb'"(?:[^"\\\x00-\x1f]++|\\["\\bfnrt])*+"'
_MESSAGE = rb'\{"role": "[a-z]++", "content": %b\}' % _TEXT
_USUAL = re.compile(rb'\{"messages": \[%b(?:, %b)*+\]\}' % (_MESSAGE, _MESSAGE))


def canonical_json(value: object) -> bytes:
    """`value` in the canonical form. Raises ValueError for NaN, infinities and lone surrogates."""
    return json.dumps(_ordered(value), ensure_ascii=False, allow_nan=False).encode()


def _ordered(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _ordered(value[key]) for key in sorted(value, reverse=True)}
    if isinstance(value, list | tuple):
        return [_ordered(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def canonical_line(line: bytes) -> bytes:
    """A line of JSON in the canonical form; a line that is not JSON as it is, but for white space
    around it.
    """
    if _USUAL.fullmatch(line):
        return line
    try:
        return canonical_json(json.loads(line.decode()))
    except (ValueError, RecursionError):
        return line.strip()


def content_hash(value: object) -> str:
    """The sha256 of the canonical form, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
