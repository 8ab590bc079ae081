"""A report as a run of an experiment tracker: Weights & Biases, or MLflow.

Each needs its library (`pip install 'ftrunner[wandb]'`, `'ftrunner[mlflow]'`), which reads its
address and key from the environment as it always does. What was sent before is updated.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ftrunner.engine.report.report import Report
from ftrunner.errors import FtrunnerError
from ftrunner.state.results import KeptAnswer, KeptSet
from ftrunner.text import one_line, printable

_LONGEST = 2_000  # characters of an answer
_PAGE = "report.html"
_COLUMNS = ("set", "against", "row", "question", "right answer", "other", "tuned", "difference")


class NotSent(FtrunnerError):
    """The tracker's library is not installed, or it refused."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A report as trackers have it: settings, figures, losses by step, and changed rows."""

    experiment: str
    run: str
    settings: dict[str, str]
    figures: dict[str, float]
    losses: tuple[tuple[int, dict[str, float]], ...]
    rows: tuple[tuple[str | float, ...], ...]


def as_sent(report: Report) -> Sent:
    """What of a report is sent. A rehearsal is named as one."""
    results = report.results
    suffix = " (rehearsal)" if results.rehearsal else ""
    return Sent(
        experiment=f"{results.name}{suffix}",
        run=results.run,
        settings={name: one_line(value, bound=500) for name, value in _settings(report)},
        figures=dict(_figures(report)),
        losses=tuple(
            (point.step, _losses(point.train, point.validation)) for point in report.curve
        ),
        rows=tuple(_rows(report)),
    )


def _settings(report: Report) -> Iterator[tuple[str, str]]:
    results, job, origin = report.results, report.results.training, report.results.provenance
    facts: dict[str, object] = {
        "verdict": report.verdict.word,
        "outcome": results.outcome,
        "provider": origin.provider,
        "model": results.model,
        "base_model": job and job.base_model,
        "job": job and job.job,
        "commit": report.origin and report.origin.commit,
        "tests": origin.tests,
        "ftrunner": origin.ftrunner,
    }
    chosen = (job.inputs.get("hyperparameters") if job else None) or {}
    for name, value in {**facts, **chosen}.items():
        if value is not None:
            yield name, str(value)


def _figures(report: Report) -> Iterator[tuple[str, float]]:
    results = report.results
    if results.prompts:
        yield "prompts.passed", sum(p.passed for p in results.prompts) / len(results.prompts)
    if results.training and results.training.trained_tokens:
        yield "trained_tokens", results.training.trained_tokens
    for each in results.sets:
        yield from _of_set(each)


def _of_set(each: KeptSet) -> Iterator[tuple[str, float]]:
    for model in each.models:
        for name, figure in model.metrics.items():
            if figure.value is not None:
                yield f"{_name(each.name)}.{_name(model.name)}.{_name(name)}", figure.value
    for found in each.comparisons:
        about = f"{_name(each.name)}.against_{_name(found.name)}"
        yield f"{about}.effect", found.effect
        if found.low is not None and found.high is not None:
            yield f"{about}.low", found.low
            yield f"{about}.high", found.high


def _name(text: str) -> str:
    """A name that both trackers take."""
    return "".join(c if c.isalnum() or c in "._- " else "_" for c in one_line(text, bound=80))


def _losses(train: float | None, validation: float | None) -> dict[str, float]:
    losses = {"train_loss": train, "validation_loss": validation}
    return {name: value for name, value in losses.items() if value is not None}


def _rows(report: Report) -> Iterator[tuple[str | float, ...]]:
    for each in report.results.sets:
        for found in each.comparisons:
            for row in found.changed:
                texts = (row.question, row.reference or "", _text(row.other), _text(row.tuned))
                shown = (printable(text, bound=_LONGEST) for text in texts)
                yield each.name, found.name, row.place, *shown, row.difference


def _text(answers: tuple[KeptAnswer | None, ...]) -> str:
    return answers[0].text if answers and answers[0] else ""


def send_to_wandb(sent: Sent, page: bytes) -> str:
    """Send it to Weights & Biases; where it is. `WANDB_MODE=offline` keeps it on this machine."""
    with _library("wandb") as wandb, _in_file(page) as path:
        # What it would collect of the machine, its packages and its repository stays here.
        settings = wandb.Settings(
            silent=True, console="off", disable_git=True, disable_code=True,
            x_disable_meta=True, x_disable_stats=True, x_save_requirements=False,
        )  # fmt: skip
        run = wandb.init(
            project=_name(sent.experiment).replace(" ", "-"),
            id=sent.run, name=sent.run, resume="allow", config=sent.settings, settings=settings,
        )  # fmt: skip
        for step, losses in sent.losses:
            run.log(losses, step=step)
        if sent.rows:
            run.log({"changed": wandb.Table(columns=list(_COLUMNS), data=[*map(list, sent.rows)])})
        run.summary.update(sent.figures)
        artifact = wandb.Artifact(f"report-{sent.run}", type="report")
        artifact.add_file(str(path), name=_PAGE)
        run.log_artifact(artifact)
        where = str(run.url or run.dir)
        run.finish()
        return where


def send_to_mlflow(sent: Sent, page: bytes) -> str:
    """Send it to MLflow at `MLFLOW_TRACKING_URI`; where it is."""
    with _library("mlflow") as mlflow, _in_file(page) as path:
        client, entities = mlflow.MlflowClient(), import_module("mlflow.entities")
        experiment = _experiment(client, sent.experiment)
        run = _run(client, experiment, sent.run)
        params = [entities.Param(name, value) for name, value in sent.settings.items()]
        figures = [(0, sent.figures), *sent.losses]
        metrics = [
            entities.Metric(name, value, 0, step)
            for step, values in figures
            for name, value in values.items()
        ]
        for start in range(0, max(len(metrics), 1), 1_000):  # the most that a request may hold
            client.log_batch(run, metrics=metrics[start : start + 1_000], params=params)
            params = []
        if sent.rows:
            columns = dict(zip(_COLUMNS, map(list, zip(*sent.rows, strict=True)), strict=True))
            client.log_dict(run, columns, "changed.json")
        client.log_artifact(run, str(path))
        client.set_terminated(run)
        return f"{mlflow.get_tracking_uri()}, run {run}"


def _experiment(client: Any, name: str) -> str:
    found = client.get_experiment_by_name(name)
    return str(found.experiment_id if found else client.create_experiment(name))


def _run(client: Any, experiment: str, name: str) -> str:
    """The run that has the report, if it was sent before; else a new one."""
    found = client.search_runs([experiment], f"tags.`ftrunner.run` = '{_name(name)}'")
    if found:
        return str(found[0].info.run_id)
    made = client.create_run(experiment, run_name=name, tags={"ftrunner.run": _name(name)})
    return str(made.info.run_id)


TRACKERS: dict[str, Callable[[Sent, bytes], str]] = {
    "mlflow": send_to_mlflow,
    "wandb": send_to_wandb,
}


@contextmanager
def _library(name: str) -> Iterator[Any]:
    """The library; whatever it raises in the block is a NotSent."""
    if find_spec(name) is None:
        message = f"the library of {name} is not installed"
        raise NotSent(message, code="FT342", hint=f"pip install 'ftrunner[{name}]'")
    try:
        yield import_module(name)
    except Exception as error:
        said = one_line(str(error), bound=300)
        hint = f"see the documentation of {name} for its address and its key"
        raise NotSent(f"{name} did not take the report: {said}", code="FT342", hint=hint) from error


@contextmanager
def _in_file(page: bytes) -> Iterator[Path]:
    with TemporaryDirectory(prefix="ftrunner-") as folder:
        path = Path(folder, _PAGE)
        path.write_bytes(page)
        os.chmod(path, 0o600)  # noqa: PTH101
        yield path
