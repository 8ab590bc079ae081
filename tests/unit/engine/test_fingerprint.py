"""The fingerprint decides what people pay for: its golden values never change unnoticed."""

from __future__ import annotations

from ftrunner.engine.fingerprint import differences, fingerprint

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
