"""Compare a requested setting with the value that a server echoes.

Servers write numbers as text, complete model names, leave values out and add defaults.
"""

from __future__ import annotations

import math
import re
import unicodedata

_UNSTATED = ("", "auto", "null", "none")
_TRUTH = {"true": True, "false": False}
# What a snapshot has in addition to its alias: `-2024-08-06`, `-0613`, `@latest`.
_VERSION = re.compile(r"\d{3,8}(latest|reference)?|latest|reference")
_WORDS = re.compile(r"[^\W_]+")


def agree(asked: object, echoed: object) -> bool:
    """Whether two values can be the same: equal after normalisation, or one of them is unset."""
    one, other = _plain(asked), _plain(echoed)
    if one is None or other is None or other == 0:
        return True
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6)  # some servers keep 32 bits
    return one == other


def is_unset(asked: object, echoed: object) -> bool:
    """Whether `echoed` is a zero where another value was asked for: protobuf writes what was never
    set as zero or false, which states nothing and confirms nothing.
    """
    return _plain(asked) not in (None, 0) and _plain(echoed) == 0


def same_file(asked: str, echoed: str | None) -> bool:
    """Whether two ids may be one file's: `file-1` comes back as `files/file-1`."""
    return agree(asked, (echoed or "").rstrip("/").rpartition("/")[2])


def same_model(asked: str, echoed: str | None) -> bool:
    """Whether two names can mean one model: `gpt-4o` comes back as `openai/gpt-4o-2024-08-06`.

    The publisher of the model counts only where both names have one.
    """
    if not (asked and echoed):
        return True
    few, many = sorted((_segments(asked), _segments(echoed)), key=len)
    starts = range(len(many) - len(few) + 1)
    return any(_same_words(_words(few), _words(many[start:])) for start in starts)


def _segments(model: str) -> list[str]:
    """The name's parts; Azure writes gpt-3.5 without its dot."""
    return re.split("[/:]+", _text(model).replace(".", ""))


def _words(segments: list[str]) -> list[str]:
    return [word for word in _WORDS.findall("/".join(segments)) if word != "versions"]


def _same_words(one: list[str], other: list[str]) -> bool:
    """Whether the words are the same however they are parted, but for a version at the end."""
    short, long = sorted((one, other), key=lambda words: len("".join(words)))
    for end in range(len(long), 0, -1):
        rest = "".join(long[end:])
        if "".join(long[:end]) == "".join(short):
            return not rest or _VERSION.fullmatch(rest) is not None
    return False


def _plain(value: object) -> object:
    """The value in one form; None where it states nothing that can be compared."""
    if isinstance(value, str):
        text = _text(value)
        return None if text in _UNSTATED else _TRUTH.get(text, _number(text))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    return value if isinstance(value, bool) else None


def _number(value: str | float) -> object:
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return value
    return number if math.isfinite(number) else value


def _text(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip().casefold()
