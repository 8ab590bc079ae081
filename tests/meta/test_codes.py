"""Every code has an explanation, and every explanation a code that is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ftrunner.catalogue import codes, explain

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"\bFT\d{3}\b")
# Held by what they say, without their code. The list may only shrink.
NAMED_BY_NO_TEST = {
    *("FT170", "FT171", "FT172", "FT173", "FT174", "FT177", "FT190"),
    *("FT302", "FT306", "FT320", "FT321", "FT324", "FT326", "FT327", "FT331", "FT334"),
    *("FT401", "FT407", "FT415", "FT517"),
}


def used() -> set[str]:
    """The codes in the source: as literals of Python, or in the dataset's rule tables."""
    return {
        code
        for path in (ROOT / "ftrunner").rglob("*")
        if path.suffix in {".py", ".yaml"} and path.name != "codes.yaml"
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }


def test_every_code_is_explained_and_none_is_left_over() -> None:
    assert used() == set(codes())


def test_every_code_is_named_by_a_test() -> None:
    texts = [
        path.read_text(encoding="utf-8", errors="ignore")
        for path in (ROOT / "tests").rglob("*")
        if path.suffix in {".py", ".txt", ".yaml"} and path != Path(__file__)
    ]

    named = {code for text in texts for code in CODE.findall(text)}
    assert set(codes()) - named == NAMED_BY_NO_TEST


@pytest.mark.parametrize("code", codes())
def test_an_explanation_is_whole(code: str) -> None:
    explanation = explain(code)

    assert explanation is not None
    assert all((explanation.title, explanation.cause, explanation.fix, explanation.example))
