"""What the README shows is what a run prints, ids and losses aside."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from tests.kit.project import Project

ROOT = Path(__file__).parents[2]
VARYING = [
    (re.compile(r"(file-|ftjob-)\w+"), r"\1ID"),
    (re.compile(r"(:stories:)\w+"), r"\1ID"),
    (re.compile(r"(runs/)\w+"), r"\1ID"),
    (re.compile(r"\d+\.\d+"), "N"),
    (re.compile(r"[▁▂▃▄▅▆▇█]+"), "CURVE"),
    (re.compile(r"一只蓝鲸.*"), "一只蓝鲸…"),
]


def output(text: str) -> list[str]:
    for pattern, constant in VARYING:
        text = pattern.sub(constant, text)
    return text.splitlines()


def test_the_output_shown_is_the_output_made(project: Project) -> None:
    shutil.copytree(ROOT / "specs", project.folder / "specs", ignore=shutil.ignore_patterns(".*"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = output(re.findall(r"^```text\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)[0])

    printed = iter(output(project.run("apply", "specs/stories.yaml", "--mock").expect(0).out))

    missing = [line for line in shown if line.strip() != "..." and line not in printed]
    assert missing == [], "lines of the README that the run did not print, or not in this order"
