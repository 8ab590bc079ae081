"""The generated pages are fresh, and every page is reached from the index and on the site."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from docs.generate import PAGES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", PAGES)
def test_the_generated_page_is_fresh(name: str) -> None:
    committed = (ROOT / "docs" / name).read_text(encoding="utf-8")

    assert committed == PAGES[name](), "stale: run `python -m docs.generate`"


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
