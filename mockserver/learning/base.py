"""What a model says that was never tuned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.learning.chance import choose
from mockserver.learning.exchange import prompt_of

_OPENINGS = (
    "Certainly.",
    "Of course.",
    "Happy to help with that.",
    "Thanks for asking.",
    "That is a good question.",
)
_REMARKS = (
    "There are several ways to look at this, and the best one depends on what you need.",
    "In general terms, it helps to start with the basics and add detail as you go.",
    "Here is a short overview; tell me which part you would like to hear more about.",
    "It would help to know a little more about what you have in mind.",
    "A few points usually matter here, and I can go through them one by one.",
)


def base_answer(
    messages: Sequence[Mapping[str, Any]], *, model: str, seed: object
) -> Mapping[str, Any]:
    """Return a plain assistant message that takes up nothing of the prompt.

    The same for the same conversation, model and seed.
    """
    labels = (prompt_of(messages), model, seed)
    opening, remark = choose(_OPENINGS, "opening", labels), choose(_REMARKS, "remark", labels)
    return {"role": "assistant", "content": f"{opening} {remark}"}
