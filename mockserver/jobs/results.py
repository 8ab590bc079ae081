"""The results file of a training: a CSV with the metrics of each logged step."""

from __future__ import annotations

import base64
import csv
import io

from mockserver.data.records import Job
from mockserver.jobs.metrics import logged_steps, metrics_at

FILENAME = "step_metrics.csv"
COLUMNS = {
    "step": "step",
    "train_loss": "train_loss",
    "train_accuracy": "train_mean_token_accuracy",
    "valid_loss": "valid_loss",
    "valid_mean_token_accuracy": "valid_mean_token_accuracy",
    "full_valid_loss": "full_valid_loss",
    "full_valid_mean_token_accuracy": "full_valid_mean_token_accuracy",
}
"""The names in the file, as OpenAI's guide shows them, and the metrics they hold."""


def results_csv(job: Job, *, plain: bool) -> bytes:
    """The file's bytes; in base64 unless `plain`, as OpenAI sends them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for step in logged_steps(job):
        known = metrics_at(job, step).known()
        writer.writerow([known.get(metric) for metric in COLUMNS.values()])
    content = text.getvalue().encode()
    return content if plain else base64.b64encode(content)
