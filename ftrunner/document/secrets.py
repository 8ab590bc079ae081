"""What looks like a key, and how it is kept out of everything that is shown."""

from __future__ import annotations

import re

# Issued keys have a short prefix and a long tail without spaces.
_KEY = re.compile(r"(?<![\w-])(?:sk|rk|pk|gsk|xai|hf|tgp|ghp|nvapi)[-_][\w-]{12,}")
_NAMES = r"(?:api[-_]?key|authorization|secret|password|access[-_]?token|auth[-_]?token)"
_SECRET_NAME = re.compile(rf"(?:.*[-_])?{_NAMES}", re.IGNORECASE)
# A secret's name and value on one line, whatever the YAML around it is worth. A default that says
# nothing, as in the hint `${env:WANDB_API_KEY:-value}`, is no secret.
_SECRET_LINE = re.compile(
    rf"({_NAMES}[\"']?[ \t]*:[ \t]*)(?![ \t]|.?\$\{{|-(?:value)?\}})(\S.*)", re.IGNORECASE
)
_USER_IN_URL = re.compile(r"(?<=://)[^/\s@\"']+(?=@)")
# Nobody calls a variable like this; keys without a known prefix look so.
_PASTED = re.compile(r"(?=.*[0-9])(?=.*[^A-Z0-9_])\S{20,}")


def looks_like_key(text: str) -> bool:
    """Whether `text` holds something that has the form of an issued key."""
    return _KEY.search(text) is not None


def is_secret_name(name: str) -> bool:
    """Whether a value called `name` is a key by its name: `api_key`, `Authorization`."""
    return _SECRET_NAME.fullmatch(name) is not None


def looks_pasted(text: str) -> bool:
    """Whether `text` is rather a key than the name of the variable that should stand there."""
    return looks_like_key(text) or _PASTED.fullmatch(text) is not None


def mask(text: str) -> str:
    """`text` with every key in it starred out, character for character, so columns stay."""
    for secret in (_KEY, _USER_IN_URL):
        text = secret.sub(lambda match: "*" * len(match[0]), text)
    return _SECRET_LINE.sub(lambda match: match[1] + "*" * len(match[2]), text)
