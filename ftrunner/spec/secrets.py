"""What looks like a key, and how it is kept out of everything that is shown."""

from __future__ import annotations

import re

# Issued keys have a short prefix and a long tail without spaces.
_KEY = re.compile(r"(?<![\w-])(?:sk|rk|pk|gsk|xai|hf|tgp|ghp|nvapi)[-_][\w-]{12,}")
_NAMES = r"(?:api[-_]?key|authorization|secret|password|access[-_]?token|auth[-_]?token)"
_SECRET_NAME = re.compile(rf"(?:.*[-_])?{_NAMES}", re.IGNORECASE)
# A secret's name and value on one line, whatever the YAML around it is worth.
_SECRET_LINE = re.compile(rf"({_NAMES}[\"']?[ \t]*:[ \t]*)(?![ \t]|.?\$\{{)(\S.*)", re.IGNORECASE)
_VARIABLE_NAME = re.compile(r"[A-Z_][A-Z0-9_]*|[A-Za-z_]{1,40}|[A-Za-z_][A-Za-z0-9_]{0,19}")


def looks_like_key(text: str) -> bool:
    """Whether `text` holds something that has the form of an issued key."""
    return _KEY.search(text) is not None


def is_secret_name(name: str) -> bool:
    """Whether a value called `name` is a key by its name: `api_key`, `Authorization`."""
    return _SECRET_NAME.fullmatch(name) is not None


def is_variable_name(text: str) -> bool:
    """Whether `text` reads as an environment variable's name and not as a key pasted there."""
    return _VARIABLE_NAME.fullmatch(text) is not None and not looks_like_key(text)


def mask(text: str) -> str:
    """`text` with every key in it starred out, character for character, so columns stay."""
    starred = _KEY.sub(lambda match: "*" * len(match[0]), text)
    return _SECRET_LINE.sub(lambda match: match[1] + "*" * len(match[2]), starred)
