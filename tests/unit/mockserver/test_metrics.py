from __future__ import annotations

import base64
import csv
import io
from dataclasses import replace
from typing import Any

from mockserver.data.records import Job, TrainingData
from mockserver.jobs.results import COLUMNS, REWARDS, results_csv
from mockserver.metrics import MAX_LOGGED_STEPS, logged_steps, losses_at, rewards_at
from tests.unit.mockserver.making import job

VALIDATED = TrainingData(examples=10, tokens=400, entropy=3.0, validation_examples=5)


def epochs(n_epochs: int, *, rate: float = 2.0) -> dict[str, float]:
    return {"n_epochs": n_epochs, "batch_size": 1, "learning_rate_multiplier": rate}


def test_the_loss_starts_near_the_entropy_of_the_data_and_falls() -> None:
    first, last = losses_at(job(), 1), losses_at(job(), 50)

    assert abs(first.train_loss - 3.0) < 0.3
    assert last.train_loss < first.train_loss / 4
    assert last.train_mean_token_accuracy > first.train_mean_token_accuracy


def test_a_higher_learning_rate_falls_faster() -> None:
    slow, fast = job(resolved=epochs(5, rate=0.5)), job(resolved=epochs(5, rate=4.0))

    assert losses_at(fast, 30).train_loss < losses_at(slow, 30).train_loss


def test_noise_follows_the_seed() -> None:
    assert losses_at(job(), 7) == losses_at(job(), 7)
    assert losses_at(job(), 7) != losses_at(job(seed=43), 7)


def test_the_validation_loss_rises_when_there_are_too_many_epochs() -> None:
    long = job(resolved=epochs(20), data=VALIDATED)

    ends = [losses_at(long, epoch * 10).full_valid_loss or 0.0 for epoch in range(1, 21)]

    assert min(ends) < ends[0]
    assert ends[-1] > min(ends) * 1.5


def test_without_a_validation_file_there_is_no_validation_loss() -> None:
    assert losses_at(job(), 10).valid_loss is None
    assert losses_at(job(data=VALIDATED), 10).full_valid_loss is not None
    assert losses_at(job(data=VALIDATED), 11).full_valid_loss is None


def test_validation_follows_some_steps_only() -> None:
    """Step 60 of 200 has a validation loss in a recording, steps 51 to 59 have none."""
    long = job(resolved=epochs(4), data=replace(VALIDATED, examples=25))

    validated = [step for step in logged_steps(long) if losses_at(long, step).valid_loss]

    assert validated == [10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100]
    assert [step for step in validated if losses_at(long, step).full_valid_loss] == [
        25,
        50,
        75,
        100,
    ]


def test_every_step_is_logged_unless_there_are_very_many() -> None:
    many = job(data=TrainingData(examples=100_000, entropy=3.0))

    assert logged_steps(job()) == list(range(1, 51))
    assert len(logged_steps(many)) <= MAX_LOGGED_STEPS + 6
    assert {100_000, 200_000, 500_000} <= set(logged_steps(many))


def test_the_results_file_has_a_line_for_each_step() -> None:
    plain = results_csv(job(), plain=True)
    rows = list(csv.DictReader(io.StringIO(plain.decode())))

    assert list(rows[0]) == list(COLUMNS)
    assert [int(row["step"]) for row in rows] == list(range(1, 51))
    assert float(rows[-1]["train_loss"]) == losses_at(job(), 50).train_loss


def test_the_results_file_is_sent_in_base64_unless_plain() -> None:
    sent = results_csv(job(), plain=False)

    assert base64.b64decode(sent) == results_csv(job(), plain=True)


SCORE = {"type": "score_model", "name": "kind", "model": "gpt-4o", "range": [0, 10], "input": []}
CHECK = {"type": "string_check", "name": "same", "input": "", "reference": "", "operation": "eq"}
BOTH = {"type": "multi", "name": "both", "calculate_output": "(kind + same) / 2",
        "graders": {"kind": SCORE, "same": CHECK}}  # fmt: skip


def taught(grader: dict[str, Any], **changes: Any) -> Job:
    resolved = {**epochs(2), "eval_interval": 4}
    return job(method="reinforcement", grader=grader, resolved=resolved, data=VALIDATED, **changes)


def test_a_reinforcement_training_reports_rewards_as_a_recorded_job_does() -> None:
    step = rewards_at(taught(CHECK), 8)

    assert step.message(20) == (
        f"Step 8/20 , train mean reward={step.train_reward:.2f}, full validation mean "
        f"reward={step.valid_reward:.2f}, full validation mean parse error=0.00"
    )
    assert {*step.data(20)} == {
        "step", "total_steps", "usage", "errors", "scores", "timing", "train_mean_reward",
        "full_valid_mean_reward", "full_valid_mean_parse_error", "reasoning_tokens_mean",
        "completion_tokens_mean", "valid_reasoning_tokens_mean", "mean_unresponsive_rewards",
        "model_graders_token_usage",
    }  # fmt: skip
    assert step.data(20)["scores"] == {
        "graders": [
            {
                "name": "same",
                "type": "string_check",
                "train_reward_mean": step.train_reward,
                "valid_reward_mean": step.valid_reward,
            }
        ],
        "train_reward_mean": step.train_reward,
        "valid_reward_mean": step.valid_reward,
    }


def test_a_step_without_validation_reports_training_alone() -> None:
    step = rewards_at(taught(SCORE), 7)

    assert step.message(20) == f"Step 7/20 , train mean reward={step.train_reward:.2f}"
    assert not [name for name in names_in(step.data(20)) if "valid_" in name and "inv" not in name]


def names_in(value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for item in value for name in names_in(item)]
    if not isinstance(value, dict):
        return []
    return [*value, *(name for item in value.values() for name in names_in(item))]


def test_rewards_rise_within_the_graders_range() -> None:
    rewards = [rewards_at(taught(SCORE), step).train_reward for step in range(1, 21)]

    assert 0 < rewards[0] < rewards[-1] / 2
    assert max(rewards) <= 10
    assert max(rewards_at(taught(BOTH), step).train_reward for step in range(1, 21)) <= 1


def test_each_part_of_a_multi_grader_has_its_scores_and_model_graders_their_tokens() -> None:
    data = rewards_at(taught(BOTH), 20).data(20)

    assert [part["name"] for part in data["scores"]["graders"]] == ["kind", "same"]
    assert [part["model"] for part in data["usage"]["graders"]] == ["gpt-4o"]
    assert list(data["model_graders_token_usage"]) == ["gpt-4o"]


def test_the_results_of_a_reinforcement_training_are_rewards() -> None:
    rows = list(csv.DictReader(io.StringIO(results_csv(taught(CHECK), plain=True).decode())))

    assert list(rows[0]) == list(REWARDS)
    assert rows[0]["full_valid_mean_reward"] == ""
    assert float(rows[-1]["full_valid_mean_reward"]) == rewards_at(taught(CHECK), 20).valid_reward
