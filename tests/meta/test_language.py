"""The pages that people write use plain English: some words and phrases may not come back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GENERATED = {"codes.md", "providers.md"}  # their words are those of codes.yaml and profiles
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
    if path.name not in GENERATED
)
# A pattern, and what to write in its place.
BANNED = {
    r"told": "reported, printed, shown",
    r"tells? of": "reports, mentions",
    r"nobody": "no one; better: say who does what",
    r"anew": "again",
    r"heed(s|ed|ing)?": "follow, report",
    r"of (its|their|one's) own": "its, their",
    r"(it|that|which|who|there) stands?\b(?! for)|stands? (in|at|on|there|twice)": "is",
    r"there is no such": "name the thing: 'the provider has no job with this id'",
    r"(?<!there\s)(is|are) no (?!longer|more\b|less\b|better|worse)\w+": "is not a",
    r"what becomes of": "what happens to",
    r"whoever": "everyone who, anyone who",
    r"no part of": "not part of",
    r"a least": "at least one, the smallest",
}
CODE = re.compile(r"^```.*?^```|`[^`]*`", re.MULTILINE | re.DOTALL)


def complaints(text: str) -> list[str]:
    """Each banned phrase outside of code, with its line."""
    blanked = CODE.sub(lambda code: re.sub(r"[^\n]", " ", code.group()), text)
    found = []
    for pattern, instead in BANNED.items():
        spaced = pattern.replace(" ", r"\s+")
        for hit in re.finditer(rf"\b(?:{spaced})\b", blanked, re.IGNORECASE):
            line = blanked.count("\n", 0, hit.start()) + 1
            found.append(f"line {line}: '{hit.group()}'; write {instead}")
    return found


@pytest.mark.parametrize("page", PAGES)
def test_no_banned_word_is_on_the_page(page: str) -> None:
    assert complaints((ROOT / page).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "The user is told why.",
        "A list tells\nof jobs.",
        "Nobody agreed.",
        "The file is written anew.",
        "A rule that is no error.",
        "The value that stands there.",
        "Whoever asks gets an answer.",
    ],
)
def test_a_banned_word_is_found(text: str) -> None:
    assert len(complaints(text)) == 1


@pytest.mark.parametrize(
    "text",
    ["It is no longer there.", "There is no price.", "```\nnobody\n```", "`told`", "untold"],
)
def test_other_words_are_free(text: str) -> None:
    assert complaints(text) == []
