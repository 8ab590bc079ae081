"""A few lines of chat data for tests that are about something else."""

from __future__ import annotations

import json


def example(number: int, *, answer: str | None = None) -> bytes:
    """A correct line; other numbers, other prompts."""
    messages = [
        {"role": "user", "content": f"What is {number} plus one?"},
        {"role": "assistant", "content": answer or f"It is {number + 1}."},
    ]
    return json.dumps({"messages": messages}).encode()
