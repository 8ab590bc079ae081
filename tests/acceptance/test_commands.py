"""Each command once, as a user meets it: what it prints, what it exits with, what it refuses."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import jsonschema
import pytest

from ftrunner.cli.main import COMMANDS
from ftrunner.clock import SystemClock
from ftrunner.document import schema
from mockserver.client import FtMock
from mockserver.server import MockServer
from tests.kit.project import Project
from tests.kit.stories import SPEC, stories


@pytest.fixture
def applied(project: Project, provider: MockServer) -> Project:
    """A project whose spec names the provider's address and has been applied there."""
    project.write(stories(base_url=provider.base_url))
    project.run("apply", "stories.yaml").expect(0)
    return project


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_a_form_for_programs(project: Project, command: str) -> None:
    shown = project.run(command, "--help").expect(0)

    assert "--json" in shown.out or "--format" in shown.out
    assert shown.err == ""


def test_init_writes_what_validate_and_apply_take(project: Project) -> None:
    project.run("init", "new").expect(0)

    validated = project.run("validate", "new/finetune.yaml").expect(0)
    assert validated.out == "new/finetune.yaml: valid\n"
    project.run("apply", "new/finetune.yaml", "--mock").expect(0)


def test_init_overwrites_nothing(project: Project) -> None:
    project.write({"finetune.yaml": "mine"})

    refused = project.run("init").expect(2)

    assert "finetune.yaml exists already" in refused.err
    assert project.read("finetune.yaml") == "mine"


def test_validate_needs_no_key_and_says_valid(project: Project) -> None:
    project.write(stories())

    outcome = project.run("validate", "stories.yaml", OPENAI_API_KEY="").expect(0)

    assert outcome.out == "stories.yaml: valid\n"


def test_validate_reports_every_fault_of_every_spec(project: Project) -> None:
    project.write(stories(sufix="x", seed=-1))
    project.write({"other.yaml": "version: 1\n"})

    outcome = project.run("validate", "stories.yaml", "other.yaml").expect(2)

    assert "did you mean 'suffix'?" in outcome.err
    assert "seed" in outcome.err
    assert "other.yaml:1" in outcome.err


def test_validate_json_has_places(project: Project) -> None:
    project.write(stories(seed="x"))

    [document] = project.run("validate", "stories.yaml", "--json").expect(2).documents()

    [finding] = document["findings"]
    assert (finding["file"], finding["line"], finding["path"]) == ("stories.yaml", 1, "seed")


def test_plan_shows_prices_and_its_exit_code_says_what_changes(project: Project) -> None:
    project.write(stories())

    outcome = project.run("plan", "stories.yaml", "--exit-code", OPENAI_API_KEY="").expect(10)

    assert "3 train    run: no job yet" in outcome.out
    assert re.search(r"Estimate: [\d,]+ tokens = \d+ × 10 epochs, about \$0\.01", outcome.out)


def test_plan_of_an_applied_spec_has_no_changes(applied: Project) -> None:
    outcome = applied.run("plan", "stories.yaml", "--exit-code").expect(0)

    assert "Nothing to do." in outcome.out


def test_plan_names_the_setting_that_retrains(applied: Project) -> None:
    applied.edit("stories.yaml", '"n_epochs": 10', '"n_epochs": 3')

    outcome = applied.run("plan", "stories.yaml").expect(0)

    assert "3 train    replace: hyperparameters.n_epochs 10 → 3" in outcome.out


def test_status_and_output_print_the_same_model(applied: Project) -> None:
    model = applied.run("output", "stories.yaml").expect(0).out.strip()
    job = applied.run("output", "stories.yaml", "job").expect(0).out.strip()
    file = applied.run("output", "stories.yaml", "file").expect(0).out.strip()

    status = applied.run("status", "stories.yaml").expect(0).out
    assert model.startswith("ft:gpt-4o-mini-2024-07-18")
    assert f"current     {model}" in status
    assert job in status
    assert file in status


def test_output_without_a_model_is_a_state_error(project: Project) -> None:
    project.write(stories())

    outcome = project.run("output", "stories.yaml").expect(4)

    assert outcome.out == ""
    assert "error[FT410]: stories has no current model" in outcome.err


def test_test_asks_again_alone(applied: Project) -> None:
    outcome = applied.run("test", "stories.yaml").expect(0)

    assert "1 of 1 passed" in outcome.out
    assert "train" not in outcome.out


def test_cancel_of_a_finished_job_is_reported(applied: Project) -> None:
    outcome = applied.run("cancel", "stories.yaml").expect(4)

    assert re.search(r"ftjob-\w+ is over: succeeded", outcome.err)


def test_events_match_their_schema(project: Project, provider: MockServer) -> None:
    project.write(stories(base_url=provider.base_url))
    validator = jsonschema.Draft202012Validator(schema.load("event"))

    outcome = project.run("apply", "stories.yaml", "--json").expect(0)

    events = outcome.documents()
    assert [e["event"] for e in events][:2] == ["run_started", "step_started"]
    assert events[-1]["outcome"] == "done"
    assert [error.message for e in events for error in validator.iter_errors(e)] == []


def test_an_error_is_an_event_too(project: Project) -> None:
    project.write(stories(seed="x"))
    validator = jsonschema.Draft202012Validator(schema.load("event"))

    [error] = project.run("apply", "stories.yaml", "--json").expect(2).documents()

    validator.validate(error)
    assert error["exit_code"] == 2


def test_several_specs_end_with_the_gravest_code(project: Project, provider: MockServer) -> None:
    project.write(stories(base_url=provider.base_url))

    project.write(
        {"dear.yaml": {**SPEC, "base_url": provider.base_url, "budget": {"max_tokens": 1}}}
    )

    outcome = project.run("apply", "dear.yaml", "stories.yaml").expect(6)

    assert "1 of 1 passed" in outcome.out


def test_an_answer_that_was_cut_off_does_not_pass(project: Project, provider: MockServer) -> None:
    asked = {"name": "whale", "user": "Tell me a story.", "expect": [{"min_chars": 1}]}
    tests = {"request": {"max_tokens": 2}, "prompts": [asked]}
    project.write(stories(base_url=provider.base_url, tests=tests))

    outcome = project.run("apply", "stories.yaml", "--yes").expect(5)

    assert "cut off at the most tokens" in outcome.out + outcome.err


def test_over_budget_creates_no_job(project: Project, provider: MockServer) -> None:
    project.write(stories(base_url=provider.base_url, budget={"max_tokens": 100}))

    outcome = project.run("apply", "stories.yaml").expect(6)

    assert "over budget.max_tokens of 100" in outcome.err
    assert FtMock(provider.origin).jobs == []


@pytest.mark.parametrize("tokens", ["exact", "sample", "off"])
def test_a_budget_is_held_by_the_tokens_that_are_counted(
    project: Project, provider: MockServer, tokens: str
) -> None:
    project.write(stories(base_url=provider.base_url, budget={"max_tokens": 100}))

    project.run("apply", "stories.yaml", "--tokens", tokens).expect(6)


def test_a_budget_may_be_left_unchecked(project: Project, provider: MockServer) -> None:
    budget = {"max_tokens": 100, "unchecked": "allow"}
    project.write(stories(base_url=provider.base_url, budget=budget))

    project.run("apply", "stories.yaml", "--tokens", "off").expect(0)


def test_a_missing_key_is_reported_where_the_spec_is(project: Project) -> None:
    project.write(stories())

    outcome = project.run("apply", "stories.yaml", OPENAI_API_KEY="").expect(2)

    assert "stories.yaml:1" in outcome.err
    assert "OPENAI_API_KEY is not set" in outcome.err


def test_mock_and_base_url_exclude_each_other(project: Project) -> None:
    project.write(stories())

    outcome = project.run("apply", "stories.yaml", "--mock", "--base-url", "http://x").expect(2)

    assert "exclude each other" in outcome.err


@pytest.mark.parametrize(
    ("line", "meant"),
    [("aply", "apply"), ("data chek", "check"), ("providers shwo openai", "show")],
)
def test_a_misspelt_command_gets_a_suggestion(project: Project, line: str, meant: str) -> None:
    assert f"; did you mean {meant!r}?" in project.run(*line.split()).expect(2).err


def test_a_misspelt_schema_gets_one(project: Project) -> None:
    assert "there is no schema 'spce'; did you mean 'spec'?" in (
        project.run("schema", "spce").expect(2).err
    )


def test_schema_prints_what_the_package_holds(project: Project) -> None:
    printed = json.loads(project.run("schema", "spec").expect(0).out)

    jsonschema.Draft202012Validator(printed).validate(SPEC)


def test_explain_prints_cause_fix_and_example(project: Project) -> None:
    output = project.run("explain", "ft101").expect(0).out

    assert output.startswith("FT101: ")
    assert "Cause: " in output
    assert "Fix: " in output


@pytest.mark.parametrize("module", ["ftrunner", "mockserver"])
@pytest.mark.process("what `python -m` starts")
def test_python_m_works(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=True
    )

    assert "--help" in done.stdout


@pytest.mark.parametrize("where", ["in the spec", "in a file"])
def test_a_price_of_the_users_own_decides_about_the_budget(project: Project, where: str) -> None:
    prices = {"openai": {"source": "our contract", "training": {"gpt-4o-mini": [900, 1000]}}}
    project.write({"own/prices.yaml": prices})
    given = prices if where == "in the spec" else "own/prices.yaml"
    project.write(stories(prices=given, budget={"max_cost": 1.0}))

    refused = project.run("plan", "stories.yaml").expect(6)

    assert "at $900.00 to $1,000.00 per million (our contract)" in refused.out
    assert "`apply` would stop [FT192]" in refused.out
    project.run("apply", "stories.yaml", "--mock").expect(6)


def test_a_model_without_a_price_says_so_instead_of_guessing(project: Project) -> None:
    project.write(stories(model="o4-mini-2025-04-16"))

    shown = project.run("plan", "stories.yaml").expect(0).out

    assert "no price known for o4-mini-2025-04-16 at OpenAI; add one under `prices:`" in shown


def test_tokens_are_counted_as_asked_for(project: Project) -> None:
    project.write(stories())

    off = project.run("plan", "stories.yaml", "--tokens", "off").expect(0).out
    sample = project.run("plan", "stories.yaml", "--tokens", "sample").expect(0).out
    exact = project.run("plan", "stories.yaml").expect(0).out

    assert "10 examples × 10 epochs; tokens were not counted" in off
    assert sample == exact  # of a small file everything is counted
    output = project.run("validate", "stories.yaml", "--tokens", "exact").expect(0).out
    assert re.search(r"train: 10 examples, [\d,]+ bytes, \d+ tokens", output)
    assert "tokens" not in project.run("validate", "stories.yaml").expect(0).out


@pytest.mark.parametrize("command", ["plan", "validate"])
def test_announced_ends_are_said_without_a_request(
    project: Project, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    project.write(stories())
    monkeypatch.setattr(SystemClock, "now", lambda _: 1_796_000_000.0)  # 2026-11-30

    shown = project.run(command, "stories.yaml").expect(0)
    [document] = project.run(command, "stories.yaml", "--json").expect(0).documents()

    said = shown.out + shown.err
    assert ": warning FT382: gpt-4o-mini-2024-07-18 shuts down on 2027-01-14 (45 days)" in said
    assert (
        "warning FT383: OpenAI takes no new jobs from 2027-01-06 on (37 days); it already refuses"
        in said
    )
    assert [one["code"] for one in document["foreseen"]] == ["FT382", "FT383"]


def test_strict_takes_warnings_for_errors_and_dates_for_neither(project: Project) -> None:
    project.write(stories())
    project.run("validate", "stories.yaml", "--strict").expect(0)

    project.write(stories(model="gpt-4.2-mini"))  # FT178, a warning
    project.run("validate", "stories.yaml").expect(0)
    seen = project.run("validate", "stories.yaml", "--strict").expect(2)

    assert "warning FT178" in seen.err + seen.out
