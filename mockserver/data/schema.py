"""JSON Schemas of the files that people write for the mock server, made from their types.

python -m mockserver.schema scenario > schemas/scenario.schema.json
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
    """The JSON Schema (2020-12) of "scenario" or "fixtures", as its file holds it."""
    described, title = KINDS[kind]
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **msgspec.json.schema(described),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text(sys.argv[1]))
