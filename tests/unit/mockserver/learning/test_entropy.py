"""The loss that a training starts from."""

from __future__ import annotations

from math import log
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.learning import data_entropy
from tests.unit.mockserver.learning.forms import chat


@pytest.mark.parametrize(
    ("examples", "expected"),
    [
        ([], 0),
        ([chat("a long question", "")], 0),
        ([chat("a long question", "aaaa")], 0),
        ([chat("a long question", "ab"), chat("another", "ba")], log(2)),
        ([chat("a long question", "abcd")], log(4)),
    ],
)
def test_entropy_of_completions(examples: list[dict[str, Any]], expected: float) -> None:
    assert data_entropy(examples) == pytest.approx(expected)


@given(st.lists(st.text(min_size=1), min_size=1))
def test_entropy_is_bounded_by_the_alphabet(completions: list[str]) -> None:
    entropy = data_entropy(chat("q", completion) for completion in completions)

    assert 0 <= entropy <= log(len(set("".join(completions)))) + 1e-9
