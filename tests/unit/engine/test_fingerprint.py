"""The fingerprint decides what people pay for: its golden values never change unnoticed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ftrunner.dataset.report import DatasetReport
from ftrunner.engine.fingerprint import differences, fingerprint, inputs
from ftrunner.spec.model import Dataset, Hyperparameter, Spec

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
        "v1:8e2a3b5e9faeb8d06d6bb5350a389d99e0c2d789ac4ddbbe27b2bd238591af30"
    )


SPEC = Spec(path=Path("s.yaml"), name="s", model="base", dataset=Dataset(train=("a",)))
TWO = "v1:2eac51ff17fc860531df4f1970bf3d2d0571f8eb42a611cd98b431117e75f242"
NOTHING_SENT = DatasetReport(train=None, validation=None, findings=())


@pytest.mark.parametrize(
    ("written", "golden"),
    [
        (2, TWO),
        (2.0, TWO),
        (2.5, "v1:a5831e5ca0fb555a35c466b5349d620c0fe91ba492e0c32d33485a7e46ce0a9e"),
    ],
)
def test_a_whole_number_is_one_number_however_it_is_written(
    written: Hyperparameter, golden: str
) -> None:
    made = inputs(replace(SPEC, hyperparameters={"n_epochs": written}), NOTHING_SENT)

    assert fingerprint(made) == golden


def test_nested_numbers_are_the_same_however_they_are_written() -> None:
    def made(number: float) -> str:
        nested = {"method": {"x": [number, True]}}
        return fingerprint(inputs(replace(SPEC, extra_body=nested, grader=nested), NOTHING_SENT))

    assert made(2) == made(2.0) != made(2.5)


def test_the_order_of_keys_does_not_matter() -> None:
    assert fingerprint(dict(reversed(GOLDEN.items()))) == fingerprint(GOLDEN)


def test_differences_are_told_as_people_say_them() -> None:
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
