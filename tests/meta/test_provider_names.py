"""What differs between providers is data: no code of the runner knows one by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ftrunner.providers import registry

PACKAGE = Path(__file__).parents[2] / "ftrunner"
NAMES = re.compile(
    rf"""["']({"|".join(name for name in registry.names() if name != "generic")})["']""",
    re.IGNORECASE,
)


@pytest.mark.parametrize("layer", ["engine", "api", "evaluation", "state", "render", "providers"])
def test_no_provider_s_name_is_in_the_code(layer: str) -> None:
    files = sorted((PACKAGE / layer).rglob("*.py"))
    found = [
        f"{path}: {hit[0]}" for path in files for hit in NAMES.finditer(path.read_text("utf-8"))
    ]

    assert files
    assert found == []
