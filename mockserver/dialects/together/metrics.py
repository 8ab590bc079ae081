"""Together AI's metrics: an object for each training step and for each evaluation.

Sources: docs.together.ai, fine-tuning/monitoring, for the names; the official package, together
3.1.1, types/fine_tuning_list_metrics_params.py, for the parameters of a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.adapter.dialect import Refusal


def metrics_of(event: dict[str, Any], *, rate: float, epochs: int) -> list[dict[str, float]]:
    """The objects of a step: one for training and, if it was evaluated, one for that."""
    data = event["data"]
    epoch = round(epochs * data["step"] / data["total_steps"], 4)

    def line(kind: str, **more: float) -> dict[str, float]:
        named = {"global_step": data["step"], "epoch": epoch, **more}
        found = {f"{kind}/{name}": value for name, value in named.items()}
        return {"timestamp": event["created_at"] * 10**9, **found}

    found = [line("train", loss=data["train_loss"], learning_rate=rate, grad_norm=1.0)]
    if "valid_loss" in data:
        found.append(line("eval", loss=data.get("full_valid_loss", data["valid_loss"])))
    return found


def chosen(found: list[dict[str, float]], asked: Mapping[str, str]) -> list[dict[str, float]]:
    """The requested metrics: within a range of steps, with a maximum number for training."""
    low = _whole(asked.get("global_step_from"), 0)
    high = _whole(asked.get("global_step_to"), 2**63)
    kept = [line for line in found if low <= _step(line) <= high]
    trained = [line for line in kept if "train/loss" in line]
    count = min(_whole(asked.get("resolution"), len(trained)), len(trained))
    sampled = {_step(trained[n * len(trained) // count]) for n in range(count)}
    return [line for line in kept if "eval/loss" in line or _step(line) in sampled]


def _step(line: dict[str, float]) -> float:
    return line.get("train/global_step", line.get("eval/global_step", 0))


def _whole(text: str | None, default: int) -> int:
    if text is None:
        return default
    try:
        return int(text)
    except ValueError:
        raise Refusal(400, f"{text[:40]!r} is not a whole number.") from None
