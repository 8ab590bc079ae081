"""Several specs at once: a line of progress each, failures apart, one exit code."""

from __future__ import annotations

import json
import re
import signal

import jsonschema

from ftrunner import schema
from mockserver.ft_mock import FtMock
from mockserver.server import MockServer, Settings
from tests.kit.project import Project, finish
from tests.kit.stories import stories

NAMES = ("one", "two", "three")


def write_specs(project: Project, base_url: str) -> list[str]:
    """Three specs of different inputs; their paths."""
    for number, name in enumerate(NAMES, start=1):
        files = stories(name=name, base_url=base_url, seed=number)
        project.write({f"{name}.yaml": files["stories.yaml"], "data.jsonl": files["data.jsonl"]})
    return [f"{name}.yaml" for name in NAMES]


def test_all_are_applied_with_a_line_for_each_step(project: Project, provider: MockServer) -> None:
    specs = write_specs(project, provider.base_url)

    done = project.run("apply", *specs, "--parallel", "3").expect(0)

    for spec in specs:
        assert re.search(rf"^{spec} +done: ft:", done.out, re.MULTILINE), done
    assert len(FtMock(provider.origin).jobs) == 3


def test_one_failure_does_not_stop_the_others(project: Project, provider: MockServer) -> None:
    specs = write_specs(project, provider.base_url)
    dear = stories(base_url=provider.base_url, budget={"max_tokens": 1})
    project.write({"dear.yaml": dear["stories.yaml"]})

    done = project.run("apply", "dear.yaml", *specs, "--parallel", "2").expect(6)

    assert done.out.count("done: ft:") == 3
    assert "dear.yaml:\n" in done.err


def test_the_gravest_exit_code_stands_for_all(project: Project, provider: MockServer) -> None:
    specs = write_specs(project, provider.base_url)
    FtMock(provider.origin).scenario("fails-mid-training")

    done = project.run("apply", *specs, "--parallel", "3").expect(1)

    assert done.out.count("done: ft:") == 2
    assert "FT350" in done.err


def test_json_names_the_spec_of_every_line(project: Project, provider: MockServer) -> None:
    specs = write_specs(project, provider.base_url)
    validator = jsonschema.Draft202012Validator(schema.load("event"))

    events = project.run("apply", *specs, "--parallel", "3", "--json").expect(0).documents()

    assert {event["spec"] for event in events} == set(specs)
    assert [error.message for event in events for error in validator.iter_errors(event)] == []


def test_an_interrupt_stops_all_and_leaves_the_jobs(project: Project) -> None:
    with MockServer(Settings(speed=5)) as slow:
        specs = write_specs(project, slow.base_url)
        command = ("apply", *specs, "--parallel", "3")
        with project.start(*command) as process:
            assert process.stdout is not None
            started = 0
            while started < len(specs):
                started += "started ftjob-" in process.stdout.readline()
            process.send_signal(signal.SIGINT)
            stopped = finish(process, command).expect(130)

        assert stopped.err.count("goes on at the provider") == 3
        states = [json.loads(project.read(f"{name}.lock.json")) for name in NAMES]
        assert [len(state["endpoints"]) for state in states] == [1, 1, 1]
