"""The checker and the mock server agree about every case: written apart, they read one contract."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ftrunner.dataset.validate import check_dataset
from ftrunner.findings import has_errors
from ftrunner.providers import registry
from ftrunner.spec.model import Dataset, Method, Spec
from mockserver.data.dataset import read_examples
from mockserver.dialects import NAMES, find_dialect
from mockserver.rules.examples import InvalidFileError, check_examples
from mockserver.rules.examples import Method as MockMethod
from tests.cases import test_data, test_field

METHODS: dict[str, MockMethod] = {
    "supervised": "supervised",
    "dpo": "dpo",
    "reinforcement": "reinforcement",
}


def refused_by_checker(path: Path, method: str, provider: str) -> bool:
    home = registry.get(provider)
    spec = Spec(path.parent / "s.yaml", "case", "", Dataset((path.name,)), method=Method(method))
    report = check_dataset(spec, replace(home, limits=replace(home.limits, min_examples=1)))
    train = report.train
    return has_errors(report.findings) or (train is not None and train.format not in home.formats)


def refused_by_mock(path: Path, method: str, provider: str) -> bool:
    rules = find_dialect(provider).data_rules
    try:
        return not check_examples(read_examples(path), METHODS[method], "training_file", rules)
    except InvalidFileError:
        return True


def judgements(path: Path, method: str) -> dict[str, tuple[bool, bool]]:
    """Whether the checker and the mock refuse the file, for each dialect that has the method."""
    return {
        provider: (
            refused_by_checker(path, method, provider),
            refused_by_mock(path, method, provider),
        )
        for provider in NAMES
        if method in registry.get(provider).methods
    }


def disagreements(path: Path, method: str) -> dict[str, str]:
    found = judgements(path, method)
    assert found
    sides = {(True, False): "only the checker refuses", (False, True): "only the mock refuses"}
    return {provider: sides[pair] for provider, pair in found.items() if pair in sides}


@pytest.mark.parametrize(
    "path", [*test_data.REFUSED, *test_data.ACCEPTED], ids=lambda path: path.stem
)
def test_they_agree_about_faults_and_oddities(path: Path, tmp_path: Path) -> None:
    case = test_data.load(path)
    name, data = case.get("name", "data.jsonl"), case["data"]
    name = "data.jsonl" if name.endswith(".gz") else name
    (tmp_path / name).write_bytes(data if isinstance(data, bytes) else data.encode())

    assert disagreements(tmp_path / name, case.get("method", "supervised")) == {}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", test_field.DATA)
def test_they_agree_about_the_files_of_other_tools(
    case: dict[str, Any], method: str, tmp_path: Path
) -> None:
    path = tmp_path / "data.jsonl"
    path.write_bytes(test_field.content(case))

    assert disagreements(path, method) == {}


def test_every_dialect_and_method_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text("{}\n")

    judged = {provider for method in METHODS for provider in judgements(path, method)}

    assert judged == set(NAMES)
