"""The scripts a text is written in, such as Latin or Han: a hint at its language."""

from __future__ import annotations

import re
from collections import Counter

# Unicode blocks of the scripts most data is written in; everything else is "Other".
_BLOCKS = {
    "Latin": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
    "Han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f",
    "Kana": "\u3040-\u30ff\uff66-\uff9d",
    "Hangul": "\u1100-\u11ff\uac00-\ud7a3",
    "Cyrillic": "\u0400-\u052f",
    "Arabic": "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc",
    "Devanagari": "\u0900-\u097f",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Hebrew": "\u0590-\u05ff",
    "Thai": "\u0e00-\u0e7f",
}
_PATTERNS = {name: re.compile(f"[{block}]+") for name, block in _BLOCKS.items()}
_OTHER = re.compile(f"[^\\W\\d_{''.join(_BLOCKS.values())}]+")


def scripts_of(text: str) -> Counter[str]:
    """How many letters of each script `text` has."""
    counts = Counter(
        {name: sum(map(len, pattern.findall(text))) for name, pattern in _PATTERNS.items()}
    )
    counts["Other"] = sum(map(len, _OTHER.findall(text)))
    return +counts
