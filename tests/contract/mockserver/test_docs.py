"""docs/mockserver.md: its examples run, and its tables hold everything there is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest
import yaml

from mockserver.__main__ import parser
from mockserver.client import FtMock
from mockserver.faults.scenario import Action, JobOutcome, Match, parse_scenario, scenario_names
from mockserver.fixtures import Fixtures, parse_fixtures
from mockserver.rules import creation, examples
from tests.contract.mockserver.raw import LINES, RawClient

pytest_plugins = ["pytester"]

TEXT = (Path(__file__).parents[3] / "docs" / "mockserver.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def test_the_pytest_example_passes(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(blocks("python")[0])

    pytester.runpytest_subprocess().assert_outcomes(passed=2)


def test_the_context_manager_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    exec(blocks("python")[1], {})  # noqa: S102 - the documented example is what is tested

    assert capsys.readouterr().out.startswith("http://127.0.0.1:")


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl to run")
def test_the_curl_example_takes_four_steps(
    ft_mock: FtMock, client: RawClient, tmp_path: Path
) -> None:
    lines = b"".join(msgspec.json.encode(line) + b"\n" for line in LINES)
    (tmp_path / "train.jsonl").write_bytes(lines)
    job_id = client.start()
    known = {"MOCK": ft_mock.base_url, "FILE": ft_mock.files[0]["id"], "JOB": job_id}

    run = subprocess.run(
        ["bash", "-ec", blocks("bash")[0].replace("curl -s", "curl -s --fail --noproxy '*'")],
        cwd=tmp_path,
        env={**os.environ, **known},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    kinds = re.findall(r'"object":"(file|fine_tuning\.job|chat\.completion)"', run.stdout)
    assert kinds == ["file", "fine_tuning.job", "fine_tuning.job", "chat.completion"]


def test_the_scenario_and_the_fixtures_can_be_read() -> None:
    scenario, fixtures = blocks("yaml")

    assert parse_scenario(scenario, "docs").name == "two-bad-minutes"
    assert set(yaml.safe_load(fixtures)) == set(Fixtures.__struct_fields__) - {"key"}
    assert parse_fixtures(fixtures, "docs").jobs[0].id == "ftjob-stories"


def test_every_ready_made_scenario_has_its_line() -> None:
    listed = re.findall(r"^\| `([\w-]+)` \|", section("What goes wrong, by name"), re.M)
    assert sorted(listed) == scenario_names()


def test_every_option_has_its_line() -> None:
    options = [action.option_strings[0] for action in parser()._actions]

    listed = re.findall(r"^\| `(--[\w-]+)` \|", section("Start it"), re.M)
    assert listed == [option for option in options if option != "-h"]


def test_every_rule_is_reported() -> None:
    reported = section("What it refuses")

    rules = [*(rule.name for rule in examples.RULES), *(rule.name for rule in creation.RULES)]
    assert [name for name in rules if f"`{name}`" not in reported] == []


def test_every_part_of_a_scenario_is_reported() -> None:
    reported = section("What goes wrong, by name")

    fields = [
        field.name for kind in (Match, Action, JobOutcome) for field in msgspec.structs.fields(kind)
    ]
    assert [name for name in fields if f"`{name}`" not in reported and name != "moderated"] == []


def section(title: str) -> str:
    return TEXT.partition(f"## {title}\n")[2].partition("\n## ")[0]
