"""What somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """`; did you mean 'train'?` for a near word among `options`, else nothing."""
    if len(word) > 100:
        return ""
    by_form = {option.lower().replace("-", "_"): option for option in options}
    near = get_close_matches(word.lower().replace("-", "_"), by_form, n=1, cutoff=0.6)
    is_other = near and by_form[near[0]] != word
    return f"; did you mean {by_form[near[0]]!r}?" if is_other else ""
