"""What one row of a test set expects: the set's expectations with the row's columns in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ftrunner.spec.build_tests import COMBINED
from ftrunner.spec.template import Item, fill, look_up, references
from ftrunner.spec.testing import Assertion


class BadReference(ValueError):
    """A row's reference that no answer can meet; the message says why."""


class NoReference(ValueError):
    """An expectation refers to a column that is empty in the row; `name` is the column."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def expected_of(expectations: Iterable[Assertion], item: Item) -> tuple[Assertion, ...]:
    """The expectations with the columns of `item` in place of the references to them.

    In a regular expression a column's text is taken literally. Raises UnknownReference,
    NoReference and BadReference.
    """
    return tuple(_filled(assertion, item) for assertion in expectations)


def right_label(expectations: Iterable[Assertion]) -> str | None:
    """The label that a row's expectations call the right one, where there is one."""
    for assertion in expectations:
        if assertion.kind == "label" and not assertion.negated:
            return str(assertion.value["is"])
        if assertion.kind == "all_of" and (found := right_label(assertion.value)):
            return found
    return None


def _filled(assertion: Assertion, item: Item) -> Assertion:
    if assertion.kind in COMBINED:
        return replace(assertion, value=expected_of(assertion.value, item))
    named = list(references(assertion.value))
    if not named:
        return assertion
    for name in named:
        if look_up(name, item) in (None, ""):
            raise NoReference(name)
    quote = re.escape if assertion.kind == "matches" else str
    value = fill(assertion.value, item, quote)
    return replace(assertion, value=_READ.get(assertion.kind, _as_it_is)(value))


def _as_it_is(value: Any) -> Any:
    return value


def _number(value: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        number = float(value["is"])
    except ValueError as error:
        raise BadReference(f"'{value['is']}' is not a number") from error
    if number - number:  # not a number, or infinite
        raise BadReference(f"'{value['is']}' is not a number")
    return {**value, "is": number}


def _label(value: Mapping[str, Any]) -> Mapping[str, Any]:
    wanted = value["is"].strip().casefold()
    label = next((one for one in value["in"] if one.casefold() == wanted), None)
    if label is None:
        raise BadReference(f"'{value['is']}' is not one of the labels")
    return {**value, "is": label}


def _fields(value: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        is_object = isinstance(json.loads(value["of"]), dict)
    except (ValueError, RecursionError):
        is_object = False
    if not is_object:
        raise BadReference("the reference is not a JSON object")
    return value


_READ: Mapping[str, Callable[[Any], Any]] = {"number": _number, "label": _label, "fields": _fields}
