"""What one row of a test set expects: the set's expectations with the row's columns in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ftrunner.evaluation.assertions import KINDS
from ftrunner.spec.build_tests import COMBINED
from ftrunner.spec.template import Item, fill, look_up, references
from ftrunner.spec.testing import Assertion


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
    kind = KINDS[assertion.kind]
    return replace(assertion, value=kind.with_row(fill(assertion.value, item, kind.quote)))
