"""Data files, one fault each, and correct but unusual ones: a case is a file in `data/`.

A case is a YAML file: `about` says what it shows, `data` is the data file (text, or bytes where it
is not UTF-8), `expect` lists the findings as `CODE LINE PATH`, `method`, `name` and `provider`
stand for themselves. What is in `accepted/` has no findings at all.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from ftrunner import catalogue
from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.validate import check_dataset
from ftrunner.findings import Finding
from ftrunner.providers import registry
from ftrunner.spec.model import Dataset, Method, Spec

FOLDER = Path(__file__).parent / "data"
REFUSED = sorted((FOLDER / "refused").glob("*.yaml"))
ACCEPTED = sorted((FOLDER / "accepted").glob("*.yaml"))


def check(case: dict[str, Any], folder: Path) -> DatasetReport:
    name = case.get("name", "data.jsonl")
    data = case["data"]
    home = registry.get(case.get("provider", "openai"))
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    method = Method(case.get("method", "supervised"))
    spec = Spec(folder / "spec.yaml", "case", "", Dataset((name,)), method=method)
    return check_dataset(spec, replace(home, limits=replace(home.limits, min_examples=1)))


def load(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return case


def shown(finding: Finding) -> str:
    place = finding.location
    return " ".join(str(part) for part in (finding.code, place.line, place.path) if part)


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_a_faulty_file_has_exactly_its_faults(path: Path, tmp_path: Path) -> None:
    case = load(path)
    report = check(case, tmp_path)
    assert [shown(finding) for finding in report.findings] == case["expect"]
    assert sum(report.counts.values()) == len(case["expect"])


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_every_fault_is_a_sentence_with_a_way_out(path: Path, tmp_path: Path) -> None:
    for finding in check(load(path), tmp_path).findings:
        explanation = catalogue.explain(finding.code)
        assert explanation is not None
        assert finding.hint or explanation.fix
        assert "\n" not in finding.message
        assert len(finding.message) < 300


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_a_correct_file_has_no_findings(path: Path, tmp_path: Path) -> None:
    assert check(load(path), tmp_path).findings == ()


def test_there_are_cases_enough() -> None:
    assert len(REFUSED) >= 120
    assert len(ACCEPTED) >= 30
