"""Graders over HTTP: what they answer and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.mockserver.raw import RawClient

RUN = "/fine_tuning/alpha/graders/run"
CHECK = {
    "type": "string_check",
    "name": "same",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "operation": "eq",
}
JUDGE = {
    "type": "score_model",
    "name": "judge",
    "model": "gpt-4o-mini",
    "range": [0, 10],
    "input": [{"role": "user", "content": {"type": "input_text", "text": "Rate this"}}],
}


def run(client: RawClient, grader: dict[str, Any], **fields: Any) -> dict[str, Any]:
    answer = client.post(RUN, {"grader": grader, "model_sample": "deep", **fields})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_score_model_asks_a_model_of_the_mock(client: RawClient) -> None:
    found = run(client, JUDGE)

    assert 0 <= found["reward"] <= 10
    assert found == run(client, JUDGE)
    assert found["metadata"]["sampled_model_name"] == "gpt-4o-mini"
    assert found["metadata"]["token_usage"] > 0


def test_a_multi_grader_shows_its_parts(client: RawClient) -> None:
    multi = {
        "type": "multi",
        "name": "both",
        "calculate_output": "(same + other) / 2",
        "graders": {"same": CHECK, "other": {**CHECK, "operation": "ne"}},
    }
    found = run(client, multi, item={"answer": "deep"})

    assert (found["reward"], found["sub_rewards"]) == (0.5, {"same": 1.0, "other": 0.0})


@pytest.mark.parametrize(
    ("grader", "error"),
    [
        (CHECK, "invalid_variable_error"),
        (
            {"type": "multi", "name": "m", "calculate_output": "x +", "graders": {}},
            "formula_parse_error",
        ),
    ],
)
def test_what_goes_wrong_while_grading_is_reported_in_the_answer(
    client: RawClient, grader: dict[str, Any], error: str
) -> None:
    found = run(client, grader)

    assert found["reward"] == 0
    assert [name for name, value in found["metadata"]["errors"].items() if value] == [error]


@pytest.mark.parametrize(
    ("grader", "status", "message"),
    [
        ({"type": "python", "name": "p", "source": "print()"}, 400, "does not run users' code"),
        ({**JUDGE, "model": "nope"}, 404, "does not exist"),
        ({**JUDGE, "input": []}, 400, "needs input messages"),
        ({**JUDGE, "range": [3, 1]}, 400, "a lower and a higher number"),
        (
            {"type": "text_similarity", "name": "t", "input": "", "reference": "",
             "evaluation_metric": "vibes"}, 400, "expected one of fuzzy_match",
        ),
    ],
)  # fmt: skip
def test_graders_that_are_refused(
    client: RawClient, grader: dict[str, Any], status: int, message: str
) -> None:
    refused = client.post(RUN, {"grader": grader, "model_sample": "deep"})

    assert refused.status_code == status
    assert message in refused.json()["error"]["message"]
