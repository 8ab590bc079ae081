"""Our token counts are tiktoken's, for every text in `tokens/`: scripts, emoji, code, white space,
numbers and special tokens. `tokens/counts.json` was recorded by the real tiktoken
(`tests/kit/record_token_counts.py` says how).
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from ftrunner.dataset.cost.tokens import TokenCounter, load_counter
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines import texts as rules
from ftrunner.dataset.lines.conversation import Example
from tests.kit.record_token_counts import COUNTS, ENCODINGS, texts

TEXTS = texts()
CASES: dict[str, Any] = json.loads(COUNTS.read_text(encoding="utf-8"))["cases"]


@cache
def counter(encoding: str) -> TokenCounter:
    return load_counter(encoding)


def test_every_text_has_a_count_and_every_count_a_text() -> None:
    assert set(CASES) == set(TEXTS)
    assert len(CASES) >= 100


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_counts_are_those_of_tiktoken(encoding: str, name: str) -> None:
    assert counter(encoding).text(TEXTS[name]) == CASES[name][encoding]["ordinary"]


@pytest.mark.parametrize("name", ["prose-long", "prose-mixed-long", "code-python", "code-shell"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("piece", [40, 97, 200])
def test_counts_of_pieces_are_those_of_the_whole(encoding: str, name: str, piece: int) -> None:
    in_pieces = TokenCounter(encoding, counter(encoding).text, piece=piece)

    assert in_pieces.text(TEXTS[name]) == CASES[name][encoding]["ordinary"]


def test_where_a_special_token_would_count_otherwise_a_rule_refuses_the_text() -> None:
    special = {
        name
        for name, counts in CASES.items()
        if any(each["ordinary"] != each["special"] for each in counts.values())
    }
    assert len(special) >= 4
    assert {name for name in special if not refused(TEXTS[name])} == set()


def refused(text: str) -> bool:
    """Whether FT240 is found in a line with this text."""
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": text}]
    return any(rules.no_special_tokens(Example({"messages": messages}, Format.CHAT)))
