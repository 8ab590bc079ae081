"""Each command with `--json` prints what `schemas/document.schema.json` describes.

`Outcome.documents` holds every document that any test reads against the schemas.
"""

from __future__ import annotations

import pytest

from ftrunner.document import schema
from mockserver.server import MockServer
from tests.acceptance.test_gates import BETTER, with_gates
from tests.kit.project import Project, wrong_with
from tests.kit.stories import stories

BEFORE_APPLY = (
    ("validate", "stories.yaml", "--tokens", "exact"),
    ("plan", "stories.yaml", "--online"),
    ("status", "stories.yaml"),
    ("explain", "FT101"),
    ("init", "new"),
    ("providers",),
    ("providers", "show", "together"),
)
AFTER_APPLY = (
    ("plan", "stories.yaml", "--rows"),
    ("status", "stories.yaml"),
    ("history", "stories.yaml"),
    ("verify", "stories.yaml"),
    ("output", "stories.yaml"),
    ("output", "stories.yaml", "effect"),
    ("compare", "stories.yaml", "--against", "base"),
    ("drift", "stories.yaml"),
    ("test", "stories.yaml"),
)
OF_DATA = (
    ("check", "bad.jsonl"),
    ("stats", "stories.yaml", "--tokens", "exact"),
    ("diff", "data.jsonl", "bad.jsonl", "--rows"),
    ("fix", "data.jsonl", "fixed.jsonl"),
    ("convert", "data.jsonl", "converted.jsonl"),
    ("split", "data.jsonl"),
)


def test_each_document_is_as_described(project: Project, provider: MockServer) -> None:
    project.write(with_gates(24, BETTER, base_url=provider.base_url))
    seen: set[str | None] = set()

    def run(*command: str) -> None:
        read = project.run(*command, "--json").documents()
        assert read, command
        seen.update(one.get("document") for one in read)

    for command in BEFORE_APPLY:
        run(*command)
    run("apply", "stories.yaml")
    for command in AFTER_APPLY:
        run(*command)
    run("import", "--all", "--provider", "openai", "--base-url", provider.base_url)
    project.write({"bad.jsonl": "no JSON\n" + project.read("data.jsonl")})
    for command in OF_DATA:
        run("data", *command)
    run("destroy", "stories.yaml", "--yes")
    run("apply", "stories.yaml", "--mock")
    run("forget", "stories.yaml", "--mock")

    # `mock` runs until it is stopped; tests that start it as a process read its document.
    assert seen - {None} == set(schema.load("document")["properties"]["document"]["enum"]) - {
        "mock"
    }


@pytest.mark.parametrize(
    "change",
    [{"matches": "yes"}, {"reason": "a key that is not described"}, {"document": "of no kind"}],
    ids=str,
)
def test_another_document_is_refused(project: Project, change: dict[str, str]) -> None:
    project.write(stories())
    right = {"schema": 2, "document": "verification", "spec": "s", "matches": True, "model": None}

    assert wrong_with(right) == []
    assert wrong_with({**right, **change}) != []
