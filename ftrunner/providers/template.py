"""Templates of a profile: text with `{placeholder}`s, and trees of such text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}")

Values = Mapping[str, Any]


class UnknownPlaceholder(LookupError):
    """A template asks for a value that there is not; the text names it."""


def fill(template: Any, values: Values) -> Any:
    """`template` with every placeholder replaced, through mappings and lists.

    A text that is one placeholder becomes the value itself. Raises UnknownPlaceholder.
    """
    if isinstance(template, Mapping):
        return {key: fill(value, values) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [fill(item, values) for item in template]
    if not isinstance(template, str):
        return template
    whole = _PLACEHOLDER.fullmatch(template)
    if whole:
        return _value(whole[1], values)
    return _PLACEHOLDER.sub(lambda found: str(_value(found[1], values)), template)


def placeholders(template: Any) -> frozenset[str]:
    """The names that `template` asks for, through mappings and lists."""
    if isinstance(template, Mapping):
        return frozenset().union(*map(placeholders, template.values()))
    if isinstance(template, list | tuple):
        return frozenset().union(*map(placeholders, template))
    return frozenset(_PLACEHOLDER.findall(template)) if isinstance(template, str) else frozenset()


def fill_url(template: str, values: Values) -> str:
    """An address: values are quoted as parts of a path, except one that begins the address."""

    def put(found: re.Match[str]) -> str:
        text = str(_value(found[1], values))
        return text.rstrip("/") if found.start() == 0 else quote(text, safe="/:@")

    return _PLACEHOLDER.sub(put, template)


def _value(name: str, values: Values) -> Any:
    value = values.get(name)
    if value is None:
        raise UnknownPlaceholder(name)
    return value
