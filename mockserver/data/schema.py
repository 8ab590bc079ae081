"""Generates the JSON Schemas of scenario and fixtures files from their types.

python -m mockserver.data.schema scenario > schemas/scenario.schema.json
"""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec

from mockserver.faults.scenario import Scenario
from mockserver.fixtures import Fixtures

KINDS: dict[str, tuple[type[msgspec.Struct], str]] = {
    "scenario": (Scenario, "Mock server scenario"),
    "fixtures": (Fixtures, "Mock server fixtures"),
}


def schema_text(kind: str) -> str:
    """The text of the JSON Schema file for "scenario" or "fixtures"."""
    described, title = KINDS[kind]
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **msgspec.json.schema(described),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text(sys.argv[1]))
