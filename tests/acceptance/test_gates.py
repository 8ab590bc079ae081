"""Gates before and after paying: what a plan says, what a run ends with, what becomes current."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer
from tests.kit.homes import HOMES, overrides
from tests.kit.project import Project
from tests.kit.stories import stories

WHALES = ("蓝鲸", "白鲸", "虎鲸", "海豚", "鲨鱼", "海龟", "章鱼", "水母")


def rows(number: int) -> str:
    """Stories that the tuned model can tell and the base model cannot."""
    lines = [
        f"给我讲一个关于{WHALES[n % 8]}{n}号的故事,{WHALES[n % 8]}{n}号\n" for n in range(number)
    ]
    return "user,animal\n" + "".join(lines)


def with_gates(number: int, *gates: dict[str, Any], **changes: Any) -> dict[str, Any]:
    a_set = {
        "file": "rows.csv",
        "columns": {"user": "user"},
        "expect": [{"starts_with": "一天"}, {"contains": "{{item.animal}}"}],
    }
    tests = {"sets": {"whales": a_set}, "gates": list(gates)}
    return {**stories(tests=tests, **changes), "rows.csv": rows(number)}


BETTER = {"set": "whales", "better_than": "base"}
NOT_WORSE = {"set": "whales", "not_worse_than": "base", "margin": 0.02}
AS_GOOD = "我"  # no answer of either model starts so


def chats(provider: MockServer) -> int:
    requests = FtMock(provider.origin).requests
    return sum(request["path"].endswith("/chat/completions") for request in requests)


def current(project: Project, *options: str) -> str | None:
    """The current model, as `output` prints it; it ends with 4 where there is none."""
    found = project.run("output", "stories.yaml", *options)
    return found.out.splitlines()[0] if found.code == 0 else found.expect(4).out or None


def test_a_plan_says_what_the_tests_cannot_show_and_the_run_ends_so(project: Project) -> None:
    """24 rows, and a margin of 2 points against a model that is exactly as good."""
    project.write(with_gates(24, NOT_WORSE))
    project.edit("stories.yaml", "一天", AS_GOOD)

    planned = project.run("plan", "stories.yaml", "--mock").expect(0)
    validated = project.run("validate", "stories.yaml").expect(0)
    (document,) = project.run("plan", "stories.yaml", "--mock", "--json").expect(0).documents()
    applied = project.run("apply", "stories.yaml", "--mock").expect(8)

    said = "at least 218 rows are needed, even if not one answer changes, and there are 24"
    assert f"warning FT521: whales: not worse than base by 2 points: {said}" in planned.out
    assert said in validated.err + validated.out
    assert (document["tests"][0]["needed"], document["tests"][0]["can_show"]) == (218, False)
    assert said in applied.out
    assert "Not enough evidence; no model has passed its tests yet" in applied.out
    assert current(project, "--mock") is None


def test_a_ratchet_alone_is_a_finding(project: Project) -> None:
    project.write(with_gates(24, {"set": "whales", "not_worse_than": "current", "margin": 0.2}))

    validated = project.run("validate", "stories.yaml").expect(0)

    assert "FT155" in validated.err + validated.out


def test_a_model_that_passes_its_gates_becomes_current(
    project: Project, provider: MockServer
) -> None:
    project.write(with_gates(24, BETTER, base_url=provider.base_url))

    applied = project.run("apply", "stories.yaml").expect(0)
    asked = chats(provider)
    again = project.run("apply", "stories.yaml").expect(0)

    assert "✓ whales: better than base" in applied.out
    assert "all gates hold" in applied.out or "the gate holds" in applied.out
    assert "Nothing to do" in again.out
    assert chats(provider) == asked == 48


def test_another_gate_is_judged_without_a_request(project: Project, provider: MockServer) -> None:
    project.write(with_gates(24, BETTER, base_url=provider.base_url))
    project.run("apply", "stories.yaml").expect(0)
    before, asked = current(project), chats(provider)

    project.edit("stories.yaml", '"better_than": "base"', '"better_than": "base", "by": 0.99')
    open_gate = project.run("test", "stories.yaml", "--regrade").expect(8)
    shown = project.run("report", "stories.yaml", "--format", "github").expect(0).out
    planned = project.run("plan", "stories.yaml").expect(0)
    project.edit("stories.yaml", '"gates"', '"undecided": "pass", "gates"')
    excused = project.run("apply", "stories.yaml").expect(0)

    assert "not enough evidence: whales: better than base by more than 99 points" in open_gate.out
    [warning] = [line for line in shown.splitlines() if "not enough evidence::" in line]
    assert re.search(r"stories.yaml,line=\d+,", warning)
    assert "last tests found not enough evidence" in planned.out
    assert "(may stay open)" in excused.out
    assert chats(provider) == asked
    assert current(project) == before


def test_several_specs_end_with_5_before_8(project: Project, provider: MockServer) -> None:
    files = with_gates(24, NOT_WORSE, base_url=provider.base_url)
    project.write(files)
    project.edit("stories.yaml", "一天", AS_GOOD)
    failing = {"set": "whales", "metric": "passed", "at_least": 0.9, "point": True}
    spec = with_gates(24, failing, base_url=provider.base_url)["stories.yaml"]
    project.write({"other.yaml": {**spec, "name": "other"}})
    project.edit("other.yaml", "一天", AS_GOOD)
    project.write(
        {"third.yaml": {**stories(base_url=provider.base_url)["stories.yaml"], "name": "third"}}
    )

    project.run("apply", "stories.yaml", "third.yaml").expect(8)
    project.run("apply", "stories.yaml", "other.yaml", "third.yaml").expect(5)


def test_a_metric_that_is_not_measured_stops_before_anyone_pays(project: Project) -> None:
    project.write(with_gates(24, {"set": "whales", "metric": "macro_f1", "at_least": 0.8}))

    assert "FT161" in project.run("apply", "stories.yaml", "--mock").expect(2).err


@pytest.mark.parametrize("provider_name", ["openai", *HOMES])
def test_four_steps_with_sets_and_gates_are_rehearsed_at_every_provider(
    project: Project, provider_name: str
) -> None:
    """In a rehearsal the base model answers where a person would have to deploy it, too."""
    at_least = {"set": "whales", "at_least": 0.5}
    overridden = overrides("http://127.0.0.1:9")
    overridden["zhipu"]["model_name"] = "stories-of-mine"
    project.write(with_gates(24, BETTER, at_least, providers=overridden))

    applied = project.run("apply", "stories.yaml", "--mock", "--provider", provider_name).expect(0)
    again = project.run("apply", "stories.yaml", "--mock", "--provider", provider_name).expect(0)

    assert "both gates hold" in applied.out
    assert "Nothing to do" in again.out


@pytest.mark.parametrize("undecided", ["fail", "pass"])
def test_requests_that_fail_for_good_never_help(project: Project, undecided: str) -> None:
    """Without the failures the tuned model is far better, and passes."""
    files = with_gates(60, BETTER, {"set": "whales", "at_least": 0.5})
    files["stories.yaml"]["tests"]["undecided"] = undecided
    project.write(files)

    whole = project.run("apply", "stories.yaml", "--mock").expect(0)
    failing = project.run("apply", "stories.yaml", "--scenario", "some-prompts-fail").expect(8)

    assert "better than the base model" in whole.out
    assert "rows could not be measured" in failing.out
    assert "(may stay open)" not in failing.out
    assert "Not enough evidence; no model has passed its tests yet" in failing.out


def test_a_parameter_that_no_row_can_be_asked_with_ends_the_test(project: Project) -> None:
    files = with_gates(12, {"set": "whales", "at_least": 0.5})
    files["stories.yaml"]["tests"]["request"] = {"temperatur": 0}
    project.write(files)

    refused = project.run("apply", "stories.yaml", "--mock").expect(1)

    assert "Unknown parameter: 'temperatur'" in refused.err
    assert "hint: correct `tests.request.temperatur`; then `ftrunner test" in refused.err


def test_a_model_that_is_its_own_base_passes_no_gate_for_being_better(project: Project) -> None:
    project.write(with_gates(24, BETTER))

    applied = project.run("apply", "stories.yaml", "--scenario", "base-as-tuned").expect(8)

    assert "0 better, 0 worse of 24 rows" in applied.out
    assert "more rows will hardly help" in applied.out
