"""References in a test set's texts: `{{item.NAME}}`, a column of the row.

The form is that of OpenAI's graders (developers.openai.com/api/docs/guides/graders).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_REFERENCE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
OPENING = "{{"
ITEM = "item."

Item = Mapping[str, Any]


class UnknownReference(ValueError):
    """A text refers to something that the row does not have; `name` is what it refers to."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def references(value: Any) -> Iterator[str]:
    """Every reference in the texts of a value, such as `item.answer`."""
    if isinstance(value, str):
        yield from _REFERENCE.findall(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from references(inner)


def without_references(text: str) -> str:
    """The text with a word in place of each reference."""
    return _REFERENCE.sub("x", text)


def fill(value: Any, item: Item, quote: Callable[[str], str] = str) -> Any:
    """The value with every reference in its texts replaced, by `quote` of what it refers to.

    Raises UnknownReference.
    """
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: quote(text_of(look_up(found[1], item))), value)
    if isinstance(value, Mapping):
        return {key: fill(inner, item, quote) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(fill(inner, item, quote) for inner in value)
    return value


def look_up(name: str, item: Item) -> Any:
    """What a reference such as `item.order.id` names in a row. Raises UnknownReference."""
    if not name.startswith(ITEM):
        raise UnknownReference(name)
    column = name.removeprefix(ITEM)
    if column in item:
        return item[column]
    value: Any = item
    for part in column.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise UnknownReference(name)
        value = value[part]
    return value


def text_of(value: Any) -> str:
    """What stands for a column's value in a text: JSON, unless it is a text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
