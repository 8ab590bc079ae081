"""What is installed is what is here: no folder is forgotten in setup.cfg."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import ftrunner

ROOT = Path(__file__).parents[2]


def setup_cfg() -> configparser.ConfigParser:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return config


def test_every_package_is_listed() -> None:
    found = {
        str(path.parent.relative_to(ROOT)).replace("/", ".")
        for top in ("ftrunner", "mockserver")
        for path in (ROOT / top).rglob("*")
        if path.suffix in {".py", ".yaml", ".jsonl"} and "__pycache__" not in path.parts
    }

    assert set(setup_cfg()["options"]["packages"].split()) == found | {"ftrunner_schemas"}


def test_every_dependency_has_a_lower_bound_and_no_other() -> None:
    requirements = setup_cfg()["options"]["install_requires"].split()

    assert requirements
    assert [r for r in requirements if not re.fullmatch(r"[\w.-]+>=[\d.]+", r)] == []


def test_the_changelog_knows_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert "## [Unreleased]" in changelog or f"## [{ftrunner.__version__}]" in changelog


def test_modules_and_functions_stay_small() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for top in ("ftrunner", "mockserver")
        for path in (ROOT / top).rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 350
    ]

    assert long == []
