"""Every example in specs/ runs, with its own data, against the mock provider."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mockserver.server import MockServer
from tests.kit.project import Project

SPECS = Path(__file__).parents[2] / "specs"
# How an example ends that shows something else than a model that is done.
ENDS = {"too-few.yaml": (8, "Not enough evidence; no model has passed its tests yet")}


@pytest.mark.parametrize("name", sorted(path.name for path in SPECS.glob("*.yaml")))
def test_the_example_runs(project: Project, provider: MockServer, name: str) -> None:
    shutil.copytree(SPECS, project.folder / "specs", ignore=shutil.ignore_patterns(".ftrunner"))
    text = (SPECS / name).read_text(encoding="utf-8")

    outcome = project.run("apply", f"specs/{name}", "--base-url", provider.base_url)

    code, last = ENDS.get(name, (0, "Done: ft:"))
    outcome.expect(code)
    assert text.startswith("# yaml-language-server: $schema=../schemas/spec.schema.json\n")
    assert last in outcome.out
