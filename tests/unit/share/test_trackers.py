"""What trackers are sent, and that two of them take it; nothing leaves this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from ftrunner.cli.commands.report import command
from ftrunner.engine.report.report import Point
from ftrunner.share import trackers
from ftrunner.share.trackers import NotSent, Sent, as_sent, send_to_mlflow, send_to_wandb
from tests.kit.reports import report_of
from tests.kit.results import full

CURVE = (Point(1, 3.0, None), Point(2, 2.0, 2.5))
ROOT = Path(__file__).parents[3]
PAGE = b"<!doctype html>"
needs_mlflow = pytest.mark.skipif(
    find_spec("mlflow") is None, reason="needs the extra mlflow, which .ci/run installs"
)
needs_wandb = pytest.mark.skipif(
    find_spec("wandb") is None, reason="needs the extra wandb, which .ci/run installs"
)
# Their own; ours are errors.
of_libraries = pytest.mark.filterwarnings("ignore")


def sent() -> Sent:
    return as_sent(report_of(full(), curve=CURVE))


def test_what_is_sent() -> None:
    found = sent()

    assert (found.experiment, found.run) == ("tickets", "7f3a")
    assert found.settings["base_model"] == "gpt-4o-mini-2024-07-18"
    assert found.settings["n_epochs"] == "4"
    assert found.figures["tickets.against_base.effect"] == -0.2
    assert found.figures["tickets.tuned.passed"] == 0.75
    assert found.losses == (
        (1, {"train_loss": 3.0}),
        (2, {"train_loss": 2.0, "validation_loss": 2.5}),
    )
    assert [row[2] for row in found.rows] == ["data/heldout.jsonl:1"]


def test_each_tracker_is_an_option() -> None:
    [option] = [option for option in command.params if option.name == "trackers"]

    assert isinstance(option.type, click.Choice)
    assert list(option.type.choices) == list(trackers.TRACKERS)


@needs_mlflow
@of_libraries
def test_mlflow_takes_it_and_a_second_time_updates_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "mlruns").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    client = import_module("mlflow").MlflowClient()

    send_to_mlflow(sent(), PAGE)
    send_to_mlflow(sent(), PAGE)

    [run] = client.search_runs([client.get_experiment_by_name("tickets").experiment_id])
    assert run.data.params["verdict"] == "Failed"
    assert run.data.metrics["tickets.against_base.effect"] == -0.2
    assert {m.value for m in client.get_metric_history(run.info.run_id, "train_loss")} == {3.0, 2.0}
    assert {f.path for f in client.list_artifacts(run.info.run_id)} == {
        "changed.json",
        "report.html",
    }


@needs_wandb
def test_wandb_keeps_it_offline(tmp_path: Path) -> None:
    """In a process, since its library leaves services and variables behind."""
    folders = ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR")
    environment = {**os.environ, **dict.fromkeys(folders, str(tmp_path)), "WANDB_MODE": "offline"}

    program = "import tests.unit.share.test_trackers as t; print(t.send_to_wandb(t.sent(), t.PAGE))"
    done = subprocess.run(
        (sys.executable, "-c", program), cwd=ROOT, env=environment, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    [kept] = tmp_path.glob("wandb/offline-run-*/*.wandb")
    assert b"tickets.against_base.effect" in kept.read_bytes()
    assert str(tmp_path) in done.stdout


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trackers, "find_spec", lambda _: None)

    with pytest.raises(NotSent) as refused:
        send_to_wandb(sent(), PAGE)

    assert refused.value.hint == "pip install 'ftrunner[wandb]'"


@needs_mlflow
@of_libraries
def test_what_the_library_says_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nonsense://x")

    with pytest.raises(NotSent, match="mlflow did not take the report"):
        send_to_mlflow(sent(), PAGE)
