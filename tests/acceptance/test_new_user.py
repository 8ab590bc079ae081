"""What a new user stumbles over: renames, wrong folders, closed pipes, hints that are followed."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest

from ftrunner.document import schema
from mockserver.client import FtMock
from tests.kit.project import Project, finish
from tests.kit.stories import SPEC, stories


def test_a_renamed_spec_is_rehearsed_again(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)
    project.edit("stories.yaml", '"name": "stories"', '"name": "tales"')

    assert "run: no job yet" in project.run("plan", "stories.yaml", "--mock").expect(0).out
    project.run("apply", "stories.yaml", "--mock").expect(0)


def test_the_real_lock_of_another_name_is_kept_with_a_way_out(project: Project) -> None:
    project.write(stories(name="tales"))
    project.write({"stories.lock.json": {"version": 1, "name": "stories"}})

    printed = project.run("plan", "stories.yaml").expect(4).err
    project.edit("stories.lock.json", "stories", "tales")  # as the hint says

    assert "write 'tales' as the lock file's \"name\"" in printed
    project.run("plan", "stories.yaml").expect(0)


def test_nothing_is_sent_before_all_specs_are_checked(project: Project, ft_mock: FtMock) -> None:
    project.write(stories(base_url=ft_mock.base_url))
    project.write(
        {"worse.yaml": {**SPEC, "base_url": ft_mock.base_url, "dataset": {"train": "no"}}}
    )

    printed = project.run("apply", "stories.yaml", "worse.yaml").expect(2)
    board = project.run("apply", "stories.yaml", "worse.yaml", "--parallel", "2").expect(2)
    events = project.run("apply", "stories.yaml", "worse.yaml", "--json").expect(2).documents()

    assert "stories.yaml:\nerror[FT361]: not started: worse.yaml is invalid" in printed.err
    assert re.search("^stories.yaml  not started: worse.yaml is invalid$", board.out, re.MULTILINE)
    assert (board.out + board.err).count("there is no file") == 1
    assert {event["spec"]: event["code"] for event in events} == {
        "worse.yaml": "FT201",
        "stories.yaml": "FT361",
    }
    assert ft_mock.requests == []


@pytest.mark.parametrize("options", [["--mock"], ["--mock", "--provider", "together"]])
def test_hints_lead_back_into_the_rehearsal(project: Project, options: list[str]) -> None:
    project.write(stories())

    printed = project.run("output", "stories.yaml", *options).expect(4).err

    assert f"`ftrunner apply stories.yaml {' '.join(options)}`" in printed


@pytest.mark.process("its stdout is closed")
def test_a_closed_pipe_says_that_the_job_goes_on(project: Project, ft_mock: FtMock) -> None:
    project.write(stories(base_url=ft_mock.base_url))

    with project.start("apply", "stories.yaml") as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.stdout.close()
        process.stdout = None
        outcome = finish(process, ["apply"])

    assert outcome.code == 141, outcome
    assert "error[FT360]" in outcome.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.process("its stdout takes nothing")
def test_a_full_disk_is_a_sentence(project: Project) -> None:
    project.write(stories())
    with (
        Path("/dev/full").open("w") as full,
        project.start("plan", "stories.yaml", stdout=full) as process,
    ):
        outcome = finish(process, ["plan"])

    assert outcome.code == 1, outcome
    assert "No space left on device" in outcome.err


@pytest.mark.process("its streams' encoding")
def test_a_terminal_of_another_alphabet_gets_escapes(project: Project) -> None:
    project.write(stories())
    project.run("apply", "stories.yaml", "--mock").expect(0)
    command = ("test", "stories.yaml", "--mock")

    shown = project.run_process(*command, PYTHONIOENCODING="ascii").expect(0)
    printed = project.run_process(*command, "--json", PYTHONIOENCODING="cp1252")

    assert "\\u84dd\\u9cb8" in shown.out
    assert any("蓝鲸" in str(document) for document in printed.expect(0).documents())


@pytest.mark.parametrize(
    "command", [["plan", "no.yaml"], ["explain", "FT000"], ["status"], ["cancel", "no.yaml"]]
)
def test_every_failure_is_a_document_too(project: Project, command: list[str]) -> None:
    validator = jsonschema.Draft202012Validator(schema.load("event"))

    [error] = project.run(*command, "--json").expect(2).documents()

    validator.validate(error)


def test_plan_reports_what_the_budget_refuses(project: Project) -> None:
    project.write(stories(budget={"max_cost": 0.001}))

    printed = project.run("plan", "stories.yaml", "--exit-code").expect(6)
    [document] = project.run("plan", "stories.yaml", "--json").expect(6).documents()

    assert re.search(
        r"`apply` would stop \[FT192\].* \$0\.0\d+, over .* \$0\.001$", printed.out, re.M
    )
    assert document["refusal"]["code"] == "FT192"


def test_what_the_budget_refuses_names_its_line(project: Project) -> None:
    project.write(stories(budget={"max_cost": 0.001}))
    line = 1 + next(
        index
        for index, text in enumerate(project.read("stories.yaml").splitlines())
        if '"budget"' in text
    )

    refused = project.run("apply", "stories.yaml", "--mock").expect(6)

    assert f"raise `budget.max_cost`, stories.yaml:{line}" in refused.err


def test_without_test_prompts_a_trained_model_is_current(project: Project) -> None:
    project.write({**stories(), "stories.yaml": {k: v for k, v in SPEC.items() if k != "tests"}})

    first = project.run("apply", "stories.yaml", "--mock").expect(0)
    second = project.run("apply", "stories.yaml", "--mock").expect(0)

    assert "1 prepare  check: 10 examples" in first.out
    assert "4 test     skip: no test prompts" in first.out
    assert "passed" not in first.out
    assert "Nothing to do: ft:" in second.out
    project.run("output", "stories.yaml", "--mock").expect(0)


def test_init_into_a_file_is_a_sentence_and_paths_are_quoted(project: Project) -> None:
    project.write({"plain": "a file"})

    refused = project.run("init", "plain/sub").expect(2)
    shown = project.run("init", "my proj").expect(0)

    assert "error[FT341]: cannot write into plain/sub: Not a directory" in refused.err
    assert "next: ftrunner apply 'my proj/finetune.yaml' --mock" in shown.err


def test_a_misspelt_provider_is_pointed_at(project: Project) -> None:
    project.write(stories(provider="opnai"))

    printed = project.run("plan", "stories.yaml").expect(2).err

    assert re.search(r"^stories.yaml:1:\d+: error FT330: .*'opnai'\n.*\n.*\^{7}", printed, re.M)


def test_a_file_named_as_our_folder_is_reported(project: Project) -> None:
    project.write({**stories(), ".ftrunner": "a file"})

    assert ".ftrunner is a file" in project.run("apply", "stories.yaml", "--mock").expect(4).err


def test_a_spec_from_stdin_is_refused_with_the_reason(project: Project) -> None:
    assert "cannot be read from stdin" in project.run("plan", "-").expect(2).err


@pytest.mark.parametrize("options", [["--scenario", "sunshine"], ["--db", "no/folder/x.db"]])
def test_a_mock_that_cannot_start_exits_2(project: Project, options: list[str]) -> None:
    project.run("mock", "--port", "0", *options).expect(2)


def test_a_mock_on_a_taken_port_exits_2(project: Project, ft_mock: FtMock) -> None:
    port = str(urlsplit(ft_mock.origin).port)

    assert "error[FT340]" in project.run("mock", "--port", port).expect(2).err


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ftrunner explain ft20", "FT203"),
        ("ftrunner schema ev", "event"),
        ("ftrunner providers show to", "together"),
        ("ftrunner apply x.yaml --scenario 429", "429-storm"),
    ],
)
def test_names_are_completed(project: Project, words: str, found: str) -> None:
    asked = {"_FTRUNNER_COMPLETE": "bash_complete", "COMP_WORDS": words}

    completed = project.run(**asked, COMP_CWORD=str(len(words.split()) - 1))

    assert f"plain,{found}" in completed.out.splitlines(), completed
