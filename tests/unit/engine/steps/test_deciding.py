"""Prompts and gates decide together: the exit code, and which model is current."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ftrunner.api.errors import ApiError
from ftrunner.engine.steps.ask import Reuse
from ftrunner.engine.steps.test import test as ask
from ftrunner.errors import ExitCode, gravest
from ftrunner.events import GateJudged, SetCompared, SetMeasured, VerdictReached
from tests.kit.runs import Staged
from tests.unit.engine.steps.test_asking import JOB
from tests.unit.engine.steps.test_measure import BROKEN, Models, make_current, stage

MODEL = "ft:m"
TRAINED = replace(JOB, model=MODEL)
BETTER = "  gates: [{set: a, better_than: base}]\n"
NOT_WORSE = "  gates: [{set: a, not_worse_than: base, margin: 0.02}]\n"
AGAINST_CURRENT = "  gates: [{set: a, not_worse_than: current, margin: 0.02}]\n"
PROMPT = "  prompts: [{name: p, user: hello, expect: [{equals: hi}]}]\n"


def only(*models: str) -> Models:
    """These models know every row, the others none."""
    return Models(lambda model, _: "yes" if model in models else "no")


def decide(at: Staged) -> ExitCode:
    at.run.journal.job_created(TRAINED)
    return ask(at.run, TRAINED, Reuse.STORED)


def current(at: Staged) -> str | None:
    found = at.run.journal.record.current
    return found.model if found else None


def test_where_every_gate_holds_the_model_becomes_current(tmp_path: Path) -> None:
    at = stage(tmp_path, only(MODEL), tests=BETTER)

    assert decide(at) is ExitCode.DONE

    record = at.run.journal.record.tests
    assert current(at) == MODEL
    assert record is not None
    assert record.passed
    assert record.gates == {"a: better than base": "passed"}
    assert record.sets["a"].passed == 10
    assert record.sets["a"].against["base"].word == "better"


def test_an_open_gate_leaves_the_former_model_current(tmp_path: Path) -> None:
    at = stage(tmp_path, only(MODEL, "gpt-4o-mini", "ft:former"), tests=NOT_WORSE)
    make_current(at, "ft:former")

    assert decide(at) is ExitCode.NOT_ENOUGH_EVIDENCE

    record = at.run.journal.record.tests
    assert current(at) == "ft:former"
    assert record is not None
    assert not record.passed
    assert record.is_open


def test_a_failed_gate_is_a_failed_test(tmp_path: Path) -> None:
    at = stage(tmp_path, only("gpt-4o-mini"), tests=BETTER)

    assert decide(at) is ExitCode.TESTS_FAILED
    assert current(at) is None


def test_a_failed_prompt_counts_before_an_open_gate(tmp_path: Path) -> None:
    at = stage(tmp_path, only(MODEL, "gpt-4o-mini"), tests=PROMPT + NOT_WORSE)

    assert decide(at) is ExitCode.TESTS_FAILED


@pytest.mark.parametrize("undecided", ["pass", "[a]"])
def test_an_open_gate_may_be_excused(tmp_path: Path, undecided: str) -> None:
    tests = f"{NOT_WORSE}  undecided: {undecided}\n"
    at = stage(tmp_path, only(MODEL, "gpt-4o-mini"), tests=tests)

    assert decide(at) is ExitCode.DONE
    assert current(at) == MODEL


@pytest.mark.parametrize("undecided", ["fail", "pass"])
@pytest.mark.parametrize("loser", [MODEL, "gpt-4o-mini"])
def test_requests_that_fail_never_help(tmp_path: Path, undecided: str, loser: str) -> None:
    """Whichever model misses a tenth of the rows, which without failures is a pass."""

    def says(model: str, question: str) -> str | ApiError:
        if model == loser and question in ("q3", "q11", "q12"):
            return BROKEN
        return "yes" if model == MODEL else "no"

    tests = f"{BETTER}  undecided: {undecided}\n"
    at = stage(tmp_path, Models(says), rows=30, tests=tests)

    assert decide(at) is ExitCode.NOT_ENOUGH_EVIDENCE
    assert current(at) is None
    (gate,) = [event for event in at.reported if isinstance(event, GateJudged)]
    assert gate.why == "3 of 30 rows could not be measured"
    assert not gate.excused


def test_without_a_current_model_its_gate_is_skipped(tmp_path: Path) -> None:
    at = stage(tmp_path, only(), tests=AGAINST_CURRENT)

    assert decide(at) is ExitCode.DONE

    (gate,) = [event for event in at.reported if isinstance(event, GateJudged)]
    assert (gate.result, gate.why) == ("skipped", "no model is current yet")
    assert current(at) == MODEL


def test_the_current_model_is_not_compared_with_itself(tmp_path: Path) -> None:
    at = stage(tmp_path, only(), tests=AGAINST_CURRENT)
    make_current(at, MODEL)

    assert decide(at) is ExitCode.DONE

    (gate,) = [event for event in at.reported if isinstance(event, GateJudged)]
    assert (gate.result, gate.why) == ("skipped", "it is the model under test")


def test_without_gates_a_verdict_changes_no_exit_code(tmp_path: Path) -> None:
    at = stage(tmp_path, only("gpt-4o-mini"), tests="  against: [base]\n")

    assert decide(at) is ExitCode.DONE

    (compared,) = [event for event in at.reported if isinstance(event, SetCompared)]
    assert compared.word == "worse"
    assert current(at) == MODEL


def test_what_was_found_is_reported_in_order(tmp_path: Path) -> None:
    at = stage(tmp_path, only(MODEL), tests=PROMPT.replace("hi", "'yes'") + BETTER)

    decide(at)

    seen = [
        event for event in at.reported if not type(event).__name__.startswith(("Answer", "Asking"))
    ]
    names = [type(event).__name__ for event in seen]
    assert names == [
        "TestsFinished",
        "SetMeasured",
        "SetMeasured",
        "SetCompared",
        "GateJudged",
        "VerdictReached",
    ]
    (verdict,) = [event for event in seen if isinstance(event, VerdictReached)]
    assert verdict.outcome == "passed"
    assert verdict.sentence == (
        "better than the base model by 100 points (46.7 to 100 at 95 %); the prompt passed; "
        "the gate holds"
    )
    assert {e.who for e in seen if isinstance(e, SetMeasured)} == {"tuned", "base"}


def test_several_specs_end_with_the_gravest_code() -> None:
    order = [3, 4, 2, 6, 1, 7, 5, 8, 0]

    for place, code in enumerate(order):
        assert gravest(map(ExitCode, reversed(order[place:]))) == code
