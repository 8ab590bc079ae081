"""The lines that a provider names in its words are found in the source data."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrunner.api.wire import Job, JobError
from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.validate import check_dataset
from ftrunner.engine.jobs.failure import findings_from_provider
from ftrunner.events import JobMessage
from ftrunner.providers import registry
from ftrunner.providers.profile import JobState
from ftrunner.spec.model import Dataset, Spec
from tests.kit import stories


@pytest.fixture
def report(tmp_path: Path) -> DatasetReport:
    (tmp_path / "train.jsonl").write_text(stories.dataset(), encoding="utf-8")
    (tmp_path / "valid.jsonl").write_text(stories.dataset(["小象", "小鹿"]), encoding="utf-8")
    dataset = Dataset(train=("train.jsonl",), validation=("valid.jsonl",))
    return check_dataset(Spec(tmp_path / "s.yaml", "s", "", dataset), registry.get("openai"))


def named(report: DatasetReport, words: str | None, *said: str, param: str | None = None) -> str:
    """`code name:line` of every place found."""
    job = Job("j", "failed", JobState.FAILED, error=JobError(message=words, param=param))
    messages = [JobMessage(0.0, "error", text, {}) for text in said]
    found = [(f.code, f.location) for f in findings_from_provider(job, messages, report)]
    return " ".join(
        f"{code} {Path(place.file).name}:{place.line}" for code, place in found if place
    )


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("Example 3, message 2 Discriminator 'role' is missing", [3]),
        ("lines 2 and line 7 cannot be parsed", [2, 7]),
        ("example #4 is bad", [4]),
        ("row 99 is bad", []),
        ("the file is bad", []),
        (None, []),
    ],
)
def test_lines_are_found(report: DatasetReport, words: str | None, lines: list[int]) -> None:
    assert named(report, words) == " ".join(f"FT355 train.jsonl:{n}" for n in lines)


def test_last_messages_name_lines_too(report: DatasetReport) -> None:
    assert named(report, None, "example 5 is bad", "example 2 is bad") == (
        "FT355 train.jsonl:2 FT355 train.jsonl:5"
    )


def test_a_fault_of_the_validation_file_is_found_there(report: DatasetReport) -> None:
    assert named(report, "line 2 is bad", param="validation_file") == "FT355 valid.jsonl:2"
