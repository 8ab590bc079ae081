"""Jobs for tests: ten seconds of validating, twenty in the queue, a hundred of running."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mockserver.data.records import Job, Pace, TrainingData

CREATED = 1_000_000.0

JOB = Job(
    id="ftjob-test",
    owner="everyone",
    created_at=CREATED,
    model="gpt-4o-mini-2024-07-18",
    training_file="file-train",
    training_content="blob",
    inputs="same",
    resolved={"n_epochs": 5, "batch_size": 1, "learning_rate_multiplier": 2.0},
    seed=42,
    tuned_model="ft:gpt-4o-mini-2024-07-18:personal::abcd1234",
    result_file="file-results",
    data=TrainingData(examples=10, tokens=400, entropy=3.0),
    pace=Pace(validating=10, queued=20, running=100),
)


def job(**changes: Any) -> Job:
    return replace(JOB, **changes)
