"""`plan` of several specs and of folders, as text, Markdown and JSON."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ftrunner.spec.find import find_specs
from tests.kit.project import Project
from tests.kit.stories import SPEC, stories

EVIL = "x`y``z|<script>alert(1)</script>\n</details>@octocat #1"


def two(project: Project) -> None:
    project.write(stories())
    project.write({"tales.yaml": {**SPEC, "name": "tales", "hyperparameters": {"n_epochs": 4}}})


def test_several_specs_are_planned_and_an_invalid_one_stops_no_other(project: Project) -> None:
    two(project)
    project.write({"worse.yaml": {**SPEC, "dataset": {"train": "no"}}})

    seen = project.run("plan", "stories.yaml", "worse.yaml", "tales.yaml").expect(2)
    documents = project.run("plan", "stories.yaml", "worse.yaml", "--json").expect(2).documents()

    assert "stories · https://" in seen.out
    assert "tales · https://" in seen.out
    assert "worse.yaml:\n" in seen.err
    assert [one["spec"] for one in documents] == ["stories.yaml", "worse.yaml"]


def test_the_gravest_code_of_all_counts(project: Project) -> None:
    two(project)
    project.run("plan", "stories.yaml", "tales.yaml").expect(0)
    project.run("plan", "stories.yaml", "tales.yaml", "--exit-code").expect(10)
    project.write({"dear.yaml": {**SPEC, "name": "dear", "budget": {"max_cost": 0.0001}}})
    project.run("plan", "stories.yaml", "dear.yaml", "--exit-code").expect(6)


@pytest.mark.parametrize("command", [("plan", "."), (".",), ("plan", "stories.yaml", ".")])
def test_a_folder_stands_for_the_specs_in_it(project: Project, command: tuple[str, ...]) -> None:
    two(project)

    shown = project.run(*command).expect(0).out

    assert re.findall(r"^(\w+) · ", shown, re.MULTILINE) == ["stories", "tales"]


def test_specs_are_found_by_their_keys(tmp_path: Path) -> None:
    block = "version: 1\nname: a\nmodel: m\ndatset: {train: a.jsonl}\n"
    files = {
        "a.yaml": block,
        "deep/er/b.yml": '{"version": 1, "name": "b", "model": "m", "dataset": {}}',
        "bom.yaml": f"\ufeff{block}provider: openai\n",
        "broken.yaml": f"{block}tests: [\n",
        ".hidden/c.yaml": block,
        ".hidden.yaml": block,
        "compose.yaml": "version: '3'\nname: x\nservices:\n  model: {}\n  tests: {}\n",
        "workflow.yml": "name: ci\njobs:\n  tests:\n    name: a\n    model: b\n    version: 1\n",
        "a.json": block,
        "empty.yaml": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    found = [path.relative_to(tmp_path).as_posix() for path in find_specs(tmp_path)]

    assert found == ["a.yaml", "bom.yaml", "broken.yaml", "deep/er/b.yml"]


def test_a_folder_without_a_spec_is_named(project: Project) -> None:
    project.write({"empty/readme.txt": ""})

    assert "empty" in project.run("plan", "empty").expect(2).err


def test_markdown_says_what_happens_and_what_it_costs(project: Project) -> None:
    two(project)
    project.run("apply", "tales.yaml", "--mock").expect(0)

    shown = project.run("plan", ".", "--format", "md").expect(0).out
    rehearsed = project.run("plan", "tales.yaml", "--mock", "--format", "md").expect(0).out

    assert shown.startswith("<!-- ftrunner-plan -->\n### ftrunner plan\n")
    assert "| `stories.yaml` | trains: no job yet | about \\$0.01 |" in shown
    assert "| upload | run | train data is new |" in shown
    assert "**Cost:** " in shown
    assert "⚠️ FT382: gpt\\-4o\\-mini" in shown
    assert "| `tales.yaml` | ✅ nothing to do | |" in rehearsed


def test_markdown_has_the_rows_that_changed_and_what_moves(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)
    project.edit("data.jsonl", "小狗", "小象")

    shown = project.run("plan", "stories.yaml", "--mock", "--format", "md").expect(0).out
    moved = project.run("plan", "stories.yaml", "--provider", "nebius", "--format", "md").out

    assert "- train data" in shown
    assert "<details><summary>Rows</summary>" in shown
    assert "data.jsonl:" in shown
    assert "**What moves**" in moved
    assert "At Nebius Token Factory:" in moved


def test_markdown_of_an_invalid_spec_has_its_findings_in_a_fence(project: Project) -> None:
    project.write({"worse.yaml": {**SPEC, "provider": EVIL}})

    shown = project.run("plan", "worse.yaml", "--format", "md").expect(2).out
    outside = re.sub(r"^(`{3,})text\n.*?^\1$", "", shown, flags=re.MULTILINE | re.DOTALL)

    assert "| `worse.yaml` | ❌ FT330: 1 error | |" in outside
    assert "<script>" not in outside
    assert "octocat" not in outside
    assert "error FT330" in shown


def test_markdown_of_many_specs_stays_below_the_limit(project: Project) -> None:
    specs = {f"s{n:03}.yaml": {**SPEC, "name": f"s{n}", "provider": EVIL} for n in range(200)}
    project.write(specs)

    shown = project.run("plan", ".", "--format", "md").expect(2).out

    assert len(shown.encode()) <= 60_000
    assert re.search(r"…and \d+ more", shown)
