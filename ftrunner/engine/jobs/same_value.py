"""Whether two spellings of a setting mean the same: what was asked for, and what a server echoes.

Servers write numbers as texts, complete model names, and leave out or fill in what they like.
"""

from __future__ import annotations

import math
import re
import unicodedata

_UNSTATED = ("", "auto", "null", "none")
_TRUTH = {"true": True, "false": False}
# What an alias lacks of the snapshot that it stands for: `-2024-08-06`, `-0613`, `@latest`.
_VERSION = re.compile(r"[-@:](\d{4}-\d\d(-\d\d)?|\d{3,8}|latest|reference)")


def agree(asked: object, echoed: object) -> bool:
    """Whether two values may be one: equal in one form, or one of them states nothing."""
    one, other = _plain(asked), _plain(echoed)
    if one is None or other is None:
        return True
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6)  # some servers keep 32 bits
    return one == other


def same_model(asked: str, echoed: str | None) -> bool:
    """Whether two names may be one model's: `gpt-4o` comes back as `openai/gpt-4o-2024-08-06`."""
    if not (asked and echoed):
        return True
    one, other = _segments(asked), _segments(echoed)
    length = min(len(one), len(other))
    short, long = sorted(("/".join(one[-length:]), "/".join(other[-length:])), key=len)
    rest = long.removeprefix(short)
    return short == long or (long.startswith(short) and _VERSION.fullmatch(rest) is not None)


def _segments(model: str) -> list[str]:
    """The name's parts; Azure writes gpt-3.5 without its dot."""
    return _text(model).replace(".", "").split("/")


def _plain(value: object) -> object:
    """The value in one form; None where it states nothing."""
    if isinstance(value, str):
        text = _text(value)
        return None if text in _UNSTATED else _TRUTH.get(text, _number(text))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    return value


def _number(value: str | float) -> object:
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return value
    return number if math.isfinite(number) else value


def _text(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip().casefold()
