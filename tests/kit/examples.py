"""How many examples a property is tried with."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

USUAL = 100


def examples(count: int, **more: Any) -> settings:
    """Settings for `count` examples, or their share where `--hypothesis-profile` has fewer."""
    share = settings().max_examples / USUAL
    return settings(max_examples=max(1, round(count * share)), **more)
