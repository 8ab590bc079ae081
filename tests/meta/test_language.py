"""Pages, messages, comments and names use plain English: some words may not come back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALL_TEXT = {
    "pages": ["*.md", "docs/*.md"],
    "ftrunner": ["ftrunner/**/*.py", "ftrunner/**/*.yaml"],
    "mockserver": ["mockserver/**/*.py", "mockserver/**/*.yaml"],
    "schemas": ["schemas/*.json"],
    "cases": ["tests/cases/data/**/*.yaml"],
}
# A pattern, and what to write in its place.
BANNED = {
    r"told(?! apart)": "reported, printed, shown",
    r"(?<!\.)(?<!to\s)(?<!can\s)tells?(?! (me|him|\w+ apart|.{0,30} from)\b)": "reports, says",
    r"nobody": "no one; better: say who does what",
    r"anew": "again",
    r"heed(s|ed|ing)?": "follow, report",
    r"of (its|their|one's) own": "its, their",
    r"(?<!time\s)(stands|stand|stood)(?! for|-in)": "is",
    r"doubt(s|ed|ful)?": "unconfirmed",
    r"wish(es|ed)?": "ask for, want",
    r"there (is|are|was|were) no such": "name the thing: 'the provider has no job with this id'",
    r"(?<!there\s)(is|are|was|were) no (?!longer|more\b|less\b|better|worse)\w+": "is not a",
    r"what becomes of": "what happens to",
    r"whoever": "everyone who, anyone who",
    r"no part of": "not part of",
    r"a least": "at least one, the smallest",
}
# A comment goes on after its sign.
SPACED = [pattern.replace(" ", r"[\s#]+") for pattern in BANNED]
ANY = re.compile(
    rf"\b(?:{'|'.join(f'(?P<_{n}>{pattern})' for n, pattern in enumerate(SPACED))})\b",
    re.IGNORECASE,
)
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
# What is not ours to word: training data in examples.
QUOTED = re.compile(
    r"""^.*"(content|user|system|examples)":.*$|^  example: .*$|^data: \|\n(.*\n)*""", re.MULTILINE
)
COMMENT = re.compile(r"(?:^|\s)# .*")


def complaints(text: str) -> list[str]:
    """Each banned phrase outside of code, with its line."""
    blanked = _without(QUOTED, _without(CODE, text))
    return [
        f"line {blanked.count(chr(10), 0, hit.start()) + 1}: '{hit.group()}'; write {_instead(hit)}"
        for hit in ANY.finditer(blanked)
    ]


def _instead(hit: re.Match[str]) -> str:
    return list(BANNED.values())[int((hit.lastgroup or "_0")[1:])]


def _without(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def prose_of_tests(text: str) -> Iterator[str]:
    """What a test file says about itself: names, docstrings and comments, not its data."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            yield ast.get_docstring(node) or ""
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name.replace("_", " ")
    yield "".join(COMMENT.findall(text))


@pytest.mark.parametrize("kind", ALL_TEXT)
def test_no_banned_word_is_in_what_people_read(kind: str) -> None:
    paths = sorted(path for pattern in ALL_TEXT[kind] for path in ROOT.glob(pattern))
    found = {
        path.relative_to(ROOT).as_posix(): complaints(path.read_text(encoding="utf-8"))
        for path in paths
    }

    assert paths
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_no_banned_word_is_in_what_tests_say() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): [
            line for text in prose_of_tests(path.read_text("utf-8")) for line in complaints(text)
        ]
        for path in sorted((ROOT / "tests").rglob("*.py"))
        if path != Path(__file__)
    }

    assert {path: lines for path, lines in found.items() if lines} == {}


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
        "# It has a key of\n# its own.",
        "An upload is in doubt.",
    ],
)
def test_a_banned_word_is_found(text: str) -> None:
    assert len(complaints(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "It is no longer there.",
        "There is no price.",
        "```\nnobody\n```",
        "`told`",
        "untold",
        '"user": "I was told a story"',
        "file.tell()",
        "hard to tell",
    ],
)
def test_other_words_are_free(text: str) -> None:
    assert complaints(text) == []


def test_names_docstrings_and_comments_of_tests_are_read_and_their_data_is_not() -> None:
    text = "def test_he_is_told():\n    '''Nobody.'''\n    said = 'anew'  # heed\n"

    assert sum(len(complaints(part)) for part in prose_of_tests(text)) == 3
