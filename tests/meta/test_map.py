"""ARCHITECTURE, CONTRIBUTING and SECURITY name files and folders that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "docs/decisions.md")
# Within backquotes; a path in a table of ftrunner's may leave `ftrunner/` out.
NAMED = re.compile(r"`([\w./*-]+/[\w./*-]*\w(?:\.\w+)?)(?:::\w+)?`")
LINKED = re.compile(r"\]\((?!https?:)([^)#]+)")
MADE_BY_A_RUN = (".ftrunner/",)


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def exists(path: str) -> bool:
    path = path.rstrip("/").replace("NAME", "*")
    return any(any((ROOT / base).glob(path)) for base in (".", "ftrunner"))


@pytest.mark.parametrize("page", PAGES)
def test_every_path_named_exists(page: str) -> None:
    named = [path for path in NAMED.findall(text_of(page)) if not path.startswith(MADE_BY_A_RUN)]

    assert [path for path in named if not exists(path)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    linked = LINKED.findall(text_of(page))

    assert [link for link in linked if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_every_folder_has_its_row() -> None:
    table = text_of("CONTRIBUTING.md")
    folders = [
        path
        for top in ("ftrunner", "ftrunner/engine", "tests")
        for path in (ROOT / top).iterdir()
        if (path / "__init__.py").exists() and path.name not in {"kit", "bench"}
    ]

    rows = [f"`{path.relative_to(ROOT)}`" for path in folders if path.name != "engine"]
    assert [row for row in rows if row not in table] == []


def test_every_module_that_all_steps_use_has_its_row() -> None:
    modules = [path.name for path in (ROOT / "ftrunner" / "engine").glob("*.py")]

    text = text_of("ARCHITECTURE.md")
    assert [name for name in modules if f"`{name}`" not in text and name != "__init__.py"] == []
