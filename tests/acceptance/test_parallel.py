"""Several specs at once: a line of progress each, failures apart, one exit code."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from subprocess import Popen

import jsonschema
import pytest
from filelock import FileLock

from ftrunner.document import schema
from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.kit.project import Project, finish
from tests.kit.stories import SPEC, stories

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


def test_the_gravest_exit_code_is_the_exit_code(project: Project, provider: MockServer) -> None:
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


def test_what_a_line_has_no_room_for_is_printed_after_all_have_ended(
    project: Project, provider: MockServer
) -> None:
    specs = write_specs(project, provider.base_url)
    project.edit("two.yaml", '{"contains": "蓝鲸"}', '{"equals": "不"}')
    model = f"/models/{SPEC['model']}"
    FtMock(provider.origin).fault({"set": {"shutdown_date": "2020-01-01"}}, path=model)

    done = project.run("apply", *specs, "--parallel", "3").expect(5)

    after = done.out[done.out.index("two.yaml:\n") :]
    assert "一天,一只蓝鲸走进了学校" in after
    assert "✗ equals 不: the answer is" in after
    for spec in specs:
        assert re.search(rf"^{spec}:\n{spec}:.*: warning FT382", done.out, re.MULTILINE), done


@pytest.fixture
def slow() -> Iterator[MockServer]:
    """Trains for so long that every test interrupts it."""
    with MockServer(Settings(speed=5)) as server:
        yield server


@contextmanager
def applying(project: Project, *arguments: str, until: Sequence[str]) -> Iterator[Popen[str]]:
    """`apply` in its own process, once it has said each of `until`."""
    left = list(until)
    with project.start("apply", *arguments) as process:
        assert process.stdout is not None
        while left:
            line = process.stdout.readline()
            assert line, f"it ended before it said {left}"
            said = next((text for text in left if text in line), None)
            if said is not None:
                left.remove(said)
        yield process


STARTED = "started ftjob-"


@pytest.mark.process("a signal stops it")
def test_an_interrupt_stops_all_and_leaves_the_jobs(project: Project, slow: MockServer) -> None:
    specs = write_specs(project, slow.base_url)
    arguments = (*specs, "--parallel", "3")

    with applying(project, *arguments, until=[STARTED] * 3) as process:
        process.send_signal(signal.SIGINT)
        stopped = finish(process, arguments).expect(130)

    assert stopped.err.count("keeps running at the provider") == 3
    states = [json.loads(project.read(f"{name}.lock.json")) for name in NAMES]
    assert [len(state["endpoints"]) for state in states] == [1, 1, 1]


@pytest.mark.parametrize(
    ("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "terminate"]
)
@pytest.mark.process("a signal stops it")
def test_what_stops_some_and_keeps_others_from_beginning_is_reported_by_the_code(
    project: Project, slow: MockServer, how: signal.Signals, code: int
) -> None:
    arguments = (*write_specs(project, slow.base_url), "--parallel", "2")

    with applying(project, *arguments, until=[STARTED] * 2) as process:
        process.send_signal(how)
        stopped = finish(process, arguments).expect(code)

    assert stopped.err.count("keeps running at the provider") == 2
    assert not (project.folder / "three.lock.json").exists()


@pytest.mark.parametrize(
    ("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "terminate"]
)
@pytest.mark.process("a signal stops it")
def test_one_that_waits_for_its_lock_does_not_hide_what_the_others_say(
    project: Project, slow: MockServer, how: signal.Signals, code: int
) -> None:
    arguments = (*write_specs(project, slow.base_url), "--parallel", "3")
    mutex = project.folder / ".ftrunner" / "mutex" / "one.lock"
    mutex.parent.mkdir(parents=True)

    with (
        FileLock(mutex),
        applying(project, *arguments, until=["waiting for", STARTED, STARTED]) as process,
    ):
        process.send_signal(how)
        stopped = finish(process, arguments).expect(code)

    assert stopped.err.count("keeps running at the provider") == 2
    assert "one.yaml:\nerror[FT360]: stopped" in stopped.err
    assert "`ftrunner apply one.yaml` continues" in stopped.err
