"""The results file of a job: a CSV with the metrics of each logged step."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Mapping

from mockserver.data.records import Job
from mockserver.metrics import logged_steps, metrics_at

FILENAME = "step_metrics.csv"
COLUMNS: Mapping[str, str] = {
    "step": "step",
    "train_loss": "train_loss",
    "train_accuracy": "train_mean_token_accuracy",
    "valid_loss": "valid_loss",
    "valid_mean_token_accuracy": "valid_mean_token_accuracy",
    "full_valid_loss": "full_valid_loss",
    "full_valid_mean_token_accuracy": "full_valid_mean_token_accuracy",
}
"""The columns of the file, as in OpenAI's guide, and their metrics."""
REWARDS: Mapping[str, str] = {
    name: name
    for name in (
        "step",
        "train_mean_reward",
        "full_valid_mean_reward",
        "completion_tokens_mean",
        "reasoning_tokens_mean",
        "mean_unresponsive_rewards",
    )
}
"""The columns for reinforcement training, as in microsoft/azure-skills."""


def results_csv(job: Job, *, plain: bool) -> bytes:
    """The file's bytes, in base64 as at OpenAI unless `plain`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = REWARDS if job.method == "reinforcement" else COLUMNS
    writer.writerow(columns)
    for step in logged_steps(job):
        known = metrics_at(job, step).known()
        writer.writerow([known.get(metric) for metric in columns.values()])
    content = text.getvalue().encode()
    return content if plain else base64.b64encode(content)
