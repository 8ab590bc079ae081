"""The fingerprint decides what people pay for: its golden values never change unnoticed."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from ftrunner.api.reference import job_body
from ftrunner.dataset.report import DatasetReport
from ftrunner.engine.fingerprint import differences, fingerprint, inputs
from ftrunner.engine.plan import DesiredState
from ftrunner.engine.steps.train import job_request
from ftrunner.providers import registry
from ftrunner.providers.port_spec import move
from ftrunner.spec.model import Budget, Dataset, Hyperparameter, Method, Spec, Wait
from ftrunner.spec.testing import Tests as TestsModel
from ftrunner.state.lock import FileRecord
from tests.kit.runs import FakeProvider, staged

GOLDEN = {
    "model": "gpt-4o-mini-2024-07-18",
    "method": "supervised",
    "hyperparameters": {"n_epochs": 10},
    "seed": 42,
    "suffix": "stories",
    "train": "0" * 64,
    "validation": None,
}


def test_the_golden_value_holds() -> None:
    assert fingerprint(GOLDEN) == (
        "v1:6227013216bc66625500fc3d2a0295b6910479ab8e91cd6a60748291a62ea708"
    )


SPEC = Spec(path=Path("s.yaml"), name="s", model="base", dataset=Dataset(train=("a",)))
TWO = "v1:30e9b75a8d71b6dfe8c402ee11791a8a82f8a1c9bf6a79c4445587814f25c5fa"
GENERIC = registry.get("generic")
NOTHING_SENT = DatasetReport(train=None, validation=None, findings=())


@pytest.mark.parametrize(
    ("written", "golden"),
    [
        (2, TWO),
        (2.0, TWO),
        (2.5, "v1:ff06738c93596b162c917fadfd17bb77130604e9f1e1fffbfbe710e40e5e18ee"),
    ],
)
def test_a_whole_number_is_one_number_however_it_is_written(
    written: Hyperparameter, golden: str
) -> None:
    made = inputs(replace(SPEC, hyperparameters={"n_epochs": written}), NOTHING_SENT, GENERIC)

    assert fingerprint(made) == golden


def test_nested_numbers_are_the_same_however_they_are_written() -> None:
    def made(number: float) -> str:
        nested = {"method": {"x": [number, True]}}
        return fingerprint(
            inputs(replace(SPEC, extra_body=nested, grader=nested), NOTHING_SENT, GENERIC)
        )

    assert made(2) == made(2.0) != made(2.5)


def test_the_order_of_keys_does_not_matter() -> None:
    assert fingerprint(dict(reversed(GOLDEN.items()))) == fingerprint(GOLDEN)


def test_differences_are_shown_as_people_say_them() -> None:
    new = {
        **GOLDEN,
        "hyperparameters": {"n_epochs": 3, "batch_size": 4},
        "train": "1" * 64,
        "validation": "2" * 64,
        "suffix": None,
        "extra_body": "3" * 64,
    }

    assert differences(GOLDEN, new) == (
        "extra_body changed",
        "hyperparameters.batch_size unset → 4",
        "hyperparameters.n_epochs 10 → 3",
        "suffix stories → unset",
        "train data changed",
        "validation data added",
    )


def test_equal_inputs_have_no_differences() -> None:
    assert differences(GOLDEN, dict(GOLDEN)) == ()


# Every setting is in one of these: another value asks for another job, or does not, because ...
TRAINS_AGAIN: dict[str, Any] = {
    "model": "another",
    "method": Method.DPO,
    "hyperparameters": {"n_epochs": 3},
    "seed": 7,
    "suffix": "x",
    "grader": {"type": "string_check"},
    "integrations": ({"type": "wandb"},),
    "extra_body": {"x": 1},
}
TRAINS_THE_SAME: dict[str, tuple[Any, str]] = {
    "path": (Path("t.yaml"), "a spec may be moved"),
    "name": ("t", "it names reports and run logs"),
    "dataset": (Dataset(train=("b",)), "the rows count, not the paths"),
    "provider": ("openai", "each endpoint has its record"),
    "base_url": ("http://127.0.0.1:1", "each endpoint has its record"),
    "api_key_env": ("KEY", "a key does not change what is trained"),
    "metadata": ({"team": "x"}, "it describes the job"),
    "extra_headers": ({"x": "y"}, "they are for gateways"),
    "deployment": ({"sku": "x"}, "it is about what follows the training"),
    "model_name": ("x", "it is about what follows the training"),
    "missing": (("metadata",), "it says what a server lacks"),
    "providers": ({"nebius": {"seed": 1}}, "they are settled before: the spec has the outcome"),
    "allow_loss": (("metadata",), "it says what a port may leave out"),
    "budget": (Budget(max_cost=1.0), "it may stop a run and changes no job"),
    "prices": ("prices.yaml", "they only estimate"),
    "wait": (Wait(timeout=1, stall_after=1), "it is about following"),
    "notify": (("URL",), "it is about reporting"),
    "tests": (TestsModel(confidence=0.9), "they ask the trained model"),
    "source": (None, "where the spec was read"),
    "findings": ((), "what reading it found"),
}


def test_every_setting_is_in_the_fingerprint_or_has_a_reason_not_to_be() -> None:
    settings = {field.name for field in fields(Spec)}

    assert settings == {*TRAINS_AGAIN, *TRAINS_THE_SAME}
    assert TRAINS_AGAIN.keys().isdisjoint(TRAINS_THE_SAME)


@pytest.mark.parametrize("setting", TRAINS_AGAIN)
def test_another_value_asks_for_another_job(setting: str) -> None:
    assert inputs_with(setting, TRAINS_AGAIN[setting]) != inputs(SPEC, NOTHING_SENT, GENERIC)


@pytest.mark.parametrize("setting", TRAINS_THE_SAME)
def test_another_value_asks_for_the_same_job(setting: str) -> None:
    value, _ = TRAINS_THE_SAME[setting]

    assert inputs_with(setting, value) == inputs(SPEC, NOTHING_SENT, GENERIC)


@pytest.mark.parametrize("setting", TRAINS_AGAIN)
def test_what_asks_for_another_job_is_sent(setting: str, tmp_path: Path) -> None:
    changed: dict[str, Any] = {setting: TRAINS_AGAIN[setting]}

    assert sent(replace(SPEC, **changed), tmp_path) != sent(SPEC, tmp_path)


def sent(spec: Spec, folder: Path) -> dict[str, Any]:
    """The body of the request for the job of `spec`."""
    run = staged(folder, FakeProvider(), spec=spec).run
    run.journal.file_created("train", FileRecord(id="f", filename="a", sha256="", bytes=0))
    request = job_request(run, DesiredState({}, "", {}, "", 0, 0))
    return job_body(request, registry.get("openai"))


@pytest.mark.parametrize("setting", sorted({*TRAINS_AGAIN} - {"grader"}))  # it goes with its method
def test_a_move_to_another_provider_says_what_happens_to_it(setting: str) -> None:
    changed: dict[str, Any] = {setting: TRAINS_AGAIN[setting]}

    moved = move(replace(SPEC, **changed), GENERIC, registry.get("together"))

    assert setting in {change.field.partition(".")[0] for change in moved.changes}


def inputs_with(setting: str, value: Any) -> dict[str, Any]:
    changed: dict[str, Any] = {setting: value}
    return inputs(replace(SPEC, **changed), NOTHING_SENT, GENERIC)
