from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.answers.formula import FormulaError, evaluate
from mockserver.answers.grading import GraderRun, UnknownVariableError, grade, variables_for
from mockserver.answers.similarity import METRICS, similarity
from mockserver.http.errors import WireError
from mockserver.rules.graders import read_grader

CHECK = {"type": "string_check", "name": "n", "input": "{{sample.output_text}}"}


async def no_model(model: str, messages: list[dict[str, Any]]) -> tuple[str, int]:
    raise AssertionError(f"{model} was asked {messages}")


def graded(grader: dict[str, Any], sample: str, item: dict[str, Any] | None = None) -> GraderRun:
    return asyncio.run(grade(read_grader(grader), variables_for(sample, item), no_model))


@pytest.mark.parametrize(
    ("operation", "reference", "reward"),
    [("eq", "Deep", 1), ("eq", "deep", 0), ("ne", "x", 1), ("like", "ee", 1), ("ilike", "DEEP", 1)],
)
def test_string_checks(operation: str, reference: str, reward: float) -> None:
    found = graded({**CHECK, "operation": operation, "reference": reference}, "Deep")

    assert found.reward == reward


def test_templates_reach_items_and_json() -> None:
    grader = {
        "type": "string_check",
        "name": "n",
        "input": "{{ sample.output_json.sea.name }}",
        "reference": "{{item.answer}}",
        "operation": "eq",
    }

    assert graded(grader, '{"sea": {"name": "north"}}', {"answer": "north"}).reward == 1


def test_unknown_variables_are_an_error() -> None:
    with pytest.raises(UnknownVariableError, match=r"item\.nothing"):
        graded({**CHECK, "operation": "eq", "reference": "{{item.nothing}}"}, "x")


def test_a_multi_grader_combines_its_parts() -> None:
    grader = {
        "type": "multi",
        "name": "both",
        "calculate_output": "0.5 * same + 0.25 * near",
        "graders": {
            "same": {**CHECK, "operation": "eq", "reference": "deep"},
            "near": {
                "type": "text_similarity",
                "name": "near",
                "input": "{{sample.output_text}}",
                "reference": "deep",
                "evaluation_metric": "fuzzy_match",
            },
        },
    }

    assert graded(grader, "deep").reward == 0.75


def test_a_score_model_is_asked_and_kept_within_its_range() -> None:
    async def ask(model: str, messages: list[dict[str, Any]]) -> tuple[str, int]:
        assert messages == [{"role": "user", "content": "Rate: deep"}]
        return "I give it 12 points", 9

    grader = read_grader(
        {
            "type": "score_model",
            "name": "judge",
            "model": "gpt-4o-mini",
            "range": [0, 10],
            "input": [{"role": "user", "content": "Rate: {{sample.output_text}}"}],
        }
    )
    found = asyncio.run(grade(grader, variables_for("deep", None), ask))

    assert (found.reward, found.tokens) == (10, {"gpt-4o-mini": 9})


@pytest.mark.parametrize(
    ("grader", "message"),
    [
        ({"type": "python", "name": "n", "source": "x"}, "does not run users' code"),
        ({"type": "magic", "name": "n"}, "Invalid"),
        ({"name": "n"}, "type"),
        ({**CHECK, "operation": "same", "reference": ""}, "operation"),
        (
            {"type": "multi", "name": "n", "calculate_output": "a", "graders": {"a": 3}},
            "must be a grader other than multi",
        ),
    ],
)
def test_graders_that_cannot_be_run_are_refused(grader: dict[str, Any], message: str) -> None:
    with pytest.raises(WireError, match=message) as caught:
        read_grader(grader)

    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("formula", "value"),
    [("a", 2), ("a + b * 3", 11), ("-(a - b) / 2", 0.5), ("max(a, b, 7)", 7), ("sqrt(a + a)", 2)],
)
def test_formulas(formula: str, value: float) -> None:
    assert evaluate(formula, {"a": 2, "b": 3}) == value


@pytest.mark.parametrize(
    "formula",
    ["", "c", "a +", "a ** b", "__import__('os')", "a.b", "a / 0", "(" * 300, "exp(9999)", "'x'"],
)
def test_formulas_that_are_not_arithmetic_are_refused(formula: str) -> None:
    with pytest.raises(FormulaError):
        evaluate(formula, {"a": 2, "b": 3})


@pytest.mark.parametrize("metric", METRICS)
def test_equal_texts_are_as_alike_as_can_be(metric: str) -> None:
    text = "one two three four five six"

    assert similarity(metric, text, text) == pytest.approx(1, abs=0.01)
    assert similarity(metric, text, "nothing in common whatsoever here today") < 0.5


@given(st.sampled_from(METRICS), st.text(max_size=30), st.text(max_size=30))
def test_similarities_stay_between_0_and_1(metric: str, one: str, two: str) -> None:
    assert 0 <= similarity(metric, one, two) <= 1 + 1e-9
