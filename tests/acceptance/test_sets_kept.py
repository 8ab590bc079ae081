"""What a test set showed is printed, kept and recorded; a changed set is noticed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from ftrunner.document import schema
from ftrunner.state.results import FILE, ROWS_FILE, KeptRow, RunResults, decode
from tests.kit.project import Outcome, Project

SPECS = Path(__file__).parents[2] / "specs"
SPEC = "specs/tickets.yaml"
ROWS = "specs/data/tickets-heldout.csv"
LOCK = "specs/.ftrunner/rehearsal/tickets/openai/tickets.lock.json"


@pytest.fixture
def tickets(project: Project) -> Project:
    ignored = shutil.ignore_patterns(".ftrunner")
    shutil.copytree(SPECS, project.folder / "specs", ignore=ignored)
    return project


def applied(project: Project, *more: str) -> Outcome:
    return project.run("apply", SPEC, "--mock", *more).expect(0)


def kept(project: Project) -> tuple[RunResults, Path]:
    [file] = project.folder.rglob(FILE)
    return decode(file.read_bytes()), file.parent


def test_programs_read_all_of_it_by_a_schema(tickets: Project) -> None:
    events = applied(tickets, "--json").documents()

    validator = jsonschema.Draft202012Validator(schema.load("event"))
    assert [error.message for event in events for error in validator.iter_errors(event)] == []
    kinds = [event["event"] for event in events]
    assert kinds.count("set_measured") == 2
    assert kinds.count("gate") == 3
    [compared] = [event for event in events if event["event"] == "set_compared"]
    assert (compared["word"], compared["better"], compared["worse"]) == ("better", 52, 0)
    [verdict] = [event for event in events if event["event"] == "verdict"]
    assert verdict["outcome"] == "passed"
    assert (tickets.folder / verdict["results"]).is_file()


def test_results_and_rows_are_kept(tickets: Project) -> None:
    applied(tickets)

    results, folder = kept(tickets)

    jsonschema.validate(json.loads((folder / FILE).read_bytes()), schema.load("results"))
    [of_set] = results.sets
    assert [model.name for model in of_set.models] == ["tuned", "base"]
    assert results.sentence.startswith("better than the base model by 86.7 points (73.4 to 94.4")
    assert [gate.result for gate in results.gates] == ["passed"] * 3
    assert (results.cost.asked, results.cost.reused) == (120, 0)
    assert (results.cost.tokens_out or 0) > 120
    lines = (folder / ROWS_FILE).read_bytes().splitlines()
    rows = [msgspec.json.decode(line, type=KeptRow) for line in lines]
    assert len(rows) == 60
    assert rows[0].place == "specs/data/tickets-heldout.csv:2"
    assert set(rows[0].answers) == {"tuned", "base"}


def test_the_lock_file_has_figures_and_no_row(tickets: Project) -> None:
    applied(tickets)

    lock = tickets.lock(LOCK)

    jsonschema.validate(lock, schema.load("lock"))
    tests: dict[str, Any] = lock["endpoints"]["rehearsal"]["tests"]
    assert tests["sets"]["tickets"]["n"] == 60
    assert tests["sets"]["tickets"]["against"]["base"]["word"] == "better"
    assert set(tests["gates"].values()) == {"passed"}
    assert "tickets-heldout.csv:" not in tickets.read(LOCK)


def test_status_and_output_show_the_effect(tickets: Project) -> None:
    nothing = tickets.run("output", SPEC, "effect", "--mock").expect(4)
    assert "FT410" in nothing.err
    applied(tickets)

    status = tickets.run("status", SPEC, "--mock").expect(0).out
    assert "effect      tickets: better than the base model by 86.7 points (73.4 to 94.4)" in status
    bare = tickets.run("output", SPEC, "effect", "--mock").expect(0).out
    assert bare == "tickets\tbase\t0.866666667\t0.733916122\t0.943503233\tbetter\n"
    [document] = tickets.run("output", SPEC, "effect", "--mock", "--json").expect(0).documents()
    assert document["value"][0]["word"] == "better"


CHANGES: list[tuple[str, list[tuple[str, str]], str | None]] = [
    (ROWS, [("in April.", "in June.")], "the test set tickets changed"),
    (SPEC, [("slices: [channel]", "repeat: 2")], "the test set tickets changed"),
    (SPEC, [("    tickets:", "    mail:"), ("set: tickets", "set: mail")], "set mail is new"),
    (SPEC, [("by: 0.1}", "by: 0.2}")], "the tests changed"),
    (SPEC, [("      slices: [channel]\n", "")], None),
]


def test_a_changed_set_is_noticed(tickets: Project) -> None:
    applied(tickets)
    tickets.run("verify", SPEC, "--mock").expect(0)

    for file, edits, reason in CHANGES:
        before = tickets.read(file)
        for old, new in edits:
            tickets.edit(file, old, new)
        verified = tickets.run("verify", SPEC, "--mock").expect(4 if reason else 0)
        planned = tickets.run("plan", SPEC, "--mock").expect(0).out
        assert reason is None or reason in verified.err
        assert (reason or "passed") in planned
        tickets.write({file: before})


def test_what_changed_is_judged_by_stored_answers(tickets: Project) -> None:
    applied(tickets)
    tickets.edit(SPEC, "by: 0.1}", "by: 0.95}")

    [before] = tickets.folder.rglob(FILE)
    judged = tickets.run("test", SPEC, "--mock", "--regrade").expect(5)

    [after] = set(tickets.folder.rglob(FILE)) - {before}
    results = decode(after.read_bytes())
    assert (results.outcome, results.moved) == ("failed", False)
    assert (results.cost.asked, results.cost.reused) == (0, 120)
    assert "✗ tickets: better than base by more than 95 points" in judged.out
    assert "failed: tickets: better than base by more than 95 points" in judged.out
