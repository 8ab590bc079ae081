"""Asking models the rows of sets: what is stored, what fails, what is spent, who is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ftrunner.api.errors import (
    ApiError,
    AuthenticationFailed,
    BadRequest,
    RateLimited,
    ServerError,
)
from ftrunner.api.wire import ChatCompletion
from ftrunner.engine.steps.answers import estimate_answers
from ftrunner.engine.steps.ask import NoAnswer, Reuse
from ftrunner.engine.steps.measure import Measurement, measure, readable_sets
from ftrunner.errors import InvalidInput, OverBudget
from ftrunner.evaluation.measured import MeasuredSet
from ftrunner.events import AskingProgressed
from ftrunner.spec.load import load_spec
from ftrunner.state.lock import Current, TestsRecord
from tests.kit.runs import Staged, staged

TOO_LONG = BadRequest("too long", code="FT314", status=400)
BROKEN = ServerError("the server failed", code="FT317", status=500)


@dataclass
class Models:
    """Answers what `says` makes of a model and a question, or raises what it returns."""

    says: Callable[[str, str], str | ApiError] = lambda _model, _question: "yes"
    asked: list[tuple[str, str]] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def chat(self, model: str, messages: Any, _request: Any) -> ChatCompletion:
        question = messages[-1]["content"]
        with self.lock:
            self.asked.append((model, question))
        said = self.says(model, question)
        if isinstance(said, ApiError):
            raise said
        usage = {"prompt_tokens": 1000, "completion_tokens": 1000}
        return ChatCompletion(content=said, usage=usage)


def stage(
    folder: Path, models: Models, *, rows: int = 10, tests: str = "", of_set: str = ""
) -> Staged:
    data = "".join(f'{{"user": "q{n}", "answer": "yes"}}\n' for n in range(rows))
    (folder / "rows.jsonl").write_text(data, encoding="utf-8")
    (folder / "train.jsonl").write_text("", encoding="utf-8")
    path = folder / "s.yaml"
    path.write_text(
        "version: 1\nname: s\nprovider: openai\nmodel: gpt-4o-mini\n"
        "dataset: {train: train.jsonl}\n"
        "tests:\n  sets:\n    a:\n      file: rows.jsonl\n"
        f'      expect: [{{equals: "{{{{item.answer}}}}"}}]\n{of_set}{tests}',
        encoding="utf-8",
    )
    loaded = load_spec(path, environment={}, variables={})
    assert loaded.spec is not None, loaded.findings
    return staged(folder, models, spec=loaded.spec)


def make_current(at: Staged, model: str) -> None:
    tests = TestsRecord(model=model, digest="d", passed=True, results={})
    at.run.journal.tested(tests, Current(model=model, job="j", fingerprint="v1:x", run="r"))


def measured(stage: Staged, reuse: Reuse = Reuse.STORED) -> Measurement:
    return measure(stage.run, "ft:m", reuse)


def tuned(found: Measurement) -> MeasuredSet:
    return found.sets["a"]["tuned"]


def shown(found: MeasuredSet) -> str:
    """A letter for each attempt: passed, failed, missing."""
    letters = {True: "p", False: "f", None: "-"}
    return "".join(letters[a.passed if a else None] for row in found.rows for a in row.attempts)


def test_every_row_is_asked_and_judged_in_order(tmp_path: Path) -> None:
    models = Models(lambda _, question: "no" if question == "q3" else "yes")

    found = tuned(measured(stage(tmp_path, models, of_set="      repeat: 2\n")))

    assert shown(found) == "ppppppffpppppppppppp"
    assert len(models.asked) == 20
    first = found.rows[0].attempts[0]
    assert first is not None
    assert (first.score, first.tokens_in, found.rows[3].question) == (1.0, 1000, "q3")


def test_nothing_is_asked_twice(tmp_path: Path) -> None:
    models = Models()
    first = measured(stage(tmp_path, models, tests="  against: [base]\n"))
    asked = len(models.asked)

    second = measured(stage(tmp_path, models, tests="  against: [base]\n"))

    assert asked == 20
    assert len(models.asked) == asked
    assert tuned(first).answers_digest == tuned(second).answers_digest
    assert tuned(first).rows_digest == tuned(second).rows_digest


def test_ask_again_asks_all_again_and_regrade_asks_nothing(tmp_path: Path) -> None:
    models = Models()
    measured(stage(tmp_path, models))

    measured(stage(tmp_path, models), Reuse.ONLY)
    assert len(models.asked) == 10

    measured(stage(tmp_path, models), Reuse.NONE)
    assert len(models.asked) == 20


def test_regrading_what_was_never_asked_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NoAnswer, match="no stored answer") as caught:
        measured(stage(tmp_path, Models()), Reuse.ONLY)

    assert caught.value.code == "FT502"


@pytest.mark.parametrize("error", [TOO_LONG, BROKEN])
def test_a_row_that_fails_for_good_is_missing_and_asked_again_next_time(
    tmp_path: Path, error: ApiError
) -> None:
    models = Models(lambda _, question: error if question in ("q2", "q5") else "yes")

    assert shown(tuned(measured(stage(tmp_path, models)))) == "pp-pp-pppp"

    models.says = lambda _model, _question: "no"
    assert shown(tuned(measured(stage(tmp_path, models)))) == "ppfppfpppp"


def test_a_missing_answer_is_missing_in_what_is_regraded(tmp_path: Path) -> None:
    models = Models(lambda _, question: TOO_LONG if question == "q2" else "yes")
    measured(stage(tmp_path, models))

    assert shown(tuned(measured(stage(tmp_path, models), Reuse.ONLY))) == "pp-ppppppp"


@pytest.mark.parametrize(
    "error",
    [
        AuthenticationFailed("no", code="FT311", status=401),
        RateLimited("spent", code="FT316", status=429, provider_code="insufficient_quota"),
    ],
)
def test_what_all_rows_would_meet_ends_it(tmp_path: Path, error: ApiError) -> None:
    models = Models(lambda _, question: error if question == "q2" else "yes")

    with pytest.raises(NoAnswer, match="the row at"):
        measured(stage(tmp_path, models))


def test_a_server_that_is_down_is_not_asked_every_row(tmp_path: Path) -> None:
    models = Models(lambda _, question: BROKEN if int(question[1:]) >= 20 else "yes")

    with pytest.raises(NoAnswer):
        measured(stage(tmp_path, models, rows=500))

    assert len(models.asked) < 100


def test_many_rows_that_a_model_refuses_do_not_end_it(tmp_path: Path) -> None:
    models = Models(lambda _, question: TOO_LONG if int(question[1:]) >= 20 else "yes")

    found = tuned(measured(stage(tmp_path, models, rows=100)))

    assert found.unmeasured == 80


def test_equal_questions_side_by_side_are_asked_once(tmp_path: Path) -> None:
    models = Models()
    at = stage(tmp_path, models, tests="  run: {concurrency: 8}\n")
    rows = "".join(f'{{"user": "same", "answer": "yes", "n": {n}}}\n' for n in range(50))
    (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")

    assert shown(tuned(measured(at))) == "p" * 50
    assert len(models.asked) == 1


def test_models_to_compare_with_are_asked_too(tmp_path: Path) -> None:
    models = Models()
    at = stage(tmp_path, models, tests="  against: [base, current, {name: rival, model: r}]\n")
    make_current(at, "ft:old")

    found = measured(at)

    assert [(n, one.model) for n, one in found.sets["a"].items()] == [
        ("tuned", "ft:m"),
        ("base", "gpt-4o-mini"),
        ("current", "ft:old"),
        ("rival", "r"),
    ]
    assert found.skipped == {}


def test_a_current_model_that_is_missing_or_under_test_is_skipped(tmp_path: Path) -> None:
    at = stage(tmp_path, Models(), tests="  against: [current]\n")
    assert measured(at).skipped == {"current": "no model is current yet"}

    make_current(at, "ft:m")
    assert measured(at).skipped == {"current": "it is the model under test"}


def test_the_base_model_may_chat_under_another_name(tmp_path: Path) -> None:
    at = stage(tmp_path, Models(), tests="  against: [{name: base, model: my-deployment}]\n")

    assert measured(at).sets["a"]["base"].model == "my-deployment"


def test_how_far_it_is_is_reported(tmp_path: Path) -> None:
    at = stage(tmp_path, Models(lambda _, q: TOO_LONG if q == "q1" else "yes"))
    measured(at)

    (last,) = [event for event in at.reported if isinstance(event, AskingProgressed)][-1:]
    assert (last.done, last.total, last.passed, last.missing) == (10, 10, 9, 1)


def test_a_set_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    at = stage(tmp_path, Models(), rows=0)

    with pytest.raises(InvalidInput):
        measured(at)


def test_a_model_elsewhere_is_asked_there(tmp_path: Path) -> None:
    here, there = Models(), Models()
    (tmp_path / "there").mkdir()
    at = stage(tmp_path, here, tests="  against: [{model: r, provider: together}]\n")
    away = stage(tmp_path / "there", there).run
    run = replace(at.run, elsewhere=lambda _: nullcontext(away))

    found = measure(run, "ft:m", Reuse.STORED)

    assert found.sets["a"]["r"].model == "r"
    assert {model for model, _ in here.asked} == {"ft:m"}
    assert {model for model, _ in there.asked} == {"r"}


def test_asking_stops_at_max_cost_and_the_rest_is_missing(tmp_path: Path) -> None:
    # 1,000 tokens each way of a tuned gpt-4o-mini are $0.0015.
    models = Models()
    at = stage(tmp_path, models, tests="  run: {max_cost: 0.0046, concurrency: 1}\n")

    assert shown(tuned(measured(at))) == "ppp-------"
    assert len(models.asked) == 3


def test_what_is_stored_costs_nothing(tmp_path: Path) -> None:
    models = Models()
    measured(stage(tmp_path, models))

    at = stage(tmp_path, models, tests="  run: {max_cost: 0.0001}\n")

    assert shown(tuned(measured(at))) == "pppppppppp"


@pytest.mark.parametrize(
    ("tests", "code"),
    [
        ("  run: {max_cost: 0.00001}\n", "FT518"),
        ("  against: [{name: r, model: unknown}]\n  run: {max_cost: 1}\n", "FT194"),
    ],
)
def test_a_limit_that_cannot_be_held_stops_before_anything_is_asked(
    tmp_path: Path, tests: str, code: str
) -> None:
    models = Models()

    with pytest.raises(OverBudget) as caught:
        measured(stage(tmp_path, models, tests=tests))

    assert (caught.value.code, models.asked) == (code, [])


def test_answers_are_priced_without_those_that_are_stored(tmp_path: Path) -> None:
    models = Models()
    at = stage(tmp_path, models, tests="  request: {max_tokens: 100}\n  against: [base]\n")
    sets = readable_sets(at.run)

    before = estimate_answers(at.run, sets, None)
    measured(at)
    after = estimate_answers(at.run, sets, None)

    assert (before.asked, before.stored) == (20, 0)
    assert (after.asked, after.stored) == (10, 10)
    assert before.cost is not None
    assert after.cost is not None
    # The tuned model's 10 answers of 100 tokens are $0.0012, the base model's half of that.
    assert before.cost.high == pytest.approx(0.0018, rel=0.02)
    assert after.cost.high == pytest.approx(0.0012, rel=0.02)
