"""The rewards of a reinforcement training, and the tokens its graders used.

Source of texts and fields: the metrics event of a real job in OpenAI's reinforcement fine-tuning
guide (appendix, training metrics). The numbers are invented: the reward rises from near the bottom
of the graders' range, and reasoning gets longer with it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.data.records import Job
from mockserver.jobs.training import total_steps
from mockserver.metrics.steps import ends_epoch, noise

FIRST, LAST = 0.2, 0.9
"""The shares of the reward's range at the first and, approximately, at the last step."""
NOISE = 0.04
REASONING_TOKENS = 900
ANSWER_TOKENS = 50
GRADER_TOKENS = {"prompt": 240, "completion": 140}
"""The tokens that a model grader uses for a sample."""
_ERRORS = ("other_error", "sample_parse_error", "invalid_variable_error")


@dataclass(frozen=True, slots=True)
class StepRewards:
    """The rewards of one step; `valid_reward` if the validation file was graded after it."""

    step: int
    train_reward: float
    valid_reward: float | None
    details: Mapping[str, Any]
    """The other fields of the step's event."""

    def known(self) -> dict[str, Any]:
        """The metrics of a checkpoint and of the results file, by name."""
        found = {"step": self.step, "train_mean_reward": self.train_reward}
        names = ("full_valid_mean_reward", "completion_tokens_mean", "reasoning_tokens_mean",
                 "mean_unresponsive_rewards")  # fmt: skip
        return found | {name: self.details[name] for name in names if name in self.details}

    def data(self, total: int) -> dict[str, Any]:
        """The `data` of the step's event."""
        return {**self.known(), **self.details, "total_steps": total}

    def message(self, total: int) -> str:
        text = f"Step {self.step}/{total} , train mean reward={self.train_reward:.2f}"
        if self.valid_reward is not None:
            text += f", full validation mean reward={self.valid_reward:.2f}"
            text += ", full validation mean parse error=0.00"
        return text


def rewards_at(job: Job, step: int) -> StepRewards:
    """The rewards of one step."""
    names = ["train"]
    if job.data.validation_examples and _is_validated(job, step):
        names.append("valid")
    series = {name: _reward(job, step, name, job.grader or {}) for name in names}
    details = _details(job, step, series)
    return StepRewards(step, series["train"], series.get("valid"), details)


def _is_validated(job: Job, step: int) -> bool:
    return ends_epoch(job, step) or step % int(job.resolved.get("eval_interval", 1)) == 0


def _reward(job: Job, step: int, series: str, grader: Mapping[str, Any]) -> float:
    low, high = _range(grader)
    progress = 1 - math.exp(-3 * (step - 1) / max(1, total_steps(job) - 1))
    share = FIRST + (LAST - FIRST) * progress + NOISE * noise(job, step, series)
    return round(low + (high - low) * share, 6)


def _range(grader: Mapping[str, Any]) -> tuple[float, float]:
    """The range of a grader's rewards; for a formula, 0 to 1 is assumed."""
    match grader.get("range"):
        case [int() | float() as low, int() | float() as high]:
            return low, high
    return 0.0, 1.0


def _graders(grader: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The graders of a job: those in a multi grader, or the only one."""
    inner = grader.get("graders")
    if grader.get("type") != "multi" or not isinstance(inner, Mapping):
        return [grader]
    parts = [inner] if isinstance(inner.get("type"), str) else list(inner.values())
    return [part for part in parts if isinstance(part, Mapping)]


def _details(job: Job, step: int, series: Mapping[str, float]) -> dict[str, Any]:
    graders = _graders(job.grader or {})
    samples = {"train": int(job.resolved["batch_size"]), "valid": job.data.validation_examples}
    thought = {name: _reasoning_tokens(job, step, name) for name in series}
    found: dict[str, Any] = {
        "usage": _usage(graders, thought, samples),
        "errors": {"graders": [_errors(grader, series) for grader in graders]},
        "scores": {
            "graders": [_scores(job, step, grader, series) for grader in graders],
            **{f"{name}_reward_mean": reward for name, reward in series.items()},
        },
        "timing": _timing(graders, series),
        "reasoning_tokens_mean": thought["train"],
        "completion_tokens_mean": thought["train"] + ANSWER_TOKENS,
        "mean_unresponsive_rewards": 0.0,
        "model_graders_token_usage": _by_model(graders, series, samples),
    }
    if "valid" in series:
        found["full_valid_mean_reward"] = series["valid"]
        found["full_valid_mean_parse_error"] = 0.0
        found["valid_reasoning_tokens_mean"] = thought["valid"]
    return found


def _reasoning_tokens(job: Job, step: int, series: str) -> float:
    growth = 1 + step / total_steps(job)
    return round(REASONING_TOKENS * growth * (1 + NOISE * noise(job, step, f"{series} tokens")), 1)


def _about(grader: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": grader.get("name"), "type": grader.get("type")}


def _scores(
    job: Job, step: int, grader: Mapping[str, Any], series: Mapping[str, float]
) -> dict[str, Any]:
    """The mean reward of each grader; for a single grader, the job's."""
    own = "" if grader is job.grader else f" {grader.get('name')}"
    drawn = {f"{name}_reward_mean": _reward(job, step, f"{name}{own}", grader) for name in series}
    return {**_about(grader), **drawn}


def _usage(
    graders: list[Mapping[str, Any]], thought: Mapping[str, float], samples: Mapping[str, int]
) -> dict[str, Any]:
    tokens: dict[str, float] = {}
    for name, mean in thought.items():
        tokens[f"{name}_reasoning_tokens_mean"] = mean
        tokens[f"{name}_reasoning_tokens_count"] = round(mean * samples[name])
    asked = [grader for grader in graders if grader.get("type") == "score_model"]
    return {"graders": [_grader_usage(each, thought, samples) for each in asked], "samples": tokens}


def _grader_usage(
    grader: Mapping[str, Any], series: Mapping[str, float], samples: Mapping[str, int]
) -> dict[str, Any]:
    used: dict[str, Any] = {**_about(grader), "model": grader.get("model")}
    for kind, mean in GRADER_TOKENS.items():
        for name in series:
            used[f"{name}_{kind}_tokens_mean"] = float(mean)
            used[f"{name}_{kind}_tokens_count"] = float(mean * samples[name])
    return used


def _by_model(
    graders: list[Mapping[str, Any]], series: Mapping[str, float], samples: Mapping[str, int]
) -> dict[str, dict[str, int]]:
    """The step's tokens by grading model; here the service writes `eval` for `valid`."""
    found: dict[str, dict[str, int]] = {}
    for grader in graders:
        if grader.get("type") != "score_model":
            continue
        used = found.setdefault(str(grader.get("model")), {})
        for name in series:
            words = "eval" if name == "valid" else name
            used[f"{words}_cached_tokens"] = 0
            for kind, mean in GRADER_TOKENS.items():
                key = f"{words}_{kind}_tokens"
                used[key] = used.get(key, 0) + mean * samples[name]
    return found


def _errors(grader: Mapping[str, Any], series: Mapping[str, float]) -> dict[str, Any]:
    """The mock's graders make no errors."""
    counted = {
        f"{name}_{error}_{measure}": 0.0
        for error in _ERRORS
        for measure in ("mean", "count")
        for name in series
    }
    return {**_about(grader), **counted}


def _timing(graders: list[Mapping[str, Any]], series: Mapping[str, float]) -> dict[str, Any]:
    parts = {"eval": 100.0 if "valid" in series else 0.0, "sampling": 225.0, "training": 400.0}
    waited = {f"{name}_execution_latency_mean": 2.5 for name in series}
    return {
        "step": {**parts, "full_iteration": sum(parts.values())},
        "graders": [{**_about(grader), **waited} for grader in graders],
    }
