"""`--format`: each command takes the formats of its table, and `--json` is short for one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable

import pytest

from ftrunner.render.formats import FINDINGS, REPORTS, RUNS
from tests.kit.project import Project
from tests.kit.stories import SPEC, stories

RUN_COMMANDS = ("apply", "test", "cancel", "adopt", "forget", "destroy", "status")
OFFERED: dict[tuple[str, ...], Iterable[str]] = {
    **{(name,): RUNS for name in RUN_COMMANDS},
    ("data", "check"): FINDINGS,
    ("validate",): FINDINGS,
    ("report",): REPORTS,
}
# A renderer as its author would write it: a module, and a row in the table.
SHOUT = """
from contextlib import contextmanager

@contextmanager
def one_run(stream, clock, *, verbose):
    yield lambda event: stream.write(event.kind.upper() + "!\\n")

several_runs = None
"""
ADDED = """
import sys
from ftrunner.render.formats import RUNS
RUNS["shout"] = ("shout:one_run", "shout:several_runs")
from ftrunner.cli.main import main
main(sys.argv[1:])
"""
MISSPELT = {**SPEC, "dataset": {"trian": "data/turbo35.jsonl"}}
FAILING = {"prompts": [{"name": "whale", "user": "Tell me.", "expect": [{"contains": "xyzzy"}]}]}


@pytest.mark.parametrize("command", OFFERED, ids=" ".join)
def test_a_command_takes_every_format_of_its_table(
    project: Project, command: tuple[str, ...]
) -> None:
    shown = project.run(*command, "--help").expect(0).out

    assert f"[{'|'.join(OFFERED[command])}]" in "".join(shown.split())


@pytest.mark.process("a table is read when its commands are imported")
def test_a_renderer_of_runs_is_a_module_and_a_row(project: Project) -> None:
    project.write({**stories(), "shout.py": SHOUT})

    def run(*arguments: str) -> str:
        command = (sys.executable, "-c", ADDED, *arguments)
        done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "[text|jsonl|github|shout]" in "".join(run("apply", "--help").split())
    shouted = run("apply", "stories.yaml", "--mock", "--format", "shout").splitlines()
    assert shouted[0] == "RUN_STARTED!"
    assert shouted[-1] == "RUN_FINISHED!"


@pytest.mark.parametrize(
    ("command", "other", "short"),
    [
        ("apply stories.yaml --mock", "text", "jsonl"),
        ("validate stories.yaml", "sarif", "json"),
        ("data check data.jsonl", "github", "json"),
        ("report stories.yaml --mock", "html", "jsonl"),
        ("plan stories.yaml", "md", "json"),
    ],
)
def test_json_is_short_for_one_format_and_refuses_another(
    project: Project, command: str, other: str, short: str
) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock", "-q").expect(0)

    refused = project.run(*command.split(), "--json", "--format", other).expect(2)
    brief = project.run(*command.split(), "--json").expect(0).out
    spelt = project.run(*command.split(), "--json", "--format", short).expect(0).out

    assert f"--json is short for --format {short}, not {other}" in refused.err
    assert json.loads(refused.out)["code"] == "usage"
    assert [json.loads(line).keys() for line in brief.splitlines()] == [
        json.loads(line).keys() for line in spelt.splitlines()
    ]


def test_a_usage_error_is_a_document_where_a_format_for_programs_is_asked_for(
    project: Project,
) -> None:
    for words in (["--format", "jsonl"], ["--format=jsonl"], ["--json"]):
        refused = project.run("apply", *words).expect(2)
        assert json.loads(refused.out)["code"] == "usage"


def test_a_spec_is_validated_for_code_scanners(project: Project) -> None:
    project.write({**stories(), "a.yaml": MISSPELT, "b.yaml": {**SPEC, "seed": "x"}})

    found = project.run("validate", ".", "--format", "sarif").expect(2)

    [run] = json.loads(found.out)["runs"]
    places = [one["locations"][0]["physicalLocation"] for one in run["results"]]
    assert {place["artifactLocation"]["uri"] for place in places} == {"a.yaml", "b.yaml"}
    assert {one["ruleId"] for one in run["results"]} >= {"FT120"}
    assert found.err == ""


def test_annotations_are_bounded_and_the_text_is_beside_them(project: Project) -> None:
    project.write({f"{n:02}.yaml": MISSPELT for n in range(12)})

    found = project.run("validate", ".", "--format", "github").expect(2)

    errors = found.out.splitlines()
    assert errors[0].startswith("::error file=00.yaml,line=1,col=")
    assert errors[9:] == [f"::error::{12 * found.err.count('FT120') // 12 - 9} more; see the log"]
    assert "11.yaml:1" in found.err


def test_a_run_in_a_job_s_log_has_a_group_for_each_step_and_annotations(project: Project) -> None:
    project.write(stories(tests=FAILING))

    log = project.run("apply", "stories.yaml", "--mock", "--format", "github").expect(5).out

    lines = log.splitlines()
    groups = [line for line in lines if line.startswith(("::group::", "::endgroup::"))]
    assert [line[9:].split(":")[0] for line in groups[::2]] == [
        "prepare",
        "upload",
        "train",
        "test",
    ]
    assert set(groups[1::2]) == {"::endgroup::"}
    assert "::error file=stories.yaml,title=stories%3A whale failed::" in log
    assert "Tests failed" in lines[-2]


def test_what_stopped_a_run_is_an_annotation(project: Project) -> None:
    project.write({**stories(), "stories.yaml": MISSPELT})

    refused = project.run("apply", "stories.yaml", "--mock", "--format", "github").expect(2)
    missing = project.run("apply", "none.yaml", "--mock", "--format=github").expect(2)

    assert refused.out.startswith("::error file=stories.yaml,line=1,col=")
    assert missing.out.startswith("::error file=none.yaml,")


def test_several_runs_at_once_are_annotated_by_name(project: Project) -> None:
    project.write(stories(tests=FAILING))
    project.write({"tales.yaml": {**SPEC, "name": "tales", "seed": 2}})

    log = project.run("apply", ".", "--mock", "--parallel", "2", "--format", "github").expect(5).out

    assert "::error file=stories.yaml,title=stories%3A whale failed::" in log
    assert "tales%3A" not in log
    assert "::group::" not in log
