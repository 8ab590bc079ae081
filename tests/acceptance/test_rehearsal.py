"""The main job: `ftrunner apply specs/stories.yaml --mock`, as a new user runs it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

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


def test_the_losses_shown_are_those_of_the_servers_events(examples: Project) -> None:
    out = examples.run("apply", "specs/stories.yaml", "--mock", "--json").expect(0)
    told = [d["train_loss"] for d in out.documents() if d["event"] == "metrics"]

    [folder] = (examples.folder / "specs/.ftrunner/rehearsal/stories/runs").iterdir()
    pages = [json.loads(line) for line in (folder / "requests.jsonl").read_text().splitlines()]
    bodies = [p["response"]["body"] for p in pages if "/events" in p["url"]]

    assert len(told) == 100
    assert told[0] > 4 * told[-1]
    assert all(any(str(loss) in body for body in bodies) for loss in (told[0], told[-1]))


def test_a_second_rehearsal_has_nothing_to_do_and_sends_nothing(examples: Project) -> None:
    examples.run("apply", "specs/stories.yaml", "--mock").expect(0)
    runs = examples.folder / "specs/.ftrunner/rehearsal/stories/runs"
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
    assert "3 train    replace: retrain: train data changed" in again.out


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
    assert "4 test     run: failed last time" in second.out
    assert "0 of 1 passed" in second.out
    project.run("output", "stories.yaml", "--mock").expect(4)
