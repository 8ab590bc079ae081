"""How much there is to learn in the completions of a training file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import log
from typing import Any

from mockserver.learning.exchange import exchanges_in, text_of


def data_entropy(examples: Iterable[Mapping[str, Any]]) -> float:
    """Return the entropy of the completions' characters, in nats per character.

    It is the loss of a guesser that knows how often each character occurs and nothing else.
    0 where there are no completions. Reads ``examples`` once, in a stream.
    """
    counts: Counter[str] = Counter()
    for example in examples:
        for exchange in exchanges_in(example):
            counts.update(text_of(exchange.completion))
    total = counts.total()
    return max(0.0, -sum(count / total * log(count / total) for count in counts.values()))
