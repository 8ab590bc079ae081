"""Examples that are cut are found without asking for tokens, and without counting short lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ftrunner.dataset import validate
from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.validate import check_dataset
from ftrunner.providers import registry
from ftrunner.spec.model import Dataset, Fraction, Spec
from tests.unit.dataset.samples import example

LIMIT = 4096  # of gpt-3.5-turbo-0613
CUT = example(0, answer="whale " * (LIMIT + 1))
LONG = example(1, answer="understanding " * 1000)  # in bytes, not in tokens


def check(
    folder: Path, rows: list[bytes], *, model: str, cut: Fraction | None = None
) -> DatasetReport:
    (folder / "a.jsonl").write_bytes(b"\r\n".join(rows))
    spec = Spec(folder / "s.yaml", "s", model, Dataset(("a.jsonl",), cut))
    return check_dataset(spec, registry.get("generic"))


def places(report: DatasetReport) -> list[int | None]:
    return [finding.location.line for finding in report.findings if finding.code == "FT242"]


def rows_cut(report: DatasetReport) -> list[int]:
    [finding] = [finding for finding in report.findings if finding.code == "FT242"]
    return sorted(finding.rows.lines) if finding.rows else []


@pytest.mark.parametrize("validation", [None, Fraction(0.5, 7)])
def test_an_example_that_is_cut_is_found_without_asking(
    tmp_path: Path, validation: Fraction | None
) -> None:
    rows = [example(2), CUT, b"", LONG, example(3, answer="x"), CUT + b" "]
    report = check(tmp_path, rows, model="gpt-3.5-turbo-0613", cut=validation)

    assert rows_cut(report) == [2, 6]
    assert report.counts["FT242"] == 1
    assert report.train is not None
    assert report.train.tokens is None


@pytest.mark.parametrize(
    ("rows", "model", "validation"),
    [
        ([example(1), example(2)], "gpt-3.5-turbo-0613", None),
        ([example(1), example(2)], "gpt-3.5-turbo-0613", Fraction(0.5, 7)),
        ([CUT], "", None),
        ([CUT], "llama-3", None),
    ],
)
def test_no_vocabulary_is_loaded_where_nothing_can_be_cut(
    tmp_path: Path,
    rows: list[bytes],
    model: str,
    validation: Fraction | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(validate, "load_counter", pytest.fail)

    assert places(check(tmp_path, rows, model=model, cut=validation)) == []


def test_an_image_does_not_count_a_line_as_cut(tmp_path: Path) -> None:
    parts = [{"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 20_000}}]
    messages = [{"role": "user", "content": parts}, {"role": "assistant", "content": "A whale."}]

    report = check(
        tmp_path, [json.dumps({"messages": messages}).encode()], model="gpt-3.5-turbo-0613"
    )

    assert places(report) == []
