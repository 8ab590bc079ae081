"""YAML (or JSON) documents of a given type: scenarios and fixtures."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

T = TypeVar("T")


def load_document(path: Path, kind: type[T]) -> T:
    """The document that a file holds; ValueError, which names the file, where it can't be read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    return parse_document(content, str(path), kind)


def parse_document(text: str | bytes, source: str, kind: type[T]) -> T:
    """The document in a text; ValueError, which begins with `source`, where it is none."""
    try:
        document = yaml.safe_load(text)
        _refuse_loops(document, [], set())
        msgspec.json.encode(document)  # YAML can hold what no answer could: half a character
        return msgspec.convert({} if document is None else document, kind)
    except RecursionError:
        raise ValueError(f"{source}: its values are nested too deeply") from None
    except (yaml.YAMLError, msgspec.MsgspecError, ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"{source}: {error}") from None


def _refuse_loops(value: Any, around: list[int], known: set[int]) -> None:
    """Raise ValueError where an alias puts a value into itself: no answer could ever be written.

    `around` are the ids of what `value` stands in, `known` those of what holds no loop.
    """
    if id(value) in around:
        raise ValueError("a value holds itself, through an alias")
    if id(value) in known or not isinstance(value, dict | list):
        return
    for inner in value.values() if isinstance(value, dict) else value:
        _refuse_loops(inner, [*around, id(value)], known)
    known.add(id(value))
