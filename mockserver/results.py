"""The results file of a training: a CSV with the metrics of each logged step."""

from __future__ import annotations

import base64
import csv
import io

from mockserver.metrics import StepMetrics, logged_steps, metrics_at
from mockserver.records import Job

FILENAME = "step_metrics.csv"
HEADER = (
    "step",
    "train_loss",
    "train_accuracy",
    "valid_loss",
    "valid_mean_token_accuracy",
    "full_valid_loss",
    "full_valid_mean_token_accuracy",
)


def results_csv(job: Job, *, plain: bool) -> bytes:
    """The file's bytes; in base64 unless `plain`, as OpenAI sends them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_row(metrics_at(job, step)) for step in logged_steps(job))
    content = text.getvalue().encode()
    return content if plain else base64.b64encode(content)


def _row(metrics: StepMetrics) -> tuple[object, ...]:
    return (
        metrics.step,
        metrics.train_loss,
        metrics.train_accuracy,
        metrics.valid_loss,
        metrics.valid_accuracy,
        metrics.full_valid_loss,
        metrics.full_valid_accuracy,
    )
