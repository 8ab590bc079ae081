"""What is generated is fresh, and every page is reached from the index and on the site."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from docs.generate import GENERATED, spec, spec_schema
from ftrunner.evaluation.answer import Answer, Grade, expectation, met
from ftrunner.evaluation.assertions import KINDS, check
from ftrunner.render.formats import REPORTS
from ftrunner.spec.testing import Assertion

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", GENERATED)
def test_what_is_generated_is_fresh(name: str) -> None:
    committed = (ROOT / name).read_text(encoding="utf-8")

    assert committed == GENERATED[name](), "stale: run `python -m docs.generate`"


def test_every_format_of_a_report_has_its_row() -> None:
    page = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")

    assert [name for name in REPORTS if f"| `{name}` |" not in page] == []


@pytest.fixture
def palindrome() -> Iterator[str]:
    """A kind of expectation that exists as long as the test does."""

    @expectation("{title: Palindrome, enum: [letters, words], examples: [letters]}")
    def palindrome(expected: str, answer: Answer) -> Grade:
        """The answer is the same from its end."""
        parts = list(answer.text) if expected == "letters" else answer.text.split()
        return met(None if parts == parts[::-1] else "it is another from its end")

    yield palindrome.__name__
    del KINDS[palindrome.__name__]


def test_one_function_is_a_new_kind_of_expectation(palindrome: str) -> None:
    """Its function judges, a spec may use it, and the page of the spec has it."""
    schema = json.loads(spec_schema())
    of_expectations = Draft202012Validator({"$defs": schema["$defs"], "$ref": "#/$defs/assertion"})

    assert check(Assertion(palindrome, "words"), Answer("step by step")).passed
    assert not check(Assertion(palindrome, "letters"), Answer("step by step")).passed
    assert schema["$defs"]["assertion"]["properties"][palindrome] == {
        "title": "Palindrome",
        "description": "The answer is the same from its end.",
        "enum": ["letters", "words"],
        "examples": ["letters"],
    }
    assert of_expectations.is_valid({"not": {palindrome: "letters"}})
    assert not of_expectations.is_valid({palindrome: "sentences"})
    assert "| `tests.prompts[].expect[].palindrome` | one of `letters`, `words` |" in spec()


PAGES_ON_DISK = sorted(path.name for path in (ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("page", [page for page in PAGES_ON_DISK if page != "index.md"])
def test_the_index_and_the_site_lead_to_the_page(page: str) -> None:
    site = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))

    assert f"({page})" in (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    assert page in str(site["project"]["nav"])


def test_the_readme_leads_to_the_index() -> None:
    assert "(docs/index.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES_ON_DISK)
def test_links_stay_within_the_site(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)

    assert [link for link in links if link not in PAGES_ON_DISK] == []
