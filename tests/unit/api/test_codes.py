"""Every code that providers and api give is explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ftrunner
from ftrunner import catalogue

SOURCES = [
    path
    for folder in ("api", "providers")
    for path in (Path(ftrunner.__file__).parent / folder).glob("*.py")
]
CODES = sorted({code for path in SOURCES for code in re.findall(r'"(FT\d{3})"', path.read_text())})


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_in_the_catalogue(code: str) -> None:
    assert catalogue.explain(code) is not None
