"""The main job: `ftrunner apply specs/stories.yaml --mock`, as a new user runs it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import requests

from mockserver.server import MockServer
from tests.kit.project import Project
from tests.kit.stories import example, stories

SPECS = Path(__file__).parents[2] / "specs"


@pytest.fixture
def examples(project: Project) -> Project:
    """The repository's own examples, copied."""
    shutil.copytree(SPECS, project.folder / "specs", ignore=shutil.ignore_patterns(".ftrunner"))
    return project


def test_stories_goes_from_data_to_a_tested_model(examples: Project) -> None:
    first = examples.run("apply", "specs/stories.yaml", "--mock").expect(0)

    steps = [line[:9].rstrip() for line in first.out.splitlines() if line[:1].isdigit()]
    assert steps == ["1 prepare", "2 upload", "3 train", "4 test"]
    answer = first.out.split("给我讲一个关于蓝鲸的故事\n")[1].splitlines()[0].strip()
    assert answer.startswith("一天")
    assert "蓝鲸" in answer
    assert "1 of 1 passed" in first.out


def test_the_losses_shown_are_those_of_the_servers_events(
    project: Project, provider: MockServer
) -> None:
    project.write(stories(base_url=provider.base_url))
    printed = project.run("apply", "stories.yaml", "--json").expect(0).documents()
    job = project.run("output", "stories.yaml", "job").expect(0).out.strip()

    headers = {"Authorization": f"Bearer {project.environment['OPENAI_API_KEY']}"}
    url = f"{provider.base_url}/fine_tuning/jobs/{job}/events?limit=1000"
    events = requests.get(url, headers=headers, timeout=10).json()["data"]
    held = [e["data"]["train_loss"] for e in events[::-1] if e["type"] == "metrics"]
    assert [d["train_loss"] for d in printed if d["event"] == "metrics"] == held
    assert held[0] > 4 * held[-1]


def test_a_second_rehearsal_has_nothing_to_do_and_sends_nothing(examples: Project) -> None:
    examples.run("apply", "specs/stories.yaml", "--mock").expect(0)
    runs = examples.folder / "specs/.ftrunner/rehearsal/stories/openai/runs"
    before = set(runs.iterdir())

    second = examples.run("apply", "specs/stories.yaml", "--mock").expect(0)

    assert "Nothing to do" in second.out
    assert set(runs.iterdir()) == before  # no request, no evidence of one


def test_a_rehearsal_never_touches_the_real_lock_file(examples: Project) -> None:
    examples.run("apply", "specs/stories.yaml", "--mock").expect(0)

    assert not list((examples.folder / "specs").glob("*.lock.json"))


def test_an_edited_example_retrains_and_says_why(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)
    project.edit("data.jsonl", example("小狗"), example("小象"))

    again = project.run("apply", "stories.yaml", "--mock").expect(0)

    assert "2 upload   run: train data changed" in again.out
    assert "3 train    replace: train data changed" in again.out


def test_an_edited_example_is_reported_as_a_row_before_anything_is_paid(project: Project) -> None:
    project.write(stories(budget={"max_tokens": 1_000_000}))
    project.run("apply", "stories.yaml", "--mock").expect(0)
    project.edit("data.jsonl", example("小狗"), f"{example('小象')}\n{example('老虎')}")

    shown = project.run("plan", "stories.yaml", "--mock").expect(0).out
    [document] = project.run("plan", "stories.yaml", "--mock", "--json").expect(0).documents()
    applied = project.run("apply", "stories.yaml", "--mock").expect(0).out

    job = document["difference"]["against"]
    rows = {"added": 2, "removed": 1, "changed": 0, "unchanged": 9}
    assert document["difference"]["splits"] == {"train": rows}
    tokens = document["difference"]["tokens"]
    assert tokens["now"] == document["estimate"]["tokens_per_epoch"] > tokens["before"]
    assert "           train data: +2 −1 ~0 rows, +1" in shown
    assert f"% tokens since {job}\n" in shown
    assert f"           train data: +2 −1 ~0 rows since {job}\n" in applied
    assert "rows since" not in project.run("apply", "stories.yaml", "--mock").expect(0).out


def test_without_the_run_log_the_plan_says_what_it_cannot_show(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)
    project.edit("data.jsonl", example("小狗"), example("小象"))
    [rows] = (project.folder / ".ftrunner/rehearsal/stories/openai/runs").glob("*/rows-*.bin")
    rows.write_bytes(rows.read_bytes()[:-1])

    shown = project.run("plan", "stories.yaml", "--mock").expect(0).out
    [document] = project.run("plan", "stories.yaml", "--mock", "--json").expect(0).documents()

    assert "is unknown: its rows are neither on this machine nor in a commit" in shown
    assert document["difference"]["splits"] == {}
    project.run("apply", "stories.yaml", "--mock").expect(0)


def test_an_edited_test_only_asks_again(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)
    project.edit("stories.yaml", "蓝鲸", "长颈鹿")

    again = project.run("apply", "stories.yaml", "--mock").expect(0)

    assert "2 upload   skip" in again.out
    assert "3 train    skip" in again.out
    assert "4 test     run: the tests changed" in again.out


def test_a_failing_test_prompt_exits_5_every_time(project: Project) -> None:
    prompt = {"name": "never", "user": "给我讲一个关于小狗的故事", "expect": [{"equals": "不"}]}
    project.write(stories(tests={"prompts": [prompt]}))

    first = project.run("apply", "stories.yaml", "--mock").expect(5)
    second = project.run("apply", "stories.yaml", "--mock").expect(5)

    assert "✗ equals 不: the answer is '一天,一只小狗走进了学校'" in first.out
    assert "4 test     run: the model's last tests failed" in second.out
    assert "0 of 1 passed" in second.out
    project.run("output", "stories.yaml", "--mock").expect(4)


def test_a_scenario_is_a_separate_rehearsal(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)

    first = project.run("apply", "stories.yaml", "--scenario", "fails-mid-training").expect(1)
    second = project.run("apply", "stories.yaml", "--scenario", "fails-mid-training").expect(1)

    assert "3 train    run: no job yet" in second.out  # it starts over each time
    assert "error[FT350]" in first.err
    assert "Nothing to do" in project.run("apply", "stories.yaml", "--mock").expect(0).out


def test_a_scenario_may_be_a_file(project: Project) -> None:
    project.write(stories())
    project.write({"mine.yaml": {"jobs": [{"fails_in": "queued"}]}})

    project.run("apply", "stories.yaml", "--scenario", "mine.yaml").expect(1)


def test_a_scenario_that_a_run_does_not_meet_is_reported(project: Project) -> None:
    project.write(stories())
    project.write(
        {
            "mine.yaml": {
                "faults": [{"match": {"path": "/fine_tunning/jobs"}, "do": {"status": 503}}]
            }
        }
    )

    missed = project.run("apply", "stories.yaml", "--scenario", "mine.yaml").expect(0)
    met = project.run("apply", "stories.yaml", "--scenario", "429-storm").expect(0)

    assert "did not meet what the scenario sets: fault for any method /fine_tunning" in missed.err
    assert "did not meet" not in met.err


def test_an_unknown_scenario_is_reported_with_those_there_are(project: Project) -> None:
    project.write(stories())

    refused = project.run("apply", "stories.yaml", "--scenario", "sunshine").expect(2)

    assert "error[FT340]" in refused.err
    assert "429-storm" in refused.err


def test_what_the_rehearsal_of_a_scenario_left_can_be_looked_at(project: Project) -> None:
    project.write(stories())
    scenario = ("stories.yaml", "--scenario", "tuned-model-404-for-30s")
    project.run("apply", *scenario).expect(0)

    report = project.run("report", *scenario, "--format", "md").expect(0).out
    model = project.run("output", *scenario).expect(0).out
    refused = project.run("status", *scenario, "--refresh").expect(2)

    assert "the mock provider answered" in report
    assert model in project.run("status", *scenario).expect(0).out
    assert "matches" in project.run("verify", *scenario).expect(0).out
    assert project.run("history", *scenario, "--json").expect(0).documents()[0]["runs"]
    assert "is over" in refused.err
    misspelt = project.run("report", "stories.yaml", "--scenario", "list-lag").expect(4).err
    assert "has no run in the rehearsal of list-lag; did you mean 'list-lags'?" in misspelt
    project.run("status", "stories.yaml", "--mock").expect(0)
    assert "no run" in project.run("report", "stories.yaml", "--mock").expect(4).err
